/** Members of a JSON object as they are written, without its braces, in their order; joined by commas. */
export interface SplitFields {
  readonly hidden: string;
  readonly open: string;
}

/**
 * Sorts the members of a JSON object, as JSON.stringify writes it, into those that are named and the others; it
 * begins in `text` at `from` and ends one character before the text does. What can not be told apart (no such
 * object, a name with an escape) is hidden: at worst too much is.
 */
export function splitFields(text: string, from: number, names: readonly string[]): SplitFields {
  const end = text.length - 2;
  if (text.charCodeAt(from) !== OPEN_BRACE || text.charCodeAt(end) !== CLOSE_BRACE) {
    return { hidden: unreadable(text.slice(from, -1)), open: "" };
  }
  let hidden = "";
  let open = "";
  for (let at = from + 1; at < end;) {
    const colon = stringEnd(text, at);
    const next = text.charCodeAt(colon) === COLON ? valueEnd(text, colon + 1, end) : -1;
    if (next < 0) return { hidden: joined(hidden, unreadable(text.slice(at, end))), open };
    const name = text.slice(at + 1, colon - 1);
    const member = text.slice(at, next);
    if (names.includes(name) || name.includes("\\")) hidden = joined(hidden, member);
    else open = joined(open, member);
    at = next + 1;
  }
  return { hidden, open };
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

function unreadable(text: string): string {
  return `"unreadable":${JSON.stringify(text)}`;
}

function joined(members: string, member: string): string {
  return members === "" ? member : `${members},${member}`;
}

/** Behind the closing quote of the string that begins at `from`; -1: none begins there, or it has no end. */
function stringEnd(text: string, from: number): number {
  if (text.charCodeAt(from) !== QUOTE) return -1;
  for (let at = text.indexOf('"', from + 1); at >= 0; at = text.indexOf('"', at + 1)) {
    // An even number of backslashes escape each other; the run ends at the latest at the opening quote.
    let run = at;
    while (text.charCodeAt(run - 1) === BACKSLASH) run -= 1;
    if ((at - run) % 2 === 0) return at + 1;
  }
  return -1;
}

/** Where the value that begins at `from` ends: at the next comma that is in nothing else, or at `end`; -1: never. */
function valueEnd(text: string, from: number, end: number): number {
  let depth = 0;
  for (let at = from; at < end; at += 1) {
    switch (text.charCodeAt(at)) {
      case QUOTE:
        at = stringEnd(text, at) - 1;
        if (at < 0 || at >= end) return -1;
        break;
      case OPEN_BRACE:
      case OPEN_BRACKET:
        depth += 1;
        break;
      case CLOSE_BRACE:
      case CLOSE_BRACKET:
        depth -= 1;
        if (depth < 0) return -1;
        break;
      case COMMA:
        if (depth === 0) return at;
        break;
      default:
        break;
    }
  }
  return depth === 0 ? end : -1;
}
