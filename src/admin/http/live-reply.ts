import type { ServerResponse } from "node:http";
import type { Fault, Result } from "../../kernel/index.js";
import type { LiveFrame } from "../ports.js";

/** What may wait for a viewer. A full screen is some 20 KiB; who is this far behind gets a new one. */
export const LIVE_BYTES_WAITING_MAX = 1024 * 1024;
/** Comments that keep proxies from closing a quiet stream, and find viewers who are gone. */
const HEARTBEAT_MS = 15_000;
/** Frames that may come between the start and the first byte of the answer. */
const EARLY_FRAMES_MAX = 1_000;

type Start = (send: (frame: LiveFrame) => void) => Promise<Result<{ close(): void }, Fault>>;

/**
 * Server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html): one event a
 * frame, its type as the event's name, the rest as JSON. Answers the fault when the watch does not
 * start; after that the response is ours until it ends.
 */
export async function sendLive(
  start: Start,
  open: () => ServerResponse,
): Promise<Result<null, Fault>> {
  const early: LiveFrame[] = [];
  let send = (frame: LiveFrame): void => {
    if (early.length < EARLY_FRAMES_MAX) early.push(frame);
  };
  const started = await start((frame) => send(frame));
  if (!started.ok) return started;
  const response = open();
  response.writeHead(200, {
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-store",
    "x-accel-buffering": "no",
    "x-content-type-options": "nosniff",
  });
  const heartbeat = setInterval(() => void response.write(": \n\n"), HEARTBEAT_MS);
  let over = false;

  function end(): void {
    if (over) return;
    over = true;
    clearInterval(heartbeat);
    if (started.ok) started.value.close();
    response.end();
  }

  response.on("close", end);
  response.on("error", end);
  send = (frame) => {
    if (over) return;
    if (response.writableLength > LIVE_BYTES_WAITING_MAX) {
      response.write(encodeLive("lagging", { reason: "the viewer does not keep up" }));
      end();
      return;
    }
    const { type, ...data } = frame;
    response.write(encodeLive(type, data));
    if (type === "ended") end();
  };
  for (const frame of early) send(frame);
  return { ok: true, value: null };
}

/** JSON has no newline in it: one `data:` line is enough. */
function encodeLive(event: string, data: unknown): string {
  return `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}
