import { Duplex } from "node:stream";

import { createSeededRandom } from "./random.js";

export interface WireOptions {
  readonly seed: number;
  /** No delivered piece is longer; 1 gives byte by byte. Default: any length. */
  readonly pieceBytesMax?: number;
}

export interface WirePair {
  readonly left: Duplex;
  readonly right: Duplex;
}

/**
 * Two ends of one connection that delivers what is written in arbitrary pieces, as a network does:
 * in order, complete, with half-close and backpressure, but never promising where a piece ends.
 */
export function createWirePair(options: WireOptions): WirePair {
  const random = createSeededRandom(options.seed);
  const left = createEnd();
  const right = createEnd();

  function createEnd(): Duplex & { resume?: () => void } {
    return new Duplex({ allowHalfOpen: true, read: () => undefined });
  }

  function connect(from: Duplex, to: Duplex): void {
    let waiting: (() => void) | undefined;
    to._read = () => {
      const go = waiting;
      waiting = undefined;
      go?.();
    };
    from._write = (chunk: Buffer, _encoding, done) => {
      const pieces = random.cut(chunk, options.pieceBytesMax ?? chunk.length);
      const deliver = (): void => {
        for (let piece = pieces.shift(); piece !== undefined; piece = pieces.shift()) {
          // Each piece is copied: a reader that keeps or changes it must not reach the writer's bytes.
          if (!to.push(Buffer.from(piece)) && pieces.length > 0) {
            waiting = deliver;
            return;
          }
        }
        done();
      };
      setImmediate(deliver);
    };
    from._final = (done) => {
      to.push(null);
      done();
    };
    from.on("close", () => {
      if (!to.readableEnded && !to.destroyed && !from.writableFinished) to.destroy();
    });
  }

  connect(left, right);
  connect(right, left);
  return { left, right };
}
