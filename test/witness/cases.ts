import {
  SHELLS,
  type ShellLabOptions,
  type ShellName,
} from "../../src/session/shell-lab.testing.js";

/**
 * One situation at a shell: what a person presses, step by step. What really ran is said by the shell
 * itself; a case holds no expectation of its own, so it can not be wrong about a shell.
 */
export interface WitnessCase {
  readonly name: string;
  readonly steps: readonly Step[];
  readonly in: readonly ShellName[];
  /** Needs a terminal or a profile of its own. */
  readonly options?: ShellLabOptions;
  /** Leaves the shell other than it was: nothing else is tried in it. */
  readonly alone?: true;
}

export type Step =
  /** Typed key after key. */
  | string
  /** Sent as one piece: pasted, or typed faster than the network. */
  | { readonly at: "once"; readonly keys: string }
  | { readonly resize: readonly [columns: number, rows: number] }
  /** Waits until the screen shows it. */
  | { readonly see: string };

export const KEY = {
  up: "\x1b[A",
  down: "\x1b[B",
  right: "\x1b[C",
  left: "\x1b[D",
  home: "\x1b[H",
  end: "\x1b[F",
  delete: "\x1b[3~",
  back: "\x7f",
  escape: "\x1b",
  tab: "\t",
  paste: (text: string): string => `\x1b[200~${text}\x1b[201~`,
} as const;

/** They have an editor of their own; dash leaves the line to the kernel. */
const EDITORS = SHELLS.filter((shell) => shell !== "dash");
/** They tell their lines and not only their words. */
const TELLING: readonly ShellName[] = ["bash", "zsh", "fish"];
const READLINE_LIKE: readonly ShellName[] = ["bash", "zsh"];

const rows = (
  shells: readonly ShellName[],
  table: Readonly<Record<string, readonly Step[]>>,
  more: Pick<WitnessCase, "options" | "alone"> = {},
): WitnessCase[] =>
  Object.entries(table).map(([name, steps]) => ({ name, steps, in: shells, ...more }));

const TYPING = rows(SHELLS, {
  "a plain line": ["say one two\r"],
  "quotes and blanks": ["say 'a b' \"c d\"\r"],
  "characters taken back": ["say onr\x7fe tvo\x7f\x7fwo\r"],
  "a line taken back": ["rm all of it\x15say kept\r"],
  "a word taken back": ["say one wrong\x17two\r"],
  "two commands in a line": ["say one; say two\r"],
  "typed in one go": [{ at: "once", keys: "say burst one\r" }],
  "two lines in one go": [{ at: "once", keys: "say first\rsay second\r" }],
  "ahead of a slow command": ["sleep 0.3\r", { at: "once", keys: "say ahead\r" }, { see: "lab> " }],
  "ended with Ctrl-J": ["say newline\n"],
  "empty lines": ["\r", "\r", "say after\r"],
  "aborted before": ["rm something\x03", "say after abort\r"],
  "wide characters": ["say 日本 x\r"],
  "an emoji": ["say 🎉 x\r"],
  "letters with accents": ["say Zoë été\r"],
  "a long line that wraps": [`say ${"word ".repeat(40)}end\r`],
  "a pipe": ["say one | cat\r"],
  "a number of blanks": ["say   one   two\r"],
  "a joined emoji": ["say 👨\u200d👩\u200d👧 x\r"],
  "a skin tone": ["say 👍🏽 x\r"],
  "a combining mark": ["say e\u0301te\u0301 x\r"],
});
const EXPANDED = rows(TELLING, {
  "a variable": ["say $HOME\r"],
});

