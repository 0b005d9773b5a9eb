import type { FocusChange } from "../facts.js";
import type { Dialect, Editor } from "./editor.js";
import { createReadlineEditor } from "./readline-editor.js";
import { createWindowsEditor } from "./windows-editor.js";

/**
 * What may stand in the line that has the focus. Keys do not tell which editor takes them, whether a
 * click led to another field or did nothing, nor whether Escape emptied the line: each possibility is a
 * supposition that goes on being edited. Bounded: when there are too many the oldest falls away, and
 * `forgot` says so.
 */
export class Suppositions {
  readonly #dialects: readonly Dialect[];
  #active: Supposition[];
  #parked: Supposition[] = [];
  #forgot = false;

  constructor(dialects: readonly Dialect[]) {
    this.#dialects = dialects;
    this.#active = this.#fresh();
  }

  get active(): readonly Supposition[] {
    return this.#active;
  }

  get forgot(): boolean {
    return this.#forgot;
  }

  /**
   * The focus may be elsewhere now: an empty line, the same line as before, or one that was left
   * earlier. `hidden`: what stands there is a secret.
   */
  divide(by: FocusChange, hidden: boolean): void {
    const going = this.#active.filter(hasText).map((one) => ({
      ...one,
      since: by,
      hidden: one.hidden || hidden,
    }));
    const back = this.#parked.map(forked);
    this.#parked = distinct([...going.map(forked), ...this.#parked]).slice(0, PARKED_MAX);
    this.#active = this.#bounded([...this.#fresh(), ...going, ...back]);
  }

  /** Keeps the line as it is beside what a key is about to make of it. */
  keepBeside(editor: Editor, hidden: boolean): void {
    if (editor.edited.text === "") return;
    const kept: Supposition = { editor: editor.fork(), since: "interrupt", hidden, lives: LIVES };
    this.#active = this.#bounded([...this.#active, kept]);
  }

  /**
   * The line was entered. What was left elsewhere is remembered as it was left, for when the focus
   * changes again, but not for long; secrets are not.
   */
  entered(): void {
    this.#parked = this.#parked
      .map((one) => ({ ...one, lives: one.lives - 1 }))
      .filter((one) => one.lives > 0 && !one.hidden);
    this.#active = this.#fresh();
    this.#forgot = false;
  }

  #fresh(): Supposition[] {
    return this.#dialects.map((dialect) => ({
      editor: dialect === "windows" ? createWindowsEditor() : createReadlineEditor(),
      since: "here",
      hidden: false,
      lives: LIVES,
    }));
  }

  #bounded(all: readonly Supposition[]): Supposition[] {
    const different = distinct(all);
    if (different.length > ACTIVE_MAX) this.#forgot = true;
    return different.slice(0, ACTIVE_MAX);
  }
}

export interface Supposition {
  readonly editor: Editor;
  /** `here`: the line was begun in this place. Else what has made it doubtful. */
  readonly since: FocusChange | "interrupt" | "here";
  readonly hidden: boolean;
  /** Lines that may be entered before it is forgotten. */
  readonly lives: number;
}

/** Lines followed at once: two ways of editing in four places. */
const ACTIVE_MAX = 8;
/** Lines that were left and may be come back to. */
const PARKED_MAX = 4;
/** After so many entered lines nobody comes back to one that was left. */
const LIVES = 3;

function distinct(all: readonly Supposition[]): Supposition[] {
  const seen = new Set<string>();
  return all.filter(({ editor: { dialect, edited } }) => {
    const key = `${dialect} ${String(edited.caret)} ${edited.text}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

function forked(one: Supposition): Supposition {
  return { ...one, editor: one.editor.fork() };
}

function hasText({ editor }: Supposition): boolean {
  return editor.edited.text !== "";
}
