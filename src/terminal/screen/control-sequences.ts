import { PROTECTED } from "./cell.js";
import type { Display } from "./display.js";
import {
  deleteColumns,
  eraseInDisplay,
  eraseInLine,
  insertColumns,
  panLeft,
  panRight,
} from "./editing.js";
import { setAnsiMode, setPrivateMode, softReset } from "./mode-switches.js";
import type { Parameters } from "./parameters.js";
import { sequenceKey } from "./parser.js";
import { repeatLast } from "./printing.js";
import { selectGraphicRendition } from "./sgr.js";

type Deed = (display: Display, parameters: Parameters) => void;

/** Control sequences by private and intermediate bytes and final byte; the others do nothing. */
const SEQUENCES: ReadonlyMap<number, Deed> = new Map<number, Deed>([
  // Movement
  [sequenceKey("A"), (display, p) => up(display, p.count(0))],
  [sequenceKey("B"), (display, p) => down(display, p.count(0))],
  [sequenceKey("C"), (display, p) => display.moveCursor(p.count(0), 0)],
  [sequenceKey("a"), (display, p) => display.moveCursor(p.count(0), 0)],
  [sequenceKey("D"), (display, p) => display.moveCursor(-p.count(0), 0)],
  [sequenceKey("E"), (display, p) => toFirstColumn(display, down, p)],
  [sequenceKey("F"), (display, p) => toFirstColumn(display, up, p)],
  [sequenceKey("G"), toColumn],
  [sequenceKey("`"), toColumn],
  [sequenceKey("H"), toPlace],
  [sequenceKey("f"), toPlace],
  [sequenceKey("d"), (display, p) => display.placeCursor(display.active.x, p.count(0) - 1)],
  [sequenceKey("e"), (display, p) => display.moveCursor(0, p.count(0))],
  [sequenceKey("I"), (display, p) => display.tabForward(p.count(0))],
  [sequenceKey("Z"), (display, p) => display.tabBackward(p.count(0))],
  [sequenceKey("s"), (display) => display.saveCursor()],
  [sequenceKey("u"), (display) => display.restoreCursor()],
  // Erasing and shifting
  [sequenceKey("J"), (display, p) => eraseInDisplay(display, p.at(0), false)],
  [sequenceKey("?J"), (display, p) => eraseInDisplay(display, p.at(0), true)],
  [sequenceKey("K"), (display, p) => eraseInLine(display, p.at(0), false)],
  [sequenceKey("?K"), (display, p) => eraseInLine(display, p.at(0), true)],
  [sequenceKey("X"), (display, p) => onCursorRow(display, p, "erase")],
  [sequenceKey("@"), (display, p) => onCursorRow(display, p, "insert")],
  [sequenceKey("P"), (display, p) => onCursorRow(display, p, "delete")],
  [sequenceKey("L"), insertLines],
  [sequenceKey("M"), deleteLines],
  [sequenceKey("S"), (display, p) => display.scrollRegionUp(p.count(0))],
  [sequenceKey("T"), scrollDown],
  [sequenceKey(" @"), (display, p) => panLeft(display, p.count(0))],
  [sequenceKey(" A"), (display, p) => panRight(display, p.count(0))],
  [sequenceKey("'}"), (display, p) => insertColumns(display, p.count(0))],
  [sequenceKey("'~"), (display, p) => deleteColumns(display, p.count(0))],
  [sequenceKey("b"), (display, p) => repeatLast(display, p.count(0))],
  // State
  [sequenceKey("m"), (display, p) => selectGraphicRendition(display.pen, p)],
  [sequenceKey('"q'), selectProtection],
  [sequenceKey("r"), setScrollRegion],
  [sequenceKey("g"), clearTabs],
  [sequenceKey("h"), (display, p) => eachMode(p, (mode) => setAnsiMode(display, mode, true))],
  [sequenceKey("l"), (display, p) => eachMode(p, (mode) => setAnsiMode(display, mode, false))],
  [sequenceKey("?h"), (display, p) => eachMode(p, (mode) => setPrivateMode(display, mode, true))],
  [sequenceKey("?l"), (display, p) => eachMode(p, (mode) => setPrivateMode(display, mode, false))],
  [sequenceKey("!p"), (display) => softReset(display)],
]);