const EDITING = rows(EDITORS, {
  "a letter put in": ["say tw three\x1b[D\x1b[D\x1b[D\x1b[D\x1b[D\x1b[Do\r"],
  "the beginning and the end": ["ay one\x01s\x05 two\r"],
  "Home and End": ["ay one\x1b[Hs\x1b[F two\r"],
  "Ctrl-B and Ctrl-F": ["say ab\x02\x02x\x06y\r"],
  "the Delete key": ["say xone\x1b[D\x1b[D\x1b[D\x1b[D\x1b[3~\r"],
  "Ctrl-D in the middle": ["say xone\x02\x02\x02\x02\x04\r"],
  "Ctrl-H": ["say onn\be\r"],
  "the tail cut off": ["say one two three\x1b[D\x1b[D\x1b[D\x1b[D\x1b[D\x0b\r"],
  "words jumped over": ["say one two\x1bb\x1bbx\x1bfy\r"],
  "a word deleted ahead": ["say one two\x1bb\x1bb\x1bd\r"],
  "a word deleted behind": ["say one two-three\x1b\x7fx\r"],
  "a path deleted by word": ["say /usr/local/bin\x17/tmp\r"],
  "a path deleted by Alt-Backspace": ["say /usr/local/bin\x1b\x7fsbin\r"],
  "letters exchanged": ["say noe\x02\x14\x05\r"],
  "Ctrl-U in the middle": [
    "bad start say kept\x1b[D\x1b[D\x1b[D\x1b[D\x1b[D\x1b[D\x1b[D\x1b[D\x15say \r",
  ],
  "a redraw": ["say one\x0c two\r"],
  "wide characters edited": ["say 日本語 x\x1b[D\x1b[D\x1b[D本\r"],
  "accents edited": ["say été\x1b[D\x1b[D\x7fx\r"],
});

const YANKING = rows(["bash", "zsh", "fish", "mksh"], {
  "the tail cut off and yanked": ["one say \x1b[D\x1b[D\x1b[D\x1b[D\x0b\x01\x19\x05\x7f\r"],
  "a word cut and yanked": ["say one two\x17\x01\x05\x19 \x19\r"],
});

const WORDS = rows(READLINE_LIKE, {
  "upper case": ["say one two\x1bb\x1bu\r"],
  "lower case": ["say ONE TWO\x1bb\x1bl\r"],
  capitals: ["say one two\x1bb\x1bc\r"],
  "words exchanged": ["say one two\x1bt\r"],
  "yank, then the one before": ["say one\x17two\x17\x01say \x19\x1by\r"],
  "a number of times": ["say \x1b3x y\r"],
  undone: ["say one two\x1f\x1f\rsay z\r"],
  "Ctrl-arrows": ["say one two\x1b[1;5D\x1b[1;5Dx\r"],
  "a quoted character": ["say a\x16\x01b\r"],
});

const MARKS = rows(TELLING, {
  "a joined emoji recalled": ["say 👨\u200d👩\u200d👧 x\r", KEY.up, " more\r"],
  "a skin tone edited behind": ["say 👍🏽 xy\x7fz\r", KEY.up, "\x7fw\r"],
  "a combining mark edited in front": ["ay e\u0301te\u0301 x\x01s\r"],
});

const HISTORY = rows(EDITORS, {
  "the line before": ["say recalled\r", KEY.up, "\r"],
  "the line before, edited": ["say one\r", KEY.up, " more\r"],
  "two lines back": ["say one\r", "say two\r", KEY.up, KEY.up, "\r"],
  "up and down again": ["say one\r", "say two\r", KEY.up, KEY.up, KEY.down, "\r"],
  "Ctrl-P and Ctrl-N": ["say one\r", "say two\r", "\x10", "\x10", "\x0e", "\r"],
  "down to an unfinished line": ["say one\r", "say half", KEY.up, KEY.down, " done\r"],
  "recalled and edited in front": ["say old\r", KEY.up, "\x01\x06\x06\x06\x06new \r"],
  "recalled and a word taken back": ["say one two\r", KEY.up, "\x17three\r"],
  "recalled, then thrown away": ["say one\r", KEY.up, "\x03", "say new\r"],
  "recalled in one go": ["say swift\r", { at: "once", keys: `${KEY.up}\r` }],
  "recalled, edited in one go": ["say swift\r", { at: "once", keys: `${KEY.up} two\r` }],
});

