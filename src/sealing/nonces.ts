import { randomFillSync } from "node:crypto";

/** One call of the generator costs more than the cipher of an event: they are drawn so many at a time. */
const DRAWN_AT_ONCE = 256;

/** Random bytes of one length, each used once; lent until the next draw. */
export function createNonces(bytes: number): () => Uint8Array {
  const pool = new Uint8Array(bytes * DRAWN_AT_ONCE);
  let used = pool.length;
  return () => {
    if (used === pool.length) {
      randomFillSync(pool);
      used = 0;
    }
    used += bytes;
    return pool.subarray(used - bytes, used);
  };
}
