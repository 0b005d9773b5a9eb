import type { PtyFacts } from "../../model/index.js";
import { CONTROL, type Key } from "../keys/index.js";
import { LINE_CHARACTERS_MAX } from "./line-editor.js";
import { kernelWordBackward } from "./words.js";

/**
 * The line as the kernel's own line discipline edits it (`cat`, `dash`, `read`): what programs that
 * have no editor of their own are given. Escape sequences are text to it.
 */
export interface CookedLine {
  readonly text: string;
  /** A character of several bytes was taken back, and the kernel may have taken only its last byte. */
  readonly torn: boolean;
  press(key: Key): void;
  newLine(): void;
}

export function createCookedLine({ modes }: PtyFacts): CookedLine {
  const erase = modes["VERASE"] ?? CONTROL.delete;
  const kill = modes["VKILL"] ?? CONTROL.u;
  const wordErase = modes["VWERASE"] ?? CONTROL.w;
  let chars: string[] = [];
  let cached: string | null = "";
  let torn = false;
  const whole = (modes["IUTF8"] ?? 0) !== 0;

  function control(code: number): void {
    if (code === erase) erased(chars.length - 1);
    else if (code === kill) chars = [];
    else if (code === wordErase) erased(kernelWordBackward(chars, chars.length));
    else if (SILENT.has(code)) return;
    else {
      put(String.fromCharCode(code));
      return;
    }
    cached = null;
  }

  function erased(from: number): void {
    const gone = chars.splice(Math.max(0, from));
    torn ||= !whole && gone.some((character) => character > "\x7f");
  }

  function put(text: string): void {
    if (chars.length + text.length > LINE_CHARACTERS_MAX) return;
    for (const character of text) chars.push(character);
    cached = cached === null ? null : cached + text;
  }

  return {
    get text() {
      cached ??= chars.join("");
      return cached;
    },
    get torn() {
      return torn;
    },
    press(key) {
      switch (key.kind) {
        case "text":
        case "quoted":
        case "pasted": {
          put(key.text);
          return;
        }
        case "control": {
          control(key.code);
          return;
        }
        case "meta": {
          put(`\u001b${key.text}`);
          return;
        }
        case "sequence": {
          put(`\u001b${key.intro}${key.body}`);
          return;
        }
        case "paste-begin": {
          put("\u001b[200~");
          return;
        }
        case "paste-end": {
          put("\u001b[201~");
          return;
        }
        case "reply":
        case "garbled":
          return;
      }
    },
    newLine() {
      chars = [];
      cached = "";
      torn = false;
    },
  };
}

/** Flow control, reprint, lnext and end-of-file put nothing into the line. */
const SILENT: ReadonlySet<number> = new Set([
  CONTROL.c,
  CONTROL.d,
  CONTROL.q,
  CONTROL.r,
  CONTROL.s,
  CONTROL.v,
  CONTROL.z,
  CONTROL.backslash,
]);
