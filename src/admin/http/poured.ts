import type { ServerResponse } from "node:http";

/** Who takes nothing for so long is not looking. */
const STALLED_MS_MAX = 30_000;

/** What is written into a response as it comes. */
export interface Poured {
  readonly pieces: AsyncIterable<string | Uint8Array>;
  /** Said every so often, so that what is quiet is not taken for dead. */
  readonly idle: { readonly text: string; readonly everyMs: number };
  /** The other side is gone, or the pieces are over; may be called twice. */
  readonly close: () => void;
  /** The pieces broke off while somebody read: the response is cut, so that nobody takes it for whole. */
  readonly failed: (error: unknown) => void;
}

/**
 * Pieces are taken only as fast as the other side reads; what waits meanwhile is bounded by who makes them.
 * Ends the response, and closes the source, whichever of the two ends first. Never rejects.
 */
export async function pour(source: Poured, response: ServerResponse): Promise<void> {
  let gone = false;
  const leave = (): void => {
    gone = true;
    source.close();
  };
  response.on("close", leave);
  response.on("error", leave);
  response.flushHeaders();
  const idle = setInterval(() => {
    if (!response.writableNeedDrain) response.write(source.idle.text);
  }, source.idle.everyMs);
  let whole = false;
  try {
    for await (const piece of source.pieces) {
      // Set by the events above while we waited; the compiler does not see that.
      if (gone as boolean) break;
      if (!response.write(piece) && !(await drained(response))) break;
    }
    whole = true;
  } catch (error) {
    // Who has gone breaks the source off.
    if (!(gone as boolean)) source.failed(error);
  } finally {
    clearInterval(idle);
    source.close();
    if (whole) response.end();
    if (!whole || response.writableNeedDrain) response.destroy();
  }
}

/** False when the other side is gone, or takes nothing for too long. */
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