const SEARCH = rows(["bash", "zsh", "mksh"], {
  "a search": ["say needle hay\r", "say other\r", "\x12need", "\r"],
  "a search, then editing": ["say needle hay\r", "say other\r", "\x12need", "\x05", " more\r"],
  "a search further back": ["say pin 1\r", "say pin 2\r", "say x\r", "\x12pin", "\x12", "\r"],
});
const SEARCH_FULL = rows(READLINE_LIKE, {
  "a search that is given up": ["say old\r", "say base", "\x12old", "\x07", " more\r"],
  "a search left with an arrow": ["say find me\r", "say b\r", "\x12find", KEY.left, "x\r"],
  "a search corrected": ["say alpha\r", "say beta\r", "\x12alq\x7fp", "\r"],
});

const BANG = rows(READLINE_LIKE, {
  "!!": ["say bang\r", "!!\r"],
  "!$": ["say first last\r", "say !$\r"],
  "!say": ["say by name\r", "echo x\r", "!say\r"],
  "!-2": ["say minus two\r", "echo x\r", "!-2\r"],
  "^a^b": ["say aone\r", "^aone^btwo\r"],
  "!! with more": ["say bang\r", "!! more\r"],
  "!:1": ["say w1 w2\r", "say !:1\r"],
  "!* and !^": ["say w1 w2\r", "say !*\r", "say !^\r"],
  "quoted, it stays": ["say '!!'\r"],
  "escaped, it stays": ["say \\!x\r"],
  "!?x?": ["say qqq zz\r", "echo y\r", "!?qqq?\r"],
  "!!:s": ["say left side\r", "!!:s/left/right/\r"],
  "the last argument by Alt-.": ["say arg1 arg2\r", "say \x1b.", " x\r"],
});

const BANG_LITERAL = rows(["fish", "mksh", "ash", "dash"], {
  "!! is only text": ["say !!\r"],
});

const FILES = { "alpha.txt": "", "alpine.txt": "", "beta file": "", "gamma-only": "" };

const COMPLETION: WitnessCase[] = rows(
  ["bash", "zsh", "fish", "mksh", "ash"],
  {
    "one completion": ["say gam\t", "\r"],
    "one completion, more typed": ["say gam\t", "x y\r"],
    "the part in common": ["say al\t", "pha\t", "\r"],
    "listed by two Tabs": ["say al\t\t", "i\t", "\r"],
    "a name with a blank": ["say bet\t", "\r"],
    "nothing to complete": ["say zzz\t", "x\r"],
    "typed on in one go": [{ at: "once", keys: "say gam\t" }, " end\r"],
  },
  { options: { files: FILES } },
);

const PASTED = rows(TELLING, {
  "a word pasted": ["say ", { at: "once", keys: KEY.paste("pasted words") }, "\r"],
  "two lines pasted": [{ at: "once", keys: KEY.paste("say one\rsay two") }, "\r"],
  "pasted, then edited": [{ at: "once", keys: KEY.paste("say pst") }, KEY.left, KEY.left, "a\r"],
  "a line with its end pasted": [{ at: "once", keys: KEY.paste("say all\r") }, "\r"],
});
const PASTED_PLAIN = rows(SHELLS, {
  "pasted without brackets": [{ at: "once", keys: "say p1\rsay p2\rsay p3\r" }],
});

const CONTINUED = rows(TELLING, {
  "an open quote": ["say 'one\r", "two'\r"],
  "a trailing backslash": ["say one \\\r", "two\r"],
  "an open quote recalled": ["say 'one\r", "two'\r", KEY.up, "\r"],
});
const CONTINUED_POSIX = rows(READLINE_LIKE, {
  "a loop over lines": ["for x in 1 2; do\r", "say $x\r", "done\r"],
  "a here-document": ["cat <<EOF\r", "some text\r", "EOF\r", "say after\r"],
  "a loop in one line": ["for x in 1 2; do say $x; done\r"],
  "a pipe at the end": ["say one |\r", "cat\r"],
});
const ABORTED = rows(["zsh", "fish"], {
  "aborted in the middle": ["say 'one\r", "\x03", "say next\r"],
});
const CONTINUED_FISH = rows(["fish"], {
  "a loop over lines": ["for x in 1 2\r", "say $x\r", "end\r"],
  "begin and end": ["begin\r", "say in\r", "end\r"],
  "a newline put in by Alt-Enter": ["say one;", "\x1b\r", "say two\r"],
});

