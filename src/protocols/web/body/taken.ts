import type { Readable } from "node:stream";

/** The beginning of a body, as far as it was read. */
export interface Taken {
  readonly bytes: Buffer;
  /** There is nothing behind it. */
  readonly ended: boolean;
}

/** Reads until the end or until there is more than `bytesMax`; null when the sender breaks off. */
export function takeBeginning(source: Readable, bytesMax: number): Promise<Taken | null> {
  const pieces: Buffer[] = [];
  let length = 0;
  return new Promise((resolve) => {
    function done(taken: Taken | null): void {
      source.off("data", data).off("end", end).off("close", gone).off("error", gone);
      source.pause();
      resolve(taken);
    }
    const data = (piece: Buffer): void => {
      pieces.push(piece);
      length += piece.length;
      if (length > bytesMax) done({ bytes: Buffer.concat(pieces), ended: false });
    };
    const end = (): void => done({ bytes: Buffer.concat(pieces), ended: true });
    const gone = (): void => done(null);
    source.on("data", data).on("end", end).on("close", gone).on("error", gone);
  });
}

/** What was taken and what comes behind it, each piece shown to `seen` as it passes. */
export async function* wholeBody(
  taken: Taken,
  source: Readable,
  seen: (piece: Uint8Array) => void,
): AsyncGenerator<Uint8Array> {
  if (taken.bytes.length > 0) {
    seen(taken.bytes);
    yield taken.bytes;
  }
  if (taken.ended) return;
  for await (const piece of source) {
    const bytes = piece as Buffer; // no encoding is set
    seen(bytes);
    yield bytes;
  }
}
