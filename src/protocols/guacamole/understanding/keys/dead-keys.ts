import { COMPOSED_BY_NAME, DEAD_KEYS } from "./key-names.js";

/** Joins a dead key with the letter that follows it, as keyboards do. */
export interface DeadKeys {
  /** A dead key went down. Answers what it typed by that: two in a row stand alone. */
  press(keysym: number): string;
  /** A character was typed: alone, or composed with the dead key before it. */
  compose(character: string): string;
  readonly pending: boolean;
  reset(): void;
}

export function createDeadKeys(): DeadKeys {
  let pending: { readonly combining: string; readonly alone: string } | undefined;
  return {
    get pending() {
      return pending !== undefined;
    },
    press(keysym) {
      const before = pending?.alone ?? "";
      const next = DEAD_KEYS.get(keysym);
      const twice = before !== "" && next?.alone === before;
      pending = twice ? undefined : next;
      return twice ? before + before : before;
    },
    compose(character) {
      if (pending === undefined) return character;
      const { combining, alone } = pending;
      pending = undefined;
      if (character === " ") return alone;
      const named = COMPOSED_BY_NAME.get(combining + character);
      if (named !== undefined) return named;
      const composed = (character + combining).normalize("NFC");
      return Array.from(composed).length === 1 ? composed : alone + character;
    },
    reset() {
      pending = undefined;
    },
  };
}
