/**
 * Character sets that can be designated to G0..G3 (ECMA-35). US ASCII, the British set (one sign)
 * and DEC special graphics (VT100 line drawing). Other designations are ignored, as xterm does unless
 * national sets are switched on; xterm.js honours them.
 */
export const ASCII = 0;
export const BRITISH = 1;
export const SPECIAL_GRAPHICS = 2;

/** Final byte of the designating sequence, by charset. */
export const DESIGNATORS = ["B", "A", "0"] as const;

/** U+0060..U+007E in DEC special graphics. */
const GRAPHICS = "◆▒␉␌␍␊°±␤␋┘┐┌└┼⎺⎻─⎼⎽├┤┴┬│≤≥π≠£·";
const GRAPHICS_FIRST = 0x60;
const NUMBER_SIGN = 0x23;
const POUND_SIGN = 0xa3;

/** The code point that an ASCII code prints in the set. */
export function translate(charset: number, code: number): number {
  if (charset === SPECIAL_GRAPHICS && code >= GRAPHICS_FIRST && code < 0x7f) {
    return GRAPHICS.charCodeAt(code - GRAPHICS_FIRST);
  }
  return charset === BRITISH && code === NUMBER_SIGN ? POUND_SIGN : code;
}
