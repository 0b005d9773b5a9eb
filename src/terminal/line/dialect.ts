/**
 * Whose line editor it is, told by how it draws: what a key does, how a search and a right prompt look,
 * and where the line stands differ from one to the next. `plain`: an editor that says nothing of
 * itself (mksh, ksh, REPLs) or the kernel's own (dash, cat).
 *
 * A target can play another one's signs. So the dialect only says which reading is the likeliest and
 * which keys are told by the screen; it never takes a reading out, and never a key that runs a line.
 */
export type Dialect = "readline" | "zle" | "fish" | "ash" | "plain";

export interface DialectWatch {
  readonly current: Dialect;
  /** The target printed. Costs a copy of a few bytes, and a look at what follows a mark. */
  printed(bytes: Uint8Array, from: number, to: number): void;
  /** Bracketed paste was switched on; `behindText`: the cursor stands behind something. */
  marked(behindText: boolean): void;
  /** A line ran: what comes next may be another shell's prompt. Answers whether that is to be expected. */
  released(programs: readonly string[]): boolean;
}

/** zle's and fish's last deeds before the mark are shorter than this. */
const TAIL_BYTES = 24;
/** So far behind the mark fish begins to draw its prompt (a title of a long path may come first). */
const WATCHED_BYTES_MAX = 1_024;

/** fish's reset of colours: black, then sgr0 with its charset. */
const FISH_RESET = bytesOf("\x1b[30m\x1b(B\x1b[m");
/** fish clears the row in which it tested for a missing newline. */
const FISH_BEFORE = bytesOf("\u23ce \r\x1b[K");
/** zle, between its prompt and the mark: the rest of the row cleared, and the keypad on. */
const ZLE_BEFORE = [bytesOf("\x1b="), bytesOf("\x1b[K")];
const FINAL_D = 0x44;
const BRACKET = 0x5b;
const ESCAPE = 0x1b;
const MARK = bytesOf("\x1b[?2004h");
/** busybox asks where the cursor is once its prompt stands. */
const ASH_ASKS = bytesOf("\x1b[6n");

export function createDialectWatch(): DialectWatch {
  return new DrawnDialect();
}

class DrawnDialect implements DialectWatch {
  #seen: Dialect | null = null;
  /** Until a prompt shows who it is: whoever it was before. */
  #expected: Dialect = "plain";
  #hint: Dialect | null = null;
  readonly #tail = new Uint8Array(TAIL_BYTES);
  #tailLength = 0;
  #watching = 0;
  #matched = 0;

  get current(): Dialect {
    return this.#seen ?? this.#expected;
  }

  printed(bytes: Uint8Array, from: number, to: number): void {
    if (this.#watching > 0) this.#watch(bytes, from, to);
    if (to - from > 0) this.#remember(bytes, from, to);
    if (this.#seen === null && this.#endsWith(ASH_ASKS, 0)) this.#seen = "ash";
  }

  marked(behindText: boolean): void {
    if (this.#endsWith(FISH_BEFORE, MARK.length)) this.#seen = "fish";
    else if (behindText && (this.#drawnByZle() || this.#isZle())) this.#seen = "zle";
    else {
      this.#seen = this.#hint ?? "readline";
      this.#watching = WATCHED_BYTES_MAX;
      this.#matched = 0;
    }
  }

  released(programs: readonly string[]): boolean {
    const another = programs.some((program) => OTHERS.has(program));
    this.#expected = another ? "plain" : (this.#seen ?? this.#expected);
    if (programs.includes("fish")) this.#hint = "fish";
    else if (programs.includes("zsh")) this.#hint = "zle";
    else if (another) this.#hint = null;
    this.#seen = null;
    this.#watching = 0;
    return another;
  }

  #remember(bytes: Uint8Array, from: number, to: number): void {
    const count = to - from;
    if (count >= TAIL_BYTES) {
      this.#tail.set(bytes.subarray(to - TAIL_BYTES, to));
      this.#tailLength = TAIL_BYTES;
      return;
    }
    const kept = Math.min(this.#tailLength, TAIL_BYTES - count);
    this.#tail.copyWithin(0, this.#tailLength - kept, this.#tailLength);
    this.#tail.set(bytes.subarray(from, to), kept);
    this.#tailLength = kept + count;
  }

  /** Does what was printed end so, `before` bytes back? */
  #endsWith(pattern: Uint8Array, before: number): boolean {
    const end = this.#tailLength - before;
    if (end < pattern.length) return false;
    for (let i = 0; i < pattern.length; i += 1) {
      if (this.#tail[end - pattern.length + i] !== pattern[i]) return false;
    }
    return true;
  }

  /** What it put into the line in advance, and the way back from its end, stand before the mark. */
  #isZle(): boolean {
    return this.#hint === "zle" || (this.#hint === null && this.#expected === "zle");
  }

  #drawnByZle(): boolean {
    if (this.#cameBack(this.#tailLength - MARK.length)) return true;
    return ZLE_BEFORE.some((pattern) => this.#endsWith(pattern, MARK.length));
  }

  /** Back from the right prompt: ESC [ 42 D. */
  #cameBack(end: number): boolean {
    if (this.#tail[end - 1] !== FINAL_D) return false;
    let at = end - 2;
    while (at >= 0 && isDigit(this.#tail[at])) at -= 1;
    return at >= 1 && this.#tail[at] === BRACKET && this.#tail[at - 1] === ESCAPE;
  }

  #watch(bytes: Uint8Array, from: number, to: number): void {
    for (let at = from; at < to && this.#watching > 0; at += 1) {
      this.#watching -= 1;
      const byte = bytes[at];
      if (byte === FISH_RESET[this.#matched]) this.#matched += 1;
      else this.#matched = byte === FISH_RESET[0] ? 1 : 0;
      if (this.#matched === FISH_RESET.length) {
        this.#seen = "fish";
        this.#watching = 0;
      }
    }
  }
}

const OTHERS: ReadonlySet<string> = new Set(
  "bash sh dash ash busybox ksh mksh zsh fish ssh su sudo exit logout exec docker".split(" "),
);

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}

function bytesOf(text: string): Uint8Array {
  const codes: number[] = [];
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (code < 0x80) codes.push(code);
    else codes.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f));
  }
  return Uint8Array.from(codes);
}
