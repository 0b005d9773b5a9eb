import type { Cell, Screen } from "../screen/index.js";

/**
 * Where zle begins a line, and more stands in front of the cursor than the prompt that is known: the
 * prompt has grown (a branch, a mark for changes, a folder), or the shell put the beginning of a line there
 * (`print -z`, a line that was put aside). zle says nothing of where its prompt ends.
 */
export type InFront =
  /** All of it is the prompt. */
  | "prompt"
  /** It may be either; the prompt is likelier. */
  | "perhaps-line"
  | "line";

/** Whether the shell was told to put the beginning of a line into this prompt. */
export type Prefills = "no" | "perhaps" | "yes";

interface InFrontFacts {
  /** From here on it is not known. */
  readonly from: number;
  /** The prompt in front of that is known letter by letter. */
  readonly known: boolean;
  readonly prefills: Prefills;
  /** It draws its lines in colours. */
  readonly colours: boolean;
  /** The same stood there when the line before began, and nothing was told to put it there. */
  readonly again: boolean;
}

export function inFrontOfCursor(screen: Screen, facts: InFrontFacts): InFront {
  if (facts.prefills === "yes") return "line";
  const { last, plain } = inkBetween(screen, facts.from);
  if (PROMPT_SIGN.test(last)) return "prompt";
  if (plain && facts.known) return "line";
  const unsure = plain || facts.colours || facts.prefills === "perhaps";
  return unsure && !facts.again ? "perhaps-line" : "prompt";
}

/** The last sign before the cursor, and whether any of them has the colours of plain text. */
function inkBetween(
  screen: Screen,
  from: number,
): { readonly last: string; readonly plain: boolean } {
  const { row, column } = screen.cursor;
  let last = "";
  let plain = false;
  for (let at = from; at < column; at += 1) {
    const cell = screen.cell(row, at);
    if (cell.text === " " || cell.text === "") continue;
    last = cell.text;
    plain ||= !isColoured(cell);
  }
  return { last, plain };
}

/** Behind the last sign in colours between two columns of a row; null: none is coloured. */
export function lastColoured(
  screen: Screen,
  { row, from, to }: { readonly row: number; readonly from: number; readonly to: number },
): number | null {
  for (let at = to - 1; at >= from; at -= 1) {
    const cell = screen.cell(row, at);
    if (cell.text !== " " && cell.text !== "" && isColoured(cell)) return at + 1;
  }
  return null;
}

/** Does the line that begins here show in colours of its own? */
export function showsInColours(screen: Screen, row: number, column: number): boolean {
  const cell = screen.cell(row, column);
  return cell.text !== " " && cell.text !== "" && isColoured(cell);
}

function isColoured({ foreground, background }: Cell): boolean {
  return foreground !== 0 || background !== 0;
}

/** Signs that themes end a prompt with and that nobody ends the beginning of a line with. */
const PROMPT_SIGN = /^(?![\0-\x7f])[\p{So}\p{Sm}\p{Co}\u276f\u00bb]$/u;
