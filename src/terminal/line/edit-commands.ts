import type { EditBuffer } from "./edit-buffer.js";
import type { Command } from "./emacs-keymap.js";
import type { KillRing } from "./kill-ring.js";
import { blankWordBackward, isBlank, wordBackward, wordForward, type WordRules } from "./words.js";

/** What the edit commands work on. */
export interface EditState {
  readonly buffer: EditBuffer;
  readonly kills: KillRing;
  /** The command before this one was a kill: they join. */
  joined: boolean;
  /** What this editor takes for words. */
  words: WordRules;
  /** Length of what the yank before this one inserted; -1: there was none. */
  yanked: number;
}

export interface EditArgument {
  /** Numeric argument; negative turns the direction. */
  readonly count: number;
  readonly explicit: boolean;
}

type Motion = (chars: readonly string[], from: number) => number;

/** Carries out a command that concerns this line only, as readline does. */
export function applyEdit(command: Command, state: EditState, argument: EditArgument): void {
  const before = { joined: state.joined, yanked: state.yanked };
  state.joined = false;
  state.yanked = -1;
  MOVES[command]?.(state, argument.count);
  CUTS[command]?.(state, { ...argument, joined: before.joined });
  CHANGES[command]?.(state, { ...argument, yanked: before.yanked });
}

function moves({ words }: EditState): readonly [Motion, Motion] {
  return [words.forward, words.backward];
}

function cuts({ words }: EditState): readonly [Motion, Motion] {
  return [words.end, words.backward];
}

const MOVES: Partial<Record<Command, (state: EditState, count: number) => void>> = {
  beginning: ({ buffer }) => buffer.moveTo(0),
  end: ({ buffer }) => buffer.moveTo(buffer.chars.length),
  left: ({ buffer, words }, count) => buffer.moveTo(repeat(buffer, -count, words.step)),
  right: ({ buffer, words }, count) => buffer.moveTo(repeat(buffer, count, words.step)),
  "word-left": (state, count) => state.buffer.moveTo(repeat(state.buffer, -count, moves(state))),
  "word-right": (state, count) => state.buffer.moveTo(repeat(state.buffer, count, moves(state))),
  "set-mark": ({ buffer }) => {
    buffer.mark = buffer.point;
  },
  "exchange-point-and-mark": ({ buffer }) => {
    const { point } = buffer;
    buffer.moveTo(buffer.mark);
    buffer.mark = point;
  },
};

function repeat(
  buffer: EditState["buffer"],
  count: number,
  [forward, backward]: readonly [Motion, Motion],
): number {
  let at = buffer.point;
  for (let n = 0; n < Math.abs(count); n += 1) {
    const next = (count < 0 ? backward : forward)(buffer.chars, at);
    if (next === at) break;
    at = next;
  }
  return at;
}

interface CutArgument extends EditArgument {
  readonly joined: boolean;
}

const CUTS: Partial<Record<Command, (state: EditState, argument: CutArgument) => void>> = {
  "kill-line": (state, { count, joined }) =>
    killTo(state, count < 0 ? 0 : state.buffer.chars.length, joined),
  "backward-kill-line": (state, { count, joined }) =>
    killTo(state, count < 0 ? state.buffer.chars.length : 0, joined),
  "line-discard": (state, { joined }) => {
    if (state.buffer.point > 0) killTo(state, 0, joined);
  },
  "word-rubout": (state, { count, joined }) => {
    const { chars, point } = state.buffer;
    const back = (at: number): number => blankWordBackward(chars, at);
    if (point > 0) killTo(state, times(count, point, back), joined);
  },
  "kill-word": (state, { count, joined }) =>
    killTo(state, repeat(state.buffer, count, cuts(state)), joined),
  "backward-kill-word": (state, { count, joined }) =>
    killTo(state, repeat(state.buffer, -count, cuts(state)), joined),
  "kill-whole-line": (state, { joined }) => {
    state.buffer.moveTo(0);
    killTo(state, state.buffer.chars.length, joined);
  },
  delete: (state, argument) => deleteTowards(state, argument.count, argument),
  rubout: (state, argument) => deleteTowards(state, -argument.count, argument),
  "delete-horizontal-space": ({ buffer }) => {
    const { chars, point } = buffer;
    let from = point;
    let to = point;
    while (from > 0 && isBlank(chars[from - 1])) from -= 1;
    while (to < chars.length && isBlank(chars[to])) to += 1;
    buffer.remove(from, to);
  },
};

