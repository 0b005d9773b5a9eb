import fc from "fast-check";
import { KEY, type Step, type WitnessCase } from "./cases.js";
import { edits, FILES, word } from "./mixed-lines.js";

/** The shells whose profiles change what is drawn and what a key does. */
export type ProfiledShell = "zsh" | "fish";

/**
 * Lines typed at shells as people set them up: prompts of several rows and at both margins, suggestions,
 * colours, menus, vi mode, widgets that draw again; with what only these shells do between the words.
 */
export function profileLines(shell: ProfiledShell, count: number, seed: number): WitnessCase[] {
  const profile = fc.constantFrom(...PROFILES[shell]);
  return fc
    .sample(fc.tuple(profile, line(shell), line(shell)), { numRuns: count, seed })
    .map(([{ rc, name, env }, one, two]) => ({
      name: JSON.stringify([name, ...one, ...two]),
      steps: ["say before one\r", ...one, ...two],
      in: [shell],
      options: { files: FILES, rc, ...(env === undefined ? {} : { env }) },
    }));
}

interface Profile {
  readonly name: string;
  readonly rc: string;
  readonly env?: Readonly<Record<string, string>>;
}

const SUGGESTING = "source /usr/share/zsh-autosuggestions/zsh-autosuggestions.zsh";
const COLOURING = "source /usr/share/zsh-syntax-highlighting/zsh-syntax-highlighting.zsh";
const COMPLETING = "autoload -Uz compinit; compinit -D -u";

const PROFILES: Readonly<Record<ProfiledShell, readonly Profile[]>> = {
  zsh: [
    { name: "a right prompt", rc: "RPROMPT='%F{cyan}[%*]%f'" },
    { name: "two rows", rc: "PS1=$'%F{green}%n%f in %~\\nlab> '" },
    { name: "two rows and a right prompt", rc: "PS1=$'%B%n%b %~\\n%# lab> '; RPROMPT='%~ right'" },
    { name: "suggestions", rc: SUGGESTING },
    {
      name: "suggestions from completion",
      rc: `${COMPLETING}; ZSH_AUTOSUGGEST_STRATEGY=(history completion); ${SUGGESTING}`,
    },
    {
      name: "loud suggestions",
      rc: `${SUGGESTING}; ZSH_AUTOSUGGEST_HIGHLIGHT_STYLE='fg=cyan,underline'`,
    },
    { name: "colours", rc: COLOURING },
    { name: "suggestions and colours", rc: `${SUGGESTING}; ${COLOURING}; RPROMPT='%?'` },
    { name: "a menu", rc: `${COMPLETING}; zstyle ':completion:*' menu select` },
    { name: "vi mode", rc: "bindkey -v" },
    {
      name: "vi mode that shows itself",
      rc: "bindkey -v; zle-keymap-select() { RPROMPT=$KEYMAP; zle reset-prompt; }; zle -N zle-keymap-select",
    },
    {
      name: "a prompt that goes",
      rc: "zle-line-finish() { PS1='> '; RPROMPT=; zle reset-prompt; }; zle -N zle-line-finish; precmd() { PS1='%~ lab> '; }",
    },
    {
      name: "a prompt with a clock",
      rc: "PS1='%* lab> '; TMOUT=1; TRAPALRM() { zle reset-prompt; }",
    },
    {
      name: "search by what is typed",
      rc: "autoload -Uz up-line-or-beginning-search down-line-or-beginning-search; zle -N up-line-or-beginning-search; zle -N down-line-or-beginning-search; bindkey '^[[A' up-line-or-beginning-search '^[[B' down-line-or-beginning-search",
    },
    { name: "history looked at first", rc: "setopt hist_verify" },
    {
      name: "no bell",
      rc: "setopt no_beep hist_ignore_dups auto_cd interactive_comments extended_glob",
    },
  ],
  fish: [
    { name: "as it ships", rc: "" },
    { name: "a right prompt", rc: "function fish_right_prompt; date +%T; end" },
    {
      name: "two rows",
      rc: "function fish_prompt; echo (set_color green)me(set_color normal) in (prompt_pwd); printf 'lab> '; end",
    },
    { name: "vi mode", rc: "fish_vi_key_bindings" },
    {
      name: "vi mode with words of its own",
      rc: "fish_hybrid_key_bindings; function fish_mode_prompt; end",
    },
    { name: "private", rc: "set -g fish_private_mode 1" },
    { name: "abbreviations", rc: "abbr -a s say; abbr -a sq 'say quick'; abbr -a gam gamma" },
    { name: "loud suggestions", rc: "set -g fish_color_autosuggestion cyan --underline" },
    {
      name: "a prompt drawn again",
      rc: "function fish_prompt; printf '%s lab> ' (date +%S); end; function again --on-signal USR1; commandline -f repaint; end",
    },
    {
      name: "no colours",
      rc: "set -g fish_color_autosuggestion brblack; set -g fish_color_command normal; set -g fish_color_param normal",
    },
  ],
};