const NARROW = rows(
  EDITORS,
  {
    wraps: ["say one two three four five six seven\r"],
    "wraps and is edited in front": ["ay one two three four five six seven\x01s\x05 end\r"],
    "recalled over rows": ["say one two three four five six seven\r", KEY.up, "\r"],
    "recalled over rows and edited": [
      "say one two three four five six seven\r",
      KEY.up,
      "\x17\x17eight\r",
    ],
    "just fills the row": ["say 345678901234567890\r"],
    "wide characters at the margin": ["say 日本語日本語日本語日本\r"],
    "at the bottom": [
      "\r",
      "\r",
      "\r",
      "\r",
      "\r",
      "\r",
      "\r",
      "say one two three four five six 7\r",
    ],
  },
  { options: { columns: 25, rows: 8 } },
);

const RESIZED = rows(
  EDITORS,
  {
    "made narrower while typing": ["say one two three", { resize: [40, 20] }, " four\r"],
    "made wider while typing": ["say one two three", { resize: [120, 30] }, " four\r"],
    "made narrow over rows": [
      "say one two three four five six",
      { resize: [22, 20] },
      " seven eight\r",
    ],
    "recalled, then resized": ["say one two\r", KEY.up, { resize: [50, 20] }, " x\r"],
  },
  { alone: true, options: { columns: 80, rows: 24 } },
);

const BACKGROUND = rows(
  SHELLS.filter((shell) => shell !== "fish"),
  {
    "a job prints while typing": [
      "(sleep 0.1; echo noise) &\r",
      "say on",
      { see: "noise" },
      "e two\r",
    ],
  },
);
const BACKGROUND_FISH = rows(["fish"], {
  "a job prints while typing": [
    "sh -c 'sleep 0.3; echo no''ise' &\r",
    "say on",
    { see: "noise" },
    "e two\r",
  ],
  "a line that is refused": ["say (one\r", "\x7f\x7f\x7f\x7f\x7fone\r"],
});

const SECRETS = rows(["bash", "zsh", "mksh", "ash", "dash"], {
  "stty -echo around": ["stty -echo; read x; stty echo\r", "hunter2-hidden\r", "say after\r"],
});
const READ_S = rows(READLINE_LIKE, {
  "read -s": ["read -s x\r", "hunter2-hidden\r", "say after\r"],
});

const BASH_ONLY: WitnessCase[] = [
  ...rows(["bash"], {
    "Ctrl-O": ["say one\r", "say two\r", KEY.up, KEY.up, "\x0f", "\r"],
    "commented out": ["rm x\x1b#", "say after\r"],
    "a macro": ["\x18(say \x18)one\r", "\x18etwo\r"],
    "Ctrl-X Ctrl-U": ["say onex\x18\x15\r"],
    "a reverted recall": ["say one\r", KEY.up, " more\x1br", "\r"],
    "Alt-< and Alt->": ["say one\r", "say two\x1b<", "\x1b>", "\r"],
  }),
  ...rows(
    ["bash"],
    {
      "vi: typed": ["say one\r"],
      "vi: in command mode": ["say onx\x1bre", "\r"],
      "vi: words": ["say one two\x1bbcwthree\r"],
      "vi: recalled": ["say one\r", "\x1bk", "\r"],
      "vi: recalled twice": ["say one\r", "say two\r", "\x1bkk", "\r"],
      "vi: deleted": ["say one two\x1bdb", "\r"],
      "vi: searched": ["say needle one\r", "say b\r", "\x1b/needle\r", "\r", "say after\r"],
    },
    { alone: true, options: { rc: "set -o vi" } },
  ),
  ...rows(
    ["bash"],
    {
      "a prompt of two lines": ["say one\r", KEY.up, " x\r"],
      "searched below two lines": ["say find\r", "say b\r", "\x12find", "\r"],
    },
    { options: { rc: "PS1='\\u in \\w\\nlab> '" } },
  ),
  ...rows(
    ["bash"],
    { "a prompt changed": ["PS1='other% '\r", "say one\r", KEY.up, " x\r"] },
    { alone: true },
  ),
  ...rows(
    ["bash"],
    {
      "other history characters": [
        "histchars='@%#'\r",
        "say one\r",
        "@@\r",
        "%one%two\r",
        "say !!\r",
      ],
    },
    { alone: true },
  ),
  ...rows(["bash"], { "a prompt emptied": ["PS1=\r", "say one\r", "say two\r"] }, { alone: true }),
];

