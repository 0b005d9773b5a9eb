import { decodeUtf8 } from "../../../kernel/index.js";

/**
 * Reads the data types of RFC 4251 section 5 from a message. Never throws: past the end every value
 * is empty and `failed` says so, which the caller checks once when it has read everything.
 */
export interface WireReader {
  readonly failed: boolean;
  byte(): number;
  uint32(): number;
  boolean(): boolean;
  /** A string as bytes, borrowed from the message. */
  string(): Uint8Array;
  /** A string as UTF-8 text. */
  text(): string;
  /** Everything that is left, borrowed. */
  rest(): Uint8Array;
}

const EMPTY = new Uint8Array(0);

/** Four bytes at `at`, most significant first; what lies past the end counts as zero. */
export function readUint32(bytes: Uint8Array, at: number): number {
  const high = ((bytes[at] ?? 0) << 24) | ((bytes[at + 1] ?? 0) << 16);
  return (high | ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0)) >>> 0;
}

export function createReader(message: Uint8Array, from = 0): WireReader {
  let at = from;
  let failed = false;

  function take(length: number): Uint8Array | undefined {
    if (failed || at + length > message.length) {
      failed = true;
      return undefined;
    }
    at += length;
    return message.subarray(at - length, at);
  }
  function uint32(): number {
    if (failed || at + 4 > message.length) {
      failed = true;
      return 0;
    }
    at += 4;
    return readUint32(message, at - 4);
  }
  function byte(): number {
    return take(1)?.[0] ?? 0;
  }
  function string(): Uint8Array {
    return take(uint32()) ?? EMPTY;
  }

  return {
    get failed() {
      return failed;
    },
    byte,
    uint32,
    boolean: () => byte() !== 0,
    string,
    text: () => decodeUtf8(string()),
    rest: () => take(message.length - at) ?? EMPTY,
  };
}
