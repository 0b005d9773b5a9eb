import type { LineReading } from "../../model/index.js";
import type { CommandLog } from "../command-log.js";

/** A line that was judged and sent to a shell. */
export interface ReleasedLine {
  /** Every reading of it that was judged, with the lines before it that it goes on with. */
  readonly candidates: readonly string[];
  /** The line alone. */
  readonly alone: string;
  readonly hidden: boolean;
  /** A program's own language, judged as that. */
  readonly program: boolean;
}

/** The line of a reading, as the log of commands takes it. */
export function releasedLine(reading: LineReading, commands: CommandLog): ReleasedLine {
  return {
    candidates: commands.candidates(reading) ?? [],
    alone: reading.text,
    hidden: reading.hidden,
    program: reading.context === "program" && reading.escapes === undefined,
  };
}

/** What the third witness says ran, beside what was judged. */
export interface Claim {
  readonly text: string;
  readonly cut: boolean;
  readonly unsure: boolean;
}

export interface Agreement {
  /** `unknown`: the shell could not tell what it ran. */
  readonly verdict: "same" | "different" | "unknown";
  /** It may be a line that was typed unseen: nothing of it is told. */
  readonly hidden: boolean;
}

/** What was judged and not yet seen to run. */
export interface RanLines {
  released(line: ReleasedLine): void;
  /** A shell says that this runs now. What was released before it no longer waits. */
  ran(claim: Claim): Agreement;
}

/** Typed ahead, or read by programs: older lines than these are not looked for. */
const LINES_MAX = 64;
/** Characters of them that are kept. */
const CHARS_MAX = 256 * 1024;

export function createRanLines(): RanLines {
  return new Awaited();
}

class Awaited implements RanLines {
  #lines: ReleasedLine[] = [];

  released(line: ReleasedLine): void {
    this.#lines.push(line);
    let chars = 0;
    for (let i = this.#lines.length - 1; i >= 0; i -= 1) {
      for (const text of this.#lines[i]?.candidates ?? []) chars += text.length;
      if (chars > CHARS_MAX || this.#lines.length - i > LINES_MAX) {
        this.#lines = this.#lines.slice(i + 1);
        return;
      }
    }
  }

  ran(claim: Claim): Agreement {
    for (let i = 0; i < this.#lines.length; i += 1) {
      const line = this.#lines[i];
      if (line === undefined || line.program || !this.#explains(i, claim)) continue;
      this.#lines = this.#lines.slice(i + 1);
      return { verdict: "same", hidden: line.hidden };
    }
    const hidden = this.#lines.some((line) => line.hidden);
    // Which of them runs is not known: the first that can be a command.
    if (claim.unsure) this.#lines = this.#lines.slice(1);
    else this.#lines = [];
    return { verdict: claim.unsure ? "unknown" : "different", hidden };
  }

  /** Was what runs judged as line `last`, alone or with lines right before it? */
  #explains(last: number, claim: Claim): boolean {
    const line = this.#lines[last];
    if (line?.candidates.some((text) => isSame(text, claim)) === true) return true;
    let joined = line?.alone ?? "";
    for (let i = last - 1; i >= 0; i -= 1) {
      const before = this.#lines[i];
      if (before === undefined || before.program || joined.length > claim.text.length + LINES_MAX)
        return false;
      joined = `${before.alone}\n${joined}`;
      if (isSame(joined, claim)) return true;
    }
    return false;
  }
}

/** Blanks at the ends say nothing, and bash's history puts the lines of a command into one. */
function isSame(judged: string, { text, cut }: Claim): boolean {
  const [ours, theirs] = [judged.trim(), text.trim()];
  if (ours === theirs) return true;
  if (cut && ours.startsWith(theirs)) return true;
  return ours.includes("\n") && isJoined(ours, theirs, cut);
}

/** `for i in 1 2 <newline> do x <newline> done` stands in bash's history as `for i in 1 2; do x; done`. */
function isJoined(lines: string, joined: string, cut: boolean): boolean {
  let j = 0;
  for (let i = 0; i < lines.length; i += 1) {
    if (cut && j === joined.length) return true;
    if (lines.startsWith("\\\n", i)) {
      i += 1;
      continue;
    }
    if (lines[i] !== "\n") {
      if (lines[i] !== joined[j]) return false;
      j += 1;
      continue;
    }
    while (isBlank(lines[i + 1])) i += 1;
    if (joined[j] === ";") j += 1;
    while (isBlank(joined[j])) j += 1;
  }
  return j === joined.length;
}

function isBlank(character: string | undefined): boolean {
  return character === " " || character === "\t" || character === "\n";
}
