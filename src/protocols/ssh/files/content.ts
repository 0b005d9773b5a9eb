import { FILE_HEAD_BYTES, type FileContent, type FileGrant } from "../../../model/index.js";
import type { Digest } from "./file-stream.js";

/** Files up to this size are hashed unasked: it costs less than a millisecond. */
const HASHED_UNASKED_BYTES = 1024 * 1024;

const EMPTY = new Uint8Array(0);
const FIRST_BYTES = 4 * 1024;

/**
 * What one direction of an open file has moved. Bounded: the head and a hash, whatever the size. The
 * hash holds for files that pass from start to end without gaps, as copies do.
 */
export class PassingContent {
  /** Bytes that passed, repeated ones counted each time. */
  moved = 0;
  /** The furthest byte seen. */
  size = 0;
  #head: Uint8Array = EMPTY;
  #headEnd = 0;
  #keepsHead: boolean;
  #hash: Digest | null;
  #hashed = 0;
  #inOrder = true;
  #finished: string | undefined;
  readonly #grant: FileGrant;
  #sizesPassed = 0;

  constructor(options: {
    readonly grant: FileGrant;
    readonly keepsHead: boolean;
    readonly digest: () => Digest;
  }) {
    this.#grant = options.grant;
    this.#keepsHead = options.keepsHead || options.grant.content;
    this.#hash = options.digest();
  }

  /** Bytes at this place have passed. Borrowed. */
  pass(offset: number, bytes: Uint8Array): void {
    if (offset !== this.moved) this.#inOrder = false;
    this.moved += bytes.length;
    const end = offset + bytes.length;
    if (end > this.size) this.size = end;
    if (this.#keepsHead && offset < FILE_HEAD_BYTES) this.#keep(offset, bytes);
    if (this.#hash !== null) this.#digest(this.#hash, offset, bytes);
  }

  /** True when the head changes by bytes at this place. */
  touchesHead(offset: number): boolean {
    return this.#keepsHead && offset < FILE_HEAD_BYTES;
  }

  /** A size that has to be asked about is passed when the file ends there. */
  passesSize(end: number): boolean {
    const next = this.#grant.sizes[this.#sizesPassed];
    return next !== undefined && end >= next;
  }

  /** Asked about: all sizes up to there. */
  sizeAsked(end: number): void {
    while (this.passesSize(end)) this.#sizesPassed += 1;
  }

  /** Something changed the file that is not seen here. */
  spoil(): void {
    this.#keepsHead = false;
    this.#head = EMPTY;
    this.#headEnd = 0;
    this.#hash = null;
  }

  /** What is known by now; `end` for a file that ends further than what has passed. */
  known(end = this.size): FileContent {
    return { bytes: end, ...(this.#keepsHead ? { head: this.head.slice() } : {}) };
  }

  /** All that is known, once everything has passed. */
  final(): FileContent {
    const sha256 = this.sha256;
    return { ...this.known(), ...(sha256 === undefined ? {} : { sha256 }) };
  }

  get keepsHead(): boolean {
    return this.#keepsHead;
  }

  get head(): Uint8Array {
    return this.#head.subarray(0, this.#headEnd);
  }

  /** True when the head is all of the file, as far as it has passed. */
  get headIsWhole(): boolean {
    return this.#keepsHead && this.#headEnd === this.size;
  }

  /** From the first byte to the last, each once. */
  get passedInOrder(): boolean {
    return this.#inOrder;
  }

  /** Undefined when not all of it passed in order. */
  get sha256(): string | undefined {
    if (this.#hash !== null && this.#hashed === this.size) {
      this.#finished = this.#hash.finish();
      this.#hash = null;
    }
    return this.#finished;
  }

  #keep(offset: number, bytes: Uint8Array): void {
    const end = Math.min(FILE_HEAD_BYTES, offset + bytes.length);
    if (this.#head.length < end) {
      const grown = new Uint8Array(
        Math.min(FILE_HEAD_BYTES, Math.max(FIRST_BYTES, end, this.#head.length * 2)),
      );
      grown.set(this.#head);
      this.#head = grown;
    }
    this.#head.set(bytes.subarray(0, end - offset), offset);
    if (end > this.#headEnd) this.#headEnd = end;
  }

  #digest(hash: Digest, offset: number, bytes: Uint8Array): void {
    const after = this.#hashed + bytes.length;
    if (offset !== this.#hashed || (after > HASHED_UNASKED_BYTES && !this.#grant.sha256)) {
      this.#hash = null;
      return;
    }
    hash.update(bytes);
    this.#hashed = after;
  }
}