/** With a numeric argument, deleting is cutting. */
function deleteTowards(state: EditState, ahead: number, { explicit, joined }: CutArgument): void {
  const { buffer, words } = state;
  const to = repeat(buffer, ahead, words.step);
  if (explicit) killTo(state, to, joined);
  else buffer.remove(buffer.point, to);
}

function times(count: number, start: number, step: (at: number) => number): number {
  let at = start;
  for (let n = 0; n < Math.max(1, Math.abs(count)) && at > 0; n += 1) at = step(at);
  return at;
}

function killTo(state: EditState, to: number, joined: boolean): void {
  const { buffer, kills } = state;
  const { point } = buffer;
  state.joined = joined || to !== point;
  if (to === point) return;
  kills.kill(buffer.remove(point, to), { backward: to < point, joined });
}

interface ChangeArgument extends EditArgument {
  readonly yanked: number;
}

const CHANGES: Partial<Record<Command, (state: EditState, argument: ChangeArgument) => void>> = {
  yank,
  "yank-pop": (state, { yanked }) => {
    const { buffer, kills } = state;
    if (yanked < 0) return;
    buffer.remove(buffer.point - yanked, buffer.point);
    kills.rotate();
    yank(state);
  },
  "transpose-characters": (state, { count }) => transposeCharacters(state, count),
  "transpose-words": (state, { count }) => transposeWords(state, count),
  "upcase-word": (state, { count }) => changeCase(state, "upcase-word", count),
  "downcase-word": (state, { count }) => changeCase(state, "downcase-word", count),
  "capitalize-word": (state, { count }) => changeCase(state, "capitalize-word", count),
};

function yank(state: EditState): void {
  const { buffer } = state;
  const text = state.kills.current();
  if (text === null) return;
  buffer.mark = buffer.point;
  buffer.insert(text);
  state.yanked = text.length;
}

function transposeCharacters({ buffer }: EditState, count: number): void {
  if (buffer.point === 0 || buffer.chars.length < 2 || count === 0) return;
  let forward = count;
  if (buffer.point === buffer.chars.length) {
    buffer.moveTo(buffer.point - 1);
    forward = 1;
  }
  const at = buffer.point;
  const taken = buffer.remove(at - 1, at);
  buffer.moveTo(at - 1 + forward);
  buffer.insert(taken);
}

function transposeWords({ buffer }: EditState, count: number): void {
  if (count === 0) return;
  const { chars } = buffer;
  const start = buffer.point;
  buffer.moveTo(repeat(buffer, count, [wordForward, wordBackward]));
  const secondEnd = buffer.point;
  const secondStart = wordBackward(chars, secondEnd);
  buffer.moveTo(secondStart);
  const firstStart = repeat(buffer, -count, [wordForward, wordBackward]);
  const firstEnd = wordForward(chars, firstStart);
  if (firstStart === secondStart || secondStart < firstEnd) {
    buffer.moveTo(start);
    return;
  }
  const first = chars.slice(firstStart, firstEnd);
  const between = chars.slice(firstEnd, secondStart);
  const second = chars.slice(secondStart, secondEnd);
  buffer.remove(firstStart, secondEnd);
  buffer.insert([...second, ...between, ...first]);
}

function changeCase(
  state: EditState,
  command: "upcase-word" | "downcase-word" | "capitalize-word",
  count: number,
): void {
  const { buffer, words } = state;
  const { point } = buffer;
  const other = repeat(buffer, count, cuts(state));
  const from = Math.min(point, other);
  const to = Math.max(point, other);
  let inWord = false;
  const changed = buffer.chars.slice(from, to).map((character) => {
    const first = !inWord;
    inWord = words.isWord(character);
    if (!inWord) return character;
    const up = command === "upcase-word" || (command === "capitalize-word" && first);
    const cased = up ? character.toUpperCase() : character.toLowerCase();
    // readline changes one character into one character: no "SS" for a sharp s.
    return Array.from(cased).length === 1 ? cased : character;
  });
  buffer.remove(from, to);
  buffer.insert(changed);
  if (count < 0) buffer.moveTo(from + (to - from));
}

/** To the `count`th next of this character, backward where negative, or to the last there is. */
export function goToCharacter(buffer: EditBuffer, wanted: string, count: number): void {
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
