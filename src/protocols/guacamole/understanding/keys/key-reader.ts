import { characterOfCode } from "./code-pages.js";
import { createDeadKeys } from "./dead-keys.js";
import {
  DEAD_KEYS,
  KEY_NAMES,
  KEYPAD_DIGITS,
  LOCKS,
  MODIFIERS,
  type Modifier,
} from "./key-names.js";
import { characterOf } from "./keysym-text.js";

/** What one key did, modifiers and dead keys applied. */
export interface Stroke {
  /** The character, or the name of the key (`Enter`, `Left`, `F5`). */
  readonly name: string;
  /** What it types into a line; null for keys and combinations that type nothing. */
  readonly text: string | null;
  readonly ctrl: boolean;
  readonly alt: boolean;
  readonly shift: boolean;
  readonly super: boolean;
  /** The key is held down and repeats by itself. */
  readonly repeat: boolean;
  /** Typed by its number on the keypad, which only Windows understands. */
  readonly byCode?: true;
}

/**
 * From keysyms going down and up to strokes. Keysyms are characters already: layouts, Shift and Caps
 * Lock were applied by the client. Total; holds at most `DOWN_MAX` keys.
 */
export interface KeyReader {
  /** Null: a modifier, a lock or half of a composed character. */
  press(keysym: number): Stroke | null;
  /** Answers the character that ends with the release of Alt, when one was typed by its number. */
  release(keysym: number): Stroke | null;
  /** All keys are up: the window was left, or a gate closed. */
  reset(): void;
  readonly held: ReadonlySet<Modifier>;
}

/** More fingers than anybody has; a client that holds more is told nothing of the others. */
const DOWN_MAX = 64;
/** Digits of a character typed by its number that count; the last four do. */
const CODE_DIGITS_MAX = 4;

export function createKeyReader(): KeyReader {
  const down = new Set<number>();
  const held = new Set<Modifier>();
  const dead = createDeadKeys();
  let code = "";

  function press(keysym: number): Stroke | null {
    const repeat = down.has(keysym);
    if (down.size < DOWN_MAX) down.add(keysym);
    const modifier = MODIFIERS.get(keysym);
    if (modifier !== undefined) {
      if (modifier === "alt" && !held.has("alt")) code = "";
      held.add(modifier);
      return null;
    }
    if (LOCKS.has(keysym)) return null;
    const digit = KEYPAD_DIGITS.get(keysym);
    if (digit !== undefined && held.has("alt") && !held.has("ctrl")) {
      code = (code + String(digit)).slice(-CODE_DIGITS_MAX);
      return stroke(String(digit), null, repeat);
    }
    if (held.has("alt")) code = "";
    if (DEAD_KEYS.has(keysym)) {
      const text = dead.press(keysym);
      return text === "" ? null : stroke(text, text, repeat);
    }
    const character = characterOf(keysym);
    if (character !== null) return typed(character, repeat);
    const name = KEY_NAMES.get(keysym);
    dead.reset();
    return stroke(name ?? `key-${keysym.toString(16)}`, null, repeat);
  }

  function typed(character: string, repeat: boolean): Stroke {
    const ctrl = held.has("ctrl");
    const alt = held.has("alt");
    // Ctrl and Alt together are AltGr where they make a sign that is no letter and no digit.
    const altGr = ctrl && alt && !/^[\p{L}\p{N} ]$/u.test(character);
    const commands = ((ctrl || alt) && !altGr) || held.has("super");
    if (!commands) {
      const text = dead.compose(character);
      return altGr ? { ...PLAIN, name: text, text, repeat } : stroke(text, text, repeat);
    }
    dead.reset();
    return stroke(character, null, repeat);
  }

  function release(keysym: number): Stroke | null {
    down.delete(keysym);
    const modifier = MODIFIERS.get(keysym);
    if (modifier === undefined) return null;
    const still = [...down].some((other) => MODIFIERS.get(other) === modifier);
    if (still) return null;
    held.delete(modifier);
    if (modifier !== "alt" || code === "") return null;
    const number = Number(code);
    const leadingZero = code.startsWith("0");
    code = "";
    // The console takes these two for the key itself.
    if (ENTER_CODES.has(number % 256)) return { ...PLAIN, name: "Enter", byCode: true };
    const text = characterOfCode(number, leadingZero);
    return text === null ? null : { ...PLAIN, name: text, text, byCode: true };
  }

  function stroke(name: string, text: string | null, repeat: boolean): Stroke {
    return {
      name,
      text,
      ctrl: held.has("ctrl"),
      alt: held.has("alt"),
      shift: held.has("shift"),
      super: held.has("super"),
      repeat,
    };
  }

  return {
    press,
    release,
    reset() {
      down.clear();
      held.clear();
      dead.reset();
      code = "";
    },
    held,
  };
}

const PLAIN: Omit<Stroke, "name"> = {
  text: null,
  ctrl: false,
  alt: false,
  shift: false,
  super: false,
  repeat: false,
};
const ENTER_CODES: ReadonlySet<number> = new Set([10, 13]);

/** `Ctrl-C`, `Enter`, `a`: how a stroke is called where timings are told. */
export function strokeName({ name, ctrl, alt, super: meta }: Stroke): string {
  const key = ctrl || alt || meta ? (name.length === 1 ? name.toUpperCase() : name) : name;
  return `${meta ? "Super-" : ""}${ctrl ? "Ctrl-" : ""}${alt ? "Alt-" : ""}${key}`;
}
