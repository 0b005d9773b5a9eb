/**
 * What the kernel's line discipline shows of the line that it edits, byte for byte (Linux,
 * drivers/tty/n_tty.c with ECHO, ECHOE, ECHOK, ECHOKE and ECHOCTL, as every terminal starts). Where the
 * target printed just that, the kernel has edited the line, whatever its screen looks like: taking back
 * a character of two columns or of none, the kernel clears one.
 */
export interface KernelEcho {
  /** The character was put into the line. */
  put(character: string): void;
  /** Ctrl-V and a character. */
  quoted(character: string): void;
  /** So many cells go, from the end: one for a character, two for a control character. */
  tookBack(cells: number): void;
  /** Something happened whose echo can not be foretold. */
  lose(): void;
  /** The whole line again, below. */
  reprinted(key: number, text: string): void;
  printed(bytes: Uint8Array): void;
  newLine(): void;
  readonly seen: EchoSeen;
}

/**
 * `whole`: the target has printed all of the echo, in one piece. `pieces`: with something else between
 * keys (a prompt behind what was typed ahead of it). `no`: not yet, or something else.
 */
export type EchoSeen = "no" | "pieces" | "whole";

/** The longest line that the kernel keeps (N_TTY_BUF_SIZE) and what taking all of it back would show. */
const ECHO_BYTES_MAX = 4 * 4_096;

const SPACE = 0x20;
const DELETE = 0x7f;
const TAB = 0x09;
const CARET = 0x5e;
const BACKSPACE = 0x08;
const CLEARED = [BACKSPACE, SPACE, BACKSPACE];
const FIRST_SIZE = 128;

export function createKernelEcho(): KernelEcho {
  return new ForetoldEcho();
}

class ForetoldEcho implements KernelEcho {
  #expected = new Uint8Array(FIRST_SIZE);
  #length = 0;
  #matched = 0;
  /** What was matched before something else came; it need not be matched again. */
  #kept = 0;
  #pieces = false;
  #lost = false;

  get seen(): EchoSeen {
    if (this.#lost || this.#length === 0 || this.#matched < this.#length) return "no";
    return this.#pieces ? "pieces" : "whole";
  }

  put(character: string): void {
    const code = character.codePointAt(0) ?? 0;
    if (code < 0x80) this.#ascii(code);
    else this.#utf8(code);
  }

  quoted(character: string): void {
    this.#expect(CARET);
    this.#expect(BACKSPACE);
    this.put(character);
  }

  tookBack(cells: number): void {
    for (let n = 0; n < cells; n += 1) for (const byte of CLEARED) this.#expect(byte);
  }

  lose(): void {
    this.#lost = true;
  }

  reprinted(key: number, text: string): void {
    this.#ascii(key);
    this.#expect(0x0d);
    this.#expect(0x0a);
    for (const character of text) this.put(character);
  }

  printed(bytes: Uint8Array): void {
    if (this.#lost || this.#length === 0) return;
    for (const byte of bytes) this.#see(byte);
  }

  newLine(): void {
    this.#length = 0;
    this.#matched = 0;
    this.#kept = 0;
    this.#pieces = false;
    this.#lost = false;
  }

  #see(byte: number): void {
    if (this.#matched < this.#length && byte === this.#expected[this.#matched]) {
      this.#matched += 1;
      return;
    }
    if (this.#matched === this.#length) {
      // All was there before this came.
      this.#pieces = true;
      this.#kept = this.#matched;
      return;
    }
    this.#matched = this.#kept;
    if (byte === this.#expected[this.#matched]) this.#matched += 1;
  }

  #ascii(code: number): void {
    if (code === TAB || (code >= SPACE && code !== DELETE)) this.#expect(code);
    else {
      this.#expect(CARET);
      this.#expect(code ^ 0x40);
    }
  }

  #utf8(code: number): void {
    if (code < 0x800) this.#expect(0xc0 | (code >> 6));
    else {
      if (code < 0x10000) this.#expect(0xe0 | (code >> 12));
      else {
        this.#expect(0xf0 | (code >> 18));
        this.#expect(0x80 | ((code >> 12) & 0x3f));
      }
      this.#expect(0x80 | ((code >> 6) & 0x3f));
    }
    this.#expect(0x80 | (code & 0x3f));
  }

  #expect(byte: number): void {
    if (this.#length >= ECHO_BYTES_MAX) {
      this.#lost = true;
      return;
    }
    if (this.#length === this.#expected.length) {
      const larger = new Uint8Array(2 * this.#length);
      larger.set(this.#expected);
      this.#expected = larger;
    }
    this.#expected[this.#length] = byte;
    this.#length += 1;
  }
}
