import type { Command } from "./emacs-keymap.js";

/** Going on to the right from the end of the line takes what is suggested there. */
export const TAKING: ReadonlySet<Command> = new Set<Command>(["right", "end", "word-right"]);

/** What they do depends on what the editor takes for words. */
export const BY_WORDS: ReadonlySet<Command> = new Set<Command>([
  "word-rubout",
  "word-left",
  "word-right",
  "kill-word",
  "backward-kill-word",
  "upcase-word",
  "downcase-word",
  "capitalize-word",
]);

/** They put what they take away where a yank finds it. */
export const KILLING: ReadonlySet<Command> = new Set<Command>([
  "kill-line",
  "backward-kill-line",
  "line-discard",
  "kill-whole-line",
  "word-rubout",
  "kill-word",
  "backward-kill-word",
]);

/** After these the typed characters are no lower bound any more. */
export const CUTTING: ReadonlySet<Command> = new Set<Command>([
  "delete",
  "rubout",
  "kill-line",
  "backward-kill-line",
  "line-discard",
  "kill-whole-line",
  "word-rubout",
  "kill-word",
  "backward-kill-word",
  "delete-horizontal-space",
  "transpose-characters",
  "transpose-words",
  "upcase-word",
  "downcase-word",
  "capitalize-word",
  "yank-pop",
]);
