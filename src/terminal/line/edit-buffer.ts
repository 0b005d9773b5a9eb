/**
 * The text being edited, with point, mark and the undo list of readline: characters are Unicode
 * scalar values, so a combining mark is a character of its own here, as it is for readline's buffer.
 */
export interface EditBuffer {
  readonly chars: readonly string[];
  readonly point: number;
  readonly text: string;
  mark: number;
  moveTo(point: number): void;
  /** Inserts at point and leaves point behind it. `typed`: a self-inserted key, merged for undo. */
  insert(characters: readonly string[], typed?: boolean): void;
  /** Removes [from, to) and leaves point at `from`. */
  remove(from: number, to: number): readonly string[];
  /** Another line altogether (recall, screen): there is nothing to undo. */
  replace(text: string, point?: number): void;
  /** Changes until the next call are undone together. */
  beginCommand(): void;
  undo(): boolean;
  undoAll(): void;
}

/** readline merges typed characters into one undo step of at most this many bytes. */
const UNDO_MERGE_BYTES_MAX = 20;
/** Undo steps kept for one line; older ones are forgotten, and undo then says that it can not. */
const UNDO_STEPS_MAX = 2_000;

type Change =
  | { readonly what: "insert"; readonly start: number; end: number; readonly group: number }
  | {
      readonly what: "remove";
      readonly start: number;
      readonly chars: readonly string[];
      readonly group: number;
    };

export function createEditBuffer(): EditBuffer {
  let chars: string[] = [];
  let point = 0;
  let mark = 0;
  let cached: string | null = "";
  let changes: Change[] = [];
  let group = 0;

  function insert(characters: readonly string[], typed = false): void {
    if (characters.length === 0) return;
    noteInsert(characters, typed);
    insertRaw(characters);
  }

  function insertRaw(characters: readonly string[]): void {
    if (point === chars.length) {
      for (const character of characters) chars.push(character);
      if (cached !== null)
        cached += characters.length === 1 ? (characters[0] ?? "") : characters.join("");
    } else {
      chars.splice(point, 0, ...characters);
      cached = null;
    }
    point += characters.length;
  }

  function noteInsert(characters: readonly string[], typed: boolean): void {
    const last = changes.at(-1);
    const single = typed && characters.length === 1 && (characters[0] ?? "") < "\u0080";
    if (
      single &&
      last?.what === "insert" &&
      last.end === point &&
      last.end - last.start < UNDO_MERGE_BYTES_MAX
    ) {
      last.end += 1;
      return;
    }
    note({ what: "insert", start: point, end: point + characters.length, group });
  }

  function remove(from: number, to: number): readonly string[] {
    const start = Math.max(0, Math.min(from, to));
    const end = Math.min(chars.length, Math.max(from, to));
    if (start === end) return [];
    const removed = removeRaw(start, end);
    note({ what: "remove", start, chars: removed, group });
    return removed;
  }

  function removeRaw(start: number, end: number): string[] {
    const removed = chars.splice(start, end - start);
    cached = null;
    point = start;
    mark = Math.min(mark, chars.length);
    return removed;
  }

  function note(change: Change): void {
    changes.push(change);
    if (changes.length > UNDO_STEPS_MAX) changes = changes.slice(-UNDO_STEPS_MAX / 2);
  }

  function undo(): boolean {
    const last = changes.at(-1);
    if (last === undefined) return false;
    while (changes.at(-1)?.group === last.group) {
      const change = changes.pop();
      if (change === undefined) break;
      if (change.what === "insert") removeRaw(change.start, change.end);
      else {
        point = change.start;
        insertRaw(change.chars);
      }
    }
    return true;
  }

  return {
    get chars() {
      return chars;
    },
    get point() {
      return point;
    },
    get text() {
      cached ??= chars.join("");
      return cached;
    },
    get mark() {
      return mark;
    },
    set mark(at) {
      mark = at;
    },
    moveTo(to) {
      point = Math.max(0, Math.min(to, chars.length));
    },
    insert,
    remove,
    replace(text, to) {
      chars = Array.from(text);
      cached = text;
      point = Math.max(0, Math.min(to ?? chars.length, chars.length));
      mark = 0;
      changes = [];
    },
    beginCommand() {
      group += 1;
    },
    undo,
    undoAll() {
      while (undo()) {
        // Every step back until the line is as it was recalled.
      }
    },
  };
}
