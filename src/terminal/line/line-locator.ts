import type { Screen } from "../screen/index.js";
import type { Dialect } from "./dialect.js";
import { asBytesBeyond } from "./drawn-otherwise.js";
import { movedRight, rightOfCursor, rightOfLine, type RightPrompt } from "./beside-line.js";
import { compareLine, placeAfter, type Anchor } from "./line-on-screen.js";
import { looksLikePrompt, type PromptBook } from "./prompt-book.js";
import { showsWindowOf } from "./side-scroll.js";
import { standsBehindCursor } from "./suggestion-on-screen.js";

/** Where a line stands on the screen, and how we know. */
export interface Location {
  readonly anchor: Anchor;
  /** Text left of the line in its first row. */
  readonly prompt: string;
  /**
   * `cursor`: the cursor stood there before the first key. `prompt`: a prompt that is known ends
   * there. `echo`: only the text itself was found, left of the cursor.
   */
  readonly by: "cursor" | "prompt" | "echo";
}

export interface Found extends Location {
  readonly partial: boolean;
}

/** Of `[I]` and `[N]`, `ins` and `cmd`. */
const PROMPT_CHANGES_MAX = 3;

/** Finds the line again wherever the target has redrawn it. */
export interface LineLocator {
  readonly location: Location | null;
  /** What was written at or before this revision belongs to earlier lines. */
  readonly since: number;
  /** The first key of a line comes: it will be echoed where the cursor is. */
  learn(): void;
  /** A new prompt is about to be drawn, or the line is over: what was written before is not of it. */
  forget(): void;
  /** A new prompt has been drawn, perhaps with the beginning of a line behind it. */
  relearn(): void;
  /** The line that was thought to be over goes on where it was. */
  restore(location: Location): void;
  /** The screen was rearranged: the line is somewhere else now. */
  lose(): void;
  /** Where the screen shows exactly this text; null: nowhere. `lists`: choices may stand below it. */
  find(text: string, lists: boolean): Found | null;
  /** Where only the text itself is found, by its place before the cursor. */
  findEchoed(text: string, beforePoint: string): Found | null;
  /** The best place to read from when the text is not known. */
  place(): Location | null;
}

interface LineLocatorDeps {
  readonly screen: () => Screen;
  readonly book: PromptBook;
  readonly dialect?: () => Dialect;
}

export function createLineLocator(deps: LineLocatorDeps): LineLocator {
  return new ScreenLocator(deps);
}

class ScreenLocator implements LineLocator {
  readonly #deps: LineLocatorDeps;
  readonly #book: PromptBook;
  readonly #dialect: () => Dialect;
  #location: Location | null = null;
  #since = 0;
  /** The prompt of the line before: what the shell put behind it in advance is no part of it. */
  #before = "";
  /** What stood at the margin beside the line before the screen was rearranged. */
  #right: RightPrompt | undefined;
  /** The prompt takes more than a row: the line begins behind its last part. */
  #wraps = false;

  constructor(deps: LineLocatorDeps) {
    this.#deps = deps;
    const { book } = deps;
    this.#book = book;
    this.#dialect = deps.dialect ?? ((): Dialect => "plain");
  }

