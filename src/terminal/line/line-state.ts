import { micros, type Micros } from "../../kernel/index.js";
import type { Screen } from "../screen/index.js";
import type { Location } from "./line-locator.js";

/** What is true of the line being typed. */
export interface LineState {
  pressed: number;
  /** readline drew a prompt for it. */
  marked: boolean;
  /** The line before it was released and no prompt has come yet. */
  awaited: boolean;
  /** Where the cursor was when the line before was released. */
  leftLine: number;
  leftColumn: number;
  startRevision: number;
  /** What the screen was when the mark came. */
  markRevision: number;
  interrupted: boolean;
  /** Ctrl-C came on the heels of a line: the prompt may be that line's, and the interrupt still to come. */
  interruptedEarly: boolean;
  /** Keys typed after Ctrl-C before a prompt came. */
  unsureStart: number;
  /** What stood in the line that Ctrl-C was to throw away, where it showed. */
  thrownAway: string;
  /** Where the line stood that was released last, until it is known to have run. */
  before: Location | null;
  beforeText: string | null;
  /** What runs if it did not go on. */
  beforeRuns: string | null;
  /** A mark had come for it. */
  beforeMarked: boolean;
  /** How often an editor had ended reading when it was released. */
  endedAtRelease: number;
  releasedAt: Micros;
  /** What was released before ran nothing: its editor is at its next prompt and has not ended since. */
  ranNothing: boolean;
  /** It went on although Enter was pressed. */
  goesOn: boolean;
  /** Enter was a key of the editor, for all that is known: no other line has begun. */
  stays: boolean;
  /** A key that switches vi's modes was pressed. */
  escaped: boolean;
  /** What had been typed when it was. */
  beforeEscape: string | null;
  /** The key pressed last was Tab. */
  completed: boolean;
  /** Ctrl-D has sent what was typed to a program without editor; the line goes on behind it. */
  flushed: boolean;
  /** It was begun where nobody had asked for anything: typed ahead of a prompt, most likely. */
  ahead: boolean;
}

export function freshLine(): LineState {
  return {
    pressed: 0,
    marked: false,
    awaited: true,
    leftLine: -1,
    leftColumn: -1,
    startRevision: 0,
    markRevision: -1,
    interrupted: false,
    interruptedEarly: false,
    unsureStart: 0,
    thrownAway: "",
    before: null,
    beforeText: null,
    beforeRuns: null,
    beforeMarked: false,
    endedAtRelease: 0,
    releasedAt: micros(0),
    ranNothing: false,
    goesOn: false,
    stays: false,
    escaped: false,
    beforeEscape: null,
    completed: false,
    flushed: false,
    ahead: false,
  };
}

/**
 * The shell can still lose what is typed now, although it may show it. bash takes an interrupt that came
 * between two looks at its signals when its parser reads the next line: then no row was left, the line
 * that was to be thrown away still stands, and its first character goes.
 */
export function startsUnsure(line: LineState, screen: Screen): boolean {
  const { interrupted, interruptedEarly, marked, pressed, leftLine } = line;
  const stays = screen.cursor.row + screen.scrolled === leftLine;
  return (interrupted && (!marked || stays)) || (interruptedEarly && pressed === 0);
}

/** Another line begins where the cursor is. */
export function startAnew(line: LineState, screen: Screen): void {
  line.pressed = 0;
  line.marked = false;
  line.awaited = true;
  line.leftLine = screen.cursor.row + screen.scrolled;
  line.leftColumn = screen.cursor.column;
  line.startRevision = screen.revision;
  line.interruptedEarly = false;
  line.unsureStart = 0;
  line.thrownAway = "";
  line.goesOn = false;
  line.stays = false;
  line.escaped = false;
  line.beforeEscape = null;
  line.completed = false;
  line.flushed = false;
  line.ahead = false;
}

/** When keys and output came, and how much had been printed then. */
export interface Times {
  lastKeyAt: Micros;
  lastPrintAt: Micros;
  /** Bytes that the target printed. */
  printed: number;
  printedAtKey: number;
  /** When the line before was released. */
  printedAtRelease: number;
  /** When something happened to the line that keys do not tell. */
  printedAtDoubt: number;
  /** The same, where it may have put something there; -1: nothing did in this line. */
  printedAtAdding: number;
  doubtAt: Micros;
  /** What was printed last came too soon to answer the last key. */
  early: boolean;
  /** What the keys made of the line before that happened; null: they did not tell it even then. */
  textAtDoubt: string | null;
  /** A bell or a list came since: an answer that leaves the line as it is. */
  declined: boolean;
}

/** Something happened to the line that keys do not tell: the target's answer to it is to come. */
export function noteDoubt(
  times: Times,
  at: Micros,
  { text, adds }: { readonly text: string | null; readonly adds: boolean },
): void {
  times.printedAtDoubt = times.printed;
  if (adds) times.printedAtAdding = times.printed;
  times.doubtAt = at;
  times.textAtDoubt = text;
  times.declined = false;
}

/** The target printed; sooner than an answer can be here, it answers an earlier key. */
export function notePrinted(
  times: Times,
  {
    bytes,
    at,
    soonestUs,
  }: { readonly bytes: Uint8Array; readonly at: Micros; readonly soonestUs: number },
): void {
  times.printed += bytes.length;
  if (times.textAtDoubt !== null)
    times.declined ||= bytes.includes(BELL) || bytes.includes(NEWLINE);
  times.lastPrintAt = at;
  times.early = at - times.lastKeyAt < soonestUs;
}

const BELL = 0x07;
const NEWLINE = 0x0a;

export function freshTimes(): Times {
  return {
    lastKeyAt: micros(0),
    lastPrintAt: micros(0),
    printed: 0,
    printedAtKey: 0,
    printedAtRelease: 0,
    printedAtDoubt: 0,
    printedAtAdding: -1,
    doubtAt: micros(0),
    early: false,
    textAtDoubt: null,
    declined: false,
  };
}
