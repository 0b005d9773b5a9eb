import type { SessionHistory } from "./session-history.js";

/** A line that a search stands at, and where in it. */
export interface Searched {
  readonly text: string;
  readonly point: number;
  /** Its index in the history; the history's length: the line that was being typed. */
  readonly place: number;
  /** Every line on the way was read without doubt. */
  readonly sure: boolean;
}

/**
 * readline's backward search through what this session has made of the history (isearch.c of readline
 * 8): the screen shows it too, but wrongly at times where characters take two columns or none.
 */
export interface ReadlineSearch {
  readonly pattern: string;
  readonly start: Searched;
  /** Where the search stands; null: only the screen tells. */
  readonly found: Searched | null;
  typed(character: string): void;
  erased(): void;
  /** Ctrl-R again. `before`: what was looked for last. */
  again(before: string): void;
  /** A key of the search that is not followed. */
  lose(): void;
}

export function createReadlineSearch(
  history: Pick<SessionHistory, "length" | "at" | "sureOf">,
  start: Searched,
): ReadlineSearch {
  return new FollowedSearch(history, start);
}

class FollowedSearch implements ReadlineSearch {
  readonly #history: Pick<SessionHistory, "length" | "at" | "sureOf">;
  readonly start: Searched;
  #pattern: readonly string[] = [];
  /** The line that is looked at, and how much of it was looked through from its end. */
  #line: readonly string[];
  #index: number;
  #place: number;
  #found: Searched;
  #sure: boolean;
  #lost = false;
  /** Something was found. */
  #looked = false;

  constructor(history: Pick<SessionHistory, "length" | "at" | "sureOf">, start: Searched) {
    this.#history = history;
    this.start = start;
    this.#line = Array.from(start.text);
    this.#index = start.point;
    this.#place = start.place;
    this.#found = start;
    this.#sure = start.sure;
  }

  get pattern(): string {
    return this.#pattern.join("");
  }

  get found(): Searched | null {
    if (this.#lost) return null;
    return this.#found;
  }

  typed(character: string): void {
    this.#pattern = [...this.#pattern, character];
    this.#look();
  }

  erased(): void {
    if (this.#pattern.length === 0) return;
    this.#pattern = this.#pattern.slice(0, -1);
    if (this.#pattern.length > 0) this.#look();
  }

  again(before: string): void {
    if (this.#pattern.length > 0) this.#index -= 1;
    else if (before === "") this.#lost = true;
    else this.#pattern = Array.from(before);
    this.#look();
  }

  lose(): void {
    this.#lost = true;
  }

  #look(): void {
    if (this.#lost || this.#pattern.length === 0) return;
    while (!this.#inLine()) {
      if (!this.#nextLine()) {
        this.#lost = true;
        return;
      }
    }
    this.#looked = true;
    const text = this.#line.join("");
    this.#found = { text, point: this.#index, place: this.#place, sure: this.#sure };
  }

  #inLine(): boolean {
    for (; this.#index >= 0; this.#index -= 1) {
      if (this.#pattern.every((sign, i) => this.#line[this.#index + i] === sign)) return true;
    }
    return false;
  }

  /** The next older line, if it is known; copies of the one that was found are passed over. */
  #nextLine(): boolean {
    for (;;) {
      this.#place -= 1;
      const text = this.#history.at(this.#place);
      // Before the session, or not known: it may hold the pattern.
      if (this.#place < 0 || text === null) return false;
      this.#sure &&= this.#history.sureOf(this.#place);
      if (this.#looked && text === this.#found.text) continue;
      this.#line = Array.from(text);
      this.#index = this.#line.length - this.#pattern.length;
      return true;
    }
  }
}