  learn(): void {
    const screen = this.#deps.screen();
    const { row, column } = screen.cursor;
    const line = row + screen.scrolled;
    const known = this.#drawn(screen)[0] ?? this.#prefilled(screen);
    // Text between a known prompt and the cursor is part of the line: the shell put it there.
    const inFront = this.#dialect() === "zle" && standsBehindCursor(screen);
    const elsewhere = known?.anchor.line !== line || known.anchor.column !== column;
    if (known !== undefined && (elsewhere || inFront)) {
      const left = leftOf(screen, row, column);
      if (known.anchor.line !== line || !this.#isPrompt(left, known.prompt)) {
        const beside =
          this.#dialect() === "zle" && known.anchor.line === line
            ? rightOfLine(screen, row, column)
            : null;
        this.#location =
          beside === null ? known : { ...known, anchor: { ...known.anchor, right: beside } };
        return;
      }
    }
    this.#wraps = goesOn(screen, row);
    if (this.#wraps && !this.#isWrappedPrompt(screen, row)) return;
    const right = rightOfCursor(screen, row, column);
    this.#location = {
      anchor: {
        line,
        column,
        // What stands behind the cursor was put there with it in front.
        since: inFront ? this.#since : screen.revision,
        ...(right === null || inFront ? {} : { right }),
        ...(this.#dialect() === "fish" ? { indented: true } : {}),
      },
      prompt: leftOf(screen, row, column),
      by: "cursor",
    };
  }

  find(text: string, lists: boolean): Found | null {
    const screen = this.#deps.screen();
    const drawing = { lists, masks: this.#dialect() === "ash" };
    if (this.#location !== null && this.#stands(screen, this.#location)) {
      const compared = compareLine(screen, this.#location.anchor, text, drawing);
      if (compared.same) return { ...this.#location, partial: compared.partial };
    }
    for (const candidate of this.#drawn(screen)) {
      if (compareLine(screen, candidate.anchor, text, drawing).same)
        return { ...candidate, partial: false };
    }
    return null;
  }

  findEchoed(text: string, beforePoint: string): Found | null {
    const screen = this.#deps.screen();
    return (
      this.#windowed(screen, text, beforePoint) ??
      this.#echoed(screen, text, beforePoint) ??
      this.#beforePrompt(screen, text)
    );
  }

  get location(): Location | null {
    return this.#location;
  }

  get since(): number {
    return this.#since;
  }

  forget(): void {
    this.#before = this.#location?.prompt ?? this.#before;
    this.#location = null;
    this.#right = undefined;
    this.#since = this.#deps.screen().revision;
  }

  relearn(): void {
    // What the shell put there in advance is no part of a prompt that may not be known yet.
    this.#before = this.#location?.prompt ?? this.#before;
    this.#location = null;
    this.learn();
  }

  restore(before: Location): void {
    this.#location = before;
    this.#since = before.anchor.since;
  }

  lose(): void {
    this.#right = this.#location?.anchor.right ?? this.#right;
    this.#location = null;
  }

  place(): Location | null {
    const screen = this.#deps.screen();
    const nearest = this.#drawn(screen)[0];
    if (this.#location === null || !this.#stands(screen, this.#location)) {
      return nearest ?? this.#atCursorPrompt(screen);
    }
    return nearest !== undefined && isNewer(nearest, this.#location) ? nearest : this.#location;
  }

  /** A prompt, or several: each line that was typed ahead of them has left one. */
  #isPrompt(left: string, first: string): boolean {
    if (this.#book.kindOf(left)?.exact === true) return true;
    let rest = left.slice(first.length);
    if (this.#dialect() !== "plain" || !left.startsWith(first)) return false;
    while (rest !== "") {
      const next = this.#book.startOf(rest);
      if (next === null) return false;
      rest = rest.slice(next.length);
    }
    return true;
  }

  /** Is the text left of the line still what it was when the line began? */
  #stands(screen: Screen, { anchor, prompt }: Location): boolean {
    const row = anchor.line - screen.scrolled;
    return (
      row < 0 || (row < screen.rows && this.#stillReads(leftOf(screen, row, anchor.column), prompt))
    );
  }

  /** In vi mode zle and fish change a letter or two of the prompt while the line is typed. */
  #stillReads(now: string, then: string): boolean {
    if (now === then) return true;
    if (now.length !== then.length || (this.#dialect() !== "fish" && this.#dialect() !== "zle"))
      return false;
    let changed = 0;
    for (let i = 0; i < now.length; i += 1) if (now[i] !== then[i]) changed += 1;
    return changed <= PROMPT_CHANGES_MAX;
  }

  /** Prompts drawn at or above the cursor, the nearest first. */
  #drawn(screen: Screen): Location[] {
    const found: Location[] = [];
    for (let row = screen.cursor.row; row >= 0; row -= 1) {
      if (screen.cell(row, 0).written <= this.#since) continue;
      const text = screen.rowText(row);
      if (goesOn(screen, row) && !(this.#wraps && this.#isOwn(text))) continue;
      const prompt = this.#promptAt(text);
      if (prompt === null) continue;
      const column = columnBehind(screen, row, prompt);
      const { indented } = this.#location?.anchor ?? {};
      const right = this.#location?.anchor.right ?? movedRight(screen, this.#right);
      const beside = { ...(right && { right }), ...(indented && { indented }) };
      const anchor = { line: row + screen.scrolled, column, since: this.#since, ...beside };
      found.push({ anchor, prompt, by: "prompt" });
    }
    return found;
  }

  /** zsh's next line stands there already, behind a prompt that has changed meanwhile. */
  #prefilled(screen: Screen): Location | undefined {
    if (this.#dialect() !== "zle") return undefined;
    const { row, column } = screen.cursor;
    const left = leftOf(screen, row, column);
    const prompt = this.#book.kindOf(left) === null ? this.#book.changedStartOf(left) : null;
    if (prompt === null) return undefined;
    const behind = columnBehind(screen, row, prompt);
    const anchor = { line: row + screen.scrolled, column: behind, since: this.#since };
    return { anchor, prompt, by: "prompt" };
  }

  /** Does a row begin with the prompt of this line, or of the one before? */
  #isOwn(text: string): boolean {
    const own = this.#location?.prompt ?? this.#before;
    return own.trim() !== "" && startsLike(text, own);
  }

  /** A line begins behind a prompt of more rows: readline has drawn them since its mark. */
  #isWrappedPrompt(screen: Screen, row: number): boolean {
    if (this.#dialect() !== "readline") return false;
    let top = row;
    while (top > 0 && goesOn(screen, top)) top -= 1;
    return screen.cell(top, 0).written > this.#since;
  }

  #promptAt(text: string): string | null {
    const own = this.#location?.prompt ?? this.#before;
    if (this.#isOwn(text)) {
      const longer = this.#book.startOf(text);
      return longer !== null && longer.length > own.length ? longer : text.slice(0, own.length);
    }
    const argument = ARGUMENT_PROMPT.exec(text);
    return argument === null ? this.#book.startOf(text) : argument[0];
  }

  /** Only a part of the line shows. */
  #windowed(screen: Screen, text: string, beforePoint: string): Found | null {
    if (this.#dialect() !== "plain") return null;
    const line = screen.cursor.row + screen.scrolled;
    const where: Location =
      this.#location?.anchor.line === line
        ? this.#location
        : { anchor: { line, column: 0, since: this.#since }, prompt: "", by: "echo" };
    const point = asBytesBeyond(beforePoint).length;
    const place = { point, anchorColumn: where.anchor.column };
    if (!showsWindowOf(screen, asBytesBeyond(text), place)) return null;
    return { ...where, partial: true };
  }

  /** Counts back from the cursor: typed ahead of a prompt that is not known yet. */
  #echoed(screen: Screen, text: string, beforePoint: string): Found | null {
    if (text.trim() === "" || text.includes("\n") || text.includes("\t")) return null;
    const { cursor } = screen;
    const width = placeAfter(screen, { line: 0, column: 0 }, beforePoint);
    const cells = width.line * screen.columns + width.column;
    const at = cursor.row * screen.columns + cursor.column - cells;
    if (at < 0) return null;
    const row = Math.floor(at / screen.columns);
    const column = at % screen.columns;
    const anchor = { line: row + screen.scrolled, column, since: this.#since };
    if (!compareLine(screen, anchor, text).same) return null;
    return { anchor, prompt: leftOf(screen, row, column), by: "echo", partial: false };
  }

  /** Typed ahead: the kernel showed the line, and the shell's prompt came behind it. */
  #beforePrompt(screen: Screen, text: string): Found | null {
    if (this.#dialect() !== "plain" || text.trim() === "") return null;
    const { row, column } = screen.cursor;
    const left = leftOf(screen, row, column);
    const { book } = this.#deps;
    const prompt = book.texts.find((one) => one.trim() !== "" && left === text + one);
    if (prompt === undefined || screen.cell(row, 0).written <= this.#since) return null;
    const anchor = { line: row + screen.scrolled, column: 0, since: this.#since };
    return { anchor, prompt: "", by: "echo", partial: false };
  }

  /** Nothing is known of this line, but the cursor stands behind what looks like a prompt. */
  #atCursorPrompt(screen: Screen): Location | null {
    const { row, column } = screen.cursor;
    const left = leftOf(screen, row, column);
    if (!looksLikePrompt(left)) return null;
    return {
      anchor: { line: row + screen.scrolled, column, since: screen.revision },
      prompt: left,
      by: "echo",
    };
  }
}

/** A clock in the prompt goes on. */
function startsLike(text: string, prompt: string): boolean {
  if (text.startsWith(prompt)) return true;
  return text.slice(0, prompt.length).replace(DIGITS, "0") === prompt.replace(DIGITS, "0");
}

const DIGITS = /\d/g;

/** Drawn below, or over what was typed ahead of it. */
function isNewer(drawn: Location, known: Location): boolean {
  if (drawn.anchor.line !== known.anchor.line) return drawn.anchor.line > known.anchor.line;
  return known.prompt === "" && known.by === "cursor" && drawn.prompt.trim() !== "";
}

/** Does the row continue a full row above? (A mark of wrapping alone can be stale.) */
function goesOn(screen: Screen, row: number): boolean {
  return screen.wrapped(row) && screen.cell(row - 1, screen.columns - 1).text.trim() !== "";
}

const ARGUMENT_PROMPT = /^\(arg: -?\d+\) /;

/** Text found left of the line is a prompt, unless the line has merely more text in front. */
export function standsBehindPrompt({ by, prompt }: Location): boolean {
  return by !== "echo" || looksLikePrompt(prompt);
}

/** Text of a row left of a column. */
export function leftOf(screen: Screen, row: number, column: number): string {
  const text = screen.rowText(row);
  if (text.length === screen.columns) return text.slice(0, column);
  let left = "";
  for (let at = 0; at < column; at += 1) left += screen.cell(row, at).text;
  return left;
}

function columnBehind(screen: Screen, row: number, prompt: string): number {
  const text = screen.rowText(row);
  if (text.length === screen.columns) return prompt.length;
  let left = "";
  let column = 0;
  while (left.length < prompt.length && column < screen.columns) {
    left += screen.cell(row, column).text;
    column += 1;
  }
  while (column < screen.columns && screen.cell(row, column).width === 0) column += 1;
  return column;
}
