import { MASKED_BEYOND, standsAlone } from "./drawn-otherwise.js";

/**
 * Words with characters that some editors do not draw: typed once, they are known again where the screen
 * shows only what is left of them.
 */
export interface UnusualWords {
  typed(text: string): void;
  /** A key that is no text ends a word. */
  ended(): void;
  newLine(): void;
  /** The newest characters typed since the last key that was none. */
  readonly behind: string;
  /** The text with what the screen left out put back in, as far as it is known. */
  restored(text: string, left: Leaving): string;
}

/** What an editor draws: a question mark for each (busybox), or nothing for marks (fish). */
export type Leaving = "question-marks" | "no-marks";

/** The newest are kept. */
const WORDS_MAX = 32;
const WORD_CHARACTERS_MAX = 64;
/** Enough to tell what was typed behind a completion from what it brought. */
const BEHIND_MAX = 64;

interface Word {
  readonly text: string;
  /** Typed in the line at hand. */
  readonly here: boolean;
}

export function createUnusualWords(): UnusualWords {
  return new TypedWords();
}

class TypedWords implements UnusualWords {
  #words: readonly Word[] = [];
  #word = "";
  #unusual = false;
  #behind = "";

  get behind(): string {
    return this.#behind;
  }

  typed(text: string): void {
    this.#behind = (this.#behind + text).slice(-BEHIND_MAX);
    const code = text.codePointAt(0) ?? 0;
    if (code <= 0x20 || this.#word.length >= WORD_CHARACTERS_MAX) {
      this.#endWord();
      return;
    }
    this.#word += text;
    this.#unusual ||= code > MASKED_BEYOND;
  }

  ended(): void {
    this.#endWord();
    this.#behind = "";
  }

  newLine(): void {
    this.ended();
    if (this.#words.some(({ here }) => here)) {
      this.#words = this.#words.map(({ text }) => ({ text, here: false }));
    }
  }

  /** From the end of the line, each of its words with the newest that can have been there. */
  restored(text: string, left: Leaving): string {
    const unused = this.#unusual ? [{ text: this.#word, here: true }, ...this.#words] : this.#words;
    if (unused.length === 0) return text;
    let known = [...unused];
    const parts = text.split(" ").reverse();
    return parts
      .map((part) => {
        const word = known.find((one) => stoodIn(part, one, left));
        if (word === undefined) return part;
        known = [...known.filter((one) => one !== word), word];
        return part.replace(drawn(word.text, left), () => word.text);
      })
      .reverse()
      .join(" ");
  }

  #endWord(): void {
    if (this.#unusual) {
      const word = { text: this.#word, here: true };
      const others = this.#words.filter(({ text }) => text !== word.text);
      this.#words = [word, ...others].slice(0, WORDS_MAX);
    }
    this.#word = "";
    this.#unusual = false;
  }
}

/** Letters without marks are words of their own elsewhere: what was typed before must be the whole part. */
function stoodIn(part: string, { text, here }: Word, left: Leaving): boolean {
  const shown = drawn(text, left);
  if (shown === text || shown === "" || part.includes(text)) return false;
  return left === "no-marks" && !here ? part === shown : part.includes(shown);
}

function drawn(text: string, left: Leaving): string {
  return Array.from(text, (character) => {
    if (left === "no-marks") return standsAlone(character) ? character : "";
    return (character.codePointAt(0) ?? 0) > MASKED_BEYOND ? "?" : character;
  }).join("");
}
