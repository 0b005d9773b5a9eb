/**
 * The shell's history as far as this session made it. What was there before is unknown: indices
 * below zero name it.
 */
export interface SessionHistory {
  readonly length: number;
  /** Some entry has characters that readline does not always draw right. */
  readonly beyondAscii: boolean;
  /** null: known to be there, but not what it says. */
  at(index: number): string | null;
  /** What the entry says was read without doubt. */
  sureOf(index: number): boolean;
  /** No blanks stand behind it but those that it says. */
  endSureOf(index: number): boolean;
  add(text: string | null, how?: Read): void;
  /** Something ran unseen, or nothing did: what stands where is not known any more. */
  lose(): void;
  /** The newest was not taken as it is: what it became is added. */
  takeBack(): void;
  /** readline keeps what was edited in a recalled line when the person moves on to another one. */
  rewrite(index: number, text: string): void;
  /** A line was released: it may have changed the history, or what the shell takes into it. */
  ran(text: string): void;
}

/** How well a line is known that goes into the history. */
export interface Read {
  /** Not only the likeliest of several readings. */
  readonly sure: boolean;
  /** No blanks can stand behind it that did not show. */
  readonly endSure: boolean;
}

const WELL: Read = { sure: true, endSure: true };

/** As many as bash keeps itself by default (HISTSIZE). */
const ENTRIES_MAX = 500;

export function createSessionHistory(): SessionHistory {
  return new TypedHistory();
}

class TypedHistory implements SessionHistory {
  #entries: (string | null)[] = [];
  #read: Read[] = [];
  #beyondAscii = false;
  /** The shell was told what to keep: from here on no place in the list is sure. */
  #unsure = false;

  get length(): number {
    return this.#entries.length;
  }

  get beyondAscii(): boolean {
    return this.#beyondAscii;
  }

  at(index: number): string | null {
    return this.#entries[index] ?? null;
  }

  sureOf(index: number): boolean {
    return this.#read[index]?.sure !== false;
  }

  endSureOf(index: number): boolean {
    return this.#read[index]?.endSure !== false;
  }

  ran(text: string): void {
    if (!CHANGES_HISTORY.test(text)) return;
    this.#unsure = true;
    this.lose();
  }

  add(text: string | null, how = WELL): void {
    this.#entries.push(this.#unsure ? null : text);
    this.#read.push(how);
    this.#beyondAscii ||= text !== null && isBeyondAscii(text);
    if (this.#entries.length <= ENTRIES_MAX) return;
    this.#entries = this.#entries.slice(-ENTRIES_MAX);
    this.#read = this.#read.slice(-ENTRIES_MAX);
  }

  lose(): void {
    this.#entries = this.#entries.map(() => null);
  }

  takeBack(): void {
    this.#entries.pop();
    this.#read.pop();
  }

  rewrite(index: number, text: string): void {
    if (index >= 0 && index < this.#entries.length) this.#entries[index] = text;
  }
}

/** `history -s`, `-r`, `-c`; HISTCONTROL, HISTIGNORE and their kin; options of the history. */
const CHANGES_HISTORY =
  /\bhistory\s+-(?![0-9]*\b$)[a-z]*[acdnrsw]|\bHIST(?:CONTROL|IGNORE|SIZE|FILE)\w*\+?=|\bset\s+[-+]o\s+history\b|\bshopt\b.*\b(?:cmdhist|lithist)\b/;

export function isBeyondAscii(text: string): boolean {
  for (let i = 0; i < text.length; i += 1) if (text.charCodeAt(i) > 0x7e) return true;
  return false;
}
