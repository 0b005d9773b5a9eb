/**
 * Copies of payload that has to wait, in blocks that are used again: under bulk a channel holds up to a
 * window of them, and new buffers for each would be the garbage collector's main work.
 */
export interface KeptBytes {
  readonly bytes: Uint8Array;
  /** The bytes are not needed any more; they must not be touched after this. */
  release(): void;
}

/** The largest payload of a message, and so of a block. */
const BLOCK_BYTES = 32 * 1024;
/** Smaller payloads would waste most of a block: they get a buffer of their own size. */
const BLOCK_WORTH_BYTES = 16 * 1024;
/** Free blocks that the process keeps: a window of one bulk channel. */
const FREE_BLOCKS_MAX = 64;

const free: Uint8Array[] = [];

export function keepBytes(bytes: Uint8Array): KeptBytes {
  if (bytes.length < BLOCK_WORTH_BYTES || bytes.length > BLOCK_BYTES) {
    return { bytes: new Uint8Array(bytes), release: nothing };
  }
  const block = free.pop() ?? new Uint8Array(BLOCK_BYTES);
  block.set(bytes);
  return {
    bytes: block.subarray(0, bytes.length),
    release() {
      if (free.length < FREE_BLOCKS_MAX) free.push(block);
    },
  };
}

function nothing(): void {
  // A buffer of its own goes as it came.
}
