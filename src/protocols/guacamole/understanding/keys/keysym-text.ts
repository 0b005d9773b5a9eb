import { KEYPAD_CHARACTERS } from "./key-names.js";
import { legacyCharacter } from "./legacy-keysyms.js";

const UNICODE_FIRST = 0x01000000;
const UNICODE_LAST = 0x0110ffff;

/**
 * The character that a keysym types by itself, null for a key that types none. Control characters are
 * none, in whichever way they are spelt: see `keysymForControl`.
 */
export function characterOf(keysym: number): string | null {
  if (keysym < 0x100) return isControl(keysym) ? null : String.fromCharCode(keysym);
  if (isUnicodeKeysym(keysym)) {
    const code = keysym - UNICODE_FIRST;
    const lone = code >= 0xd800 && code <= 0xdfff;
    return lone || isControl(code) ? null : String.fromCodePoint(code);
  }
  return KEYPAD_CHARACTERS.get(keysym) ?? legacyCharacter(keysym) ?? null;
}

export function isUnicodeKeysym(keysym: number): boolean {
  return keysym >= UNICODE_FIRST && keysym <= UNICODE_LAST;
}

/**
 * The keysym that means the same everywhere. A keysym that spells a control character is the key of
 * it, or null when there is none; one of an old national set is its Unicode keysym, because guacd knows
 * no other outside VNC and what a target ignores must not stand in the line.
 */
export function canonicalKeysym(keysym: number, protocol: string): number | null {
  const code = isUnicodeKeysym(keysym) ? keysym - UNICODE_FIRST : keysym;
  if (code < 0x100 && isControl(code)) return CONTROL_KEYS.get(code) ?? null;
  if (isUnicodeKeysym(keysym) && code >= 0xd800 && code <= 0xdfff) return null;
  if (protocol === "vnc") return keysym;
  const legacy = legacyCharacter(keysym)?.codePointAt(0);
  return legacy === undefined ? keysym : UNICODE_FIRST + legacy;
}

const CONTROL_KEYS: ReadonlyMap<number, number> = new Map([
  [0x08, 0xff08],
  [0x09, 0xff09],
  [0x0a, 0xff0d],
  [0x0d, 0xff0d],
  [0x1b, 0xff1b],
  [0x7f, 0xffff],
]);

function isControl(code: number): boolean {
  return code < 0x20 || (code >= 0x7f && code <= 0x9f);
}
