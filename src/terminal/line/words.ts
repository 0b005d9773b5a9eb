/** Where words begin and end, as readline counts them. Positions are indices into the characters. */

const ALPHANUMERIC = /^[\p{L}\p{N}\p{M}]$/u;

/** M-f, M-b and their kin: letters and digits make a word. */
export function isWordCharacter(character: string | undefined): boolean {
  if (character === undefined) return false;
  const code = character.charCodeAt(0);
  if (code < 0x80) {
    return (
      (code >= 0x30 && code <= 0x39) ||
      (code >= 0x41 && code <= 0x5a) ||
      (code >= 0x61 && code <= 0x7a)
    );
  }
  return ALPHANUMERIC.test(character);
}

export function wordForward(chars: readonly string[], from: number): number {
  let at = from;
  while (at < chars.length && !isWordCharacter(chars[at])) at += 1;
  while (at < chars.length && isWordCharacter(chars[at])) at += 1;
  return at;
}

export function wordBackward(chars: readonly string[], from: number): number {
  let at = from;
  while (at > 0 && !isWordCharacter(chars[at - 1])) at -= 1;
  while (at > 0 && isWordCharacter(chars[at - 1])) at -= 1;
  return at;
}

/** Ctrl-W in readline: whatever stands between blanks. */
export function blankWordBackward(chars: readonly string[], from: number): number {
  let at = from;
  while (at > 0 && isBlank(chars[at - 1])) at -= 1;
  while (at > 0 && !isBlank(chars[at - 1])) at -= 1;
  return at;
}

/**
 * Ctrl-W of the kernel's line discipline: letters, digits and underscores (n_tty, WERASE). Beyond ASCII
 * it asks whether the first byte is a letter of Latin-1, which all are but 0xD7.
 */
export function kernelWordBackward(chars: readonly string[], from: number): number {
  let at = from;
  let seenWord = false;
  while (at > 0) {
    const character = chars[at - 1];
    if (isKernelWord(character)) seenWord = true;
    else if (seenWord) break;
    at -= 1;
  }
  return at;
}

function isKernelWord(character: string | undefined): boolean {
  const code = character?.codePointAt(0) ?? 0;
  if (code >= 0x80) return code < 0x5c0 || code > 0x5ff;
  return isWordCharacter(character) || character === "_";
}

export function isBlank(character: string | undefined): boolean {
  return character === " " || character === "\t";
}

const COMBINING = /^\p{M}$/u;

/** A combining mark has no place of its own: motions step over it. */
export function isCombining(character: string | undefined): boolean {
  return character !== undefined && character >= "\u0300" && COMBINING.test(character);
}

function characterForward(chars: readonly string[], from: number): number {
  let at = Math.min(from + 1, chars.length);
  while (at < chars.length && isCombining(chars[at])) at += 1;
  return at;
}

function characterBackward(chars: readonly string[], from: number): number {
  let at = Math.max(from - 1, 0);
  while (at > 0 && isCombining(chars[at])) at -= 1;
  return at;
}

/** What an editor takes for words. */
export interface WordRules {
  readonly isWord: (character: string | undefined) => boolean;
  /** Alt-f. */
  readonly forward: (chars: readonly string[], from: number) => number;
  /** Alt-d, and changes of case. */
  readonly end: (chars: readonly string[], from: number) => number;
  readonly backward: (chars: readonly string[], from: number) => number;
  /** One character forward, and backward. */
  readonly step: readonly [Motion, Motion];
}

type Motion = (chars: readonly string[], from: number) => number;

export const READLINE_WORDS: WordRules = {
  isWord: isWordCharacter,
  forward: wordForward,
  end: wordForward,
  backward: wordBackward,
  step: [characterForward, characterBackward],
};

/** busybox takes a combining mark for a character like others. */
export const ASH_WORDS: WordRules = {
  ...READLINE_WORDS,
  step: [(chars, from) => Math.min(from + 1, chars.length), (_, from) => Math.max(from - 1, 0)],
};

/** zsh's WORDCHARS as it ships. */
const ZLE_WORD_SIGNS = "*?_-.[]~=/&;!#$%^(){}<>";

function isZleWord(character: string | undefined): boolean {
  return (
    isWordCharacter(character) || (character !== undefined && ZLE_WORD_SIGNS.includes(character))
  );
}

/** zsh goes forward to where the next word begins, but cuts to where this one ends. */
export const ZLE_WORDS: WordRules = {
  isWord: isZleWord,
  forward(chars, from) {
    let at = from;
    while (at < chars.length && isZleWord(chars[at])) at += 1;
    while (at < chars.length && !isZleWord(chars[at])) at += 1;
    return at;
  },
  end(chars, from) {
    let at = from;
    while (at < chars.length && !isZleWord(chars[at])) at += 1;
    while (at < chars.length && isZleWord(chars[at])) at += 1;
    return at;
  },
  backward(chars, from) {
    let at = from;
    while (at > 0 && !isZleWord(chars[at - 1])) at -= 1;
    while (at > 0 && isZleWord(chars[at - 1])) at -= 1;
    return at;
  },
  step: [characterForward, characterBackward],
};
