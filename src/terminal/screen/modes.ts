/** What control sequences switch, beyond the cells. RIS returns to `freshModes()`. */
export interface Modes {
  /** IRM. */
  insert: boolean;
  /** LNM: a line feed also returns the carriage. */
  newLine: boolean;
  /** DECOM. */
  origin: boolean;
  /** DECAWM. */
  autowrap: boolean;
  /** Private mode 45: backspace at column 0 goes back over a soft wrap. */
  reverseWrap: boolean;
  cursorVisible: boolean;
  applicationCursor: boolean;
  applicationKeypad: boolean;
  bracketedPaste: boolean;
  /** Private mode number of the mouse protocol (9, 1000, 1002, 1003); 0 = off. */
  mouseProtocol: number;
  /** Private mode number of the mouse encoding (1006, 1016); 0 = the original one. */
  mouseEncoding: number;
  focusEvents: boolean;
}

export function freshModes(): Modes {
  return {
    insert: false,
    newLine: false,
    origin: false,
    autowrap: true,
    reverseWrap: false,
    cursorVisible: true,
    applicationCursor: false,
    applicationKeypad: false,
    bracketedPaste: false,
    mouseProtocol: 0,
    mouseEncoding: 0,
    focusEvents: false,
  };
}