const line = (shell: ProfiledShell): fc.Arbitrary<Step[]> => fc.oneof(...LINES[shell]);

type Choice = { readonly weight: number; readonly arbitrary: fc.Arbitrary<Step[]> };

const from = (
  shell: ProfiledShell,
  weight: number,
  make: (a: string, b: string) => Step[],
): Choice => ({
  weight,
  arbitrary: fc.tuple(word(shell), word(shell)).map(([a, b]) => make(a, b)),
});

/** Words, and keys between them that the other mixtures have and these shells add. */
function typed(shell: ProfiledShell, weight: number): Choice {
  const keys = fc.array(
    fc.oneof(
      { weight: 2, arbitrary: edits(shell, 3) },
      { weight: 2, arbitrary: fc.constantFrom(...MORE_KEYS[shell]).map((key): Step[] => [key]) },
    ),
    { minLength: 1, maxLength: 3 },
  );
  return {
    weight,
    arbitrary: fc
      .tuple(word(shell), keys)
      .map(([a, steps]) => [`say ${a} `, ...steps.flat(), "\r"]),
  };
}

const MORE_KEYS: Readonly<Record<ProfiledShell, readonly string[]>> = {
  zsh: [
    ...[
      "\x1b\x1f",
      "\x1b'",
      "\x18\x15",
      "\x18u",
      "\x1bw",
      "\x1b ",
      "\x18*",
      "\x1bm",
      "\x1b-\x1bd",
      "\x1b2\x7f",
    ],
    ...[
      "\x18\x0bsay k",
      "\x18\x0fxy",
      "\x16\t",
      "\x1b[1;5D",
      "\x1b[1;5C",
      "\x18\x18",
      "\x1b\x1b",
      "\x07say g",
    ],
    ...[
      "\x1bgx",
      "\x1bs",
      "\x1b$",
      "\x1b?",
      "\x1b<\x1b>",
      "\x1bp",
      "\x1bn",
      "\x1b|",
      "\x18=",
      "\x18\x02",
      KEY.home,
    ],
  ],
  fish: [
    ...[
      "\x1bt",
      "\x1b/",
      "\x1a\x1b/",
      "\x1bp",
      "\x1b[1;3A",
      "\x1b[1;3B",
      "\x1b[1;3C",
      "\x1b[1;3D",
      "\x1b[1;5D",
    ],
    ...[
      "\x1b[1;5C",
      "\x1f",
      "\x1by",
      "\x1bs\x1bs",
      "\x1b<",
      "\x1b>",
      "\x1bl",
      "\x1bo",
      "\x1bw",
      "\x1b",
      "\x07",
      "\x0f",
    ],
  ],
};

const aborted = (weight: number, shell: ProfiledShell): Choice =>
  from(shell, weight, (a, b) => [`say ${a} `, "\x03", `say ${b}\r`]);
const pasted = (weight: number, shell: ProfiledShell): Choice =>
  from(shell, weight, (a, b) => [{ at: "once", keys: KEY.paste(`say ${a}\nsay ${b}`) }, "\r"]);
