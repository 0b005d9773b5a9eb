import type { Key } from "../keys/index.js";

/** What a key does to the line. `unclear`: the target knows, the keys alone do not tell. */
export type Command =
  | "beginning"
  | "end"
  | "left"
  | "right"
  | "word-left"
  | "word-right"
  | "delete"
  | "rubout"
  | "kill-line"
  | "backward-kill-line"
  | "line-discard"
  | "kill-whole-line"
  | "word-rubout"
  | "kill-word"
  | "backward-kill-word"
  | "delete-horizontal-space"
  | "yank"
  | "yank-pop"
  | "transpose-characters"
  | "transpose-words"
  | "upcase-word"
  | "downcase-word"
  | "capitalize-word"
  | "undo"
  | "revert-line"
  | "set-mark"
  | "exchange-point-and-mark"
  | "find-character"
  | "find-character-backward"
  | "previous-history"
  | "next-history"
  | "beginning-of-history"
  | "end-of-history"
  | "last-argument"
  /** What is put there is known as little as with `unclear`. */
  | "complete"
  | "search-backward"
  | "search-forward"
  | "non-incremental-search"
  | "macro-start"
  | "macro-end"
  | "macro-call"
  | "prefix-x"
  | "digit"
  | "abort"
  | "redraw"
  | "nothing"
  | "unclear";

/** readline's emacs map as bash ships it: control keys. Accepting keys never come here. */
const CONTROL_COMMANDS: readonly Command[] = [
  "set-mark", // Ctrl-@
  "beginning",
  "left",
  "nothing", // Ctrl-C is the interrupt
  "delete",
  "end",
  "right",
  "abort",
  "rubout",
  "complete", // Tab
  "nothing",
  "kill-line",
  "redraw",
  "nothing",
  "next-history",
  "nothing", // Ctrl-O accepts
  "previous-history",
  "unclear", // Ctrl-Q: flow control or quoted insert
  "search-backward",
  "search-forward",
  "transpose-characters",
  "line-discard",
  "nothing", // Ctrl-V: the character comes as a quoted key
  "word-rubout",
  "prefix-x",
  "yank",
  "nothing",
  "nothing",
  "nothing",
  "find-character",
  "unclear",
  "undo",
];

const META_COMMANDS: Readonly<Record<string, Command>> = {
  b: "word-left",
  f: "word-right",
  d: "kill-word",
  u: "upcase-word",
  l: "downcase-word",
  c: "capitalize-word",
  t: "transpose-words",
  y: "yank-pop",
  r: "revert-line",
  p: "non-incremental-search",
  n: "non-incremental-search",
  "\x7f": "backward-kill-word",
  "\b": "backward-kill-word",
  "\\": "delete-horizontal-space",
  "<": "beginning-of-history",
  ">": "end-of-history",
  ".": "last-argument",
  _: "last-argument",
  " ": "set-mark",
  "\x1d": "find-character-backward",
  "\x12": "revert-line",
  "\x07": "abort",
  "\f": "redraw",
  "\r": "nothing",
  "\n": "nothing",
  "?": "redraw",
  "=": "redraw",
};

const SEQUENCE_COMMANDS: Readonly<Record<string, Command>> = {
  A: "previous-history",
  B: "next-history",
  C: "right",
  D: "left",
  H: "beginning",
  F: "end",
  "1~": "beginning",
  "7~": "beginning",
  "4~": "end",
  "8~": "end",
  "3~": "delete",
  "1;5C": "word-right",
  "1;5D": "word-left",
  "1;3C": "word-right",
  "1;3D": "word-left",
  "5C": "word-right",
  "5D": "word-left",
  "3;5~": "kill-word",
};

/** After Ctrl-X. */
const PREFIX_X_COMMANDS: Readonly<Record<string, Command>> = {
  "\x15": "undo",
  "\x18": "exchange-point-and-mark",
  "\x7f": "backward-kill-line",
  "\x07": "abort",
  "\x16": "redraw",
  "(": "macro-start",
  ")": "macro-end",
  e: "macro-call",
  "!": "redraw",
  "/": "redraw",
  "@": "redraw",
  "~": "redraw",
  $: "redraw",
  g: "redraw",
};

/** What readline, as bash ships it, makes of a key. */
export function readlineCommandOf(key: Key): Command {
  switch (key.kind) {
    case "control":
      return key.code === 0x7f ? "rubout" : (CONTROL_COMMANDS[key.code] ?? "unclear");
    case "meta":
      if (/^[\d-]$/.test(key.text)) return "digit";
      // Upper case is bound to its lower case (do-lowercase-version).
      return META_COMMANDS[key.text] ?? META_COMMANDS[key.text.toLowerCase()] ?? "unclear";
    case "sequence":
      return SEQUENCE_COMMANDS[key.body] ?? "unclear";
    case "text":
    case "quoted":
    case "pasted":
    case "paste-begin":
    case "paste-end":
      return "nothing";
    case "reply":
    case "garbled":
      return "unclear";
  }
}

export function commandAfterPrefixX(key: Key): Command {
  if (key.kind === "control") return PREFIX_X_COMMANDS[String.fromCharCode(key.code)] ?? "unclear";
  if (key.kind === "text") return PREFIX_X_COMMANDS[key.text.toLowerCase()] ?? "unclear";
  return "unclear";
}
