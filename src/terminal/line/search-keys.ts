import { CONTROL, type Key } from "../keys/index.js";
import { createReadlineSearch, type ReadlineSearch, type Searched } from "./readline-search.js";
import type { SessionHistory } from "./session-history.js";

export type Searching = "no" | "incremental" | "prompted";

/** The keys of a search in the history: they belong to what is looked for until one ends it. */
export interface SearchKeys {
  readonly searching: Searching;
  readonly pattern: string;
  /** The line that it stands at, as the history tells it; null: only the screen does. */
  readonly line: string | null;
  /** `from`: where readline begins, if it is readline's search backward. */
  begin(kind: "incremental" | "prompted", from: Searched | null): void;
  press(key: Key): SearchStep;
  newLine(): void;
}

export type SearchStep =
  | { readonly what: "goes-on" }
  /** `used`: the key that ended it does nothing else. `at`: where it left the editor; null: not known. */
  | {
      readonly what: "ended";
      readonly used: boolean;
      readonly at: Searched | null;
    };

const GOES_ON: SearchStep = { what: "goes-on" };

export function createSearchKeys(history: SessionHistory): SearchKeys {
  return new KeysOfSearch(history);
}

class KeysOfSearch implements SearchKeys {
  readonly #history: SessionHistory;
  #searching: Searching = "no";
  #pattern = "";
  #followed: ReadlineSearch | null = null;
  /** What was looked for before: Ctrl-R takes it again. */
  #before = "";

  constructor(history: SessionHistory) {
    this.#history = history;
  }

  get searching(): Searching {
    return this.#searching;
  }

  get pattern(): string {
    return this.#pattern;
  }

  get line(): string | null {
    const found = this.#followed?.found ?? null;
    return found?.sure === true ? found.text : null;
  }

  begin(kind: "incremental" | "prompted", from: Searched | null): void {
    this.#searching = kind;
    this.#pattern = "";
    this.#followed = from === null ? null : createReadlineSearch(this.#history, from);
  }

  press(key: Key): SearchStep {
    if (key.kind === "text" || key.kind === "pasted") {
      this.#pattern += key.text;
      this.#followed?.typed(key.text);
      return GOES_ON;
    }
    if (key.kind === "paste-begin" || key.kind === "paste-end") return GOES_ON;
    if (key.kind === "control" && this.#control(key.code)) return GOES_ON;
    const givenUp = key.kind === "control" && key.code === CONTROL.g;
    const used = givenUp || this.#searching === "prompted";
    const at = this.#end(givenUp);
    return { what: "ended", used, at };
  }

  newLine(): void {
    this.#end(false);
    this.#pattern = "";
  }

  #control(code: number): boolean {
    switch (code) {
      case CONTROL.delete:
      case CONTROL.h:
        this.#pattern = Array.from(this.#pattern).slice(0, -1).join("");
        this.#followed?.erased();
        return true;
      case CONTROL.r:
        this.#followed?.again(this.#before);
        this.#pattern = this.#followed?.pattern ?? this.#pattern;
        return true;
      case CONTROL.s:
      case CONTROL.w:
      case CONTROL.y:
        this.#followed?.lose();
        return true;
      default:
        return false;
    }
  }

  #end(givenUp: boolean): Searched | null {
    const followed = this.#followed;
    this.#searching = "no";
    this.#followed = null;
    if (followed === null) return null;
    if (followed.pattern !== "") this.#before = followed.pattern;
    return givenUp ? followed.start : followed.found;
  }
}
