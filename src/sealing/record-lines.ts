import { hash } from "node:crypto";
import { SEALED_LINE_BYTES_MAX } from "./chain.js";

/** Lines of records, chained and hashed where they will be written from. */
export interface RecordLines {
  /** Hash of the last record. */
  readonly head: string;
  /** Appends the line of a record; throws when nobody could read it again. */
  add(payload: string): void;
  /** Lent until the next line is added. */
  readonly bytes: Uint8Array;
}

const HASH_BYTES = 32;
const HASH_CHARS = 64;
const SPACE = 0x20;
const NEWLINE = 0x0a;
/** What surrounds a payload: the hash, a space and the newline. */
const AROUND = HASH_CHARS + 2;
/** Held between two writes; what a larger batch needs is given back. */
const KEPT_BYTES_MAX = 512 * 1024;
let kept = Buffer.allocUnsafeSlow(64 * 1024);

/** Only one of them is in use at a time: what it writes into is taken again by the next. */
export function createRecordLines(head: string): RecordLines {
  return new Lines(head);
}

class Lines implements RecordLines {
  #head: string;
  /** The hash of the record before and the digest of this one's payload. */
  readonly #link = Buffer.allocUnsafe(2 * HASH_BYTES);
  #lines = kept;
  #length = 0;

  constructor(head: string) {
    this.#head = head;
    this.#link.write(head, 0, "hex");
  }

  get head(): string {
    return this.#head;
  }

  get bytes(): Uint8Array {
    return this.#lines.subarray(0, this.#length);
  }

  add(payload: string): void {
    const length = payload.length + AROUND;
    if (length > SEALED_LINE_BYTES_MAX) throw new Error(`a record of ${String(length)} bytes`);
    this.#makeRoom(length);
    const lines = this.#lines;
    const from = this.#length + HASH_CHARS + 1;
    const end = this.#length + length - 1;
    lines.write(payload, from, "latin1");
    this.#link.write(hash("sha256", lines.subarray(from, end), "binary"), HASH_BYTES, "latin1");
    this.#head = hash("sha256", this.#link, "hex");
    this.#link.write(this.#head, 0, "hex");
    lines.write(this.#head, this.#length, "latin1");
    lines[from - 1] = SPACE;
    lines[end] = NEWLINE;
    this.#length += length;
  }

  #makeRoom(length: number): void {
    const wanted = this.#length + length;
    if (wanted <= this.#lines.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(wanted, 2 * this.#lines.length));
    this.#lines.copy(larger, 0, 0, this.#length);
    this.#lines = larger;
    if (larger.length <= KEPT_BYTES_MAX) kept = larger;
  }
}
