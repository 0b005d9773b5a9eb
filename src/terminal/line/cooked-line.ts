import type { PtyFacts } from "../../model/index.js";
import { CONTROL, type Key } from "../keys/index.js";
import { columnsOf } from "../screen/width.js";
import type { KernelEcho } from "./kernel-echo.js";
import { LINE_CHARACTERS_MAX } from "./edited-line.js";
import { kernelWordBackward } from "./words.js";

/**
 * The line as the kernel's own line discipline edits it (`cat`, `dash`, `read`): what programs that
 * have no editor of their own are given. Escape sequences are text to it.
 */
export interface CookedLine {
  readonly text: string;
  /** A character of several bytes was taken back, and the kernel may have taken only its last byte. */
  readonly torn: boolean;
  /** What took two columns or none was taken back: the kernel clears one. */
  readonly misdrawn: boolean;
  /** A line ran: `stty` may have given the keys other meanings. */
  ran(text: string): void;
  press(key: Key): void;
  newLine(): void;
}

export function createCookedLine(deps: PtyFacts, echo: KernelEcho): CookedLine {
  return new KernelLine(deps, echo);
}

class KernelLine implements CookedLine {
  #erase: number;
  #kill: number;
  #wordErase: number;
  #chars: string[] = [];
  #cached: string | null = "";
  #torn = false;
  #misdrawn = false;
  /** So many characters were sent to the reader by Ctrl-D: they can not be taken back. */
  #sent = 0;
  readonly #whole: boolean;
  readonly #echo: KernelEcho;

  constructor({ modes }: PtyFacts, echo: KernelEcho) {
    this.#echo = echo;
    this.#erase = modes["VERASE"] ?? CONTROL.delete;
    this.#kill = modes["VKILL"] ?? CONTROL.u;
    this.#wordErase = modes["VWERASE"] ?? CONTROL.w;
    this.#whole = (modes["IUTF8"] ?? 0) !== 0;
  }

  get text(): string {
    this.#cached ??= this.#chars.join("");
    return this.#cached;
  }

  get torn(): boolean {
    return this.#torn;
  }

  get misdrawn(): boolean {
    return this.#misdrawn;
  }

  ran(text: string): void {
    for (const [, settings = ""] of text.matchAll(STTY)) {
      for (const [, name, sign = ""] of settings.matchAll(STTY_KEY)) {
        const code = codeOf(sign);
        if (name === "erase") this.#erase = code;
        else if (name === "kill") this.#kill = code;
        else this.#wordErase = code;
      }
    }
  }

  press(key: Key): void {
    switch (key.kind) {
      case "text":
      case "pasted": {
        const code = key.text.codePointAt(0) ?? 0;
        if (this.#takesBack(code)) this.#control(code);
        else this.#put(key.text);
        return;
      }
      case "quoted": {
        this.#insert(key.text);
        this.#echo.quoted(key.text);
        return;
      }
      case "control": {
        this.#control(key.code);
        return;
      }
      case "meta": {
        this.#put(`\u001b${key.text}`);
        return;
      }
      case "sequence": {
        this.#put(`\u001b${key.intro}${key.body}`);
        return;
      }
      case "paste-begin": {
        this.#put("\u001b[200~");
        return;
      }
      case "paste-end": {
        this.#put("\u001b[201~");
        return;
      }
      case "reply":
      case "garbled":
        this.#echo.lose();
        return;
    }
  }

  newLine(): void {
    this.#chars = [];
    this.#cached = "";
    this.#sent = 0;
    this.#echo.newLine();
    this.#torn = false;
    this.#misdrawn = false;
  }

  #takesBack(code: number): boolean {
    return code === this.#erase || code === this.#kill || code === this.#wordErase;
  }

  #control(code: number): void {
    if (code === this.#erase) this.#erased(this.#chars.length - 1);
    else if (code === this.#kill) this.#erased(0);
    else if (code === this.#wordErase)
      this.#erased(kernelWordBackward(this.#chars, this.#chars.length));
    else if (SILENT.has(code)) {
      this.#unwritten(code);
      return;
    } else {
      this.#put(String.fromCharCode(code));
      return;
    }
    this.#cached = null;
  }

  #erased(from: number): void {
    const gone = this.#chars.splice(Math.max(this.#sent, from));
    for (let i = gone.length - 1; i >= 0; i -= 1) this.#unshow(gone[i] ?? "");
    this.#misdrawn ||= gone.some((character) => columnsOf(character.codePointAt(0) ?? 0) !== 1);
    this.#torn ||= !this.#whole && gone.some((character) => character > "\x7f");
  }

  /** As `eraser()` of n_tty draws it; where a tab goes back to depends on the column of the line's start. */
  #unshow(character: string): void {
    const code = character.codePointAt(0) ?? 0;
    if (code === CONTROL.tab || (code > 0x7f && !this.#whole)) this.#echo.lose();
    else this.#echo.tookBack(code < 0x20 || code === CONTROL.delete ? 2 : 1);
  }

  #unwritten(code: number): void {
    if (code === CONTROL.r) this.#echo.reprinted(code, this.text);
    else if (code === CONTROL.d) this.#sent = this.#chars.length;
    else if (code !== CONTROL.q && code !== CONTROL.s) this.#echo.lose();
  }

  #put(text: string): void {
    this.#insert(text);
    for (const character of text) this.#echo.put(character);
  }

  #insert(text: string): void {
    if (this.#chars.length + text.length > LINE_CHARACTERS_MAX) return;
    for (const character of text) this.#chars.push(character);
    this.#cached = this.#cached === null ? null : this.#cached + text;
  }
}

/** `stty erase ^H kill @ werase undef`. */
const STTY = /\bstty\b([^;&|\n]*)/g;
const STTY_KEY = /\b(erase|kill|werase)\s+(\^.|undef|'[^']*'|"[^"]*"|\S)/g;
const NO_CODE = -1;

function codeOf(sign: string): number {
  const bare = /^(['"])(.*)\1$/.exec(sign)?.[2] ?? sign;
  if (bare === "undef" || bare === "^-") return NO_CODE;
  if (bare === "^?") return CONTROL.delete;
  const code = bare.codePointAt(bare.length - 1) ?? NO_CODE;
  return bare.startsWith("^") && bare.length === 2 ? code & 0x1f : code;
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
