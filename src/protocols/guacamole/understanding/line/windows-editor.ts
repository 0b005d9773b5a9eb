import type { Stroke } from "../keys/key-reader.js";
import { EditedText, nextWordStart, stepBack, stepForward, wordBack } from "./edited-text.js";
import { DONE, type EditEffect, type Editor } from "./editor.js";

/** Keys as text fields of desktops, the console of Windows and PowerShell bind them. */
export function createWindowsEditor(edited = new EditedText(), overwriting = false): Editor {
  let overwrites = overwriting;

  function press(stroke: Stroke): EditEffect | null {
    if (stroke.super) return null;
    if (stroke.text !== null && !stroke.ctrl && !stroke.alt) {
      edited.insert(stroke.text);
      return overwrites && edited.caret < edited.text.length ? { doubt: "overwrite" } : DONE;
    }
    if (stroke.ctrl && !stroke.alt) return controlKey(stroke);
    return stroke.alt ? null : plainKey(stroke);
  }

  function controlKey(stroke: Stroke): EditEffect | null {
    const { text, caret, selection } = edited;
    switch (stroke.name.toLowerCase()) {
      case "a":
        edited.moveTo(0, false);
        edited.moveTo(text.length, true);
        return DONE;
      case "x":
        if (selection !== null) edited.remove(selection.from, selection.to);
        return DONE;
      case "c":
        // With a selection it copies; without one the console gives the line up, and a field does nothing.
        if (selection !== null) return DONE;
        edited.replace("");
        return { cleared: true };
      case "z":
      case "y":
        return { doubt: "undo" };
      case "r":
      case "s":
        return { doubt: "search" };
      case " ":
        return { doubt: "completion" };
      case "h":
        return erase(stepBack(text, caret), caret);
      case "backspace":
        return { ...erase(wordBack(text, caret), caret), telling: true };
      case "delete":
        return { ...erase(caret, nextWordStart(text, caret)), telling: true };
      case "home":
        if (!stroke.shift) {
          edited.remove(0, caret);
          return { telling: true };
        }
        edited.moveTo(0, true);
        return DONE;
      case "end":
        if (!stroke.shift) {
          edited.remove(caret, text.length);
          return { telling: true };
        }
        edited.moveTo(text.length, true);
        return DONE;
      case "left":
        edited.moveTo(wordBack(text, caret), stroke.shift);
        return DONE;
      case "right":
        edited.moveTo(nextWordStart(text, caret), stroke.shift);
        return DONE;
      default:
        return null;
    }
  }

  function erase(from: number, to: number): EditEffect {
    const { selection } = edited;
    if (selection === null) edited.remove(from, to);
    else edited.remove(selection.from, selection.to);
    return DONE;
  }

  function plainKey({ name, shift }: Stroke): EditEffect | null {
    const { text, caret, selection } = edited;
    switch (name) {
      case "Backspace":
        return erase(stepBack(text, caret), caret);
      case "Delete":
        return erase(caret, stepForward(text, caret));
      case "Left":
        edited.moveTo(selection !== null && !shift ? selection.from : stepBack(text, caret), shift);
        return DONE;
      case "Right":
        edited.moveTo(
          selection !== null && !shift ? selection.to : stepForward(text, caret),
          shift,
        );
        return DONE;
      case "Home":
        edited.moveTo(0, shift);
        return DONE;
      case "End":
        edited.moveTo(text.length, shift);
        return DONE;
      case "Escape":
        edited.replace("");
        return { cleared: true };
      case "Insert":
        overwrites = !overwrites;
        return DONE;
      default:
        return ELSEWHERE.get(name) ?? null;
    }
  }

  const fork = (): Editor => createWindowsEditor(edited.fork(), overwrites);
  return { dialect: "windows", edited, press, fork };
}

/** Keys whose result is not in the keys: the history of the console has its own function keys. */
const ELSEWHERE: ReadonlyMap<string, EditEffect> = new Map<string, EditEffect>([
  ["Up", { recall: -1 }],
  ["F5", { recall: -1 }],
  ["Down", { recall: 1 }],
  ["Tab", { doubt: "completion" }],
  ...["F1", "F2", "F3", "F4", "F6", "F7", "F8", "F9", "PageUp", "PageDown"].map(
    (name): [string, EditEffect] => [name, { doubt: "history" }],
  ),
]);
