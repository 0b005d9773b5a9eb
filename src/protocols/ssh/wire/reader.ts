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
  return new BytesReader(message, from);
}

class BytesReader implements WireReader {
  readonly #message: Uint8Array;
  #at: number;
  #failed = false;

  constructor(message: Uint8Array, from: number) {
    this.#message = message;
    this.#at = from;
  }

  uint32(): number {
    if (this.#failed || this.#at + 4 > this.#message.length) {
      this.#failed = true;
      return 0;
    }
    this.#at += 4;
    return readUint32(this.#message, this.#at - 4);
  }

  byte(): number {
    return this.#take(1)?.[0] ?? 0;
  }

  string(): Uint8Array {
    return this.#take(this.uint32()) ?? EMPTY;
  }

  get failed(): boolean {
    return this.#failed;
  }

  boolean(): boolean {
    return this.byte() !== 0;
  }

  text(): string {
    return decodeUtf8(this.string());
  }

  rest(): Uint8Array {
    return this.#take(this.#message.length - this.#at) ?? EMPTY;
  }

  #take(length: number): Uint8Array | undefined {
    if (this.#failed || this.#at + length > this.#message.length) {
      this.#failed = true;
      return undefined;
    }
    this.#at += length;
    return this.#message.subarray(this.#at - length, this.#at);
  }
}
