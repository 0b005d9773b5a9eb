import type { Screen } from "../screen/index.js";
import type { LineEditor } from "./line-editor.js";

/**
 * The ordinary case without looking at the screen cell by cell: the line agreed, a key was typed at
 * its end, and the target printed just that key. Reading the line looks at everything again.
 */
export interface EchoAgreement {
  /** The screen shows the line now. */
  note(): void;
  /** Call before the target's bytes are fed, and feed them when it is done. */
  echo(bytes: Uint8Array, feed: () => void): void;
  readonly holds: boolean;
  lose(): void;
}

const PRINTABLE_FIRST = 0x20;
const PRINTABLE_LAST = 0x7e;

export function createEchoAgreement(deps: {
  readonly screen: () => Screen;
  readonly editor: LineEditor;
}): EchoAgreement {
  const { editor } = deps;
  let text = "";
  let revision = -1;
  let row = 0;
  let column = 0;

  function note(): void {
    const screen = deps.screen();
    text = editor.buffer.text;
    revision = screen.revision;
    ({ row, column } = screen.cursor);
  }

  /** Nothing but the characters typed since, behind what was there. */
  function isEcho(bytes: Uint8Array): boolean {
    const { buffer, trust } = editor;
    if (trust !== "exact" || buffer.point !== buffer.chars.length) return false;
    const now = buffer.text;
    if (now.length < text.length + bytes.length || !now.startsWith(text)) return false;
    for (let i = 0; i < bytes.length; i += 1) {
      const byte = bytes[i] ?? 0;
      if (byte < PRINTABLE_FIRST || byte > PRINTABLE_LAST) return false;
      if (now.charCodeAt(text.length + i) !== byte) return false;
    }
    return true;
  }

  return {
    note,
    echo(bytes, feed) {
      const { cursor, revision: before } = deps.screen();
      const still = before === revision && cursor.row === row && cursor.column === column;
      if (!still || !isEcho(bytes)) {
        feed();
        return;
      }
      const shown = editor.buffer.text.slice(0, text.length + bytes.length);
      feed();
      note();
      text = shown;
    },
    get holds() {
      return (
        revision === deps.screen().revision &&
        editor.trust === "exact" &&
        text === editor.buffer.text
      );
    },
    lose() {
      revision = -1;
    },
  };
}