const MKSH_ONLY: WitnessCase[] = rows(
  ["mksh"],
  { "vi: searched": ["say needle one\r", "say b\r", "\x1b/needle\r", "\r", "say after\r"] },
  { alone: true, options: { rc: "set -o vi" } },
);

const DASH_ONLY: WitnessCase[] = rows(
  ["dash"],
  {
    "keys changed by stty": ["stty erase '#' kill @\r", "say abx#c\r", "rm x@say kept\r"],
    "wide characters taken back": ["say 日本\x17x y\r", "say 日\x7fz\r"],
  },
  { alone: true },
);

const ZSH_ONLY: WitnessCase[] = [
  ...rows(
    ["zsh"],
    {
      "a right prompt": ["say one two\r", KEY.up, " x\r"],
      "a right prompt run over": [`say ${"word ".repeat(18)}\r`],
      "a right prompt and editing": ["say one two\x01\x06\x06\x06\x06x\x05y\r"],
      "a search beside it": ["say find me\r", "say b\r", "\x12find", "\r"],
    },
    { options: { rc: "RPROMPT='[right %*]'" } },
  ),
  ...rows(
    ["zsh"],
    {
      "a suggestion left alone": ["say suggested text\r", "say sug", "\r"],
      "a suggestion taken": ["say suggested text\r", "say sug", KEY.right, "\r"],
      "a suggestion taken by End": ["say suggested text\r", "say sug", "\x05", " x\r"],
      "a suggestion taken by a word": ["say suggested text\r", "say sug", "\x1bf", "\r"],
      "a suggestion typed over": ["say suggested text\r", "say sugar\r"],
    },
    { options: { rc: "source /usr/share/zsh-autosuggestions/zsh-autosuggestions.zsh" } },
  ),
  ...rows(
    ["zsh"],
    {
      "coloured while typed": ["say 'one' two | cat\r"],
      "coloured and recalled": ["say one\r", KEY.up, " 'x'\r"],
    },
    {
      options: {
        rc: "source /usr/share/zsh-syntax-highlighting/zsh-syntax-highlighting.zsh",
      },
    },
  ),
  ...rows(
    ["zsh"],
    {
      "a menu walked through": ["say al\t\t\t", "\r", "\r"],
      "a menu with arrows": ["say al\t\t", KEY.right, "\r", "\r"],
      "a menu left by typing": ["say al\t\t", " x\r"],
      "a menu of commands": ["say gam\t", "\r"],
    },
    {
      options: {
        files: FILES,
        rc: "autoload -Uz compinit; compinit -D -u; zstyle ':completion:*' menu select",
      },
    },
  ),
  ...rows(
    ["zsh"],
    {
      "vi: typed": ["say one\r"],
      "vi: changed": ["say onx\x1bre", "\r"],
      "vi: recalled": ["say one\r", "\x1bk", "\r"],
      "vi: searched": ["say needle one\r", "say b\r", "\x1b/needle\r", "\r", "say after\r"],
    },
    { alone: true, options: { rc: "bindkey -v" } },
  ),
  ...rows(
    ["zsh"],
    { "a prompt of two lines": ["say one\r", KEY.up, " x\r"] },
    { options: { rc: "PS1=$'%n in %~\\nlab> '" } },
  ),
  ...rows(["zsh"], {
    "Ctrl-U takes the whole line": ["rm one two\x1b[D\x1b[D\x15say z\r"],
    "Ctrl-Q keeps a line for later": ["say later\x1bq", "say now\r", "\r"],
    "Alt-. twice": ["say a1\r", "say a2\r", "say \x1b.\x1b.", "\r"],
    "a global alias": ["alias -g GG='| cat'\r", "say one GG\r"],
    "put there by print -z": ["print -z say prefilled\r", "\r"],
    "accepted and held": ["say held\x1ba", "\r"],
    "expanded by Tab": ["say $HOME\t", "\r"],
    "a history word by Tab": ["say one\r", "!!\t", "\r"],
    "keys that find nothing to do": ["\x1b\x17", "\r", "\x15\x17\x1bb\x05", "\r", "say after\r"],
    "recalled and thrown away": ["say one\r", KEY.up, "\x15\x15", "\r", "say after\r"],
    "a line that comes back": ["say later", "\x1b?", " on\r"],
    "typed over": ["say one\x01\x18\x0fsayx\x05\r"],
  }),
];

