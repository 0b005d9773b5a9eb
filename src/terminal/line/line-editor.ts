import { CONTROL, type Key } from "../keys/index.js";
import { createEditBuffer, type EditBuffer } from "./edit-buffer.js";
import { applyEdit, type EditState } from "./edit-commands.js";
import type { Dialect } from "./dialect.js";
import type { Command } from "./emacs-keymap.js";
import { BY_WORDS, CUTTING, KILLING, TAKING } from "./command-kinds.js";
import { commandAfterX, commandOf } from "./keymaps.js";
import { createKillRing } from "./kill-ring.js";
import { isBeyondAscii, type SessionHistory } from "./session-history.js";
import { READLINE_WORDS, ZLE_WORDS } from "./words.js";

/**
 * How much the model's text is worth. `exact`: every key of the line had one known meaning.
 * `guess`: known if the shell's history is what we think, or read from the screen. `unclear`: the
 * target did something to the line that keys do not tell.
 */
export type Trust = "exact" | "guess" | "unclear";

/** Witness K: the shell's emacs editor as it ships, fed with keys. */
export interface LineEditor {
  readonly buffer: EditBuffer;
  readonly trust: Trust;
  /** Characters typed since the last thing that could change the line unseen: a lower bound. */
  readonly typed: string;
  /** The line outgrew what is kept: its text is only a beginning. */
  readonly overflowed: boolean;
  /** Enter ends a search here instead of running a line. */
  readonly searching: "no" | "incremental" | "prompted";
  /** A search on this line met characters that readline then draws wrongly at times. */
  readonly misdrawn: boolean;
  /** What an incremental search looks for. */
  readonly pattern: string;
  press(key: Key): void;
  /** The screen told what the line is. */
  seed(text: string, point: number): void;
  doubt(): void;
  /** What was typed so far came behind this. */
  goOnFrom(before: string): void;
  /** A new line begins; kills, macro and history stay. */
  newLine(): void;
}

/** What the editor's owner knows of the shell. */
export interface ShellFacts {
  readonly dialect: () => Dialect;
  /** It shows, or may show, how the line could go on. */
  readonly suggested: () => boolean;
}

const READLINE: ShellFacts = { dialect: () => "readline", suggested: () => false };

/** A longer line is not typed by a person; it is not kept, and whoever judges is told so. */
export const LINE_CHARACTERS_MAX = 16 * 1024;
const MACRO_KEYS_MAX = 1_024;
/** readline refuses larger numeric arguments; so much is not worth modelling. */
const ARGUMENT_MAX = 1_000;

