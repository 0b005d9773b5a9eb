import { encodeUtf8 } from "../../../kernel/index.js";
import type { Instruction } from "../../../model/index.js";

/**
 * Keys of a person who answers a question, as the bytes that a terminal would send: the questions are
 * the same on both. Nothing of it reaches the desktop.
 */
export interface AnswerKeys {
  /** Null: nothing that belongs to an answer. */
  bytesOf(key: Instruction): Uint8Array | null;
  /** Another question: whatever was held down is not any more. */
  reset(): void;
}

const CONTROL_LEFT = 0xffe3;
const CONTROL_RIGHT = 0xffe4;
const UNICODE = 0x0100_0000;

/** Keys that are no characters (X11 keysyms, keysymdef.h). */
const NAMED: ReadonlyMap<number, string> = new Map([
  [0xff08, "\x7f"], // BackSpace
  [0xff0d, "\r"], // Return
  [0xff8d, "\r"], // KP_Enter
  [0xff1b, "\x03"], // Escape: gives up, as Ctrl-C does
  ...Array.from({ length: 10 }, (_, digit) => [0xffb0 + digit, String(digit)] as const), // keypad
]);

export function createAnswerKeys(): AnswerKeys {
  let control = false;
  return {
    bytesOf({ args: [symbol = "", pressed = ""] }) {
      const keysym = Number(symbol);
      if (keysym === CONTROL_LEFT || keysym === CONTROL_RIGHT) control = pressed !== "0";
      if (pressed === "0") return null;
      const text = NAMED.get(keysym) ?? characterOf(keysym);
      if (text === null) return null;
      return encodeUtf8(control ? controlOf(text) : text);
    },
    reset() {
      control = false;
    },
  };
}

/** Latin-1 keysyms are their own code point; the others carry theirs. */
function characterOf(keysym: number): string | null {
  if ((keysym >= 0x20 && keysym <= 0x7e) || (keysym >= 0xa0 && keysym <= 0xff)) {
    return String.fromCodePoint(keysym);
  }
  const point = keysym - UNICODE;
  return point >= 0x20 && point <= 0x10_ffff ? String.fromCodePoint(point) : null;
}

/** Ctrl-C and its like; other combinations are no part of an answer. */
function controlOf(text: string): string {
  const letter = text.toLowerCase().charCodeAt(0);
  return letter >= 0x61 && letter <= 0x7a ? String.fromCharCode(letter - 0x60) : text;
}
