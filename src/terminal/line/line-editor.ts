import { CONTROL, type Key } from "../keys/index.js";
import { createEditBuffer, type EditBuffer } from "./edit-buffer.js";
import { applyEdit, goToCharacter, type EditState } from "./edit-commands.js";
import type { Dialect } from "./dialect.js";
import {
  LINE_CHARACTERS_MAX,
  type LineEditor,
  type ShellFacts,
  type Trust,
} from "./edited-line.js";
import type { Command } from "./emacs-keymap.js";
import { BY_WORDS, CUTTING, KILLING, TAKING } from "./command-kinds.js";
import { commandAfterX, commandOf } from "./keymaps.js";
import { createKeyboardMacro } from "./keyboard-macro.js";
import { createKillRing } from "./kill-ring.js";
import { createSearchKeys, type Searching, type SearchKeys } from "./search-keys.js";
import { createNumericArgument, type NumericArgument } from "./numeric-argument.js";
import { isBeyondAscii, type SessionHistory } from "./session-history.js";
import { ASH_WORDS, READLINE_WORDS, ZLE_WORDS, type WordRules } from "./words.js";

const READLINE: ShellFacts = { dialect: () => "readline", suggested: () => false };

export function createLineEditor(
  history: SessionHistory,
  shell: ShellFacts = READLINE,
): LineEditor {
  return new EmacsEditor(history, shell);
}