const pastedInto = (weight: number, shell: ProfiledShell): Choice =>
  from(shell, weight, (a, b) => [
    "say x ",
    { at: "once", keys: KEY.paste(`${a} ${b}\n`) },
    "\x7f",
    "\r",
  ]);
const resized = (weight: number, shell: ProfiledShell): Choice => ({
  weight,
  arbitrary: fc
    .tuple(
      word(shell),
      word(shell),
      fc.constantFrom(30, 44, 58, 71, 100),
      fc.constantFrom(14, 20, 24),
    )
    .map(([a, b, columns, rows]): Step[] => [
      `say ${a} 'some words that fill the row' ${b}`,
      { resize: [columns, rows] },
      ` ${a}`,
      "\r",
      { resize: [100, 24] },
    ]),
});
const empties = (weight: number, shell: ProfiledShell): Choice => ({
  weight,
  arbitrary: fc
    .array(fc.constantFrom(...EMPTY_KEYS[shell]), { minLength: 1, maxLength: 3 })
    .map((keys): Step[] => [...keys, "\r"]),
});

/** Keys at a prompt where nothing stands, and that put nothing there. */
const EMPTY_KEYS: Readonly<Record<ProfiledShell, readonly string[]>> = {
  zsh: [
    "\x1b\x17",
    "\x15",
    "\x17",
    "\x0b",
    "\x1bb",
    "\x1bf",
    "\x1bd",
    KEY.left,
    "\x05",
    "\x01",
    "\x1bu",
    "\x18x",
    KEY.back,
  ],
  fish: [
    "\x1b\x17",
    "\x1b\x05",
    "\x15",
    "\x17",
    "\x0b",
    "\x1bb",
    "\x1bf",
    "\x05",
    "\x01",
    "\x1bu",
    "\x1b",
    KEY.back,
    "\x07",
    KEY.left,
    "\x1b\x7f",
    "\x1bz",
  ],
};

