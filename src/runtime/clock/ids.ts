import { randomBytes } from "node:crypto";
import { sessionId, type SessionId } from "../../kernel/index.js";

/** Ids that sort by the time at which they were made, also within one millisecond. */
export interface Ids {
  next(): SessionId;
}

/** rand_a of RFC 9562 section 5.7 holds a counter here (method 1 of section 6.2). */
const COUNTER_MAX = 0xfff;
/** The counter starts low, so that a millisecond has room for thousands of ids. */
const COUNTER_START_MAX = 0xff;

/** UUID version 7 (RFC 9562), strictly rising within a process. */
export function createIds(nowMs: () => number = Date.now): Ids {
  let lastMs = 0;
  let counter = 0;

  function tick(random: Buffer): void {
    const now = nowMs();
    if (now > lastMs) {
      lastMs = now;
      counter = (random[9] ?? 0) & COUNTER_START_MAX;
    } else if (counter < COUNTER_MAX) {
      counter += 1;
    } else {
      lastMs += 1;
      counter = 0;
    }
  }

  return {
    next() {
      const random = randomBytes(10);
      tick(random);
      const bytes = Buffer.alloc(16);
      bytes.writeUIntBE(lastMs, 0, 6);
      bytes.writeUInt16BE(0x7000 | counter, 6);
      random.copy(bytes, 8, 0, 8);
      bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f);
      const hex = bytes.toString("hex");
      return sessionId(
        [
          hex.slice(0, 8),
          hex.slice(8, 12),
          hex.slice(12, 16),
          hex.slice(16, 20),
          hex.slice(20),
        ].join("-"),
      );
    },
  };
}
