import type { LineReading } from "../../model/index.js";
import { applyModifiers, designate, type Substitution } from "./history-designators.js";
import { exchanged, USUAL_CHARACTERS } from "./history-characters.js";
import type { SessionHistory } from "./session-history.js";

/**
 * bash's history expansion (`!!`, `!$`, `!n`, `!str`, `!?str?`, `^a^b`), done with what this session
 * has made of the history, because bash runs the expanded line. What refers to history from before
 * the session can not be known: the reading says so.
 *
 * A line with `:p` is only printed by bash. It is judged as if it ran: a mistake about quotes must
 * not become a way past.
 */
export function expandHistory(
  reading: LineReading,
  history: Pick<SessionHistory, "length" | "at" | "sureOf">,
  characters = USUAL_CHARACTERS,
): LineReading {
  const used = new Set<number>();
  const watched: KnownHistory = {
    length: history.length,
    at: (index) => {
      used.add(index);
      return history.at(index);
    },
  };
  const expanded = expandWithCharacters(reading, watched, characters);
  if (expanded === reading || [...used].every((index) => history.sureOf(index))) return expanded;
  return { ...expanded, confidence: Math.min(expanded.confidence, DOUBTED) };
}

/** It stands for a command that was read with doubt. */
const DOUBTED = 0.6;

function expandWithCharacters(
  reading: LineReading,
  history: KnownHistory,
  characters: typeof USUAL_CHARACTERS,
): LineReading {
  if (characters === USUAL_CHARACTERS) return expandUsual(reading, history);
  const swap = (text: string): string => exchanged(text, characters);
  const theirs: LineReading = { ...reading, ...swapped(reading, swap) };
  const expanded = expandUsual(theirs, {
    length: history.length,
    at: (index) => {
      const entry = history.at(index);
      return entry === null ? null : swap(entry);
    },
  });
  if (expanded === theirs) return reading;
  const typed = expanded.typed === undefined ? {} : { typed: reading.text };
  return { ...expanded, ...swapped(expanded, swap), ...typed };
}

function swapped(
  { text, candidates }: LineReading,
  swap: (text: string) => string,
): Pick<LineReading, "text" | "candidates"> {
  return { text: swap(text), candidates: candidates.map(swap) };
}

type KnownHistory = Pick<SessionHistory, "length" | "at">;

function expandUsual(reading: LineReading, history: KnownHistory): LineReading {
  if (reading.hidden || !mayExpand(reading.text)) return reading;
  // `^A` read from the screen is most likely a control character, and already doubted.
  if (reading.source === "screen" && reading.text.startsWith("^") && reading.confidence < 0.9) {
    return reading;
  }
  const outcome = expandLine(reading.text, history);
  if (outcome.kind === "unchanged") return reading;
  if (outcome.kind === "unknown") {
    return { ...reading, confidence: 0, unknowable: unknowable(outcome.reference) };
  }
  const { text } = outcome;
  // Inside an open quote or a here-document bash may leave it as it is.
  // bash's own passes over `$'..\\'..'` disagree about where the quote ends.
  const open = reading.prompt === "continuation" || /\$'[^']*\\'/.test(reading.text);
  const continued = open ? [reading.text] : [];
  const others = reading.candidates.slice(1).flatMap((candidate) => {
    const expanded = expandLine(candidate, history);
    return expanded.kind === "expanded" ? [expanded.text] : [candidate];
  });
  const sure = outcome.sure && continued.length === 0 && !text.includes("\n");
  return {
    ...reading,
    text,
    typed: reading.text,
    confidence: Math.min(reading.confidence, sure ? 0.99 : 0.8),
    candidates: [...new Set([text, ...outcome.others, ...continued, ...others])],
  };
}

function unknowable(reference: string): string {
  return (
    `${reference} stands for a command from before this session, so what would run can not be seen. ` +
    "Recall it with Up or Ctrl-R instead, so that it can be read."
  );
}

export function mayExpand(text: string): boolean {
  return text.includes("!") || text.startsWith("^");
}

export type Expansion =
  | { readonly kind: "unchanged" }
  | {
      readonly kind: "expanded";
      readonly text: string;
      /** False when the shell's settings (HISTCONTROL) can make another command of it. */
      readonly sure: boolean;
      readonly others: readonly string[];
    }
  | { readonly kind: "unknown"; readonly reference: string };

export function expandLine(line: string, history: KnownHistory): Expansion {
  const plain = expandWith(line, history, 0);
  if (plain.kind !== "expanded") return plain;
  // `ignorespace` and `ignoredups` drop lines: then each reference means an older one.
  const doubt = doubtful(history);
  if (!doubt) return plain;
  const older = expandWith(line, history, 1);
  return {
    ...plain,
    sure: false,
    others: older.kind === "expanded" ? [older.text] : [],
  };
}

function doubtful(history: KnownHistory): boolean {
  const newest = history.at(history.length - 1);
  const before = history.at(history.length - 2);
  return newest !== null && (newest.startsWith(" ") || newest === before);
}

interface Progress {
  readonly history: KnownHistory;
  readonly skip: number;
  last: Substitution | null;
  searched: string;
}

