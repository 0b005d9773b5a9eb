import type { ServerResponse } from "node:http";
import type { PageStream } from "./answer.js";

/** Shorter than the patience of this listener, and of proxies. */
const IDLE_MS = 5_000;
/** A browser that takes nothing for so long shows nothing. */
const STALLED_MS_MAX = 30_000;

/** Writes it as fast as the browser reads, and ends both, whichever ends first. Must not throw. */
export async function sendStream(stream: PageStream, response: ServerResponse): Promise<void> {
  let gone = false;
  const leave = (): void => {
    gone = true;
    stream.close();
  };
  response.on("close", leave);
  response.on("error", leave);
  response.flushHeaders();
  const idle = setInterval(() => {
    if (!response.writableNeedDrain) response.write(stream.idle);
  }, IDLE_MS);
  try {
    for await (const piece of stream.text) {
      // Set by the events above while we waited; the compiler does not see that.
      if (gone as boolean) break;
      if (!response.write(piece) && !(await drained(response))) break;
    }
  } catch {
    // Of a file that can not be read any more: what is missing is missing at the end.
  } finally {
    clearInterval(idle);
    stream.close();
    response.end();
    if (response.writableNeedDrain) response.destroy();
  }
}

/** False when the browser is gone, or takes nothing for too long. */
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
