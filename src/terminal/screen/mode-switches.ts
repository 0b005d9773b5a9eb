import { freshSavedCursor } from "./cell-buffer.js";
import { ASCII } from "./charset.js";
import type { Display } from "./display.js";
import { freshModes } from "./modes.js";
import type { Modes } from "./modes.js";

type BooleanMode = {
  [K in keyof Modes]: Modes[K] extends boolean ? K : never;
}[keyof Modes];

const ANSI_SWITCHES: ReadonlyMap<number, BooleanMode> = new Map<number, BooleanMode>([
  [4, "insert"],
  [20, "newLine"],
]);

const PRIVATE_SWITCHES: ReadonlyMap<number, BooleanMode> = new Map<number, BooleanMode>([
  [1, "applicationCursor"],
  [7, "autowrap"],
  [25, "cursorVisible"],
  [45, "reverseWrap"],
  [66, "applicationKeypad"],
  [1004, "focusEvents"],
  [2004, "bracketedPaste"],
]);

const MOUSE_PROTOCOLS: readonly number[] = [9, 1000, 1002, 1003];
const MOUSE_ENCODINGS: readonly number[] = [1006, 1016];

/** SM and RM. */
export function setAnsiMode(display: Display, mode: number, on: boolean): void {
  const name = ANSI_SWITCHES.get(mode);
  if (name !== undefined) display.modes[name] = on;
}

/** DECSET and DECRST. Modes that change neither cells nor what the person's terminal sends do nothing. */
export function setPrivateMode(display: Display, mode: number, on: boolean): void {
  const name = PRIVATE_SWITCHES.get(mode);
  if (name !== undefined) display.modes[name] = on;
  else if (MOUSE_PROTOCOLS.includes(mode)) display.modes.mouseProtocol = on ? mode : 0;
  else if (MOUSE_ENCODINGS.includes(mode)) display.modes.mouseEncoding = on ? mode : 0;
  else setPlace(display, mode, on);
}

/** The private modes that move the cursor or change buffers or charsets. */
function setPlace(display: Display, mode: number, on: boolean): void {
  switch (mode) {
    case 2:
      if (on) display.charsets = [ASCII, ASCII, ASCII, ASCII];
      break;
    case 6:
      display.modes.origin = on;
      display.placeCursor(0, 0);
      break;
    case 47:
    case 1047:
      if (on) display.enterAlternate();
      else display.leaveAlternate();
      break;
    case 1048:
      if (on) display.saveCursor();
      else display.restoreCursor();
      break;
    case 1049:
      if (on) {
        display.saveCursor();
        display.enterAlternate();
      } else {
        display.leaveAlternate();
        display.restoreCursor();
      }
      break;
    default:
      break;
  }
}

/** DECSTR: modes, pen, charsets, scroll region and saved cursor; cells, cursor, tabs and mouse stay. */
export function softReset(display: Display): void {
  const { mouseProtocol, mouseEncoding } = display.modes;
  display.modes = { ...freshModes(), mouseProtocol, mouseEncoding };
  display.pen.foreground = 0;
  display.pen.background = 0;
  display.resetCharsets();
  display.active.top = 0;
  display.active.bottom = display.rows - 1;
  display.active.saved = freshSavedCursor();
}
