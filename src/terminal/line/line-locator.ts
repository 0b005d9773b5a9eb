import type { Screen } from "../screen/index.js";
import type { Dialect } from "./dialect.js";
import { asBytesBeyond } from "./drawn-otherwise.js";
import { movedRight, rightOfCursor, rightOfLine, type RightPrompt } from "./beside-line.js";
import {
  inFrontOfCursor,
  lastColoured,
  showsInColours,
  type InFront,
  type Prefills,
} from "./grown-prompt.js";
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
  /** The end of the prompt that may be the beginning of the line. */
  readonly perhaps?: string;
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
  /**
   * A new prompt has been drawn, perhaps with the beginning of a line behind it. `prefills`: the shell was
   * told to put one there.
   */
  relearn(prefills: Prefills): void;
  /** The line that was thought to be over goes on where it was. */
  restore(location: Location): void;
  /** Its prompt was drawn once more with other words: the line, which is this, ends up elsewhere. */
  shift(line: { readonly text: string; readonly beforePoint: string }): void;
  /** The screen was rearranged: the line is somewhere else now. */
  lose(): void;
  /** Another line may be shown, that was begun at any time. */
  elsewhere(): void;
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
  /** Left of the cursor where zle began the line before. */
  #left = "";
  /** The lines of this shell show in colours. */
  #colours = false;
  /** The prompt takes more than a row: the line begins behind its last part. */
  #wraps = false;

  constructor(deps: LineLocatorDeps) {
    this.#deps = deps;
    const { book } = deps;
    this.#book = book;
    this.#dialect = deps.dialect ?? ((): Dialect => "plain");
  }

  learn(prefills: Prefills = "no"): void {
    const screen = this.#deps.screen();
    const { row, column } = screen.cursor;
    const left = leftOf(screen, row, column);
    // Text between a known prompt and the cursor is part of the line: the shell put it there.
    const inFront = this.#dialect() === "zle" && standsBehindCursor(screen);
    const put = this.#putThere({ left, prefills, inFront });
    if (put !== null && "anchor" in put) {
      this.#location = put;
      return;
    }
    this.#wraps = goesOn(screen, row);
    if (this.#wraps && !this.#isWrappedPrompt(screen, row)) return;
    const right = rightOfCursor(screen, row, column);
    this.#location = {
      anchor: {
        line: row + screen.scrolled,
        column,
        // What stands behind the cursor was put there with it in front.
        since: inFront ? this.#since : screen.revision,
        ...(right === null || inFront ? {} : { right }),
        ...(this.#dialect() === "fish" ? { indented: true } : {}),
      },
      prompt: left,
      by: "cursor",
      ...put,
    };
    this.#left = left;
  }

  /** Where a line begins that the shell has put there; or what of the prompt may be one; null: nothing is. */
  #putThere(seen: {
    readonly left: string;
    readonly prefills: Prefills;
    readonly inFront: boolean;
  }): Location | { readonly perhaps: string } | null {
    const screen = this.#deps.screen();
    const { row, column } = screen.cursor;
    const line = row + screen.scrolled;
    const drawn = this.#drawn(screen)[0];
    const known = drawn ?? this.#prefilled(screen);
    if (known === undefined) return null;
    const here = known.anchor.line === line;
    if (here && known.anchor.column === column && !seen.inFront) return null;
    const grown =
      seen.inFront && here ? "line" : this.#grown(known, { ...seen, known: drawn !== undefined });
    if (grown === "perhaps-line") return { perhaps: seen.left.slice(known.prompt.length) };
    if (grown === "prompt" || (here && this.#isPrompt(seen.left, known.prompt))) return null;
    const begun = this.#colours ? known : this.#behindColours(screen, known);
    const beside = this.#dialect() === "zle" && here ? rightOfLine(screen, row, column) : null;
    return beside === null ? begun : { ...begun, anchor: { ...begun.anchor, right: beside } };
  }

  /** Is what stands between a prompt and the cursor a part of the prompt that zle has drawn? */
  #grown(
    { anchor }: Location,
    seen: { readonly left: string; readonly prefills: Prefills; readonly known: boolean },
  ): InFront {
    const screen = this.#deps.screen();
    const { row, column } = screen.cursor;
    if (this.#dialect() !== "zle") return "line";
    // The row of the line before was drawn once more when it ran.
    if (anchor.line !== row + screen.scrolled) return seen.prefills === "no" ? "prompt" : "line";
    if (anchor.column >= column) return "line";
    return inFrontOfCursor(screen, {
      from: anchor.column,
      known: seen.known,
      prefills: seen.prefills,
      colours: this.#colours,
      again: seen.prefills === "no" && seen.left === this.#left,
    });
  }

  /** A prompt that has grown ends with the last colours in front of a line that shows in none. */
  #behindColours(screen: Screen, known: Location): Location {
    const { row, column } = screen.cursor;
    const { anchor, prompt } = known;
    if (this.#dialect() !== "zle" || anchor.line !== row + screen.scrolled) return known;
    const end = lastColoured(screen, { row, from: anchor.column, to: column });
    if (end === null) return known;
    const behind = screen.cell(row, end).text === " " ? end + 1 : end;
    const whole = leftOf(screen, row, behind);
    const perhaps = whole.slice(prompt.length);
    return { ...known, anchor: { ...anchor, column: behind }, prompt: whole, perhaps };
  }

  find(text: string, lists: boolean): Found | null {
    const screen = this.#deps.screen();
    const drawing = { lists, masks: this.#dialect() === "ash" };
    if (this.#location !== null && this.#stands(screen, this.#location)) {
      const compared = compareLine(screen, this.#location.anchor, text, drawing);
      if (compared.same) {
        this.#noteColours(screen, this.#location);
        return { ...this.#location, partial: compared.partial };
      }
    }
    for (const candidate of this.#drawn(screen)) {
      if (compareLine(screen, candidate.anchor, text, drawing).same)
        return { ...candidate, partial: false };
    }
    return null;
  }

  #noteColours(screen: Screen, { anchor }: Location): void {
    if (this.#colours || this.#dialect() !== "zle") return;
    this.#colours = showsInColours(screen, anchor.line - screen.scrolled, anchor.column);
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

  relearn(prefills: Prefills): void {
    // What the shell put there in advance is no part of a prompt that may not be known yet.
    this.#before = this.#location?.prompt ?? this.#before;
    this.#location = null;
    this.learn(prefills);
  }

  restore(before: Location): void {
    this.#location = before;
    this.#since = before.anchor.since;
  }

  shift({ text, beforePoint }: { readonly text: string; readonly beforePoint: string }): void {
    const screen = this.#deps.screen();
    const before = this.#location;
    const start = countedBack(screen, beforePoint);
    if (before === null || start === null) return;
    const { row, column } = start;
    const line = row + screen.scrolled;
    if (before.anchor.line === line && before.anchor.column === column) return;
    const anchor = { ...before.anchor, line, column };
    if (!compareLine(screen, anchor, text, { lists: true, masks: false }).same) return;
    const prompt = leftOf(screen, row, column);
    this.#location = { anchor, prompt, by: before.by };
    this.#left = prompt;
  }

  elsewhere(): void {
    this.lose();
    this.#right = undefined;
    this.#since = 0;
  }

  lose(): void {
    this.#right = this.#location?.anchor.right ?? this.#right;
    this.#before = this.#location?.prompt ?? this.#before;
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
    const changed = this.#book.texts.length > 0 && this.#book.kindOf(left) === null;
    const prompt = changed ? this.#book.changedStartOf(left) : null;
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
    const start = countedBack(screen, beforePoint);
    if (start === null) return null;
    const { row, column } = start;
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

/** Where a line begins whose cursor stands behind so much of it; null: above the screen. */
function countedBack(
  screen: Screen,
  beforePoint: string,
): { readonly row: number; readonly column: number } | null {
  const { cursor, columns } = screen;
  const width = placeAfter(screen, { line: 0, column: 0 }, beforePoint);
  const at = cursor.row * columns + cursor.column - (width.line * columns + width.column);
  return at < 0 ? null : { row: Math.floor(at / columns), column: at % columns };
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
