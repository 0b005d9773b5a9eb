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
  return new CharBuffer();
}

class CharBuffer implements EditBuffer {
  #chars: string[] = [];
  #point = 0;
  #mark = 0;
  #cached: string | null = "";
  #changes: Change[] = [];
  #group = 0;

  insert(characters: readonly string[], typed = false): void {
    if (characters.length === 0) return;
    this.#noteInsert(characters, typed);
    this.#insertRaw(characters);
  }

  remove(from: number, to: number): readonly string[] {
    const start = Math.max(0, Math.min(from, to));
    const end = Math.min(this.#chars.length, Math.max(from, to));
    if (start === end) return [];
    const removed = this.#removeRaw(start, end);
    this.#note({ what: "remove", start, chars: removed, group: this.#group });
    return removed;
  }

  undo(): boolean {
    const last = this.#changes.at(-1);
    if (last === undefined) return false;
    while (this.#changes.at(-1)?.group === last.group) {
      const change = this.#changes.pop();
      if (change === undefined) break;
      if (change.what === "insert") this.#removeRaw(change.start, change.end);
      else {
        this.#point = change.start;
        this.#insertRaw(change.chars);
      }
    }
    return true;
  }

  get chars(): readonly string[] {
    return this.#chars;
  }

  get point(): number {
    return this.#point;
  }

  get text(): string {
    this.#cached ??= this.#chars.join("");
    return this.#cached;
  }

  get mark(): number {
    return this.#mark;
  }

  set mark(at: number) {
    this.#mark = at;
  }

  moveTo(to: number): void {
    this.#point = Math.max(0, Math.min(to, this.#chars.length));
  }

  replace(text: string, to?: number): void {
    this.#chars = Array.from(text);
    this.#cached = text;
    this.#point = Math.max(0, Math.min(to ?? this.#chars.length, this.#chars.length));
    this.#mark = 0;
    this.#changes = [];
  }

  beginCommand(): void {
    this.#group += 1;
  }

  undoAll(): void {
    while (this.undo()) {
      // Every step back until the line is as it was recalled.
    }
  }

  #insertRaw(characters: readonly string[]): void {
    if (this.#point === this.#chars.length) {
      for (const character of characters) this.#chars.push(character);
      if (this.#cached !== null)
        this.#cached += characters.length === 1 ? (characters[0] ?? "") : characters.join("");
    } else {
      this.#chars.splice(this.#point, 0, ...characters);
      this.#cached = null;
    }
    this.#point += characters.length;
  }

  #noteInsert(characters: readonly string[], typed: boolean): void {
    const last = this.#changes.at(-1);
    const single = typed && characters.length === 1 && (characters[0] ?? "") < "\u0080";
    if (
      single &&
      last?.what === "insert" &&
      last.end === this.#point &&
      last.end - last.start < UNDO_MERGE_BYTES_MAX
    ) {
      last.end += 1;
      return;
    }
    this.#note({
      what: "insert",
      start: this.#point,
      end: this.#point + characters.length,
      group: this.#group,
    });
  }

  #removeRaw(start: number, end: number): string[] {
    const removed = this.#chars.splice(start, end - start);
    this.#cached = null;
    this.#point = start;
    this.#mark = Math.min(this.#mark, this.#chars.length);
    return removed;
  }

  #note(change: Change): void {
    this.#changes.push(change);
    if (this.#changes.length > UNDO_STEPS_MAX)
      this.#changes = this.#changes.slice(-UNDO_STEPS_MAX / 2);
  }
}
