import type { Witnesses } from "./witnesses.js";

/**
 * zle draws a prompt once more with other words in it (`zle reset-prompt`: a branch that was looked up
 * meanwhile, a mode, a clock), and the line behind it as it was: it stands elsewhere then.
 */
export interface RedrawnPrompt {
  /** The target is about to print this. */
  prints(bytes: Uint8Array): void;
  /** A key comes, or the line is about to be read: where does it stand now? */
  find(): void;
  /** The line is over, or the screen tells what it is. */
  forget(): void;
}

export function createRedrawnPrompt({
  screen,
  dialect,
  editor,
  locator,
  lineReader,
}: Witnesses): RedrawnPrompt {
  let drawn: { readonly text: string; readonly beforePoint: string } | null = null;

  function lineNow(): { text: string; beforePoint: string } | null {
    const { buffer, trust } = editor;
    if (trust === "exact" && locator.location?.by === "cursor")
      return { text: buffer.text, beforePoint: buffer.chars.slice(0, buffer.point).join("") };
    const shown = lineReader.shown();
    if (shown === null || shown.point === null || shown.partial) return null;
    const beforePoint = Array.from(shown.text).slice(0, shown.point).join("");
    return { text: shown.text, beforePoint };
  }

  return {
    prints(bytes) {
      if (drawn !== null || dialect.current !== "zle" || !screen.modes.bracketedPaste) return;
      if (locator.location === null || editor.searching !== "no" || !hasRedraw(bytes)) return;
      drawn = lineNow();
    },
    find() {
      if (drawn === null) return;
      const { text, beforePoint } = drawn;
      drawn = null;
      if (editor.trust !== "exact" || editor.buffer.text.startsWith(text)) {
        const exact = editor.trust === "exact" ? lineNow() : null;
        locator.shift(exact ?? { text, beforePoint });
      }
    },
    forget() {
      drawn = null;
    },
  };
}

/** What zle sends before it draws its prompt: the attributes off, and everything below cleared. */
const REDRAW = [0x1b, 0x5b, 0x32, 0x34, 0x6d, 0x1b, 0x5b, 0x4a];

function hasRedraw(bytes: Uint8Array): boolean {
  let at = bytes.indexOf(0x4a);
  while (at >= 0) {
    if (
      at >= REDRAW.length - 1 &&
      REDRAW.every((byte, i) => bytes[at - REDRAW.length + 1 + i] === byte)
    )
      return true;
    at = bytes.indexOf(0x4a, at + 1);
  }
  return false;
}