const FISH_ONLY: WitnessCase[] = [
  ...rows(["fish"], {
    "ghost text left alone": ["say ghostly words\r", "say gho", "\r"],
    "ghost text taken": ["say ghostly words\r", "say gho", KEY.right, "\r"],
    "ghost text taken by Ctrl-F": ["say ghostly words\r", "say gho", "\x06", "\r"],
    "ghost text taken by a word": ["say ghostly words\r", "say gho", "\x1bf", "\r"],
    "ghost text taken by End": ["say ghostly words\r", "say gho", "\x05", " x\r"],
    "an abbreviation": ["abbr -a sy say\r", "sy one\r"],
    "an abbreviation by itself": ["abbr -a sq 'say quick'\r", "sq\r"],
    "a search by prefix": ["say alpha one\r", "say beta\r", "say al", KEY.up, "\r"],
    "the pager": ["say b1\r", "\x12b1", "\r", "\r"],
    "Alt-. for the last word": ["say arg1 arg2\r", "say \x1b.", "\r"],
    "a comment by Alt-#": ["say one\x1b#", "say two\r"],
    "Alt-s for sudo": ["say one\x1bs", "\x03", "say two\r"],
    "Ctrl-Z undoes": ["say one two\x1a", " x\r"],
    "keys that find nothing to do": ["\x1b\x17", "\r", "\x1b\x05\x1bb", "\r", "say after\r"],
    "keys that nobody knows": ["\x1b[1;3B", "\r", "\x1bx\x7f", "\r", "say after\r"],
    "Enter with Shift": ["say one", "\x1b[13;2u", "say two\x1b[27;5;13~"],
  }),
  ...rows(
    ["fish"],
    { "a choice of the pager": ["say al\t\t", "\r", "\r", "say al\t\t", KEY.right, "\r", " x\r"] },
    { options: { files: FILES } },
  ),
  ...rows(
    ["fish"],
    { "vi: changed": ["say onx\x1bre", "\r"] },
    { alone: true, options: { rc: "fish_vi_key_bindings" } },
  ),
  ...rows(
    ["fish"],
    { "a right prompt": ["say one\r", KEY.up, " x\r"] },
    { options: { rc: "function fish_right_prompt; date +%H:%M; end" } },
  ),
];

/** Every situation, in every shell that has it. */
export const CASES: readonly WitnessCase[] = [
  ...TYPING,
  ...EXPANDED,
  ...EDITING,
  ...YANKING,
  ...MARKS,
  ...WORDS,
  ...HISTORY,
  ...SEARCH,
  ...SEARCH_FULL,
  ...BANG,
  ...BANG_LITERAL,
  ...COMPLETION,
  ...PASTED,
  ...PASTED_PLAIN,
  ...CONTINUED,
  ...CONTINUED_POSIX,
  ...ABORTED,
  ...CONTINUED_FISH,
  ...NARROW,
  ...RESIZED,
  ...BACKGROUND,
  ...BACKGROUND_FISH,
  ...SECRETS,
  ...READ_S,
  ...BASH_ONLY,
  ...MKSH_ONLY,
  ...DASH_ONLY,
  ...ZSH_ONLY,
  ...FISH_ONLY,
];