function expandWith(line: string, history: KnownHistory, skip: number): Expansion {
  const progress: Progress = { history, skip, last: null, searched: "" };
  const source = line.startsWith("^") ? quickSubstitution(line) : line;
  let out = "";
  let changed = false;
  let at = 0;
  let doubleQuoted = false;
  while (at < source.length) {
    const character = source[at] ?? "";
    if (character === "\\") {
      out += source.slice(at, at + 2);
      at += 2;
    } else if (character === "'" && !doubleQuoted) {
      const end = singleQuoteEnd(source, at);
      out += source.slice(at, end);
      at = end;
    } else if (
      character === "#" &&
      !doubleQuoted &&
      /(?:^|[\s;&|()<>])$/.test(source.slice(0, at))
    ) {
      break;
    } else if (character === "!" && expandsAt(source, at, doubleQuoted)) {
      const event = expandEvent(source, at, { progress, soFar: out, doubleQuoted });
      if (event === null) return { kind: "unknown", reference: referenceAt(source, at) };
      out += event.text;
      at = event.end;
      changed = true;
    } else {
      if (character === '"') doubleQuoted = !doubleQuoted;
      out += character;
      at += 1;
    }
  }
  if (!changed) return { kind: "unchanged" };
  return { kind: "expanded", text: out + source.slice(at), sure: true, others: [] };
}

/** `^a^b^` is `!!:s^a^b^`. */
function quickSubstitution(line: string): string {
  return `!!:s${line}`;
}

function singleQuoteEnd(line: string, start: number): number {
  const escapes = start > 0 && line[start - 1] === "$";
  for (let at = start + 1; at < line.length; at += 1) {
    if (escapes && line[at] === "\\") at += 1;
    else if (line[at] === "'") return at + 1;
  }
  return line.length;
}

/** Where bash leaves an exclamation mark alone (history_no_expand_chars and its own exceptions). */
function expandsAt(line: string, at: number, doubleQuoted: boolean): boolean {
  const next = line[at + 1];
  if (next === undefined || " \t\n\r=".includes(next)) return false;
  if (doubleQuoted && next === '"') return false;
  const before = line[at - 1];
  if (before === "[" && line.includes("]", at + 1)) return false;
  if (before === "{" && line[at - 2] === "$" && line.includes("}", at + 1)) return false;
  return !(before === "$" && at > 1);
}

function referenceAt(line: string, at: number): string {
  return /^\S{1,40}/.exec(line.slice(at))?.[0] ?? "!";
}

const EVENT_END = ";&()|<>";
const DESIGNATOR = "^$*%-";

function expandEvent(
  line: string,
  start: number,
  {
    progress,
    soFar,
    doubleQuoted,
  }: { readonly progress: Progress; readonly soFar: string; readonly doubleQuoted: boolean },
): { readonly text: string; readonly end: number } | null {
  const event = findEvent(line, start + 1, { progress, soFar, doubleQuoted });
  if (event === null) return null;
  const chosen = designate(event.text, line, { at: event.end, searched: progress.searched });
  if (chosen === null) return null;
  return applyModifiers(chosen, line, progress);
}

function findEvent(
  line: string,
  at: number,
  {
    progress,
    soFar,
    doubleQuoted,
  }: { readonly progress: Progress; readonly soFar: string; readonly doubleQuoted: boolean },
): { readonly text: string; readonly end: number } | null {
  const { history, skip } = progress;
  const back = (n: number): string | null => history.at(history.length - n - skip);
  const found = (text: string | null, end: number): { text: string; end: number } | null =>
    text === null ? null : { text, end };
  const next = line[at] ?? "";
  if (next === "!") return found(back(1), at + 1);
  if (next === "#") return { text: soFar, end: at + 1 };
  if (next === ":" || (DESIGNATOR.includes(next) && !/^-\d/.test(line.slice(at)))) {
    return found(back(1), at);
  }
  const number = /^-?\d+/.exec(line.slice(at))?.[0];
  if (number !== undefined) {
    // Absolute numbers count from before the session.
    return number.startsWith("-") ? found(back(-Number(number)), at + number.length) : null;
  }
  if (next === "?") {
    const close = line.indexOf("?", at + 1);
    const end = close < 0 ? line.length : close;
    progress.searched = line.slice(at + 1, end);
    return found(
      search(progress, (entry) => entry.includes(progress.searched)),
      end + 1,
    );
  }
  const end = eventEnd(line, at, doubleQuoted);
  const prefix = line.slice(at, end);
  return found(
    search(progress, (entry) => entry.startsWith(prefix)),
    end,
  );
}

function eventEnd(line: string, at: number, doubleQuoted: boolean): number {
  let end = at;
  while (end < line.length) {
    const character = line[end] ?? "";
    if (/[\s:]/.test(character) || EVENT_END.includes(character)) break;
    if (doubleQuoted && character === '"') break;
    if (DESIGNATOR.includes(character) && (character !== "-" || end > at)) break;
    end += 1;
  }
  return end;
}

function search({ history, skip }: Progress, matches: (entry: string) => boolean): string | null {
  for (let index = history.length - 1 - skip; index >= 0; index -= 1) {
    const entry = history.at(index);
    if (entry === null) return null;
    if (matches(entry)) return entry;
  }
  return null;
}
