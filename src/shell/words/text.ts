/**
 * Text as far as it can be known. `known`: it is exactly this. Else `text` is the best guess (unknown
 * parts taken as empty, well-known variables as they usually are): good enough to suspect by, never to
 * acquit by. `likely`: the guess is whole, so that a rule that hits it has a reason to stop the line.
 */
export interface Text {
  readonly text: string;
  readonly known: boolean;
  readonly likely?: boolean;
}

/** One word after expansion. `glob`: holds an unquoted `*`, `?` or `[..]` that a directory decides. */
export interface Field extends Text {
  readonly glob: boolean;
}

export const known = (text: string): Text => ({ text, known: true });
export const guessed = (text: string): Text => ({ text, known: false, likely: text !== "" });
export const UNKNOWN: Text = { text: "", known: false };
/** Most likely not there at all: `$1` at a prompt. */
export const PROBABLY_EMPTY: Text = { text: "", known: false, likely: true };

export function field(text: string): Field {
  return { text, known: true, glob: false };
}

export function fieldOf(text: Text): Field {
  return { ...text, glob: false };
}

/** Known, or guessed as a whole. */
export function isLikely(text: Text): boolean {
  return text.known || text.likely === true;
}

/** The same text, no longer certain. */
export function unsure(text: Text): Text {
  return text.known ? { text: text.text, known: false, likely: true } : text;
}

export function joinTexts(parts: readonly Text[], separator: string): Text {
  return weigh(parts.map((part) => part.text).join(separator), parts);
}

/** Text made of others: as certain as the least certain of them. */
export function weigh(text: string, sources: readonly Text[]): Text {
  if (sources.every((source) => source.known)) return known(text);
  return { text, known: false, likely: sources.every(isLikely) };
}

/** The public form: a word that can not be known is null. */
export function valueOf(text: Text): string | null {
  return text.known ? text.text : null;
}
