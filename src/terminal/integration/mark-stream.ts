import { readMark, type Mark } from "./mark.js";

/** What the target printed, in its order. */
export type Printed =
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  | { readonly kind: "mark"; readonly mark: Mark }
  /** An OSC 633 that does not know the nonce; `bytes` is all of it. */
  | { readonly kind: "foreign"; readonly bytes: Uint8Array };

/**
 * Takes the marks out of what the target prints. Any cut of the bytes gives the same pieces, but for
 * where the bytes between marks are cut. Everything that is no OSC 633 passes as it is, OSC 133 too.
 */
export interface MarkStream {
  feed(bytes: Uint8Array): readonly Printed[];
  /** What is held back because a mark may begin with it. */
  rest(): Uint8Array;
}

/** A command of 16 Ki characters of four bytes, each byte written as three, and the rest of a mark. */
export const MARK_BYTES_MAX = 196 * 1024;

const OPENING = Uint8Array.of(0x1b, 0x5d, 0x36, 0x33, 0x33, 0x3b);
const ESCAPE = 0x1b;
const BELL = 0x07;
const BACKSLASH = 0x5c;
/** They end a sequence in the middle (ECMA-48, and as terminals do). */
const CANCEL = 0x18;
const SUBSTITUTE = 0x1a;
const FIRST_BYTES = 256;

export function createMarkStream(nonce: string): MarkStream {
  return new Marks(nonce);
}

class Marks implements MarkStream {
  readonly #nonce: string;
  /** A sequence that is not complete, from its ESC on. */
  #held = new Uint8Array(FIRST_BYTES);
  #length = 0;
  /** ESC came within a mark: with a backslash it ends there. */
  #ending = false;

  constructor(nonce: string) {
    this.#nonce = nonce;
  }

  feed(bytes: Uint8Array): readonly Printed[] {
    if (this.#length === 0 && bytes.indexOf(ESCAPE) < 0) return [{ kind: "bytes", bytes }];
    const pieces: Printed[] = [];
    let from = 0;
    let at = 0;
    while (at < bytes.length) {
      if (this.#length === 0) {
        const start = bytes.indexOf(ESCAPE, at);
        if (start < 0) break;
        if (start > from) pieces.push({ kind: "bytes", bytes: bytes.subarray(from, start) });
        this.#hold(ESCAPE);
        at = start + 1;
        from = at;
        continue;
      }
      const byte = bytes[at] ?? 0;
      if (this.#goesOn(byte)) {
        this.#hold(byte);
        at += 1;
        from = at;
        const whole = this.#whole(byte);
        if (whole !== null) pieces.push(whole);
        else if (this.#length >= MARK_BYTES_MAX) pieces.push(this.#released());
      } else {
        // It is something else; this byte is looked at anew, and so is an ESC before it.
        const escaped = this.#ending;
        if (escaped) this.#length -= 1;
        pieces.push(this.#released());
        if (escaped) this.#hold(ESCAPE);
        from = at;
      }
    }
    if (this.#length === 0 && from < bytes.length) {
      pieces.push({ kind: "bytes", bytes: bytes.subarray(from) });
    }
    return pieces;
  }

  rest(): Uint8Array {
    return this.#released().bytes;
  }

  /** Can this byte belong to the sequence that has begun? */
  #goesOn(byte: number): boolean {
    if (this.#length < OPENING.length) return byte === OPENING[this.#length];
    if (this.#ending) return byte === BACKSLASH;
    return byte !== CANCEL && byte !== SUBSTITUTE;
  }

  #hold(byte: number): void {
    if (this.#length === this.#held.length) {
      const wider = new Uint8Array(this.#length * 2);
      wider.set(this.#held);
      this.#held = wider;
    }
    this.#held[this.#length] = byte;
    this.#length += 1;
    this.#ending = byte === ESCAPE && this.#length > 1;
  }

  /** The mark that ends with this byte, if it does. */
  #whole(byte: number): Printed | null {
    if (this.#length <= OPENING.length) return null;
    const escaped = byte === BACKSLASH && this.#held[this.#length - 2] === ESCAPE;
    if (byte !== BELL && !escaped) return null;
    const end = this.#length - (escaped ? 2 : 1);
    const mark = readMark(this.#held.subarray(OPENING.length, end), this.#nonce);
    const { bytes } = this.#released();
    return mark === null ? { kind: "foreign", bytes } : { kind: "mark", mark };
  }

  #released(): { readonly kind: "bytes"; readonly bytes: Uint8Array } {
    const bytes = this.#held.slice(0, this.#length);
    this.#length = 0;
    this.#ending = false;
    if (this.#held.length > FIRST_BYTES) this.#held = new Uint8Array(FIRST_BYTES);
    return { kind: "bytes", bytes };
  }
}
