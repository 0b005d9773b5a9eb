import { FIELDS_MAX } from "../limits.js";

/**
 * Brace expansion on the source text of a word (bash manual, "Brace Expansion"), quotes respected.
 * Answers null when there is nothing to expand or too much of it.
 */
export function expandBraces(source: string): readonly string[] | null {
  const out: string[] = [];
  const complete = expand(source, out);
  return complete && (out.length > 1 || out[0] !== source) ? out : null;
}

function expand(source: string, out: string[]): boolean {
  const open = findBrace(source);
  if (open === null) {
    out.push(source);
    return out.length <= FIELDS_MAX;
  }
  const head = source.slice(0, open.start);
  const tails: string[] = [];
  if (!expand(source.slice(open.end + 1), tails)) return false;
  for (const choice of open.choices) {
    const middles: string[] = [];
    if (!expand(choice, middles)) return false;
    for (const middle of middles) {
      for (const tail of tails) {
        out.push(head + middle + tail);
        if (out.length > FIELDS_MAX) return false;
      }
    }
  }
  return true;
}

interface Brace {
  readonly start: number;
  readonly end: number;
  readonly choices: readonly string[];
}

function findBrace(source: string): Brace | null {
  for (let i = 0; i < source.length; i++) {
    const skipped = skipQuoted(source, i);
    if (skipped > i) {
      i = skipped - 1;
      continue;
    }
    if (source.charAt(i) !== "{") continue;
    const brace = readBrace(source, i);
    if (brace !== null) return brace;
  }
  return null;
}

function readBrace(source: string, start: number): Brace | null {
  const commas: number[] = [];
  let depth = 0;
  for (let i = start; i < source.length; i++) {
    const skipped = skipQuoted(source, i);
    if (skipped > i) {
      i = skipped - 1;
      continue;
    }
    const character = source.charAt(i);
    if (character === "{") depth += 1;
    else if (character === "," && depth === 1) commas.push(i);
    else if (character === "}" && --depth === 0) return closeBrace(source, start, i, commas);
  }
  return null;
}

function closeBrace(source: string, start: number, end: number, commas: number[]): Brace | null {
  if (commas.length > 0) {
    const cuts = [start, ...commas, end];
    const choices = cuts.slice(1).map((cut, i) => source.slice((cuts[i] ?? 0) + 1, cut));
    return { start, end, choices };
  }
  const choices = readSequence(source.slice(start + 1, end));
  return choices === null ? null : { start, end, choices };
}

/** `{1..5}`, `{a..e..2}`, `{01..10}`. */
function readSequence(body: string): readonly string[] | null {
  const match = /^(-?\d+|[A-Za-z])\.\.(-?\d+|[A-Za-z])(?:\.\.(-?\d+))?$/.exec(body);
  if (match === null) return null;
  const [, from = "", to = "", by] = match;
  const letters = /^[A-Za-z]$/.test(from) && /^[A-Za-z]$/.test(to);
  if (!letters && !(/\d/.test(from) && /\d/.test(to))) return null;
  const first = letters ? from.charCodeAt(0) : Number(from);
  const last = letters ? to.charCodeAt(0) : Number(to);
  const step = Math.max(1, Math.abs(Number(by ?? 1))) * (first <= last ? 1 : -1);
  const width = /^-?0\d/.test(from) || /^-?0\d/.test(to) ? Math.max(from.length, to.length) : 0;
  const out: string[] = [];
  for (let n = first; step > 0 ? n <= last : n >= last; n += step) {
    out.push(letters ? String.fromCharCode(n) : padNumber(n, width));
    if (out.length > FIELDS_MAX) return null;
  }
  return out;
}

function padNumber(value: number, width: number): string {
  const digits = String(Math.abs(value)).padStart(value < 0 ? width - 1 : width, "0");
  return value < 0 ? `-${digits}` : digits;
}

/** Index behind a quoted stretch, an escape or a substitution that starts at `i`, else `i`. */
function skipQuoted(source: string, i: number): number {
  const character = source.charAt(i);
  if (character === "\\") return i + 2;
  if (character === "'") return endOf(source.indexOf("'", i + 1), source);
  if (character === '"' || character === "`") {
    let j = i + 1;
    while (j < source.length && source.charAt(j) !== character)
      j += source.charAt(j) === "\\" ? 2 : 1;
    return j + 1;
  }
  if (character === "$" && (source.charAt(i + 1) === "{" || source.charAt(i + 1) === "("))
    return skipBrackets(source, i + 1);
  return i;
}

function skipBrackets(source: string, start: number): number {
  let depth = 0;
  for (let i = start; i < source.length; i++) {
    const character = source.charAt(i);
    if (character === "\\") i += 1;
    else if (character === "{" || character === "(") depth += 1;
    else if ((character === "}" || character === ")") && --depth === 0) return i + 1;
  }
  return source.length;
}

function endOf(index: number, source: string): number {
  return index < 0 ? source.length : index + 1;
}
