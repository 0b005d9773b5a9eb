/**
 * Text as far as it can be known. When `known` is false, `text` is the best guess (unknown parts taken
 * as empty, well-known variables as they usually are): good enough to suspect by, never to acquit by.
 */
export interface Text {
  readonly text: string;
  readonly known: boolean;
}

/** One word after expansion. `glob`: holds an unquoted `*`, `?` or `[..]` that a directory decides. */
export interface Field extends Text {
  readonly glob: boolean;
}

export const known = (text: string): Text => ({ text, known: true });
export const guessed = (text: string): Text => ({ text, known: false });
export const UNKNOWN: Text = guessed("");

export function field(text: string): Field {
  return { text, known: true, glob: false };
}

/** The public form: a word that can not be known is null. */
export function valueOf(text: Text): string | null {
  return text.known ? text.text : null;
}
