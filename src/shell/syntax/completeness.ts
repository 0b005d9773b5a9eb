import { hasOpenHereDocument, type ParseOutcome } from "./parse-script.js";

/**
 * False while bash would print its continuation prompt: an open quote, substitution, here-document or
 * compound command, a trailing backslash, or an operator with nothing behind it. A line that bash
 * rejects with a syntax error is complete: nothing more is asked for.
 */
export function isComplete(text: string, parsed: ParseOutcome): boolean {
  if (!parsed.ok) return true;
  // What is missing inside a group is told before that the group is open; only the latter counts.
  const first = parsed.errors.find((one) => !one.message.startsWith("expected command in"));
  if (first !== undefined) {
    if (REJECTED_AT_ONCE.test(first.message)) return true;
    if (first.message.startsWith("unterminated")) return false;
    return !(first.message.startsWith("expected") && nothingBehind(text, first.pos));
  }
  if (parsed.errors.length > 0) return true;
  if (endsInBackslash(text)) return false;
  return !(text.includes("<<") && hasOpenHereDocument(parsed.script));
}

/** bash does not wait for these on the next line. */
const REJECTED_AT_ONCE = /^expected (?:redirect target|operand after unary)/;

/** Only blanks, newlines and comments follow. */
function nothingBehind(text: string, position: number): boolean {
  return /^(?:[\s;&|]|#[^\n]*(?:\n|$))*$/.test(text.slice(position));
}

/** An odd number of backslashes at the end continues the line, outside a comment. */
function endsInBackslash(text: string): boolean {
  const count = /\\*$/.exec(text)?.[0].length ?? 0;
  if (count % 2 === 0) return false;
  const lastLine = text.slice(text.lastIndexOf("\n") + 1);
  return !/(?:^|[\s;&|()])#/.test(lastLine.replace(/'[^']*'|"[^"]*"/g, ""));
}
