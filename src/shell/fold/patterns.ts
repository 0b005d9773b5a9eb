/** A pattern of sed, grep or expr, as far as it can be matched in bounded time. */
export interface Pattern {
  readonly regex: RegExp;
  /** Repetitions without an end: what a search may cost grows with a power of them. */
  readonly repetitions: number;
}

/** Steps that one search may cost: what could cost more is not followed. */
const STEPS_MAX = 1_000_000;
const REPETITIONS_MAX = 4;

/** May this text be searched? A search tries each place, and each length of each repetition. */
export function isCheap({ repetitions }: Pattern, text: string): boolean {
  return text.length ** (repetitions + 1) <= STEPS_MAX;
}

/** What surrounds a pattern. */
export interface PatternKind {
  readonly extended: boolean;
  readonly flags: string;
  /** Only whether it matches counts, not how far: of alternatives, POSIX takes the longest. */
  readonly onlyWhether?: true;
}

/**
 * A basic or extended regular expression (POSIX, with the usual letters of GNU) as one of ours; null
 * where it means more than that: back references, repeated groups that repeat inside.
 */
export function compilePattern(text: string, kind: PatternKind): Pattern | null {
  const built: Built = { out: [], open: [], repetitions: 0, closed: false };
  for (let at = 0; at < text.length;) {
    const piece = readPiece(text, at, kind.extended);
    if (piece === null || (isSign(piece, "|") && kind.onlyWhether !== true)) return null;
    at = piece.end;
    if (!addPiece(built, piece)) return null;
  }
  if (built.open.length > 0 || built.repetitions > REPETITIONS_MAX) return null;
  try {
    return { regex: new RegExp(built.out.join(""), kind.flags), repetitions: built.repetitions };
  } catch {
    return null;
  }
}

interface Built {
  readonly out: string[];
  /** For each open group: whether something in it repeats or is an alternative. */
  readonly open: boolean[];
  repetitions: number;
  /** A group that repeats inside ends here. */
  closed: boolean;
}

const isSign = (piece: Piece, sign: string): boolean => piece.operator && piece.source === sign;
const repeats = ({ operator, source }: Piece): boolean =>
  operator && /^(?:[*+?]|\{[\d,]*\})$/.test(source);

/** False for what is not followed. */
function addPiece(built: Built, piece: Piece): boolean {
  const { out, open } = built;
  const marks = (): void => {
    if (open.length > 0) open[open.length - 1] = true;
  };
  if (repeats(piece) && (out.length === 0 || /^[(|^]$/.test(out.at(-1) ?? ""))) {
    // At the beginning it stands for itself.
    out.push(`\\${piece.source.charAt(0)}${piece.source.slice(1)}`);
    return true;
  }
  if (repeats(piece)) {
    if (built.closed) return false;
    if (piece.source !== "?") {
      built.repetitions += 1;
      marks();
    }
  }
  if (isSign(piece, "|")) marks();
  built.closed = false;
  if (isSign(piece, "(")) open.push(false);
  else if (isSign(piece, ")")) {
    const inner = open.pop();
    if (inner === undefined) return false;
    built.closed = inner;
    if (inner) marks();
  }
  out.push(piece.source);
  return true;
}

interface Piece {
  readonly source: string;
  readonly end: number;
  /** It is a sign of the pattern, and no character. */
  readonly operator: boolean;
}

function readPiece(text: string, at: number, extended: boolean): Piece | null {
  const one = text.charAt(at);
  if (one === "[") return readSet(text, at);
  if (one === "\\") return readEscaped(text, at, extended);
  if (one === "{" && extended) {
    const count = /^\{\d{0,3}(?:,\d{0,3})?\}/.exec(text.slice(at, at + 10))?.[0];
    return count === undefined ? null : { source: count, end: at + count.length, operator: true };
  }
  if (one === "*" || one === "." || one === "^" || one === "$")
    return { source: one, end: at + 1, operator: true };
  if ("+?()|".includes(one) && extended) return { source: one, end: at + 1, operator: true };
  return { source: escaped(one), end: at + 1, operator: false };
}

function readEscaped(text: string, at: number, extended: boolean): Piece | null {
  const one = text.charAt(at + 1);
  if (one === "" || /[1-9]/.test(one)) return null;
  if (/[wWsSbB]/.test(one)) return { source: `\\${one}`, end: at + 2, operator: false };
  if (one === "n" || one === "t") return { source: `\\${one}`, end: at + 2, operator: false };
  if (one === "{" && !extended) {
    const count = /^\\\{(\d{0,3}(?:,\d{0,3})?)\\\}/.exec(text.slice(at, at + 13));
    if (count === null) return null;
    return { source: `{${count[1] ?? ""}}`, end: at + count[0].length, operator: true };
  }
  if ("+?()|".includes(one) && !extended) return { source: one, end: at + 2, operator: true };
  return { source: escaped(one), end: at + 2, operator: false };
}

const escaped = (one: string): string => (/[\\^$.*+?()[\]{}|/]/.test(one) ? `\\${one}` : one);

const CLASSES: Readonly<Record<string, string>> = {
  alpha: "A-Za-z",
  digit: "0-9",
  alnum: "A-Za-z0-9",
  upper: "A-Z",
  lower: "a-z",
  space: "\\s",
  blank: " \\t",
  punct: "!-\\/:-@\\[-`{-~",
  xdigit: "0-9A-Fa-f",
};

/** `[^a-z[:digit:]]`: a bracket first in it, and a backslash, stand for themselves. */
function readSet(text: string, at: number): Piece | null {
  const set = /^\[(\^?)(\]?(?:\[:[a-z]+:\]|[^\]])*)\]/.exec(text.slice(at, at + SET_CHARS_MAX));
  if (set === null) return null;
  const inner = (set[2] ?? "").replace(
    /\[:([a-z]+):\]|[\\\][]/g,
    (whole, name: string | undefined) =>
      name === undefined ? `\\${whole}` : (CLASSES[name] ?? ""),
  );
  return { source: `[${set[1] ?? ""}${inner}]`, end: at + set[0].length, operator: false };
}

const SET_CHARS_MAX = 128;
