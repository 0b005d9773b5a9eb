/**
 * True when a quote is still open at the end of the text: one pass, for text that is too long for the
 * parser. Comments are known, here-documents are not: an apostrophe in one counts.
 */
export function hasOpenQuote(text: string): boolean {
  let at = 0;
  while (at < text.length) {
    const next = behindQuote(text, at);
    if (next > text.length) return true;
    at = next;
  }
  return false;
}

/** Index behind the quoted stretch or character that starts here; past the end when it is open. */
function behindQuote(text: string, at: number): number {
  switch (text.charAt(at)) {
    case "\\":
      return at + 2 > text.length ? at + 1 : at + 2;
    case "'":
      return closing(text, at, { quote: "'", escapes: text.charAt(at - 1) === "$" });
    case '"':
      return closing(text, at, { quote: '"', escapes: true });
    case "#":
      return /[\s;&|()]/.test(text.charAt(at - 1)) || at === 0 ? lineEnd(text, at) : at + 1;
    default:
      return at + 1;
  }
}

function closing(
  text: string,
  at: number,
  { quote, escapes }: { readonly quote: string; readonly escapes: boolean },
): number {
  for (let i = at + 1; i < text.length; i++) {
    if (text.charAt(i) === quote) return i + 1;
    if (escapes && text.charAt(i) === "\\") i += 1;
  }
  return text.length + 1;
}

function lineEnd(text: string, at: number): number {
  const end = text.indexOf("\n", at);
  return end < 0 ? text.length : end + 1;
}

/** The text with every long quoted stretch emptied in which nothing can be expanded. */
export function emptyLongQuotes(text: string, longer: number): string {
  let out = "";
  let at = 0;
  let copied = 0;
  while (at < text.length) {
    const next = behindQuote(text, at);
    const quote = text.charAt(at);
    const body = text.slice(at + 1, next - 1);
    const isText =
      quote === "'" ? text.charAt(at - 1) !== "$" : quote === '"' && !/[$`\\]/.test(body);
    if (isText && next <= text.length && body.length > longer) {
      out += text.slice(copied, at) + quote + quote;
      copied = next;
    }
    at = next;
  }
  return out + text.slice(copied);
}
