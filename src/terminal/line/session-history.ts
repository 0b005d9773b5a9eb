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
  add(text: string | null): void;
  /** readline keeps what was edited in a recalled line when the person moves on to another one. */
  rewrite(index: number, text: string): void;
  /** A line was released: it may have changed the history, or what the shell takes into it. */
  ran(text: string): void;
}

/** As many as bash keeps itself by default (HISTSIZE). */
const ENTRIES_MAX = 500;

export function createSessionHistory(): SessionHistory {
  let entries: (string | null)[] = [];
  let beyondAscii = false;
  /** The shell was told what to keep: from here on no place in the list is sure. */
  let unsure = false;
  return {
    get length() {
      return entries.length;
    },
    get beyondAscii() {
      return beyondAscii;
    },
    at: (index) => entries[index] ?? null,
    ran(text) {
      if (!CHANGES_HISTORY.test(text)) return;
      unsure = true;
      entries = entries.map(() => null);
    },
    add(text) {
      entries.push(unsure ? null : text);
      beyondAscii ||= text !== null && isBeyondAscii(text);
      if (entries.length > ENTRIES_MAX) entries = entries.slice(-ENTRIES_MAX);
    },
    rewrite(index, text) {
      if (index >= 0 && index < entries.length) entries[index] = text;
    },
  };
}

/** `history -s`, `-r`, `-c`; HISTCONTROL, HISTIGNORE, histchars and their kin; options of the history. */
const CHANGES_HISTORY =
  /\bhistory\s+-(?![0-9]*\b$)[a-z]*[acdnrsw]|\bHIST(?:CONTROL|IGNORE|SIZE|FILE)\w*\+?=|\bhistchars\b|\bset\s+[-+]o\s+history\b|\bshopt\b.*\b(?:cmdhist|lithist)\b/;

export function isBeyondAscii(text: string): boolean {
  for (let i = 0; i < text.length; i += 1) if (text.charCodeAt(i) > 0x7e) return true;
  return false;
}
