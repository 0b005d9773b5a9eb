import type { Command } from "./emacs-keymap.js";
import type { EditState } from "./line-editor.js";
import {
  blankWordBackward,
  characterBackward,
  characterForward,
  isBlank,
  isWordCharacter,
  wordBackward,
  wordForward,
} from "./words.js";

export interface EditArgument {
  /** Numeric argument; negative turns the direction. */
  readonly count: number;
  readonly explicit: boolean;
}

type Motion = (chars: readonly string[], from: number) => number;

/** Carries out a command that concerns this line only, as readline does. */
export function applyEdit(command: Command, state: EditState, argument: EditArgument): void {
  const { joined } = state;
  const { yanked } = state;
  state.joined = false;
  state.yanked = -1;
  if (move(command, state, argument.count)) return;
  if (cut(command, state, { ...argument, joined })) return;
  change(command, state, { ...argument, yanked });
}

function move(command: Command, { buffer }: EditState, count: number): boolean {
  switch (command) {
    case "beginning":
      buffer.moveTo(0);
      return true;
    case "end":
      buffer.moveTo(buffer.chars.length);
      return true;
    case "left":
      buffer.moveTo(repeat(buffer, -count, [characterForward, characterBackward]));
      return true;
    case "right":
      buffer.moveTo(repeat(buffer, count, [characterForward, characterBackward]));
      return true;
    case "word-left":
      buffer.moveTo(repeat(buffer, -count, [wordForward, wordBackward]));
      return true;
    case "word-right":
      buffer.moveTo(repeat(buffer, count, [wordForward, wordBackward]));
      return true;
    case "set-mark":
      buffer.mark = buffer.point;
      return true;
    case "exchange-point-and-mark": {
      const { point } = buffer;
      buffer.moveTo(buffer.mark);
      buffer.mark = point;
      return true;
    }
    default:
      return false;
  }
}

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

function cut(
  command: Command,
  state: EditState,
  { count, explicit, joined }: EditArgument & { readonly joined: boolean },
): boolean {
  const { buffer } = state;
  const { chars, point } = buffer;
  const kill = (to: number) => killTo(state, to, joined);
  switch (command) {
    case "kill-line":
      kill(count < 0 ? 0 : chars.length);
      return true;
    case "backward-kill-line":
      kill(count < 0 ? chars.length : 0);
      return true;
    case "line-discard":
      if (point > 0) kill(0);
      return true;
    case "word-rubout":
      if (point > 0) kill(times(count, point, (at) => blankWordBackward(chars, at)));
      return true;
    case "kill-word":
      kill(repeat(buffer, count, [wordForward, wordBackward]));
      return true;
    case "backward-kill-word":
      kill(repeat(buffer, -count, [wordForward, wordBackward]));
      return true;
    case "delete":
    case "rubout": {
      const ahead = command === "delete" ? count : -count;
      const to = repeat(buffer, ahead, [characterForward, rubbedOut]);
      if (explicit) kill(to);
      else buffer.remove(point, to);
      return true;
    }
    case "delete-horizontal-space": {
      let from = point;
      let to = point;
      while (from > 0 && isBlank(chars[from - 1])) from -= 1;
      while (to < chars.length && isBlank(chars[to])) to += 1;
      buffer.remove(from, to);
      return true;
    }
    default:
      return false;
  }
}

/** Backspace takes the base character together with its marks. */
function rubbedOut(chars: readonly string[], from: number): number {
  return characterBackward(chars, from);
}

function times(count: number, start: number, step: (at: number) => number): number {
  let at = start;
  for (let n = 0; n < Math.max(1, Math.abs(count)) && at > 0; n += 1) at = step(at);
  return at;
}

function killTo(state: EditState, to: number, joined: boolean): void {
  const { buffer, kills } = state;
  const { point } = buffer;
  state.joined = true;
  if (to === point) {
    state.joined = joined;
    return;
  }
  kills.kill(buffer.remove(point, to), { backward: to < point, joined });
}

function change(
  command: Command,
  state: EditState,
  { count, yanked }: EditArgument & { readonly yanked: number },
): void {
  const { buffer, kills } = state;
  switch (command) {
    case "yank":
      yank(state);
      return;
    case "yank-pop":
      if (yanked < 0) return;
      buffer.remove(buffer.point - yanked, buffer.point);
      kills.rotate();
      yank(state);
      return;
    case "transpose-characters":
      transposeCharacters(state, count);
      return;
    case "transpose-words":
      transposeWords(state, count);
      return;
    case "upcase-word":
    case "downcase-word":
    case "capitalize-word":
      changeCase(state, command, count);
      return;
    default:
      return;
  }
}

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
  { buffer }: EditState,
  command: "upcase-word" | "downcase-word" | "capitalize-word",
  count: number,
): void {
  const { point } = buffer;
  const other = repeat(buffer, count, [wordForward, wordBackward]);
  const from = Math.min(point, other);
  const to = Math.max(point, other);
  let inWord = false;
  const changed = buffer.chars.slice(from, to).map((character) => {
    const first = !inWord;
    inWord = isWordCharacter(character);
    if (!inWord) return character;
    const up = command === "upcase-word" || (command === "capitalize-word" && first);
    const cased = up ? character.toUpperCase() : character.toLowerCase();
    // readline changes one character into one character: no "SS" for a sharp s.
    return [...cased].length === 1 ? cased : character;
  });
  buffer.remove(from, to);
  buffer.insert(changed);
  if (count < 0) buffer.moveTo(from + (to - from));
}
