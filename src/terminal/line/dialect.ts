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
const MARK = bytesOf("\x1b[?2004h");
/** busybox asks where the cursor is once its prompt stands. */
const ASH_ASKS = bytesOf("\x1b[6n");

export function createDialectWatch(): DialectWatch {
  let seen: Dialect | null = null;
  /** Until a prompt shows who it is: whoever it was before. */
  let expected: Dialect = "plain";
  let hint: Dialect | null = null;
  const tail = new Uint8Array(TAIL_BYTES);
  let tailLength = 0;
  let watching = 0;
  let matched = 0;

  function remember(bytes: Uint8Array, from: number, to: number): void {
    const count = to - from;
    if (count >= TAIL_BYTES) {
      tail.set(bytes.subarray(to - TAIL_BYTES, to));
      tailLength = TAIL_BYTES;
      return;
    }
    const kept = Math.min(tailLength, TAIL_BYTES - count);
    tail.copyWithin(0, tailLength - kept, tailLength);
    tail.set(bytes.subarray(from, to), kept);
    tailLength = kept + count;
  }

  /** Does what was printed end so, `before` bytes back? */
  function endsWith(pattern: Uint8Array, before: number): boolean {
    const end = tailLength - before;
    if (end < pattern.length) return false;
    for (let i = 0; i < pattern.length; i += 1) {
      if (tail[end - pattern.length + i] !== pattern[i]) return false;
    }
    return true;
  }

  function drawnByZle(): boolean {
    // Back from the right prompt: ESC [ 42 D.
    if (tail[tailLength - MARK.length - 1] === FINAL_D) return true;
    return ZLE_BEFORE.some((pattern) => endsWith(pattern, MARK.length));
  }

  function watch(bytes: Uint8Array, from: number, to: number): void {
    for (let at = from; at < to && watching > 0; at += 1) {
      watching -= 1;
      const byte = bytes[at];
      if (byte === FISH_RESET[matched]) matched += 1;
      else matched = byte === FISH_RESET[0] ? 1 : 0;
      if (matched === FISH_RESET.length) {
        seen = "fish";
        watching = 0;
      }
    }
  }

  return {
    get current() {
      return seen ?? expected;
    },
    printed(bytes, from, to) {
      if (watching > 0) watch(bytes, from, to);
      if (to - from > 0) remember(bytes, from, to);
      if (seen === null && endsWith(ASH_ASKS, 0)) seen = "ash";
    },
    marked(behindText) {
      if (endsWith(FISH_BEFORE, MARK.length)) seen = "fish";
      else if (behindText && (drawnByZle() || hint === "zle")) seen = "zle";
      else {
        seen = hint ?? "readline";
        watching = WATCHED_BYTES_MAX;
        matched = 0;
      }
    },
    released(programs) {
      const another = programs.some((program) => OTHERS.has(program));
      expected = another ? "plain" : (seen ?? expected);
      if (programs.includes("fish")) hint = "fish";
      else if (programs.includes("zsh")) hint = "zle";
      else if (another) hint = null;
      seen = null;
      watching = 0;
      return another;
    },
  };
}

const OTHERS: ReadonlySet<string> = new Set(
  "bash sh dash ash busybox ksh mksh zsh fish ssh su sudo exit logout exec docker".split(" "),
);

function bytesOf(text: string): Uint8Array {
  const codes: number[] = [];
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (code < 0x80) codes.push(code);
    else codes.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f));
  }
  return Uint8Array.from(codes);
}
