import type { Screen } from "../screen/index.js";
import type { LineEditor } from "./edited-line.js";

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

interface EchoAgreementDeps {
  readonly screen: () => Screen;
  readonly editor: LineEditor;
}

export function createEchoAgreement(deps: EchoAgreementDeps): EchoAgreement {
  return new WatchedAgreement(deps);
}

class WatchedAgreement implements EchoAgreement {
  readonly #deps: EchoAgreementDeps;
  readonly #editor: LineEditor;
  #text = "";
  #revision = -1;
  #row = 0;
  #column = 0;

  constructor(deps: EchoAgreementDeps) {
    this.#deps = deps;
    const { editor } = deps;
    this.#editor = editor;
  }

  note(): void {
    const screen = this.#deps.screen();
    this.#text = this.#editor.buffer.text;
    this.#revision = screen.revision;
    ({ row: this.#row, column: this.#column } = screen.cursor);
  }

  echo(bytes: Uint8Array, feed: () => void): void {
    const { cursor, revision: before } = this.#deps.screen();
    const still =
      before === this.#revision && cursor.row === this.#row && cursor.column === this.#column;
    if (!still || !this.#isEcho(bytes)) {
      feed();
      return;
    }
    const shown = this.#editor.buffer.text.slice(0, this.#text.length + bytes.length);
    feed();
    this.note();
    this.#text = shown;
  }

  get holds(): boolean {
    return (
      this.#revision === this.#deps.screen().revision &&
      this.#editor.trust === "exact" &&
      this.#text === this.#editor.buffer.text
    );
  }

  lose(): void {
    this.#revision = -1;
  }

  /** Nothing but the characters typed since, behind what was there. */
  #isEcho(bytes: Uint8Array): boolean {
    const { buffer, trust } = this.#editor;
    if (trust !== "exact" || buffer.point !== buffer.chars.length) return false;
    const now = buffer.text;
    if (now.length < this.#text.length + bytes.length || !now.startsWith(this.#text)) return false;
    for (let i = 0; i < bytes.length; i += 1) {
      const byte = bytes[i] ?? 0;
      if (byte < PRINTABLE_FIRST || byte > PRINTABLE_LAST) return false;
      if (now.charCodeAt(this.#text.length + i) !== byte) return false;
    }
    return true;
  }
}
