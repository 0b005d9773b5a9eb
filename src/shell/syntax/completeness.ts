import { hasOpenHereDocument, type ParseOutcome } from "./parse-script.js";

/**
 * False while bash would print its continuation prompt: an open quote, substitution, here-document or
 * compound command, a trailing backslash, or an operator with nothing behind it. A line that bash
 * rejects with a syntax error is complete: nothing more is asked for.
 */
export function isComplete(text: string, parsed: ParseOutcome): boolean {
  if (!parsed.ok) return true;
  const first = parsed.errors[0];
  if (first !== undefined) {
    if (first.message.startsWith("unterminated")) return false;
    return !(first.message.startsWith("expected") && nothingBehind(text, first.pos));
  }
  if (endsInBackslash(text)) return false;
  return !(text.includes("<<") && hasOpenHereDocument(parsed.script));
}

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
