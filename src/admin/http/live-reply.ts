import type { ServerResponse } from "node:http";
import type { AdminLog, LiveFrame, LiveWatch } from "../ports.js";
import { pour } from "./poured.js";

/** Comments that keep proxies from closing a quiet stream, and find observers who are gone. */
const HEARTBEAT_MS = 15_000;

/**
 * Server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html): one event a
 * frame, its type as the event's name, the rest as JSON. Never rejects: nobody waits for it.
 */
export async function sendLive(
  watch: LiveWatch,
  response: ServerResponse,
  log: AdminLog,
): Promise<void> {
  response.writeHead(200, {
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-store",
    "x-accel-buffering": "no",
    "x-content-type-options": "nosniff",
  });
  await pour(
    {
      pieces: encoded(watch.frames),
      idle: { text: ": \n\n", everyMs: HEARTBEAT_MS },
      close: () => watch.close(),
      failed: (error) => log.error("admin-watch-failed", { reason: nameOf(error) }),
    },
    response,
  );
}

async function* encoded(frames: AsyncIterable<LiveFrame>): AsyncGenerator<string> {
  for await (const frame of frames) yield encodeFrame(frame);
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : "unknown";
}

/** JSON has no newline in it: one `data:` line is enough. */
function encodeFrame({ type, ...data }: LiveFrame): string {
  return `event: ${type}\ndata: ${JSON.stringify(data)}\n\n`;
}
