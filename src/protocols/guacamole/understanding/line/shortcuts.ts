import type { Shortcut } from "../facts.js";
import type { Stroke } from "../keys/key-reader.js";
import type { Dialect } from "./editor.js";

/** Combinations of desktops, by modifiers (C Ctrl, A Alt, S Shift, W the Windows key) and key. */
const SHORTCUTS: ReadonlyMap<string, Shortcut> = new Map<string, Shortcut>([
  ["C c", "copy"],
  ["C Insert", "copy"],
  [" Copy", "copy"],
  ["C x", "cut"],
  ["S Delete", "cut"],
  [" Cut", "cut"],
  ["C v", "paste"],
  ["CS v", "paste"],
  ["S Insert", "paste"],
  [" Paste", "paste"],
  ["C a", "select-all"],
  ["C z", "undo"],
  ["A Tab", "switch-window"],
  ["AS Tab", "switch-window"],
  ["A Escape", "switch-window"],
  ["W Tab", "switch-window"],
  ["CA Tab", "switch-window"],
  ["W r", "run-dialog"],
  ["A F2", "run-dialog"],
  ["W l", "lock-screen"],
  ["C Escape", "start-menu"],
  ["W s", "start-menu"],
  ["W q", "start-menu"],
  ["W e", "file-manager"],
  ["W d", "show-desktop"],
  ["W m", "show-desktop"],
  ["W x", "power-menu"],
  ["A F4", "close-window"],
  ["CA Delete", "secure-attention"],
  ["CA End", "secure-attention"],
  ["CS Escape", "task-manager"],
  ["CS Enter", "run-elevated"],
]);

export function readShortcut(stroke: Stroke): Shortcut | null {
  return SHORTCUTS.get(`${modifiersOf(stroke)} ${keyOf(stroke)}`) ?? null;
}

/** Combinations without a name that lead elsewhere: other windows, tabs, fields of a browser. */
export function switchesFocus(stroke: Stroke): boolean {
  if (stroke.super) return true;
  const key = keyOf(stroke);
  if (stroke.alt && !stroke.ctrl) return key === " " || /^F\d+$/.test(key);
  return stroke.ctrl && (key === "Tab" || key === "PageUp" || key === "PageDown" || key === "F4");
}

/** Lines that are secrets after a shortcut: a sign-in, or the account that may run elevated. */
export function secretLinesAfter(shortcut: Shortcut): number {
  return SECRET_LINES.get(shortcut) ?? 0;
}

const SECRET_LINES: ReadonlyMap<Shortcut, number> = new Map([
  ["lock-screen", 1],
  ["secure-attention", 1],
  ["run-elevated", 1],
]);

/**
 * Which ways of editing take a stroke for a paste; null when none does. Ctrl-V pastes in programs of
 * desktops; a readline takes it for "the next key as it is".
 */
export function readPaste(stroke: Stroke, terminal: boolean): readonly Dialect[] | null {
  const key = `${modifiersOf(stroke)} ${keyOf(stroke)}`;
  if (EVERYWHERE.has(key)) return ["windows", "readline"];
  if (terminal) return key === "W v" ? ["readline"] : null;
  return key === "C v" ? ["windows"] : null;
}

const EVERYWHERE: ReadonlySet<string> = new Set(["CS v", "S Insert", " Paste"]);

/** Windows keeps a history of the clipboard: which entry of it is pasted can not be seen. */
export function picksFromHistory(stroke: Stroke): boolean {
  return `${modifiersOf(stroke)} ${keyOf(stroke)}` === "W v";
}

function modifiersOf({ ctrl, alt, shift, super: meta }: Stroke): string {
  return `${ctrl ? "C" : ""}${alt ? "A" : ""}${shift ? "S" : ""}${meta ? "W" : ""}`;
}

function keyOf({ name }: Stroke): string {
  return name.length === 1 ? name.toLowerCase() : name;
}
