import {
  BLINK,
  BOLD,
  COLOUR_MASK,
  COLOUR_PALETTE,
  COLOUR_RGB,
  CONCEALED,
  FAINT,
  INVERSE,
  ITALIC,
  OVERLINE,
  STRIKE,
  UNDERLINE_MASK,
  UNDERLINE_SHIFT,
} from "./cell.js";
import type { Parameters } from "./parameters.js";

/** Attributes with which the next character is written; the two words of cell.ts. */
export interface Pen {
  foreground: number;
  background: number;
}

const UNDERLINE_SINGLE = 1;
const UNDERLINE_DOUBLE = 2;
const UNDERLINE_STYLE_MAX = 5;

/** SGR (ECMA-48 8.3.117, xterm's colours and underline styles). Unknown numbers are skipped. */
export function selectGraphicRendition(pen: Pen, parameters: Parameters): void {
  for (let i = 0; i < parameters.length; i += 1) {
    const code = parameters.at(i);
    if (code === 38 || code === 48 || code === 58) i += extendedColour(pen, parameters, i);
    else if (code === 4) underline(pen, parameters.subCount(i) > 0 ? parameters.sub(i, 0) : 1);
    else if (code >= 30) colour(pen, code);
    else flag(pen, code);
  }
}

function flag(pen: Pen, code: number): void {
  const change = FLAGS.get(code);
  if (change !== undefined) {
    pen.foreground = ((pen.foreground & ~change.foregroundOff) | change.foregroundOn) >>> 0;
    pen.background = ((pen.background & ~change.backgroundOff) | change.backgroundOn) >>> 0;
  } else if (code === 21) underline(pen, UNDERLINE_DOUBLE);
  else if (code === 24) underline(pen, 0);
}

interface FlagChange {
  readonly foregroundOn: number;
  readonly foregroundOff: number;
  readonly backgroundOn: number;
  readonly backgroundOff: number;
}

const NONE: FlagChange = { foregroundOn: 0, foregroundOff: 0, backgroundOn: 0, backgroundOff: 0 };

/** SGR codes that only set or clear flags. SGR 0 clears the protection (DECSCA) too, as xterm.js does. */
const FLAGS: ReadonlyMap<number, FlagChange> = new Map([
  [0, { ...NONE, foregroundOff: 0xffffffff, backgroundOff: 0xffffffff }],
  [1, { ...NONE, foregroundOn: BOLD }],
  [2, { ...NONE, foregroundOn: FAINT }],
  [3, { ...NONE, foregroundOn: ITALIC }],
  [5, { ...NONE, foregroundOn: BLINK }],
  [7, { ...NONE, foregroundOn: INVERSE }],
  [8, { ...NONE, foregroundOn: CONCEALED }],
  [9, { ...NONE, backgroundOn: STRIKE }],
  [22, { ...NONE, foregroundOff: BOLD | FAINT }],
  [23, { ...NONE, foregroundOff: ITALIC }],
  [25, { ...NONE, foregroundOff: BLINK }],
  [27, { ...NONE, foregroundOff: INVERSE }],
  [28, { ...NONE, foregroundOff: CONCEALED }],
  [29, { ...NONE, backgroundOff: STRIKE }],
]);

function underline(pen: Pen, style: number): void {
  const known = style >= 0 && style <= UNDERLINE_STYLE_MAX ? style : UNDERLINE_SINGLE;
  pen.background = ((pen.background & ~UNDERLINE_MASK) | (known << UNDERLINE_SHIFT)) >>> 0;
}

function colour(pen: Pen, code: number): void {
  if (code <= 37) setForeground(pen, COLOUR_PALETTE | (code - 30));
  else if (code === 39) setForeground(pen, 0);
  else if (code >= 40 && code <= 47) setBackground(pen, COLOUR_PALETTE | (code - 40));
  else if (code === 49) setBackground(pen, 0);
  else if (code === 53) pen.background = (pen.background | OVERLINE) >>> 0;
  else if (code === 55) pen.background = (pen.background & ~OVERLINE) >>> 0;
  else if (code >= 90 && code <= 97) setForeground(pen, COLOUR_PALETTE | (code - 90 + 8));
  else if (code >= 100 && code <= 107) setBackground(pen, COLOUR_PALETTE | (code - 100 + 8));
}

function setForeground(pen: Pen, value: number): void {
  pen.foreground = ((pen.foreground & ~COLOUR_MASK) | value) >>> 0;
}

function setBackground(pen: Pen, value: number): void {
  pen.background = ((pen.background & ~COLOUR_MASK) | value) >>> 0;
}

/**
 * 38 (foreground), 48 (background), 58 (underline colour, read and dropped) in the forms 38;5;n,
 * 38;2;r;g;b, 38:5:n, 38:2:r:g:b and 38:2:space:r:g:b (ITU-T T.416). Returns how many parameters
 * after the first it took.
 */
function extendedColour(pen: Pen, parameters: Parameters, index: number): number {
  const target = parameters.at(index);
  const subs = parameters.subCount(index);
  if (subs > 0) {
    const first = subs >= 5 ? 2 : 1;
    const value = (position: number): number => Math.max(parameters.sub(index, position), 0);
    apply(pen, target, colourValue(value(0), [value(first), value(first + 1), value(first + 2)]));
    return 0;
  }
  const kind = parameters.at(index + 1);
  const value = (position: number): number => parameters.at(index + 2 + position);
  apply(pen, target, colourValue(kind, [value(0), value(1), value(2)]));
  return kind === 2 ? 4 : kind === 5 ? 2 : 1;
}

function colourValue(kind: number, numbers: readonly [number, number, number]): number {
  const [first, second, third] = numbers;
  if (kind === 5) return COLOUR_PALETTE | (first & 0xff);
  if (kind === 2) {
    return COLOUR_RGB | ((first & 0xff) << 16) | ((second & 0xff) << 8) | (third & 0xff);
  }
  return -1;
}

function apply(pen: Pen, target: number, value: number): void {
  if (value < 0) return;
  if (target === 38) setForeground(pen, value);
  else if (target === 48) setBackground(pen, value);
}
