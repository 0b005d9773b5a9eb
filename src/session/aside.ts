import { createByteQueue, type ChannelId } from "../kernel/index.js";
import type { TypedLine } from "../terminal/index.js";
import { HIDE_CURSOR, LEAVE_ALTERNATE } from "./challenge-screen.js";
import type { Outbox } from "./outbox.js";

/**
 * Output of the target that arrives while a challenge covers the person's screen. It is shown
 * afterwards, in order; when there was too much of it, the screen model repaints instead.
 */
export interface Aside {
  put(bytes: Uint8Array): void;
  /** Takes the challenge off the person's screen and shows what came meanwhile. */
  giveBack(): void;
  /** The challenge was drawn: from now on this terminal is covered. */
  cover(): void;
}

/** Kept verbatim up to here; above it only the resulting screen is shown, which is bounded by its size. */
const ASIDE_BYTES_MAX = 256 * 1024;

export function createAside(deps: {
  readonly channel: ChannelId;
  readonly outbox: Outbox;
  readonly line: TypedLine;
}): Aside {
  const { channel, outbox, line } = deps;
  const queue = createByteQueue(ASIDE_BYTES_MAX);
  let overflowed = false;
  let coveredAlternate = false;
  /** A challenge takes the frame away, and setting it again would move the cursor: painted instead. */
  let coveredFrame = false;
  let coveredHidden = false;

  return {
    cover() {
      ({
        alternate: coveredAlternate,
        partial: coveredFrame,
        cursorHidden: coveredHidden,
      } = line.frame());
    },
    put(bytes) {
      if (!overflowed && !queue.push(bytes.slice())) overflowed = true;
    },
    giveBack() {
      // A target on its alternate screen shares that buffer with the challenge: it must be repainted.
      if (!coveredAlternate) outbox.toPerson(channel, LEAVE_ALTERNATE);
      if (coveredHidden) outbox.toPerson(channel, HIDE_CURSOR);
      const missed = queue.drain();
      if (coveredFrame && !coveredAlternate) {
        outbox.toPerson(channel, line.repaint());
        overflowed = false;
        return;
      }
      if (!overflowed) for (const bytes of missed) outbox.toPerson(channel, bytes);
      else if (coveredAlternate && !line.frame().alternate)
        outbox.toPerson(channel, LEAVE_ALTERNATE);
      if (overflowed || (coveredAlternate && line.frame().alternate)) {
        outbox.toPerson(channel, line.repaint());
      }
      overflowed = false;
    },
  };
}
