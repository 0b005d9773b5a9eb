/**
 * A bounded queue of byte chunks. It never grows past `bytesMax`: `push` answers false and takes
 * nothing, and the caller carries out its stated policy (pause the source, or fail closed).
 */
export interface ByteQueue {
  readonly bytes: number;
  push(chunk: Uint8Array): boolean;
  /** Everything queued, in order; the queue is empty afterwards. */
  drain(): readonly Uint8Array[];
  /** Overwrites what is queued and empties the queue: for input that may hold secrets. */
  wipe(): void;
}

export function createByteQueue(bytesMax: number): ByteQueue {
  let chunks: Uint8Array[] = [];
  let bytes = 0;
  return {
    get bytes() {
      return bytes;
    },
    push(chunk) {
      if (bytes + chunk.length > bytesMax) return false;
      chunks.push(chunk);
      bytes += chunk.length;
      return true;
    },
    drain() {
      const all = chunks;
      chunks = [];
      bytes = 0;
      return all;
    },
    wipe() {
      for (const chunk of chunks) chunk.fill(0);
      chunks = [];
      bytes = 0;
    },
  };
}
