import type { LineReading } from "../../model/index.js";
import { applyModifiers, designate, type Substitution } from "./history-designators.js";
import { exchanged, USUAL_CHARACTERS } from "./history-characters.js";
import { otherViews, type KnownHistory } from "./history-views.js";
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
  history: KeptHistory,
  characters = USUAL_CHARACTERS,
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
    sureOf: (index) => history.sureOf(index),
    endSureOf: (index) => history.endSureOf(index),
  });
  if (expanded === theirs) return reading;
  const typed = expanded.typed === undefined ? {} : { typed: reading.text };
  return { ...expanded, ...swapped(expanded, swap), ...typed };
}

type KeptHistory = Pick<SessionHistory, "length" | "at" | "sureOf" | "endSureOf">;

const SURE = 0.99;
/** It could stand for another command. */
const UNSURE = 0.8;
/** It stands for a command that was read with doubt. */
const DOUBTED = 0.6;

function swapped(
  { text, candidates }: LineReading,
  swap: (text: string) => string,
): Pick<LineReading, "text" | "candidates"> {
  return { text: swap(text), candidates: candidates.map(swap) };
}

function expandUsual(reading: LineReading, history: KeptHistory): LineReading {
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
  const stands = outcome.uses.every((index) => history.sureOf(index)) ? SURE : DOUBTED;
  return {
    ...reading,
    text,
    typed: reading.text,
    confidence: Math.min(reading.confidence, stands, sure ? SURE : UNSURE),
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
      /** False when it is another command if the shell keeps its history otherwise. */
      readonly sure: boolean;
      readonly others: readonly string[];
      /** The entries that it stands for, or that were looked through for it. */
      readonly uses: readonly number[];
    }
  | { readonly kind: "unknown"; readonly reference: string };

export function expandLine(
  line: string,
  history: Pick<SessionHistory, "length" | "at" | "endSureOf">,
): Expansion {
  const uses: number[] = [];
  const plain = expandWith(line, {
    length: history.length,
    at: (index) => {
      uses.push(index);
      return history.at(index);
    },
  });
  if (typeof plain !== "string")
    return plain === null ? { kind: "unchanged" } : { kind: "unknown", ...plain };
  const others = otherViews(history).map((view) => expandWith(line, view));
  const texts = others.flatMap((other) => (typeof other === "string" ? [other] : []));
  return {
    kind: "expanded",
    text: plain,
    sure: others.every((other) => typeof other === "string" && other.trim() === plain.trim()),
    others: texts.filter((text) => text !== plain),
    uses,
  };
}

interface Progress {
  readonly history: KnownHistory;
  last: Substitution | null;
  searched: string;
}

/** null: nothing in it is expanded. */
function expandWith(
  line: string,
  history: KnownHistory,
): string | { readonly reference: string } | null {
  const progress: Progress = { history, last: null, searched: "" };
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
      if (event === null) return { reference: referenceAt(source, at) };
      out += event.text;
      at = event.end;
      changed = true;
    } else {
      if (character === '"') doubleQuoted = !doubleQuoted;
      out += character;
      at += 1;
    }
  }
  return changed ? out + source.slice(at) : null;
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
  const { history } = progress;
  const back = (n: number): string | null => history.at(history.length - n);
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

function search({ history }: Progress, matches: (entry: string) => boolean): string | null {
  for (let index = history.length - 1; index >= 0; index -= 1) {
    const entry = history.at(index);
    if (entry === null) return null;
    if (matches(entry)) return entry;
  }
  return null;
}
