import { MASKED_BEYOND, standsAlone } from "./drawn-otherwise.js";

/**
 * Words with characters that some editors do not draw: typed once, they are known again where the screen
 * shows only what is left of them.
 */
export interface UnusualWords {
  typed(text: string): void;
  /** A key that is no text ends a word. */
  ended(): void;
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

export function createUnusualWords(): UnusualWords {
  let words: readonly string[] = [];
  let word = "";
  let unusual = false;
  let behind = "";

  function endWord(): void {
    if (unusual) words = [word, ...words.filter((one) => one !== word)].slice(0, WORDS_MAX);
    word = "";
    unusual = false;
  }

  return {
    get behind() {
      return behind;
    },
    typed(text) {
      behind = (behind + text).slice(-BEHIND_MAX);
      const code = text.codePointAt(0) ?? 0;
      if (code <= 0x20 || word.length >= WORD_CHARACTERS_MAX) {
        endWord();
        return;
      }
      word += text;
      unusual ||= code > MASKED_BEYOND;
    },
    ended() {
      endWord();
      behind = "";
    },
    restored(text, left) {
      let out = text;
      const known = [...(unusual ? [word] : []), ...words];
      // The longest first: a part of it can be a word of its own.
      for (const one of known.sort((a, b) => b.length - a.length)) {
        const shown = Array.from(one, (character) => drawn(character, left)).join("");
        if (shown === one || shown === "") continue;
        out = out
          .split(one)
          .map((part) => (left === "no-marks" ? wholeWords : anywhere)(part, shown, one))
          .join(one);
      }
      return out;
    },
  };
}

function anywhere(text: string, shown: string, word: string): string {
  return text.split(shown).join(word);
}

/** Letters without marks are words of their own elsewhere: only between blanks. */
function wholeWords(text: string, shown: string, word: string): string {
  return text
    .split(" ")
    .map((part) => (part === shown ? word : part))
    .join(" ");
}

function drawn(character: string, left: Leaving): string {
  if (left === "question-marks")
    return (character.codePointAt(0) ?? 0) > MASKED_BEYOND ? "?" : character;
  return standsAlone(character) ? character : "";
}
