/**
 * Keysyms of keys that are no characters (X11 keysymdef.h). The names are those of the keyboard events
 * of browsers where they have one. Keypad keys have the name of the key that they double.
 */
export const KEY_NAMES: ReadonlyMap<number, string> = new Map([
  [0xff08, "Backspace"],
  [0xff09, "Tab"],
  [0xfe20, "Tab"],
  [0xff89, "Tab"],
  [0xff0a, "Enter"],
  [0xff0d, "Enter"],
  [0xff8d, "Enter"],
  [0xfe34, "Enter"],
  [0xff0b, "Clear"],
  [0xff9d, "Clear"],
  [0xff13, "Pause"],
  [0xff14, "ScrollLock"],
  [0xff15, "SysRq"],
  [0xff1b, "Escape"],
  [0xff20, "Compose"],
  [0xff50, "Home"],
  [0xff95, "Home"],
  [0xff51, "Left"],
  [0xff96, "Left"],
  [0xff52, "Up"],
  [0xff97, "Up"],
  [0xff53, "Right"],
  [0xff98, "Right"],
  [0xff54, "Down"],
  [0xff99, "Down"],
  [0xff55, "PageUp"],
  [0xff9a, "PageUp"],
  [0xff56, "PageDown"],
  [0xff9b, "PageDown"],
  [0xff57, "End"],
  [0xff9c, "End"],
  [0xff58, "Begin"],
  [0xff60, "Select"],
  [0xff61, "Print"],
  [0xff62, "Execute"],
  [0xff63, "Insert"],
  [0xff9e, "Insert"],
  [0xff65, "Undo"],
  [0xff66, "Redo"],
  [0xff67, "Menu"],
  [0xff68, "Find"],
  [0xff69, "Cancel"],
  [0xff6a, "Help"],
  [0xff6b, "Break"],
  [0xff7f, "NumLock"],
  [0xffff, "Delete"],
  [0xff9f, "Delete"],
  ...Array.from({ length: 35 }, (_, index) => [0xffbe + index, `F${String(index + 1)}`] as const),
  ...Array.from({ length: 4 }, (_, index) => [0xff91 + index, `F${String(index + 1)}`] as const),
  // Keys of office keyboards (XF86keysym.h): what they do to the line is known.
  [0x1008ff57, "Copy"],
  [0x1008ff58, "Cut"],
  [0x1008ff6d, "Paste"],
]);

/** Digits and signs of the keypad, which type a character. */
export const KEYPAD_CHARACTERS: ReadonlyMap<number, string> = new Map([
  [0xff80, " "],
  [0xffaa, "*"],
  [0xffab, "+"],
  [0xffac, ","],
  [0xffad, "-"],
  [0xffae, "."],
  [0xffaf, "/"],
  [0xffbd, "="],
  ...Array.from({ length: 10 }, (_, digit) => [0xffb0 + digit, String(digit)] as const),
]);

/** The digit under a key of the keypad, Num Lock or not: for characters typed by their code. */
export const KEYPAD_DIGITS: ReadonlyMap<number, number> = new Map([
  ...Array.from({ length: 10 }, (_, digit) => [0xffb0 + digit, digit] as const),
  [0xff9e, 0],
  [0xff9c, 1],
  [0xff99, 2],
  [0xff9b, 3],
  [0xff96, 4],
  [0xff9d, 5],
  [0xff98, 6],
  [0xff95, 7],
  [0xff97, 8],
  [0xff9a, 9],
]);

export type Modifier = "shift" | "ctrl" | "alt" | "super" | "level3";

export const MODIFIERS: ReadonlyMap<number, Modifier> = new Map([
  [0xffe1, "shift"],
  [0xffe2, "shift"],
  [0xffe3, "ctrl"],
  [0xffe4, "ctrl"],
  // Command on a Mac, the Windows key elsewhere.
  [0xffe7, "super"],
  [0xffe8, "super"],
  [0xffe9, "alt"],
  [0xffea, "alt"],
  [0xffeb, "super"],
  [0xffec, "super"],
  [0xffed, "super"],
  [0xffee, "super"],
  [0xfe03, "level3"],
  [0xff7e, "level3"],
  [0xfe11, "level3"],
]);

/** Caps Lock and its kin: what they do is in the keysyms of the keys that follow. */
export const LOCKS: ReadonlySet<number> = new Set([
  0xffe5, 0xffe6, 0xfe01, 0xfe02, 0xfe04, 0xfe05, 0xfe12, 0xfe13,
]);

/**
 * Dead keys: the combining character that composes with the next letter, and the sign that stands
 * when it does not compose.
 */
export const DEAD_KEYS: ReadonlyMap<
  number,
  { readonly combining: string; readonly alone: string }
> = new Map(
  (
    [
      [0xfe50, "\u0300", "`"],
      [0xfe51, "\u0301", "\u00b4"],
      [0xfe52, "\u0302", "^"],
      [0xfe53, "\u0303", "~"],
      [0xfe54, "\u0304", "\u00af"],
      [0xfe55, "\u0306", "\u02d8"],
      [0xfe56, "\u0307", "\u02d9"],
      [0xfe57, "\u0308", "\u00a8"],
      [0xfe58, "\u030a", "\u02da"],
      [0xfe59, "\u030b", "\u02dd"],
      [0xfe5a, "\u030c", "\u02c7"],
      [0xfe5b, "\u0327", "\u00b8"],
      [0xfe5c, "\u0328", "\u02db"],
      [0xfe5d, "\u0345", "\u037a"],
      [0xfe5e, "\u3099", "\u309b"],
      [0xfe5f, "\u309a", "\u309c"],
      [0xfe60, "\u0323", "."],
      [0xfe61, "\u0309", "\u02c0"],
      [0xfe62, "\u031b", "'"],
      [0xfe63, "\u0335", "-"],
      [0xfe64, "\u0313", "\u1fbf"],
      [0xfe65, "\u0314", "\u1ffe"],
      [0xfe66, "\u030f", "\u02f5"],
      [0xfe67, "\u0325", "\u02f3"],
      [0xfe68, "\u0331", "\u02cd"],
      [0xfe69, "\u032d", "^"],
      [0xfe6a, "\u0330", "~"],
      [0xfe6b, "\u032e", "\u02d8"],
      [0xfe6c, "\u0324", "\u00a8"],
      [0xfe6d, "\u0311", "\u02d8"],
      [0xfe6e, "\u0326", ","],
      [0xfe6f, "\u20a0", "\u00a4"],
    ] as const
  ).map(([keysym, combining, alone]) => [keysym, { combining, alone }]),
);

/** Pairs that Unicode does not compose: a stroke through a letter, and signs of currency. */
export const COMPOSED_BY_NAME: ReadonlyMap<string, string> = new Map([
  ["\u0335o", "ø"],
  ["\u0335O", "Ø"],
  ["\u0335d", "đ"],
  ["\u0335D", "Đ"],
  ["\u0335h", "ħ"],
  ["\u0335H", "Ħ"],
  ["\u0335l", "ł"],
  ["\u0335L", "Ł"],
  ["\u0335t", "ŧ"],
  ["\u0335T", "Ŧ"],
  ["\u20a0e", "€"],
  ["\u20a0E", "€"],
  ["\u20a0l", "£"],
  ["\u20a0L", "£"],
  ["\u20a0y", "¥"],
  ["\u20a0Y", "¥"],
]);
