import { ASCII, DESIGNATORS } from "./charset.js";
import type { Display } from "./display.js";
import { sequenceKey } from "./parser.js";

type Deed = (display: Display) => void;

/** C0 and C1 controls (ECMA-48 8.3) by code; the others do nothing. C1 RI (U+008D) is left out as in xterm.js. */
const CONTROLS: ReadonlyMap<number, Deed> = new Map<number, Deed>([
  [0x08, (display) => display.backspace()],
  [0x09, (display) => display.tabForward(1)],
  [0x0a, (display) => display.lineFeed()],
  [0x0b, (display) => display.lineFeed()],
  [0x0c, (display) => display.lineFeed()],
  [0x0d, (display) => void (display.active.x = 0)],
  [0x0e, (display) => void (display.level = 1)],
  [0x0f, (display) => void (display.level = 0)],
  [0x84, (display) => display.index()],
  [0x85, nextLine],
  [0x88, setTab],
]);

/** Escape sequences by intermediates and final byte. */
const ESCAPES: ReadonlyMap<number, Deed> = new Map<number, Deed>([
  [sequenceKey("7"), (display) => display.saveCursor()],
  [sequenceKey("8"), (display) => display.restoreCursor()],
  [sequenceKey("="), (display) => void (display.modes.applicationKeypad = true)],
  [sequenceKey(">"), (display) => void (display.modes.applicationKeypad = false)],
  [sequenceKey("D"), (display) => display.index()],
  [sequenceKey("E"), nextLine],
  [sequenceKey("H"), setTab],
  [sequenceKey("M"), (display) => display.reverseIndex()],
  [sequenceKey("c"), (display) => display.reset()],
  [sequenceKey("n"), (display) => void (display.level = 2)],
  [sequenceKey("o"), (display) => void (display.level = 3)],
  [sequenceKey("|"), (display) => void (display.level = 3)],
  [sequenceKey("}"), (display) => void (display.level = 2)],
  [sequenceKey("~"), (display) => void (display.level = 1)],
  [sequenceKey("%@"), selectDefaultCharset],
  [sequenceKey("%G"), selectDefaultCharset],
  [sequenceKey("#8"), alignmentPattern],
  ...designations(),
]);

export function executeControl(display: Display, code: number): void {
  CONTROLS.get(code)?.(display);
}

export function executeEscape(display: Display, key: number): void {
  ESCAPES.get(key)?.(display);
}

function nextLine(display: Display): void {
  display.active.x = 0;
  display.index();
}

function setTab(display: Display): void {
  if (display.active.x < display.columns) display.tabs[display.active.x] = 1;
}

function selectDefaultCharset(display: Display): void {
  display.level = 0;
  display.charsets[0] = ASCII;
}

/** DECALN: the screen full of E with the pen's attributes; margins stay, as in xterm.js. */
function alignmentPattern(display: Display): void {
  const { active: buffer, columns, pen, stamp } = display;
  for (let row = 0; row < display.rows; row += 1) {
    const base = buffer.base(row);
    buffer.cells.fill(0x45, base, base + columns);
    buffer.cells.fill(pen.foreground, base + columns, base + 2 * columns);
    buffer.cells.fill(pen.background, base + 2 * columns, base + 3 * columns);
    buffer.cells.fill(stamp, base + 3 * columns, base + 4 * columns);
    buffer.setWrapped(row, false);
  }
  display.touch();
  display.placeCursor(0, 0);
}

/** `ESC ( F` to `ESC + F` designate 94-character sets to G0..G3, `ESC - F` and `ESC . F` 96-character ones. */
function designations(): [number, Deed][] {
  const slots: readonly (readonly [string, number])[] = [
    ["(", 0],
    [")", 1],
    ["*", 2],
    ["+", 3],
    ["-", 1],
    [".", 2],
  ];
  return slots.flatMap(([intermediate, slot]) =>
    DESIGNATORS.map((final, charset): [number, Deed] => [
      sequenceKey(intermediate + final),
      (display) => void (display.charsets[slot] = charset),
    ]),
  );
}
