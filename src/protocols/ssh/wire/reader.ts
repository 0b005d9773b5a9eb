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
    const bytes = take(4);
    if (bytes === undefined) return 0;
    const [a = 0, b = 0, c = 0, d = 0] = bytes;
    return ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
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