export function executeSequence(display: Display, key: number, parameters: Parameters): void {
  SEQUENCES.get(key)?.(display, parameters);
}

/** CUU stops at the region's top, unless the cursor already stands above it. */
function up(display: Display, count: number): void {
  const room = display.active.y - display.active.top;
  display.moveCursor(0, -(room >= 0 ? Math.min(room, count) : count));
}

function down(display: Display, count: number): void {
  const room = display.active.bottom - display.active.y;
  display.moveCursor(0, room >= 0 ? Math.min(room, count) : count);
}

function toFirstColumn(
  display: Display,
  move: (display: Display, count: number) => void,
  parameters: Parameters,
): void {
  move(display, parameters.count(0));
  display.active.x = 0;
}

/** CHA and HPA: another column, the same row also under DECOM. */
function toColumn(display: Display, parameters: Parameters): void {
  display.active.x = parameters.count(0) - 1;
  display.restrictCursor();
}

function toPlace(display: Display, parameters: Parameters): void {
  display.placeCursor(parameters.count(1) - 1, parameters.count(0) - 1);
}

function onCursorRow(
  display: Display,
  parameters: Parameters,
  deed: "erase" | "insert" | "delete",
): void {
  display.restrictCursor();
  const { active: buffer, eraseBackground: background } = display;
  const { x, y } = buffer;
  const count = parameters.count(0);
  if (deed === "erase") buffer.blank(y, { from: x, to: x + count }, background);
  else if (deed === "insert") buffer.insertCells(y, x, { count, background });
  else buffer.deleteCells(y, x, { count, background });
  display.touch();
}

function insertLines(display: Display, parameters: Parameters): void {
  const buffer = cursorInRegion(display);
  if (buffer === undefined) return;
  buffer.scrollDown(buffer.y, buffer.bottom, {
    count: parameters.count(0),
    background: display.eraseBackground,
  });
  buffer.x = 0;
  display.touch();
}

function deleteLines(display: Display, parameters: Parameters): void {
  const buffer = cursorInRegion(display);
  if (buffer === undefined) return;
  buffer.scrollUp(buffer.y, buffer.bottom, {
    count: parameters.count(0),
    background: display.eraseBackground,
  });
  buffer.x = 0;
  display.touch();
}

function cursorInRegion(display: Display): Display["active"] | undefined {
  display.restrictCursor();
  const { active } = display;
  return active.y >= active.top && active.y <= active.bottom ? active : undefined;
}

/** SD brings in rows without the pen's background, as in xterm.js. */
function scrollDown(display: Display, parameters: Parameters): void {
  const { active: buffer } = display;
  buffer.scrollDown(buffer.top, buffer.bottom, { count: parameters.count(0), background: 0 });
  display.touch();
}

/** DECSCA. */
function selectProtection(display: Display, parameters: Parameters): void {
  const kind = parameters.at(0);
  const { pen } = display;
  if (kind === 1) pen.background = (pen.background | PROTECTED) >>> 0;
  else if (kind === 0 || kind === 2) pen.background = (pen.background & ~PROTECTED) >>> 0;
}

/** DECSTBM: a region of at least two rows; anything else is ignored. */
function setScrollRegion(display: Display, parameters: Parameters): void {
  const top = parameters.count(0);
  const asked = parameters.at(1);
  const bottom = asked === 0 || asked > display.rows ? display.rows : asked;
  if (bottom <= top) return;
  display.active.top = top - 1;
  display.active.bottom = bottom - 1;
  display.placeCursor(0, 0);
}

function clearTabs(display: Display, parameters: Parameters): void {
  const kind = parameters.at(0);
  if (kind === 3) display.tabs.fill(0);
  else if (kind === 0 && display.active.x < display.columns) display.tabs[display.active.x] = 0;
}

function eachMode(parameters: Parameters, deed: (mode: number) => void): void {
  for (let i = 0; i < parameters.length; i += 1) deed(parameters.at(i));
}
