import type { Stroke } from "../keys/key-reader.js";
import {
  blankWordBack,
  stepBack,
  stepForward,
  wordBack,
  wordForward,
  EditedText,
} from "./edited-text.js";
import { DONE, type EditEffect, type Editor } from "./editor.js";

/** Keys as readline binds them by default, which terminals of Unix share (bash, zsh, psql, ...). */
export function createReadlineEditor(edited = new EditedText(), ring = ""): Editor {
  let killed = ring;
  let meta = false;

  function press(stroke: Stroke): EditEffect | null {
    const wasMeta = meta;
    meta = false;
    if (stroke.name === "Escape" && !stroke.ctrl && !stroke.alt) {
      meta = true;
      return null;
    }
    if (stroke.super) return null;
    if (stroke.alt) return metaKey(stroke);
    if (wasMeta) return quietly(metaKey(stroke));
    if (stroke.ctrl) return controlKey(stroke);
    if (stroke.text !== null) {
      if (stroke.byCode === true) return null;
      edited.insert(stroke.text);
      return DONE;
    }
    return namedKey(stroke.name);
  }

  function kill(from: number, to: number): EditEffect {
    killed = edited.remove(from, to);
    return TELLING;
  }

  function controlKey(stroke: Stroke): EditEffect | null {
    const key = stroke.name.toLowerCase();
    const { text, caret } = edited;
    if (stroke.shift && stroke.name.length === 1) return null;
    switch (key) {
      case "u":
        return kill(0, caret);
      case "k":
        return kill(caret, text.length);
      case "w":
        return kill(blankWordBack(text, caret), caret);
      case "y":
        edited.insert(killed);
        return TELLING;
      case "t":
        transpose(edited);
        return TELLING;
      case "d":
        if (text === "") return { cleared: true };
        edited.remove(caret, stepForward(text, caret));
        return DONE;
      case "h":
        edited.remove(stepBack(text, caret), caret);
        return DONE;
      case "c":
      case "z":
      case "\\":
        edited.replace("");
        return { cleared: true };
      case "i":
        return { doubt: "completion" };
      case "r":
      case "s":
        return { doubt: "search", telling: true };
      case "p":
        return { recall: -1 };
      case "n":
        return { recall: 1 };
      case "_":
        return { doubt: "undo" };
      default:
        return moveKey(key);
    }
  }

  function moveKey(key: string): EditEffect | null {
    const { text, caret } = edited;
    const to = {
      a: 0,
      e: text.length,
      b: stepBack(text, caret),
      f: stepForward(text, caret),
      left: wordBack(text, caret),
      right: wordForward(text, caret),
    }[key];
    if (to === undefined) return namedKey(key === "backspace" ? "Backspace" : "");
    edited.moveTo(to, false);
    return key === "e" ? TELLING : DONE;
  }

  function metaKey(stroke: Stroke): EditEffect | null {
    const { text, caret } = edited;
    switch (stroke.name.toLowerCase()) {
      case "b":
      case "left":
        edited.moveTo(wordBack(text, caret), false);
        return TELLING;
      case "f":
      case "right":
        edited.moveTo(wordForward(text, caret), false);
        return TELLING;
      case "d":
        return kill(caret, wordForward(text, caret));
      case "backspace":
        return kill(wordBack(text, caret), caret);
      case ".":
      case "_":
      case "y":
      case "*":
      case "?":
      case "tab":
      case "t":
      case "u":
      case "l":
      case "c":
      case "r":
        return { doubt: "history" };
      case "<":
      case ">":
        return { doubt: "history" };
      default:
        return null;
    }
  }

  function namedKey(name: string): EditEffect | null {
    const { text, caret } = edited;
    switch (name) {
      case "Backspace":
        edited.remove(stepBack(text, caret), caret);
        return DONE;
      case "Delete":
        edited.remove(caret, stepForward(text, caret));
        return DONE;
      case "Left":
        edited.moveTo(stepBack(text, caret), false);
        return DONE;
      case "Right":
        edited.moveTo(stepForward(text, caret), false);
        return DONE;
      case "Home":
        edited.moveTo(0, false);
        return DONE;
      case "End":
        edited.moveTo(text.length, false);
        return DONE;
      case "Up":
        return { recall: -1 };
      case "Down":
        return { recall: 1 };
      case "PageUp":
      case "PageDown":
        return { doubt: "history" };
      case "Tab":
        return { doubt: "completion" };
      default:
        return null;
    }
  }

  const fork = (): Editor => createReadlineEditor(edited.fork(), killed);
  return { dialect: "readline", edited, press, fork };
}

const TELLING: EditEffect = { telling: true };

/** Escape and then a letter is how some type Alt, and how everybody else gives a line up. */
function quietly(effect: EditEffect | null): EditEffect | null {
  return effect?.telling === true ? DONE : effect;
}

/** Ctrl-T: the character before the caret goes behind the one at it; at the end, the last two. */
function transpose(edited: EditedText): void {
  const { text } = edited;
  const middle = edited.caret === text.length ? stepBack(text, edited.caret) : edited.caret;
  const from = stepBack(text, middle);
  const to = stepForward(text, middle);
  if (from === middle || middle === to) return;
  const first = text.slice(from, middle);
  const second = edited.remove(from, to).slice(first.length);
  edited.insert(second + first);
}
