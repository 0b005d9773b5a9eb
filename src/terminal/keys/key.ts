/**
 * One key press, or one thing that a terminal sends like a key press. Names are readline's where it
 * has one; what a key does is not decided here.
 */
export type Key =
  /** One printable character (a Unicode scalar value; U+FFFD for bytes that are not UTF-8). */
  | { readonly kind: "text"; readonly text: string }
  /** C0 control or DEL, by its byte. */
  | { readonly kind: "control"; readonly code: number }
  /** ESC and one character, which may itself be a control character. */
  | { readonly kind: "meta"; readonly text: string }
  /** CSI or SS3 sequence, without its introducer: `A`, `1;5C`, `3~`. */
  | { readonly kind: "sequence"; readonly intro: "[" | "O"; readonly body: string }
  /** The character after Ctrl-V. Readers without quoted insert see an ordinary key. */
  | { readonly kind: "quoted"; readonly text: string }
  | { readonly kind: "paste-begin" }
  | { readonly kind: "paste-end" }
  /** One character between paste-begin and paste-end, when the reader honours them. */
  | { readonly kind: "pasted"; readonly text: string }
  /** What the terminal answers by itself (CPR, DA, DECRPM, OSC colours, focus, mouse). */
  | { readonly kind: "reply" }
  /** A sequence that was broken off or is longer than any known one. */
  | { readonly kind: "garbled" };

/** A key and where in the decoded bytes it ends; it starts where the one before ended. */
export interface PlacedKey {
  readonly key: Key;
  readonly end: number;
}

export const CONTROL = {
  nul: 0x00,
  a: 0x01,
  b: 0x02,
  c: 0x03,
  d: 0x04,
  e: 0x05,
  f: 0x06,
  g: 0x07,
  h: 0x08,
  tab: 0x09,
  lf: 0x0a,
  k: 0x0b,
  l: 0x0c,
  cr: 0x0d,
  n: 0x0e,
  o: 0x0f,
  p: 0x10,
  q: 0x11,
  r: 0x12,
  s: 0x13,
  t: 0x14,
  u: 0x15,
  v: 0x16,
  w: 0x17,
  x: 0x18,
  y: 0x19,
  z: 0x1a,
  escape: 0x1b,
  backslash: 0x1c,
  bracket: 0x1d,
  underscore: 0x1f,
  delete: 0x7f,
} as const;

/** The character that a key puts there, when it is one. */
export function printable(key: Key | undefined): string | null {
  return key?.kind === "text" || key?.kind === "pasted" ? key.text : null;
}
