import { CONTROL, type Key } from "../keys/index.js";
import { TAKING } from "./command-kinds.js";
import type { Dialect } from "./dialect.js";
import type { Command } from "./emacs-keymap.js";
import { commandOf } from "./keymaps.js";
import type { LineState } from "./line-state.js";
import type { Witnesses } from "./witnesses.js";

/**
 * A key is pressed in the models of the line. Answers whether it may have put something there that keys do
 * not tell.
 */
export function pressInModels(
  key: Key,
  { editor, cooked, dialect, lineReader, quoted }: Witnesses,
  line: LineState,
): boolean {
  if (line.beforeEscape === null && isEscape(key)) line.beforeEscape = editor.buffer.text;
  const empty =
    line.marked &&
    editor.trust === "exact" &&
    editor.searching === "no" &&
    editor.buffer.chars.length === 0;
  if (key.kind !== "text" && key.kind !== "pasted") lineReader.noteSuggestion();
  const nothing = putsNothing(key, dialect.current, empty);
  if (!empty || !nothing) editor.press(key);
  cooked.press(key);
  quoted.pressed(key);
  return !nothing;
}

/**
 * Keys that move or take away, and put nothing into a line, whatever stands in it. `empty`: nothing stands
 * there, so that nothing is suggested either.
 */
function putsNothing(key: Key, dialect: Dialect, empty: boolean): boolean {
  if (key.kind === "meta" && dialect === "fish") {
    if (FISH_METAS.has(key.text)) return true;
    // Escape by itself, and then the key.
    const code = key.text.codePointAt(0) ?? 0;
    return isControl(code) && putsNothing({ kind: "control", code }, dialect, empty);
  }
  if (key.kind === "control" && dialect === "fish" && FISH_CONTROLS.has(key.code)) return true;
  const command = commandOf(key, dialect);
  return MOVING.has(command) || (empty && TAKING.has(command));
}

function isEscape(key: Key): boolean {
  return key.kind === "meta" || (key.kind === "control" && key.code === CONTROL.escape);
}

function isControl(code: number): boolean {
  return code < 0x20 || code === 0x7f;
}

const MOVING: ReadonlySet<Command> = new Set<Command>([
  "beginning",
  "left",
  "word-left",
  "delete",
  "rubout",
  "kill-line",
  "backward-kill-line",
  "line-discard",
  "kill-whole-line",
  "word-rubout",
  "kill-word",
  "backward-kill-word",
  "delete-horizontal-space",
  "upcase-word",
  "downcase-word",
  "capitalize-word",
  "set-mark",
  "redraw",
  "abort",
]);

/** Words back, deleted and in other letters; `Alt-<` and `Alt->` go to the ends of the line. */
const FISH_METAS: ReadonlySet<string> = new Set(["b", "d", "u", "c", "t", "<", "\x7f", "\b"]);
/** Ctrl-G, Ctrl-T, Ctrl-W. */
const FISH_CONTROLS: ReadonlySet<number> = new Set([0x07, 0x14, 0x17]);
