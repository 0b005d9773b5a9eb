import type { LineReading } from "../../model/index.js";
import { CONTROL, type Key } from "../keys/index.js";
import type { Reader } from "./line-context.js";
import type { LineState } from "./line-state.js";
import { escapesOf } from "./program-escapes.js";
import type { Witnesses } from "./witnesses.js";

/** Ctrl-B of tmux and Ctrl-A of screen, and the key behind: another window may be shown then. */
export interface MultiplexerKeys {
  /** The key most likely never comes to a shell. */
  takes(key: Key): boolean;
  /** Another window may be shown since the last Enter: what stands in it was drawn at any time. */
  readonly moved: boolean;
  /** It asks for a command of its own (`Ctrl-B :`), in a row that is none of a shell's. */
  readonly asks: boolean;
  /** What Enter gives it; null: it does not ask. */
  read(): LineReading | null;
  /** Enter was released; who read the line if it was an answer. */
  released(): Reader | null;
}

export function createMultiplexerKeys(
  { context, screen, editor, locator, cooked, kernelEcho }: Witnesses,
  line: LineState,
): MultiplexerKeys {
  let prefixed = false;
  let asking = false;
  let moved = false;
  const asks = (): boolean =>
    asking && screen.alternate && QUESTION.test(screen.rowText(screen.cursor.row));

  /** Another pane may be shown, and another line: only the screen tells which. */
  function shownElsewhere(): void {
    editor.newLine();
    editor.doubt();
    cooked.newLine();
    kernelEcho.lose();
    locator.elsewhere();
    line.pressed = 0;
    moved = true;
  }

  return {
    takes(key) {
      const behind = prefixed;
      prefixed = false;
      if (!context.multiplexed || !screen.alternate) return false;
      if (key.kind === "meta" || (key.kind === "control" && LEAVING.has(key.code))) asking = false;
      prefixed = !behind && key.kind === "control" && PREFIX_KEYS.has(key.code);
      if (behind) asking = key.kind === "text" && key.text === ":";
      if (behind || prefixed) shownElsewhere();
      return behind || prefixed;
    },
    get moved() {
      return moved;
    },
    get asks() {
      return asks();
    },
    read() {
      if (!asks()) return null;
      const text = screen.rowText(screen.cursor.row).trimEnd();
      const escapes = [...escapesOf(undefined, text), ...commandsIn(text)];
      return {
        ...READER,
        text,
        source: "screen",
        confidence: SHOWN,
        candidates: [...new Set([text, ...escapes])],
        hidden: false,
        escapes,
      };
    },
    released() {
      const reader = asks() ? READER : null;
      asking = false;
      moved = false;
      return reader;
    },
  };
}

const READER: Reader = { context: "program", program: "tmux", prompt: "unknown" };
/** They give the question up. */
const LEAVING: ReadonlySet<number> = new Set([CONTROL.escape, CONTROL.c, 0x07]);
const PREFIX_KEYS: ReadonlySet<number> = new Set([CONTROL.a, CONTROL.b]);
/** Below or above the panes, and only while it is answered. */
const QUESTION = /^:/;
/** It draws what is typed there itself. */
const SHOWN = 0.95;
/** More words are not typed there. */
const WORDS_MAX = 32;

/**
 * `run-shell cmd`, `new-window -n name cmd`, `if-shell -b cmd`, `send-keys 'cmd' Enter`, `exec cmd`: which of
 * the words are options and which a command differs from one to the next, so that each rest is one.
 */
function commandsIn(line: string): readonly string[] {
  const words = line
    .replace(/^:\s*/, "")
    .replace(/["']/g, "")
    .split(/\s+/)
    .filter((word) => word !== "");
  return words.slice(1, WORDS_MAX).map((_, i) => words.slice(i + 1).join(" "));
}
