/**
 * Text with a caret and a selection, as every editor of one line has them. Positions count UTF-16
 * units but never fall into the middle of a character.
 */
export class EditedText {
  #text = "";
  #caret = 0;
  #anchor: number | null = null;
  #overflown = false;

  get text(): string {
    return this.#text;
  }

  get caret(): number {
    return this.#caret;
  }

  get selection(): { readonly from: number; readonly to: number } | null {
    const anchor = this.#anchor;
    if (anchor === null || anchor === this.#caret) return null;
    return { from: Math.min(anchor, this.#caret), to: Math.max(anchor, this.#caret) };
  }

  /** More was typed than is kept: the rest is missing. */
  get overflown(): boolean {
    return this.#overflown;
  }

  insert(inserted: string): void {
    const selected = this.selection;
    if (selected !== null) this.remove(selected.from, selected.to);
    this.#anchor = null;
    const room = TEXT_CHARS_MAX - this.#text.length;
    const kept = inserted.length <= room ? inserted : inserted.slice(0, Math.max(0, room));
    if (kept.length < inserted.length) this.#overflown = true;
    const before = this.#text.slice(0, this.#caret);
    this.#text =
      this.#caret === this.#text.length
        ? this.#text + kept
        : before + kept + this.#text.slice(this.#caret);
    this.#caret += kept.length;
  }

  moveTo(to: number, selecting: boolean): void {
    if (!selecting) this.#anchor = null;
    else this.#anchor ??= this.#caret;
    this.#caret = Math.max(0, Math.min(this.#text.length, to));
  }

  /** Removes and answers what stood there. */
  remove(from: number, to: number): string {
    const gone = this.#text.slice(from, to);
    this.#text = this.#text.slice(0, from) + this.#text.slice(to);
    this.#caret = from;
    this.#anchor = null;
    return gone;
  }

  replace(other: string): void {
    this.#text = other.slice(0, TEXT_CHARS_MAX);
    this.#overflown = other.length > TEXT_CHARS_MAX;
    this.#caret = this.#text.length;
    this.#anchor = null;
  }

  fork(): EditedText {
    const copy = new EditedText();
    copy.#text = this.#text;
    copy.#caret = this.#caret;
    copy.#anchor = this.#anchor;
    copy.#overflown = this.#overflown;
    return copy;
  }
}

/** Several times what rules read of one line (16 KiB): enough to see that a line is too long. */
export const TEXT_CHARS_MAX = 64 * 1024;

export function stepBack(text: string, at: number): number {
  if (at <= 0) return 0;
  const pair = at >= 2 && isLow(text.charCodeAt(at - 1)) && isHigh(text.charCodeAt(at - 2));
  return at - (pair ? 2 : 1);
}

export function stepForward(text: string, at: number): number {
  if (at >= text.length) return text.length;
  const pair = isHigh(text.charCodeAt(at)) && isLow(text.charCodeAt(at + 1));
  return at + (pair ? 2 : 1);
}

/** Where the word before (or the one that `at` stands in) begins: letters and digits make a word. */
export function wordBack(text: string, at: number): number {
  let place = at;
  while (place > 0 && !isWordAt(text, place - 1)) place -= 1;
  while (place > 0 && isWordAt(text, place - 1)) place -= 1;
  return place;
}

export function wordForward(text: string, at: number): number {
  let place = at;
  while (place < text.length && !isWordAt(text, place)) place += 1;
  while (place < text.length && isWordAt(text, place)) place += 1;
  return place;
}

/** Editors of Windows stop where the next word begins, not where this one ends. */
export function nextWordStart(text: string, at: number): number {
  let place = at;
  while (place < text.length && !isBlankAt(text, place)) place += 1;
  while (place < text.length && isBlankAt(text, place)) place += 1;
  return place;
}

export function blankWordBack(text: string, at: number): number {
  let place = at;
  while (place > 0 && isBlankAt(text, place - 1)) place -= 1;
  while (place > 0 && !isBlankAt(text, place - 1)) place -= 1;
  return place;
}

function isWordAt(text: string, at: number): boolean {
  const unit = text.charCodeAt(at);
  return isHigh(unit) || isLow(unit) || /[\p{L}\p{N}\p{M}]/u.test(text.charAt(at));
}

function isBlankAt(text: string, at: number): boolean {
  return text.charAt(at) === " " || text.charAt(at) === "\t";
}

const isHigh = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdbff;
const isLow = (unit: number): boolean => unit >= 0xdc00 && unit <= 0xdfff;
