import type { Key } from "../keys/index.js";
import type { Dialect } from "./dialect.js";
import { commandAfterPrefixX, readlineCommandOf, type Command } from "./emacs-keymap.js";

/**
 * What a key does in each editor, as it ships. A key that people commonly give another meaning, or whose
 * deed depends on what only the shell knows, is `unclear`: then the screen tells.
 */
export function commandOf(key: Key, dialect: Dialect): Command {
  const table = TABLES[dialect];
  if (table === undefined) return readlineCommandOf(key);
  switch (key.kind) {
    case "control":
      return table.control[key.code] ?? "unclear";
    case "meta":
      return /^\d$/.test(key.text) && table.digits ? "digit" : (table.meta[key.text] ?? "unclear");
    case "sequence":
      return table.sequence[key.body] ?? "unclear";
    case "text":
    case "quoted":
    case "pasted":
    case "paste-begin":
    case "paste-end":
      return "nothing";
    case "reply":
      return "nothing";
    case "garbled":
      return "unclear";
  }
}

export function commandAfterX(key: Key, dialect: Dialect): Command {
  return TABLES[dialect] === undefined ? commandAfterPrefixX(key) : "unclear";
}

interface KeyTable {
  readonly control: Readonly<Record<number, Command>>;
  readonly meta: Readonly<Record<string, Command>>;
  readonly sequence: Readonly<Record<string, Command>>;
  readonly digits: boolean;
}

/** In every editor with emacs keys. */
const EVERYWHERE: Readonly<Record<number, Command>> = {
  0x01: "beginning",
  0x02: "left",
  0x03: "nothing",
  0x04: "delete",
  0x05: "end",
  0x06: "right",
  0x08: "rubout",
  0x0a: "nothing",
  0x0b: "kill-line",
  0x0c: "redraw",
  0x0d: "nothing",
  0x7f: "rubout",
};

/** The terminal's own keys; Home, End and Delete are bound by profiles, or not at all. */
const ARROWS: Readonly<Record<string, Command>> = { C: "right", D: "left" };
const HISTORY_ARROWS: Readonly<Record<string, Command>> = {
  A: "previous-history",
  B: "next-history",
};
const EDIT_KEYS: Readonly<Record<string, Command>> = {
  H: "beginning",
  F: "end",
  "1~": "beginning",
  "7~": "beginning",
  "4~": "end",
  "8~": "end",
  "3~": "delete",
};

const TABLES: Readonly<Partial<Record<Dialect, KeyTable>>> = {
  zle: {
    control: {
      ...EVERYWHERE,
      0x00: "set-mark",
      0x0e: "next-history",
      0x0f: "nothing",
      0x10: "previous-history",
      0x12: "search-backward",
      0x13: "search-forward",
      0x14: "transpose-characters",
      0x15: "kill-whole-line",
      0x16: "nothing",
      0x17: "backward-kill-word",
      0x18: "prefix-x",
      0x19: "yank",
    },
    meta: {
      b: "word-left",
      f: "word-right",
      d: "kill-word",
      u: "upcase-word",
      l: "downcase-word",
      c: "capitalize-word",
      y: "yank-pop",
      "\x7f": "backward-kill-word",
      "\b": "backward-kill-word",
    },
    sequence: { ...ARROWS, ...HISTORY_ARROWS },
    digits: true,
  },
  fish: {
    control: { ...EVERYWHERE, 0x15: "backward-kill-line" },
    meta: {},
    sequence: { ...ARROWS, ...EDIT_KEYS },
    digits: false,
  },
  ash: {
    control: {
      ...EVERYWHERE,
      0x09: "complete",
      0x0e: "next-history",
      0x10: "previous-history",
      0x12: "search-backward",
      0x15: "backward-kill-line",
      0x16: "nothing",
      0x17: "word-rubout",
    },
    meta: {},
    sequence: { ...ARROWS, ...HISTORY_ARROWS, ...EDIT_KEYS },
    digits: false,
  },
};
