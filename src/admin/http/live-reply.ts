import type { ServerResponse } from "node:http";
import type { AdminLog, LiveFrame, LiveWatch } from "../ports.js";

/** Comments that keep proxies from closing a quiet stream, and find observers who are gone. */
const HEARTBEAT_MS = 15_000;
/** Who takes nothing for so long is not looking. */
const STALLED_MS_MAX = 30_000;

/**
 * Server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html): one event a
 * frame, its type as the event's name, the rest as JSON. Frames are taken only as fast as the observer
 * reads; what waits meanwhile is bounded by who makes them. Ends the response, and closes the watch,
 * whichever of the two ends first. Must not throw: nobody waits for it.
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
  response.flushHeaders();
  let gone = false;
  const leave = (): void => {
    gone = true;
    watch.close();
  };
  response.on("close", leave);
  response.on("error", leave);
  const heartbeat = setInterval(() => void response.write(": \n\n"), HEARTBEAT_MS);
  try {
    for await (const frame of watch.frames) {
      // Set by the events above while we waited; the compiler does not see that.
      if (gone as boolean) break;
      if (!response.write(encodeFrame(frame)) && !(await drained(response))) break;
    }
  } catch (error) {
    log.error("admin-watch-failed", { reason: error instanceof Error ? error.name : "unknown" });
  } finally {
    clearInterval(heartbeat);
    watch.close();
    response.end();
    if (response.writableNeedDrain) response.destroy();
  }
}

/** JSON has no newline in it: one `data:` line is enough. */
function encodeFrame({ type, ...data }: LiveFrame): string {
  return `event: ${type}\ndata: ${JSON.stringify(data)}\n\n`;
}

/** False when the observer is gone, or takes nothing for too long. */
function drained(response: ServerResponse): Promise<boolean> {
  return new Promise((resolve) => {
    const settle = (value: boolean): void => {
      clearTimeout(timer);
      response.off("drain", onDrain);
      response.off("close", onClose);
      resolve(value);
    };
    const onDrain = (): void => settle(true);
    const onClose = (): void => settle(false);
    const timer = setTimeout(() => settle(false), STALLED_MS_MAX);
    response.on("drain", onDrain);
    response.on("close", onClose);
  });
}
