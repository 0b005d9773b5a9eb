import { columnsOf } from "../screen/width.js";
import { drawnForms } from "./drawn-otherwise.js";

/** How a line is drawn: from which column, in rows of so many, and with question marks (busybox). */
export interface LineDrawn {
  readonly column: number;
  readonly columns: number;
  readonly masks: boolean;
}

/**
 * What the screen shows of a line into which the editor has put something, with the signs back that were
 * known before and that it draws as others: tabs as blanks, control characters as `^X`, busybox a question
 * mark. What stands in front of the place agrees from the beginning, what stands behind it from the end.
 */
export function aligned(shown: string, known: string, drawn: LineDrawn): string {
  if (!OTHERWISE.test(known)) return shown;
  const signs = Array.from(shown);
  const chars = Array.from(known);
  const front = agreeing(signs, chars, drawn);
  const back = agreeingBehind(signs.slice(front.signs), chars.slice(front.chars), drawn.masks);
  return [
    ...chars.slice(0, front.chars),
    ...signs.slice(front.signs, signs.length - back.signs),
    ...chars.slice(chars.length - back.chars),
  ].join("");
}

/** Anything that may not show as itself. */

const OTHERWISE = /[^\x20-\x7e]/;
const TAB_COLUMNS = 8;

interface Agreeing {
  readonly signs: number;
  readonly chars: number;
}

function agreeing(
  signs: readonly string[],
  chars: readonly string[],
  { column, columns, masks }: LineDrawn,
): Agreeing {
  let at = 0;
  let count = 0;
  let cell = column;
  for (const character of chars) {
    const next =
      character === "\t"
        ? blanksTo(signs, at, TAB_COLUMNS - ((cell % columns) % TAB_COLUMNS))
        : behindForm(signs, at, formsOf(character, masks));
    if (next === null) break;
    for (; at < next; at += 1) cell += columnsOf(signs[at]?.codePointAt(0) ?? 0);
    count += 1;
  }
  return { signs: at, chars: count };
}

function agreeingBehind(
  signs: readonly string[],
  chars: readonly string[],
  masks: boolean,
): Agreeing {
  let end = signs.length;
  let count = 0;
  for (let i = chars.length - 1; i >= 0; i -= 1) {
    const form = formsOf(chars[i] ?? "", masks).find((one) =>
      one.every((sign, n) => signs[end - one.length + n] === sign),
    );
    if (form === undefined || form.length > end) break;
    end -= form.length;
    count += 1;
  }
  return { signs: signs.length - end, chars: count };
}

function blanksTo(signs: readonly string[], at: number, count: number): number | null {
  for (let n = 0; n < count; n += 1) if (signs[at + n] !== " ") return null;
  return at + count;
}

function behindForm(
  signs: readonly string[],
  at: number,
  forms: readonly (readonly string[])[],
): number | null {
  const form = forms.find((one) => one.every((sign, n) => signs[at + n] === sign));
  return form === undefined ? null : at + form.length;
}

function formsOf(character: string, masks: boolean): readonly (readonly string[])[] {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x20 || code === 0x7f) return [["^", String.fromCharCode(code ^ 0x40)]];
  const masked = masks ? drawnForms(code, true).map((form) => Array.from(form)) : [];
  return [[character], ...masked];
}
