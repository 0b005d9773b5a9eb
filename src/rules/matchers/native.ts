/**
 * Expressions that the engine of the language may run, which is some fifty times faster than the linear
 * one: those of which it can be shown that backtracking takes no more than linear time. Over plain ASCII
 * both mean the same; over other text the linear engine is asked. Null: only the linear one may run it.
 */
export function nativeOf(pattern: string, caseSensitive: boolean): RegExp | null {
  const folded = pattern.startsWith("(?i)");
  const body = folded ? pattern.slice(4) : pattern;
  if (body.length > PATTERN_CHARS_MAX || !isAscii(body)) return null;
  const reader: Reader = { text: body, at: 0, depth: 0 };
  const read = readChoice(reader);
  if (read === null || reader.at < body.length) return null;
  if (read.ways > WAYS_MAX || read.runs > (read.anchored ? 1 : 0)) return null;
  try {
    return new RegExp(read.source, caseSensitive && !folded ? "" : "i");
  } catch {
    // A range from z to a: the linear engine says what is wrong with it, and where.
    return null;
  }
}

export function isAscii(text: string): boolean {
  // eslint-disable-next-line no-control-regex -- the whole of ASCII, control characters included
  return /^[\x00-\x7f]*$/.test(text);
}

/** Longer expressions are left alone: reading them would take longer than it saves. */
const PATTERN_CHARS_MAX = 1024;
/** Ways in which one place of a text may be tried, at most. */
const WAYS_MAX = 256;
const DEPTH_MAX = 8;
/** Repetitions of `{2,5}` that are counted out. */
const COUNTED_MAX = 64;

interface Reader {
  readonly text: string;
  at: number;
  depth: number;
}

interface Part {
  readonly source: string;
  /** How many ways there are to try it at one place of the text. */
  readonly ways: number;
  /** Unbounded repetitions on one way through it. */
  readonly runs: number;
  /** It can only match at the start of the text. */
  readonly anchored: boolean;
}

function readChoice(reader: Reader): Part | null {
  const parts: Part[] = [];
  for (;;) {
    const part = readSequence(reader);
    if (part === null) return null;
    parts.push(part);
    if (reader.text.charAt(reader.at) !== "|") break;
    reader.at += 1;
  }
  return {
    source: parts.map((one) => one.source).join("|"),
    ways: parts.reduce((sum, one) => sum + one.ways, 0),
    runs: Math.max(...parts.map((one) => one.runs)),
    anchored: parts.every((one) => one.anchored),
  };
}

function readSequence(reader: Reader): Part | null {
  let source = "";
  let ways = 1;
  let runs = 0;
  let anchored = false;
  for (let first = true; reader.at < reader.text.length; first = false) {
    const character = reader.text.charAt(reader.at);
    if (character === "|" || character === ")") break;
    const atom = readAtom(reader);
    const part = atom === null ? null : repeated(reader, atom);
    if (part === null) return null;
    if (first) ({ anchored } = part);
    source += part.source;
    ways *= part.ways;
    runs += part.runs;
  }
  return { source, ways, runs, anchored };
}

const plain = (source: string): Part => ({ source, ways: 1, runs: 0, anchored: false });

function readAtom(reader: Reader): Part | null {
  const { text } = reader;
  const character = text.charAt(reader.at);
  if (character === "(") return readGroup(reader);
  if (character === "[") return readSet(reader);
  if (character === "\\") return readEscape(reader);
  if ("*+?{".includes(character)) return null;
  reader.at += 1;
  if (character === "^") return { ...plain("^"), anchored: true };
  // What a dot leaves out is not the same in both engines.
  return plain(
    character === "." ? "[^\\n]" : "]}/".includes(character) ? `\\${character}` : character,
  );
}

function readGroup(reader: Reader): Part | null {
  reader.at += reader.text.startsWith("(?:", reader.at) ? 3 : 1;
  if (reader.text.charAt(reader.at) === "?" || ++reader.depth > DEPTH_MAX) return null;
  const inner = readChoice(reader);
  if (inner === null || reader.text.charAt(reader.at) !== ")") return null;
  reader.at += 1;
  reader.depth -= 1;
  return { ...inner, source: `(?:${inner.source})` };
}

const BLANKS = "\\t\\n\\f\\r ";

function readEscape(reader: Reader): Part | null {
  const next = reader.text.charAt(reader.at + 1);
  reader.at += 2;
  if (next === "s") return plain(`[${BLANKS}]`);
  if (next === "S") return plain(`[^${BLANKS}]`);
  if (/[dDwWbBtnrf]/.test(next)) return plain(`\\${next}`);
  return next !== "" && /[^A-Za-z0-9]/.test(next) ? plain(`\\${next}`) : null;
}

function readSet(reader: Reader): Part | null {
  const { text } = reader;
  let source = "[";
  let at = reader.at + 1;
  if (text.charAt(at) === "^") {
    source += "^";
    at += 1;
  }
  for (let first = true; ; first = false) {
    const character = text.charAt(at);
    if (character === "" || text.startsWith("[:", at)) return null;
    if (character === "]" && !first) break;
    if (character === "\\") {
      const next = text.charAt(at + 1);
      if (next === "s") source += BLANKS;
      else if (/[dDwWtnrf]/.test(next) || /[^A-Za-z0-9]/.test(next)) source += `\\${next}`;
      else return null;
      at += 2;
      continue;
    }
    source += "]/[".includes(character) ? `\\${character}` : character;
    at += 1;
  }
  reader.at = at + 1;
  return plain(`${source}]`);
}

/** `*`, `+`, `?`, `{2,5}`, with a `?` behind for the shortest; anything else behind is refused. */
function repeated(reader: Reader, atom: Part): Part | null {
  const match = /^(?:[*+?]|\{(\d{1,3})(,(\d{0,3}))?\})\??/.exec(
    reader.text.slice(reader.at, reader.at + REPEAT_CHARS_MAX),
  );
  if (match === null) return reader.text.charAt(reader.at) === "{" ? null : atom;
  reader.at += match[0].length;
  if ("*+?{".includes(reader.text.charAt(reader.at)) && reader.at < reader.text.length) return null;
  const source = atom.source + match[0];
  const [sign] = match[0];
  const most = match[2] === undefined ? match[1] : match[3];
  if (sign === "*" || sign === "+" || most === "") {
    // A repetition inside a repetition, or one of several choices: that may take very long.
    return atom.ways === 1 && atom.runs === 0
      ? { source, ways: 1, runs: 1, anchored: sign === "+" && atom.anchored }
      : null;
  }
  return bounded(atom, source, {
    times: sign === "?" ? 1 : Number(most),
    exactly: sign !== "?" && match[2] === undefined,
  });
}

function bounded(
  { ways: each, runs }: Part,
  source: string,
  { times, exactly }: { times: number; exactly: boolean },
): Part | null {
  if (times > COUNTED_MAX || (runs > 0 && times > 1)) return null;
  const ways = each > 1 ? (each + 1) ** times : exactly ? 1 : times + 1;
  return ways > WAYS_MAX ? null : { source, ways, runs, anchored: false };
}

/** The longest sign of repetition: `{100,200}?`. */
const REPEAT_CHARS_MAX = 12;