class EmacsEditor implements LineEditor {
  readonly #history: SessionHistory;
  readonly #shell: ShellFacts;
  readonly #state: EditState = {
    buffer: createEditBuffer(),
    kills: createKillRing(),
    words: READLINE_WORDS,
    joined: false,
    yanked: -1,
  };
  readonly buffer: EditBuffer;
  #trust: Trust = "exact";
  /** More of the line than the keys tell stands in front of them. */
  #goesOn = false;
  #typed = "";
  #overflowed = false;
  readonly #search: SearchKeys;
  #searched = false;
  #beyondAscii = false;
  #brought = false;
  #endKnown = true;
  #framed: "no" | "completed" | "yes" = "no";
  #textAtDoubt = "";
  #place: number;
  #unfinished = "";
  #awaiting: "none" | "prefix-x" | "find" | "find-backward" = "none";
  readonly #argument: NumericArgument = createNumericArgument();
  readonly #macro = createKeyboardMacro();
  #dialect: Dialect = "readline";
  /** What was cut out of a line that was not known is not known either. */
  #killsTrust: Trust = "exact";

  static readonly #recalls: Partial<Record<Command, (it: EmacsEditor, count: number) => void>> = {
    "previous-history": (it, count) => it.#goTo(it.#place - count),
    "next-history": (it, count) => it.#goTo(it.#place + count),
    "beginning-of-history": (it) => it.#goToOldest(),
    "end-of-history": (it) => it.#goTo(it.#history.length),
    "last-argument": (it) => it.#putIn(),
    complete: (it) => it.#putIn("completed"),
    unclear: (it) => it.#putIn(),
  };
  static readonly #specials: Partial<Record<Command, (it: EmacsEditor) => void>> = {
    "search-backward": (it) => it.#startSearch("incremental", true),
    "search-forward": (it) => it.#startSearch("incremental"),
    "non-incremental-search": (it) => it.#startSearch("prompted"),
    "macro-start": (it) => it.#macro.begin(),
    "macro-end": (it) => {
      if (!it.#macro.end()) it.doubt();
    },
    "macro-call": (it) => it.#callMacro(),
    undo: (it) => it.#undoStep(),
    "revert-line": (it) => it.#revert(),
    redraw: nothing,
    nothing,
    abort: nothing,
  };

  constructor(history: SessionHistory, shell: ShellFacts) {
    this.#history = history;
    this.#search = createSearchKeys(history);
    this.#shell = shell;
    const { buffer } = this.#state;
    this.buffer = buffer;
    this.#place = history.length;
  }

  press(key: Key): void {
    this.#dialect = this.#shell.dialect();
    this.#state.words = WORDS[this.#dialect] ?? READLINE_WORDS;
    this.#note(key);
    if (this.#search.searching !== "no" && this.#pressInSearch(key)) return;
    if (this.#awaiting !== "none") {
      this.#pressAwaited(key);
      return;
    }
    switch (key.kind) {
      case "text":
        if (this.#argument.open && key.text >= "0" && key.text <= "9")
          this.#argument.digit(key.text);
        else this.#insertTyped(key.text);
        return;
      case "quoted": {
        // Ctrl-V pastes from a clipboard there, and the key behind it keeps its meaning.
        if (this.#dialect === "fish") this.doubt();
        this.#insertTyped(key.text);
        return;
      }
      case "pasted": {
        this.#insertTyped(key.text === "\r" ? "\n" : key.text);
        return;
      }
      case "paste-begin":
      case "paste-end":
        return;
      case "control":
      case "meta":
      case "sequence":
      case "reply":
      case "garbled": {
        this.#run(commandOf(key, this.#dialect), key);
        return;
      }
    }
  }

  doubt(): void {
    if (this.#trust === "exact") this.#textAtDoubt = this.buffer.text;
    this.#trust = "unclear";
    this.#endKnown = false;
    this.#brought = false;
    this.#framed = "no";
    this.#typed = "";
  }

  get trust(): Trust {
    return this.#goesOn ? "unclear" : this.#trust;
  }

  get typed(): string {
    return this.#typed;
  }

  get endKnown(): boolean {
    return this.#endKnown;
  }

  get overflowed(): boolean {
    return this.#overflowed;
  }

  get takesNext(): boolean {
    return this.#awaiting === "find" || this.#awaiting === "find-backward";
  }

  get searching(): Searching {
    return this.#search.searching;
  }

  get misdrawn(): boolean {
    return this.#searched && (this.#beyondAscii || this.#history.beyondAscii);
  }

  get brought(): boolean {
    return this.#brought;
  }

  get textAtDoubt(): string {
    return this.#textAtDoubt;
  }

  get frame(): { readonly text: string; readonly completed: boolean } | null {
    const completed = this.#framed === "completed";
    return this.#framed === "no" ? null : { text: this.buffer.text, completed };
  }

  get pattern(): string {
    return this.#search.pattern;
  }

  get searched(): string | null {
    return this.#search.line;
  }

  seed(text: string, point: number): void {
    this.buffer.replace(text, point);
    this.#goesOn = false;
    this.#brought = false;
    this.#framed = "no";
    this.#trust = "guess";
    this.#endKnown = point === this.buffer.chars.length;
  }

  goOnFrom(before: string): void {
    const point = Array.from(before).length + this.buffer.point;
    this.buffer.replace(before + this.buffer.text, point);
  }

  goOn(): void {
    this.#goesOn = true;
  }

  standAlone(): void {
    // Where the screen told the whole line meanwhile, the keys do not tell its end alone.
    if (this.#goesOn) this.#goesOn = false;
    else this.doubt();
  }

  newLine(): void {
    this.buffer.replace("");
    this.#endKnown = true;
    this.#brought = false;
    this.#framed = "no";
    this.#trust = "exact";
    this.#goesOn = false;
    this.#typed = "";
    this.#overflowed = false;
    this.#searched = false;
    this.#beyondAscii = false;
    this.#search.newLine();
    this.#place = this.#history.length;
    this.#unfinished = "";
    this.#awaiting = "none";
    this.#argument.clear();
    this.#state.joined = false;
    this.#state.yanked = -1;
  }

  #note(key: Key): void {
    if ("text" in key) this.#beyondAscii ||= isBeyondAscii(key.text);
    this.#macro.pressed(key);
  }

  #insertTyped(text: string): void {
    const count = this.#takeArgument();
    if (this.buffer.chars.length + count > LINE_CHARACTERS_MAX) {
      this.#overflowed = true;
      return;
    }
    this.buffer.beginCommand();
    if (count === 1) this.buffer.insert([text], true);
    else if (count > 1) this.buffer.insert(Array.from({ length: count }, () => text));
    this.#typed += text;
    if (this.#typed.length > LINE_CHARACTERS_MAX)
      this.#typed = this.#typed.slice(-LINE_CHARACTERS_MAX);
    this.#state.joined = false;
    this.#state.yanked = -1;
  }

  #pressAwaited(key: Key): void {
    const what = this.#awaiting;
    this.#awaiting = "none";
    if (what === "prefix-x") {
      this.#run(commandAfterX(key, this.#dialect), key);
      return;
    }
    if (key.kind !== "text") {
      this.doubt();
      return;
    }
    const count = this.#takeArgument() * (what === "find" ? 1 : -1);
    goToCharacter(this.buffer, key.text, count);
  }

  #run(command: Command, key: Key): void {
    if (command === "digit") {
      this.#argument.digit(key.kind === "meta" ? key.text : "");
      return;
    }
    if (command === "prefix-x") {
      this.#awaiting = "prefix-x";
      return;
    }
    if (command === "find-character" || command === "find-character-backward") {
      this.#awaiting = command === "find-character" ? "find" : "find-backward";
      return;
    }
    // The argument is for the character that Ctrl-V announces.
    if (key.kind === "control" && key.code === CONTROL.v) return;
    const explicit = this.#argument.open;
    const count = this.#takeArgument();
    if (this.#recall(command, count) || this.#special(command, key)) {
      this.#state.joined = false;
      this.#state.yanked = -1;
      return;
    }
    if (this.#mayAccept(command)) {
      this.doubt();
      return;
    }
    this.buffer.beginCommand();
    applyEdit(command, this.#state, { count, explicit });
    this.#settleTrust(command);
    if (this.buffer.chars.length > LINE_CHARACTERS_MAX) this.#overflowed = true;
    if (CUTTING.has(command)) this.#typed = "";
  }

  /** What is known of the line after a command that this model has carried out. */
  #settleTrust(command: Command): void {
    // What a word is can be set in zsh's profile, and is not the same in all the others.
    if (this.#dialect !== "readline" && BY_WORDS.has(command)) this.#weaken();
    if (KILLING.has(command) && TRUSTS.indexOf(this.#trust) > TRUSTS.indexOf(this.#killsTrust))
      this.#killsTrust = this.#trust;
    if (command === "yank" || command === "yank-pop") {
      if (this.#killsTrust === "unclear") this.doubt();
      else if (this.#killsTrust === "guess") this.#weaken();
    }
  }

  /** A suggestion may stand behind the line; going on to the right takes it. */
  #mayAccept(command: Command): boolean {
    if (this.#dialect === "readline" || this.buffer.point < this.buffer.chars.length) return false;
    return TAKING.has(command) && this.#shell.suggested();
  }

  /** Commands about other lines, and those that keys do not tell. Answers whether it was one. */
  #recall(command: Command, count: number): boolean {
    const carryOut = EmacsEditor.#recalls[command];
    carryOut?.(this, count);
    return carryOut !== undefined;
  }

  #special(command: Command, key: Key): boolean {
    if (key.kind === "control" && key.code === CONTROL.z) this.#weaken();
    const carryOut = EmacsEditor.#specials[command];
    carryOut?.(this);
    return carryOut !== undefined;
  }

  #startSearch(kind: "incremental" | "prompted", backward = false): void {
    this.#searched = true;
    const { text, point } = this.buffer;
    const from = { text, point, place: this.#place, sure: this.trust !== "unclear" };
    // It looks through the line at hand first.
    const followed = backward && this.#dialect === "readline" && (from.sure || this.#brought);
    this.#search.begin(kind, followed ? from : null);
    this.doubt();
  }

  #undoStep(): void {
    // How many keys one step undoes depends on how fast they arrived.
    if (this.buffer.undo()) this.#weaken();
    else if (this.#trust !== "exact") this.doubt();
    this.#typed = "";
  }

  #revert(): void {
    this.buffer.undoAll();
    this.#typed = "";
    if (this.#trust === "exact") this.#weaken();
    else this.doubt();
  }

  #goToOldest(): void {
    this.#leave();
    this.#place = 0;
    this.doubt();
  }

  #goTo(next: number): void {
    if (next > this.#history.length || next === this.#place) return;
    // There the arrows walk through the rows of the line first.
    if (this.#dialect === "zle" && this.buffer.text.includes("\n")) {
      this.doubt();
      return;
    }
    this.#leave();
    this.#place = next;
    if (this.#place === this.#history.length) {
      this.buffer.replace(this.#unfinished);
      this.#weaken();
    } else {
      const text = this.#history.at(this.#place);
      if (text === null) this.doubt();
      else this.#bring(text, { sure: this.#history.sureOf(this.#place) });
      this.#endKnown = text !== null && this.#history.endSureOf(this.#place);
    }
    this.#typed = "";
  }

  /** The editor puts something where the point is, or does something that is not known. */
  #putIn(how: "completed" | "yes" = "yes"): void {
    const before = this.#framed;
    const known = before !== "no" || this.#brought || this.trust !== "unclear";
    this.doubt();
    if (known) this.#framed = before === "yes" ? "yes" : how;
  }

  /** A line of the history takes the place of the one at hand. */
  #bring(text: string, { point, sure }: { readonly point?: number; readonly sure: boolean }): void {
    if (!sure) this.doubt();
    this.buffer.replace(text, point);
    this.#brought = true;
    if (sure) this.#trust = "guess";
  }

  #leave(): void {
    if (this.#place === this.#history.length) this.#unfinished = this.buffer.text;
    else if (this.#trust !== "unclear") this.#history.rewrite(this.#place, this.buffer.text);
  }

  /** True when the search used the key. */
  #pressInSearch(key: Key): boolean {
    const step = this.#search.press(key);
    if (step.what === "goes-on") return true;
    this.doubt();
    if (step.at !== null) {
      const { text, point, place, sure } = step.at;
      if (place !== this.#place) this.#leave();
      this.#place = place;
      this.#bring(text, { point, sure });
    }
    return step.used;
  }

  #takeArgument(): number {
    if (!this.#argument.open) return 1;
    const count = this.#argument.take();
    if (count === null) this.doubt();
    return count ?? 1;
  }

  #callMacro(): void {
    if (this.#macro.play((key) => this.press(key))) this.#weaken();
    else this.doubt();
  }

  #weaken(): void {
    if (this.#trust === "exact") this.#trust = "guess";
    this.#endKnown = false;
  }
}

const WORDS: Readonly<Partial<Record<Dialect, WordRules>>> = { zle: ZLE_WORDS, ash: ASH_WORDS };
const TRUSTS: readonly Trust[] = ["exact", "guess", "unclear"];

function nothing(): void {
  // Bells, redraws and listings leave the line as it is.
}