const LINES: Readonly<Record<ProfiledShell, readonly Choice[]>> = {
  zsh: [
    typed("zsh", 10),
    aborted(1, "zsh"),
    pasted(2, "zsh"),
    pastedInto(1, "zsh"),
    resized(2, "zsh"),
    empties(2, "zsh"),
    from("zsh", 2, (a, b) => [`say ${a} ${b}\r`, `say ${a}`, KEY.right, "\r"]),
    from("zsh", 1, (a, b) => [`say ${a} ${b}\r`, `say ${a}`, "\x1bf", ` ${b}\r`]),
    from("zsh", 1, (a, b) => [`say ${a} ${b}\r`, `say ${a}`, "\r"]),
    from("zsh", 2, (a, b) => [`say ${a}`, "\x1bq", `say ${b}\r`, "\r"]),
    from("zsh", 2, (a, b) => [`say ${a}\r`, `say ${b}\r`, "\x1bp\x1bp", "\r"]),
    from("zsh", 2, (a, b) => [`say ${a}\r`, `say ${b}\r`, "say ", KEY.up, KEY.up, KEY.down, "\r"]),
    from("zsh", 2, (a) => [`say ${a} al\t\t`, KEY.right, "\r", "\r"]),
    from("zsh", 1, (a) => [`say ${a} al\t\t`, "\x1b[Z", " \r", "\r"]),
    from("zsh", 1, (a, b) => [`say ${a} \t`, "\t", KEY.down, "\r", ` ${b}\r`, "\r"]),
    from("zsh", 1, () => ["say *.txt\t", " x\r", "\r"]),
    from("zsh", 1, (a) => [`say $HOME\t`, ` ${a}\r`, "\r"]),
    from("zsh", 1, (a) => [`say ${a}\r`, "!!\t", " x\r", "\r"]),
    from("zsh", 2, (a) => [`say ${a} zz\r`, "say !$\r", "\r"]),
    from("zsh", 1, (a) => [`say ${a} zz\r`, "say !$ ", "q\r", "\r"]),
    from("zsh", 1, (a, b) => [`say '${a.replace(/'/g, "")}\r`, `${b.replace(/['"]/g, "")}'\r`]),
    from("zsh", 1, (a, b) => [`for x in ${a}; do\r`, `say ${b}\r`, "done\r"]),
    from("zsh", 1, (a, b) => [`say ${a} \\\r`, `${b}\r`]),
    from("zsh", 1, (a, b) => [`say ${a}`, "\x1b\r", `say ${b}\r`]),
    from("zsh", 2, (a, b) => [`say ${a}`, "\x1bb\x1bdsay\x1b\r", `${b}\r`]),
    from("zsh", 2, (a, b) => [`say ${a} ${b}`, "\x1bbix\x1b", "0", "A y\r"]),
    from("zsh", 1, (a, b) => [`say ${a}\r`, `say ${b}`, "\x1ba", "\r"]),
    from("zsh", 1, (a, b) => [`say ${a}\r`, `say ${b}\r`, KEY.up, KEY.up, "\x0f", "\r"]),
    from("zsh", 1, (a) => [`say ${a}\r`, "\x12say", "\x12", KEY.right, " z\r"]),
  ],
  fish: [
    typed("fish", 10),
    aborted(1, "fish"),
    pasted(2, "fish"),
    pastedInto(1, "fish"),
    resized(2, "fish"),
    empties(3, "fish"),
    from("fish", 2, (a, b) => [`say ${a} ${b}\r`, `say ${a}`, KEY.right, "\r"]),
    from("fish", 1, (a, b) => [`say ${a} ${b}\r`, `say ${a}`, "\x1bf", ` ${b}\r`]),
    from("fish", 1, (a, b) => [`say ${a} ${b}\r`, `say ${a}`, "\r"]),
    from("fish", 1, (a, b) => [`say ${a} ${b}\r`, `say ${a}`, "\x1b[1;3C", "\r"]),
    from("fish", 2, (a, b) => [`say ${a}\r`, `say ${b}\r`, "\x12say", "\r", "\r"]),
    from("fish", 1, (a, b) => [`say ${a}\r`, `say ${b}\r`, "\x12say", KEY.down, "\r", " x\r"]),
    from("fish", 1, (a) => [`say ${a}\r`, "\x12nothing-like-it", "\x1b", "\x15", "say b\r"]),
    from("fish", 2, (a) => [`say ${a} al\t`, KEY.down, "\r", "\r"]),
    from("fish", 1, (a) => [`say ${a} \t`, "\t", KEY.right, KEY.down, "\r", "\r"]),
    from("fish", 1, (a) => [`say ${a} al\t`, "\x1b", " y\r"]),
    from("fish", 2, (a, b) => [`say ${a}`, "\x1b\r", `say ${b}`, "\r"]),
    from("fish", 1, (a, b) => [`say ${a}`, "\x1b\r", `say ${b}`, KEY.up, "\x05 z", "\r"]),
    from("fish", 1, (a, b) => [`for x in 1 2\r`, `say ${a} ${b}\r`, "end\r", KEY.up, "\r"]),
    from("fish", 1, (a) => [`say ${a}\r`, "\x1bs", "\x03", "say z\r"]),
    from("fish", 1, (a) => [`say ${a} zz\r`, "say \x1b.", "\x1b.", "\r"]),
    from("fish", 1, (a, b) => [`say ${a} \\\r`, `${b}\r`]),
    from("fish", 1, (a) => [`sq`, " ", `${a}\r`]),
    from("fish", 1, (a) => [`s ${a}\r`]),
    from("fish", 1, (a, b) => [`say ${a}\r`, `say ${b}\r`, "say", KEY.up, KEY.up, KEY.down, "\r"]),
    from("fish", 2, (a, b) => [`say ${a} ${b}`, "\x1bbix\x1b", "0", "A y\r"]),
    from("fish", 1, (a) => [`say ${a}`, "\x1b[13;2u"]),
    from("fish", 1, (a) => [`say ${a}`, "\x1b[27;5;13~"]),
    from("fish", 1, (a, b) => [
      `sh -c 'sleep 0.1; kill -USR1 '$fish_pid &\r`,
      `say ${a}`,
      ` ${b}\r`,
    ]),
  ],
};
