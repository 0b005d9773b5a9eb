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
    candidates: [
      ...(commands.candidates(reading) ?? []),
      ...(reading.typed === undefined ? [] : [commands.typed(reading)]),
    ],
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
  /** A prompt comes: what was typed unseen until now was an answer to a program, and is forgotten. */
  prompted(): void;
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
    for (const [i, line] of this.#lines.entries()) {
      if (line.program) continue;
      const rest = this.#explained(i, line, claim);
      if (rest === null) continue;
      const behind = this.#lines.slice(i + 1);
      this.#lines =
        rest === "" ? behind : [{ ...line, candidates: [rest], alone: rest }, ...behind];
      return { verdict: "same", hidden: line.hidden };
    }
    const hidden = this.#lines.some((line) => line.hidden);
    // Which of them runs is not known: the first that can be a command.
    if (claim.unsure) this.#lines = this.#lines.slice(1);
    else this.#lines = [];
    return { verdict: claim.unsure ? "unknown" : "different", hidden };
  }

  prompted(): void {
    this.#lines = this.#lines.map((line) =>
      line.hidden ? { ...line, candidates: [], alone: "" } : line,
    );
  }

  /**
   * Was what runs judged as this line, alone or with lines right before it? Answers what of the line is
   * still to run; null: it was not.
   */
  #explained(at: number, line: ReleasedLine, claim: Claim): string | null {
    for (const text of line.candidates) {
      const rest = isSame(text, claim) ? "" : restOf(text, claim);
      if (rest !== null) return rest;
    }
    let joined = line.alone;
    for (let i = at - 1; i >= 0; i -= 1) {
      const before = this.#lines[i];
      if (before === undefined || before.program || joined.length > claim.text.length + LINES_MAX)
        return null;
      joined = `${before.alone}\n${joined}`;
      if (isSame(joined, claim)) return "";
    }
    return null;
  }
}

/** Blanks say nothing (zsh can be told to keep fewer), and bash's history joins the lines of a command. */
function isSame(judged: string, { text, cut }: Claim): boolean {
  const [ours, theirs] = [judged.trim(), text.trim()];
  if (ours === theirs) return true;
  if (cut && ours.startsWith(theirs)) return true;
  if (ours.includes("\n") && isJoined(ours, theirs, cut)) return true;
  return ours.replace(BLANKS, " ") === theirs.replace(BLANKS, " ");
}

const BLANKS = /[ \t]+/g;

/**
 * bash takes the commands of a paste one by one. Answers what stands behind the first of them when it is
 * the one that runs; only comments can stand before it.
 */
function restOf(pasted: string, claim: Claim): string | null {
  const lines = pasted.split("\n");
  const first = lines.findIndex((line) => !/^\s*(?:#|$)/.test(line));
  if (first < 0 || lines.length < 2) return null;
  let taken = "";
  for (let i = first; i < lines.length; i += 1) {
    taken = i === first ? (lines[i] ?? "") : `${taken}\n${lines[i] ?? ""}`;
    if (isSame(taken, claim)) return lines.slice(i + 1).join("\n");
    if (taken.length > claim.text.length + LINES_MAX) return null;
  }
  return null;
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
