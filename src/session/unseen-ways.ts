import type { Analysis, Invocation } from "../model/index.js";

/**
 * Builtins after which the shell runs what no line shows: `fc` takes commands from the history, `bind`
 * (in zsh `bindkey` and `zle`) makes an ordinary key run the line or type another one, `enable -f` loads
 * code into the shell, and a multiplexer types what it keeps. Answers why, in words for the person.
 */
export function unseenWay(analysis: Analysis): string | undefined {
  for (const one of analysis.invocations) {
    const why = waysOf(one);
    if (why !== undefined) return why;
  }
  return undefined;
}

function waysOf(one: Invocation): string | undefined {
  if (one.exec === "fc" && !listsOnly(one.argv)) return FROM_HISTORY;
  // zsh: `r a=b` runs the last command with b in the place of a.
  if (one.exec === "r" && one.path === undefined) return FROM_HISTORY;
  if (one.exec === "tmux" && one.argv.some((word) => /^paste(?:b|-buffer)$/.test(word ?? "")))
    return PASTED;
  if (one.exec === "screen" && one.argv.some((word) => /^(?:paste|readbuf)$/.test(word ?? "")))
    return PASTED;
  if (one.exec === "bind" && !bindsHarmlessly(one.argv.slice(1))) return BOUND;
  if (one.exec === "bindkey" && !listsKeys(one.argv.slice(1))) return BOUND;
  if (one.exec === "zle" && one.argv.some((word) => word === null || /^-[NAC]$/.test(word)))
    return BOUND;
  if (one.exec === "enable" && one.argv.some((word) => word === null || /^-[a-z]*f/.test(word)))
    return LOADED;
  return setsKeys(one) ? BOUND : undefined;
}

/** zsh: listings, the choice of a keymap, and keys for widgets that do not run the line. */
function listsKeys(words: readonly (string | null)[]): boolean {
  const known = words.filter((word) => word !== null);
  if (known.length < words.length || known.includes("-s")) return false;
  const operands = known.filter((word) => !word.startsWith("-"));
  const keymap = /^-[MA]$/.test(known[0] ?? "") ? 1 : 0;
  const widget = operands[keymap + 1];
  return widget === undefined || HARMLESS_FUNCTIONS.has(widget) || HARMLESS_WIDGETS.test(widget);
}

const HARMLESS_WIDGETS =
  /^(?:up|down|beginning|end|forward|backward|kill|delete|history|vi|emacs|expand|complete|menu|undo|redo|yank|clear)-?[a-z-]*$/;

function listsOnly(argv: readonly (string | null)[]): boolean {
  return argv.some((word) => word !== null && /^-[nr]*l[nrl]*$/.test(word));
}

/** Another file of key bindings for the shells that are started from here. */
function setsKeys(one: Invocation): boolean {
  return (
    one.assignments.some(({ name }) => name === "INPUTRC") ||
    one.argv.slice(1).some((word) => word?.startsWith("INPUTRC=") === true)
  );
}

/** Listings, variables of readline, and keys for functions that do not run the line. */
function bindsHarmlessly(words: readonly (string | null)[]): boolean {
  for (let i = 0; i < words.length; i += 1) {
    const word = words[i] ?? null;
    if (word === null) return false;
    if (word === "-m" || word === "-q" || word === "-u" || word === "-r") i += 1;
    else if (/^-[lpPvVsSX]+$/.test(word) || /^set\s/.test(word)) continue;
    else if (!HARMLESS_FUNCTIONS.has(/:\s*([\w-]+)\s*$/.exec(word)?.[1] ?? "")) return false;
  }
  return true;
}

const HARMLESS_FUNCTIONS: ReadonlySet<string> = new Set(
  (
    "abort backward-char backward-delete-char backward-kill-line backward-kill-word backward-word " +
    "beginning-of-history beginning-of-line capitalize-word clear-display clear-screen complete " +
    "complete-filename delete-char downcase-word end-of-history end-of-line exchange-point-and-mark " +
    "forward-char forward-delete-char forward-search-history forward-word glob-complete-word " +
    "history-search-backward history-search-forward history-substring-search-backward " +
    "history-substring-search-forward insert-last-argument kill-line kill-region kill-whole-line " +
    "kill-word magic-space menu-complete menu-complete-backward next-history overwrite-mode " +
    "possible-completions previous-history quoted-insert redraw-current-line reverse-search-history " +
    "revert-line self-insert set-mark shell-backward-kill-word shell-backward-word shell-forward-word " +
    "shell-kill-word tab-insert transpose-chars transpose-words undo unix-filename-rubout " +
    "unix-line-discard unix-word-rubout upcase-word yank yank-last-arg yank-nth-arg yank-pop"
  ).split(" "),
);

const FROM_HISTORY =
  "fc runs commands of the history without showing them first. Recall them with Up or Ctrl-R instead.";
const PASTED =
  "This types what is kept elsewhere, which no line shows. Paste it from your own machine instead.";
const LOADED =
  "This loads code into the shell, which no line shows. Install it on the target instead.";
const BOUND =
  "This gives keys another meaning, so that lines could run unseen. Put it into the profile on the target instead.";
