import { randomFillSync } from "node:crypto";

/** Random bytes are drawn in blocks: one call per packet cost five percent of a bulk copy's CPU. */
const POOL_BYTES = 16 * 1024;

const pool = Buffer.allocUnsafeSlow(POOL_BYTES);
let used = POOL_BYTES;

/** Random padding (RFC 4253 section 6): fewer than 256 bytes, each random byte used once. */
export function fillPadding(packet: Uint8Array, offset: number, bytes: number): void {
  if (used + bytes > POOL_BYTES) {
    randomFillSync(pool);
    used = 0;
  }
  packet.set(pool.subarray(used, used + bytes), offset);
  used += bytes;
}