export function createLineEditor(
  history: SessionHistory,
  shell: ShellFacts = READLINE,
): LineEditor {
  const state: EditState = {
    buffer: createEditBuffer(),
    kills: createKillRing(),
    words: READLINE_WORDS,
    joined: false,
    yanked: -1,
  };
  const { buffer } = state;
  let trust: Trust = "exact";
  let typed = "";
  let overflowed = false;
  let searching: "no" | "incremental" | "prompted" = "no";
  let pattern = "";
  let searched = false;
  let beyondAscii = false;
  let place = history.length;
  let unfinished = "";
  let awaiting: "none" | "prefix-x" | "find" | "find-backward" = "none";
  let argument: { value: number | null; negative: boolean } | null = null;
  let recording: Key[] | null = null;
  let macro: readonly Key[] = [];
  let replaying = false;
  let dialect: Dialect = "readline";
  /** What was cut out of a line that was not known is not known either. */
  let killsTrust: Trust = "exact";

  const recalls: Partial<Record<Command, (count: number) => void>> = {
    "previous-history": (count) => goTo(place - count),
    "next-history": (count) => goTo(place + count),
    "beginning-of-history": goToOldest,
    "end-of-history": () => goTo(history.length),
    "last-argument": doubt,
    unclear: doubt,
  };
  const specials: Partial<Record<Command, () => void>> = {
    "search-backward": () => startSearch("incremental"),
    "search-forward": () => startSearch("incremental"),
    "non-incremental-search": () => startSearch("prompted"),
    "macro-start": () => {
      recording = [];
    },
    "macro-end": endMacro,
    "macro-call": callMacro,
    undo: undoStep,
    "revert-line": revert,
    redraw: nothing,
    nothing,
    abort: nothing,
  };

  function press(key: Key): void {
    dialect = shell.dialect();
    state.words = dialect === "zle" ? ZLE_WORDS : READLINE_WORDS;
    note(key);
    if (searching !== "no" && pressInSearch(key)) return;
    if (awaiting !== "none") {
      pressAwaited(key);
      return;
    }
    switch (key.kind) {
      case "text":
        if (argument !== null && key.text >= "0" && key.text <= "9") {
          digit(key.text);
          return;
        }
        {
          insertTyped(key.text);
          return;
        }
      case "quoted": {
        // Ctrl-V pastes from a clipboard there, and the key behind it keeps its meaning.
        if (dialect === "fish") doubt();
        insertTyped(key.text);
        return;
      }
      case "pasted": {
        insertTyped(key.text === "\r" ? "\n" : key.text);
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
        run(commandOf(key, dialect), key);
        return;
      }
    }
  }

  function note(key: Key): void {
    if ("text" in key) beyondAscii ||= isBeyondAscii(key.text);
    if (recording !== null && recording.length < MACRO_KEYS_MAX) recording.push(key);
  }

  function insertTyped(text: string): void {
    const count = takeArgument();
    if (buffer.chars.length + count > LINE_CHARACTERS_MAX) {
      overflowed = true;
      return;
    }
    buffer.beginCommand();
    if (count === 1) buffer.insert([text], true);
    else if (count > 1) buffer.insert(Array.from({ length: count }, () => text));
    typed += text;
    if (typed.length > LINE_CHARACTERS_MAX) typed = typed.slice(-LINE_CHARACTERS_MAX);
    state.joined = false;
    state.yanked = -1;
  }

  function pressAwaited(key: Key): void {
    const what = awaiting;
    awaiting = "none";
    if (what === "prefix-x") {
      run(commandAfterX(key, dialect), key);
      return;
    }
    if (key.kind !== "text") {
      doubt();
      return;
    }
    const count = takeArgument() * (what === "find" ? 1 : -1);
    findCharacter(key.text, count);
  }

  function findCharacter(wanted: string, count: number): void {
    const step = count < 0 ? -1 : 1;
    let at = buffer.point;
    for (let n = 0; n < Math.abs(count); n += 1) {
      let next = at + step;
      while (next >= 0 && next < buffer.chars.length && buffer.chars[next] !== wanted) next += step;
      if (next < 0 || next >= buffer.chars.length) break;
      at = next;
    }
    buffer.moveTo(at);
  }

  function run(command: Command, key: Key): void {
    if (command === "digit") {
      digit(key.kind === "meta" ? key.text : "");
      return;
    }
    if (command === "prefix-x") {
      awaiting = "prefix-x";
      return;
    }
    if (command === "find-character" || command === "find-character-backward") {
      awaiting = command === "find-character" ? "find" : "find-backward";
      return;
    }
    // The argument is for the character that Ctrl-V announces.
    if (key.kind === "control" && key.code === CONTROL.v) return;
    const explicit = argument !== null;
    const count = takeArgument();
    if (recall(command, count) || special(command, key)) {
      state.joined = false;
      state.yanked = -1;
      return;
    }
    if (mayAccept(command)) {
      doubt();
      return;
    }
    buffer.beginCommand();
    applyEdit(command, state, { count, explicit });
    settleTrust(command);
    if (buffer.chars.length > LINE_CHARACTERS_MAX) overflowed = true;
    if (CUTTING.has(command)) typed = "";
  }

  /** What is known of the line after a command that this model has carried out. */
  function settleTrust(command: Command): void {
    // What a word is can be set in zsh's profile, and is not the same in all the others.
    if (dialect !== "readline" && BY_WORDS.has(command)) weaken();
    if (KILLING.has(command) && TRUSTS.indexOf(trust) > TRUSTS.indexOf(killsTrust))
      killsTrust = trust;
    if (command === "yank" || command === "yank-pop") {
      if (killsTrust === "unclear") doubt();
      else if (killsTrust === "guess") weaken();
    }
  }

  /** A suggestion may stand behind the line; going on to the right takes it. */
  function mayAccept(command: Command): boolean {
    if (dialect === "readline" || buffer.point < buffer.chars.length) return false;
    return TAKING.has(command) && shell.suggested();
  }

  /** Commands about other lines, and those that keys do not tell. Answers whether it was one. */
  function recall(command: Command, count: number): boolean {
    const carryOut = recalls[command];
    carryOut?.(count);
    return carryOut !== undefined;
  }

  function special(command: Command, key: Key): boolean {
    if (key.kind === "control" && key.code === CONTROL.z) weaken();
    const carryOut = specials[command];
    carryOut?.();
    return carryOut !== undefined;
  }

  function startSearch(kind: "incremental" | "prompted"): void {
    searching = kind;
    searched = true;
    pattern = "";
    doubt();
  }

  function undoStep(): void {
    // How many keys one step undoes depends on how fast they arrived.
    if (buffer.undo()) weaken();
    else if (trust !== "exact") doubt();
    typed = "";
  }

  function revert(): void {
    buffer.undoAll();
    typed = "";
    if (trust === "exact") weaken();
    else doubt();
  }

  function goToOldest(): void {
    leave();
    place = 0;
    doubt();
  }

  function goTo(next: number): void {
    if (next > history.length || next === place) return;
    // There the arrows walk through the rows of the line first.
    if (dialect === "zle" && buffer.text.includes("\n")) {
      doubt();
      return;
    }
    leave();
    place = next;
    if (place === history.length) {
      buffer.replace(unfinished);
      weaken();
    } else {
      const text = history.at(place);
      if (text === null) doubt();
      else {
        buffer.replace(text);
        weaken();
      }
    }
    typed = "";
  }

  function leave(): void {
    if (place === history.length) unfinished = buffer.text;
    else if (trust !== "unclear") history.rewrite(place, buffer.text);
  }

  /** While searching, keys belong to the pattern until one ends the search. True when it was used. */
  function pressInSearch(key: Key): boolean {
    if (key.kind === "text" || key.kind === "pasted") {
      pattern += key.text;
      return true;
    }
    if (key.kind === "paste-begin" || key.kind === "paste-end") return true;
    if (key.kind === "control") {
      if (key.code === CONTROL.delete || key.code === CONTROL.h) {
        pattern = Array.from(pattern).slice(0, -1).join("");
        return true;
      }
      if (key.code === CONTROL.r || key.code === CONTROL.s || key.code === CONTROL.w) return true;
      if (key.code === CONTROL.y) return true;
    }
    const ended = searching;
    searching = "no";
    doubt();
    return ended === "prompted" || (key.kind === "control" && key.code === CONTROL.g);
  }

  function digit(text: string): void {
    argument ??= { value: null, negative: false };
    if (text === "-") argument.negative = !argument.negative;
    else argument.value = Math.min((argument.value ?? 0) * 10 + Number(text), ARGUMENT_MAX);
  }

  function takeArgument(): number {
    if (argument === null) return 1;
    const value = argument.value ?? 1;
    const count = argument.negative ? -value : value;
    if (value === ARGUMENT_MAX) doubt();
    argument = null;
    return count;
  }

  function endMacro(): void {
    if (recording === null) return;
    // The two keys that ended it (Ctrl-X and the parenthesis) are not part of it.
    macro = recording.slice(0, -2);
    if (recording.length >= MACRO_KEYS_MAX) doubt();
    recording = null;
  }

  function callMacro(): void {
    if (replaying || recording !== null) {
      doubt();
      return;
    }
    replaying = true;
    for (const key of macro) press(key);
    replaying = false;
    weaken();
  }

  function weaken(): void {
    if (trust === "exact") trust = "guess";
  }

  function doubt(): void {
    trust = "unclear";
    typed = "";
  }

  return {
    buffer,
    get trust() {
      return trust;
    },
    get typed() {
      return typed;
    },
    get overflowed() {
      return overflowed;
    },
    get searching() {
      return searching;
    },
    get misdrawn() {
      return searched && (beyondAscii || history.beyondAscii);
    },
    get pattern() {
      return pattern;
    },
    press,
    seed(text, point) {
      buffer.replace(text, point);
      trust = "guess";
    },
    doubt,
    goOnFrom(before) {
      const point = Array.from(before).length + buffer.point;
      buffer.replace(before + buffer.text, point);
    },
    newLine() {
      buffer.replace("");
      trust = "exact";
      typed = "";
      overflowed = false;
      searched = false;
      beyondAscii = false;
      searching = "no";
      pattern = "";
      place = history.length;
      unfinished = "";
      awaiting = "none";
      argument = null;
      state.joined = false;
      state.yanked = -1;
    },
  };
}

const TRUSTS: readonly Trust[] = ["exact", "guess", "unclear"];

function nothing(): void {
  // Bells, redraws and listings leave the line as it is.
}
