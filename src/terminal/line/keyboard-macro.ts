import type { Key } from "../keys/index.js";

/** Keys between Ctrl-X ( and Ctrl-X ), pressed again by Ctrl-X e. */
export interface KeyboardMacro {
  pressed(key: Key): void;
  begin(): void;
  /** False: it is longer than what is kept. */
  end(): boolean;
  /** Presses its keys; false: while it is being recorded or played, that is not followed. */
  play(press: (key: Key) => void): boolean;
}

const MACRO_KEYS_MAX = 1_024;

export function createKeyboardMacro(): KeyboardMacro {
  let recording: Key[] | null = null;
  let keys: readonly Key[] = [];
  let playing = false;
  return {
    pressed(key) {
      if (recording !== null && recording.length < MACRO_KEYS_MAX) recording.push(key);
    },
    begin() {
      recording = [];
    },
    end() {
      if (recording === null) return true;
      const whole = recording.length < MACRO_KEYS_MAX;
      // The two keys that ended it (Ctrl-X and the parenthesis) are not part of it.
      keys = recording.slice(0, -2);
      recording = null;
      return whole;
    },
    play(press) {
      if (playing || recording !== null) return false;
      playing = true;
      for (const key of keys) press(key);
      playing = false;
      return true;
    },
  };
}
