import fc from "fast-check";
import { KEY, type Step, type WitnessCase } from "./cases.js";
import { edits, FILES, word } from "./mixed-lines.js";
import type { ProfiledShell } from "./profile-lines.js";

/**
 * Lines typed at shells that are dressed up: prompts of themes (powerline, two rows in a frame, one that
 * shrinks once the line runs), widgets that change the line while it is typed, suggestions in any colour,
 * abbreviations of every kind; each with the keys that this dress is for.
 */
export function dressedLines(shell: ProfiledShell, count: number, seed: number): WitnessCase[] {
  const one = fc
    .constantFrom(...DRESSES[shell])
    .chain((dress) => fc.tuple(fc.constant(dress), lineAt(shell, dress), lineAt(shell, dress)));
  return fc
    .sample(one, { numRuns: count, seed })
    .map(([{ name, rc, firstPrompt = /lab/ }, first, second]) => ({
      name: JSON.stringify([name, ...first, ...second]),
      steps: ["say before one\r", ...first, ...second],
      in: [shell],
      options: { files: FILES, rc, firstPrompt },
    }));
}

/** What a person types there that nobody types elsewhere; `a` and `b` are words. */
type Own = (a: string, b: string) => readonly Step[];

interface Dress {
  readonly name: string;
  readonly rc: string;
  readonly lines?: readonly Own[];
  /** What its first prompt shows. */
  readonly firstPrompt?: RegExp;
}

function lineAt(shell: ProfiledShell, { lines = [] }: Dress): fc.Arbitrary<Step[]> {
  const usual = fc.tuple(word(shell), edits(shell, 5)).map(([a, steps]): Step[] => {
    return [`say ${a} `, ...steps, "\r"];
  });
  const habits = fc
    .tuple(fc.constantFrom(...HABITS), word(shell), word(shell))
    .map(([habit, a, b]): Step[] => [...habit(a, b)]);
  if (lines.length === 0) return fc.oneof({ weight: 3, arbitrary: usual }, habits);
  const own = fc
    .tuple(fc.constantFrom(...lines), word(shell), word(shell))
    .map(([line, a, b]): Step[] => [...line(a, b)]);
  return fc.oneof(usual, habits, { weight: 3, arbitrary: own });
}

const HABITS: readonly Own[] = [
  (a, b) => [`say ${a} ${b}\r`],
  (a) => [`say ${a}\r`, KEY.up, "\r"],
  (a, b) => [`say ${a}\r`, KEY.up, ` ${b}\r`],
  (a, b) => [`say ${a} ${b}\r`, `say ${a}`, KEY.right, "\r"],
  (a, b) => [`say ${a}`, "\x03", `say ${b}\r`],
  (a) => [`say ${a} gam\t`, "\r"],
  (a, b) => ["sleep 0.15\r", { at: "once", keys: `say ${a} ${b}\r` }, { see: b }],
  (a, b) => [{ at: "once", keys: KEY.paste(`say ${a} ${b}`) }, "\r"],
  (a, b) => [
    `say ${a} 'more than fits into a row of this window, with words up to its end' ${b}\r`,
  ],
  (a) => ["cd /tmp\r", `say ${a}\r`, "cd\r"],
  (a) => ["false\r", `say ${a}\r`, "true\r"],
];

const SUGGESTING = "source /usr/share/zsh-autosuggestions/zsh-autosuggestions.zsh";
const COLOURING = "source /usr/share/zsh-syntax-highlighting/zsh-syntax-highlighting.zsh";
const COMPLETING = "autoload -Uz compinit; compinit -D -u";

/** Up looks for lines that hold what is typed, and shows it in colours. */
const SUBSTRING_SEARCH = `
hss() {
  if [[ $LASTWIDGET != hss-* ]]; then typeset -g HSS_Q=$BUFFER HSS_N=$HISTNO; fi
  local n=$((HSS_N + $1))
  while (( n > 0 && n < HISTCMD )); do
    if [[ \${history[$n]} == *"$HSS_Q"* && \${history[$n]} != "$BUFFER" ]]; then
      HSS_N=$n; BUFFER=\${history[$n]}; CURSOR=$#BUFFER
      region_highlight=("0 3 bg=magenta,fg=white,bold"); return
    fi
    (( n += $1 ))
  done
  region_highlight=("0 $#BUFFER bg=red")
}
hss-up() { hss -1; }; hss-down() { hss 1; }
zle -N hss-up; zle -N hss-down; bindkey '^[[A' hss-up '^[[B' hss-down`;

const TRANSIENT = `
__long() { PROMPT=$'%F{blue}╭─%f %n %~\\n%F{blue}╰─%f lab❯ '; RPROMPT='%F{8}%D{%H:%M:%S}%f'; }
precmd_functions+=(__long)
zle-line-init() { emulate -L zsh; [[ $CONTEXT == start ]] || return 0
  while true; do zle .recursive-edit; local -i ret=$?; [[ $ret == 0 && $KEYS == $'\\4' ]] || break; [[ -o ignore_eof ]] || exit 0; done
  PROMPT='%F{green}❯%f '; RPROMPT=''; zle .reset-prompt
  if (( ret )); then zle .send-break; else zle .accept-line; fi; return ret; }
zle -N zle-line-init; PROMPT='lab> '`;

/** Prompts as the well-known themes draw them, at folders that grow a branch. */
function themes(): Dress[] {
  const branch = (shown: string): string =>
    `setopt prompt_subst; mkdir -p one; cd one; branch() { [[ -d git ]] && print -n "${shown}"; }`;
  const blue = "%F{blue}git:(%F{red}main%F{blue})%f ";
  const arrow = "PS1='%(?:%B%F{green}➜ :%B%F{red}➜ ) %F{cyan}%c%f%b $(branch)'";
  const late = `__late() { PS1="%F{green}➜ %f %F{cyan}%c%f ${blue}"; zle -F $1; exec {1}<&-; zle reset-prompt; }`;
  return [
    { name: "an arrow", rc: `${branch(blue)}; ${arrow}` },
    { name: "an arrow and a mark", rc: `${branch(`${blue}%F{yellow}✗%f `)}; ${arrow}` },
    { name: "an arrow over colours", rc: `${COLOURING}; ${SUGGESTING}; ${branch(blue)}; ${arrow}` },
    { name: "an arrow without colours", rc: `${branch("git:(main) ✗ ")}; PS1='➜  %c $(branch)'` },
    {
      name: "an arrow whose branch comes late",
      rc: `${late}; precmd() { local fd; PS1='%F{green}➜ %f %F{cyan}%c%f '; exec {fd}< <(sleep 0.15; print x); zle -F $fd __late; }; PS1='➜ '`,
    },
    {
      name: "powerline",
      rc: `${branch("%K{green}\\ue0b0%F{black} \\ue0a0 main %k%F{green}")}; PS1=$'%K{black}%F{white} lab %K{blue}%F{black}\\ue0b0 %~ $(branch)%k%F{blue}\\ue0b0%f '`,
    },
    {
      name: "two rows, the first empty",
      rc: "PS1=$'\\n%F{blue}%~%f\\n%(?.%F{magenta}.%F{red})❯%f '",
    },
    {
      name: "a clock beside",
      rc: `${branch("%F{76}main%f ")}; PS1='%B%F{39}%~%f%b $(branch)%F{76}❯%f '; RPROMPT='%(?..%F{160}✘ %?%f) %F{66}%*%f'`,
    },
    {
      name: "a frame",
      rc: "PS1=$'╭─%B%F{green}%n%f%b %B%F{blue}%~%f%b\\n╰─%B$%b '; RPS1='%B%(?..%F{red}%? ↵%f)%b'",
    },
    { name: "words that end like no prompt", rc: "PS1='%n > %~ main '" },
  ].map((one): Dress => ({
    ...one,
    firstPrompt: /[➜❯$]|main|lab/,
    lines: [
      (a) => ["mkdir -p git\r", `say ${a}\r`, KEY.up, " x\r"],
      (a) => ["mkdir -p git\r", "cd ..\r", `say ${a}\r`, "cd one\r"],
      (a, b) => [`say ${a}\x1bq`, `say ${b}\r`, "\r"],
      (a) => [`print -z say ${a}\r`, " z\r"],
      (a) => ["false\r", `say ${a} al\t\r`, KEY.up, "\r"],
    ],
  }));
}

const DRESSES: Readonly<Record<ProfiledShell, readonly Dress[]>> = {
  zsh: [
    ...themes(),
    { name: "a prompt that shrinks", rc: TRANSIENT },
    {
      name: "an asynchronous prompt",
      rc: `PS1='lab> '; __fact() { PS1="[$(<&$1)] lab> "; zle -F $1; exec {1}<&-; zle reset-prompt; }; precmd() { local fd; PS1='lab> '; exec {fd}< <(sleep 0.1; print main); zle -F $fd __fact; }`,
    },
    {
      name: "vi mode in the prompt",
      rc: "bindkey -v; KEYTIMEOUT=1; setopt prompt_subst; m=I; zle-keymap-select() { [[ $KEYMAP == vicmd ]] && m=N || m=I; zle reset-prompt; print -n '\\e[2 q'; }; zle -N zle-keymap-select; zle-line-init() { m=I; zle reset-prompt; print -n '\\e[5 q'; }; zle -N zle-line-init; PS1='[$m] lab> '",
      lines: [
        (a, b) => [`say ${a} ${b}`, "\x1b", "0", "wi", "x ", "\r"],
        (a) => [`say ${a} one`, "\x1b", "bcwtwo", "\r"],
        (a) => [`say ${a}`, "\x1b", "k", "\r", "say z\r"],
        (a, b) => [`say ${a}`, "\x1b", "A", ` ${b}\r`],
        (a) => [`say ${a}`, "\x1b", "dd", "isay new\r"],
      ],
    },
    {
      name: "search by a part",
      rc: SUBSTRING_SEARCH,
      lines: [
        (a, b) => [`say ${a} ${b}\r`, "say z\r", "say", KEY.up, KEY.up, "\r"],
        (a) => [`say ${a} uno\r`, "say z\r", "uno", KEY.up, "\r"],
        (a) => [`say ${a} uno\r`, "say z\r", "uno", KEY.up, KEY.up, KEY.down, " x\r"],
        (a) => [`say nothing-like-${a.length}`, KEY.up, "\x15say y\r"],
      ],
    },
    {
      name: "everything at once",
      rc: `${SUGGESTING}; ${COLOURING}; ${SUBSTRING_SEARCH}; RPROMPT='%F{yellow}%~%f'`,
      lines: [
        (a, b) => [`say ${a} ${b}\r`, "say z\r", "say", KEY.up, KEY.up, "\r"],
        (a, b) => [`say ${a} ${b}\r`, `say ${a}`, "\x05", "\r"],
      ],
    },
    {
      name: "a history that a blank expands",
      rc: "bindkey ' ' magic-space",
      lines: [
        (a) => [`say ${a}\r`, "!! ", "x\r"],
        (a) => [`say ${a} zz\r`, "say !$ ", "y\r"],
        (a) => [`say ${a} zz\r`, "say !$\r"],
      ],
    },
    {
      name: "aliases that a blank expands",
      rc: "alias sq='say quick' G='| cat'; alias -g GG='| cat'; globalias() { zle _expand_alias; zle expand-word; zle self-insert; }; zle -N globalias; bindkey ' ' globalias; autoload -Uz compinit; compinit -D -u",
      lines: [
        (a) => [`sq `, `${a}\r`],
        (a) => [`sq ${a}\r`],
        (a) => [`say ${a} GG \r`],
        (a) => [`say $HOME ${a}\r`],
      ],
    },
    {
      name: "a word put in front by Escape twice",
      rc: "in-front() { [[ -z $BUFFER ]] && zle up-history; if [[ $BUFFER == env\\ * ]]; then LBUFFER=${LBUFFER#env }; else LBUFFER=\"env $LBUFFER\"; fi; }; zle -N in-front; bindkey '\\e\\e' in-front",
      lines: [
        (a) => [`say ${a}`, "\x1b\x1b", "\r"],
        (a, b) => [`say ${a}`, "\x1b\x1b", ` ${b}\r`],
        (a) => [`say ${a}\r`, "\x1b\x1b", "\r"],
        (a) => [`say ${a}`, "\x1b\x1b", "\x1b\x1b", "\r"],
      ],
    },
    {
      name: "addresses quoted as they are typed",
      rc: "autoload -Uz url-quote-magic bracketed-paste-magic; zle -N self-insert url-quote-magic; zle -N bracketed-paste bracketed-paste-magic",
      lines: [
        (a) => [`say ${a} http://host/?a=b&c=d\r`],
        (a) => [`say http://host/?a=b `, `${a}\r`],
        (a) => [`say ${a} `, { at: "once", keys: KEY.paste("http://host/?a=b&c=d") }, "\r"],
        (a) => [`say http://host/?x`, "\x7f\x7f", `y ${a}\r`],
      ],
    },
    {
      name: "a hint below the line",
      rc: 'hint() { zle .self-insert; zle -M "typed: $BUFFER"; }; zle -N self-insert hint',
    },
    {
      name: "options of all kinds",
      rc: `${COMPLETING}; setopt auto_cd auto_pushd pushd_ignore_dups hist_ignore_space hist_ignore_all_dups share_history extended_history inc_append_history rc_quotes complete_in_word always_to_end no_prompt_sp transient_rprompt no_flow_control; HISTSIZE=1000; RPROMPT='%*'`,
      lines: [(a) => [`say  ${a}  x\r`, KEY.up, "\r"], (a) => [` say ${a}\r`, KEY.up, "\r"]],
    },
    {
      name: "the first completion at once",
      rc: `${COMPLETING}; setopt menu_complete; zstyle ':completion:*' list-colors ''`,
      lines: [
        (a) => [`say ${a} al\t`, "\t", "\r"],
        (a, b) => [`say ${a} al\t`, ` ${b}\r`],
        (a) => [`say ${a} \t`, "\t", "\t", "\x07", "\r"],
      ],
    },
    {
      name: "menus with groups and descriptions",
      rc: `${COMPLETING}; zstyle ':completion:*' menu select=1; zstyle ':completion:*' group-name ''; zstyle ':completion:*:descriptions' format '%F{green}-- %d --%f'; zstyle ':completion:*' list-prompt ''; zmodload zsh/complist; bindkey -M menuselect '^[[Z' reverse-menu-complete`,
      lines: [
        (a) => [`say ${a} al\t`, "\t", "\r", "\r"],
        (a) => [`say ${a} al\t\t`, KEY.down, "\r", "\r"],
        (a) => [`say ${a} al\t\t`, "\x1b[Z", "\r", "\r"],
        (a, b) => [`say ${a} al\t\t`, `${b}\r`, "\r"],
        (a) => [`say ${a} \t\t`, "\x03", "say x\r"],
      ],
    },
    {
      name: "a question about mistakes",
      rc: "setopt correct; CORRECT_IGNORE='[_|.]*'",
      lines: [
        (a) => [`sya ${a}\r`, { see: "[nyae]?" }, "n", "say x\r"],
        (a) => [`sya ${a}\r`, { see: "[nyae]?" }, "y", "say x\r"],
        (a) => [`sya ${a}\r`, { see: "[nyae]?" }, "a", "say x\r"],
        (a) => [`sya ${a}\r`, { see: "[nyae]?" }, "e", "\x15say x\r"],
        (a) => [{ at: "once", keys: `sya ${a}\ry` }, { see: "[nyae]?" }, "say x\r"],
        (a) => [{ at: "once", keys: `sya ${a}\rn` }, { see: "[nyae]?" }, "say x\r"],
        (a) => [{ at: "once", keys: `sya ${a}\resay x\r` }, "\x15say x\r"],
      ],
    },
    {
      name: "history looked at first",
      rc: "setopt hist_verify",
      lines: [
        (a) => [`say ${a}\r`, "!!\r", "\r"],
        (a) => [`say ${a} zz\r`, "say !$\r", " x\r"],
        (a) => [`say ${a} zz\r`, "say !$\r", "\x03", "say y\r"],
        (a) => [`say ${a} zz\r`, { at: "once", keys: "say !$\r\r" }, "say y\r"],
        (a, b) => [`say ${a} ${b}\r`, "^say^say x\r", "\r"],
      ],
    },
    {
      name: "lines put there by commands",
      rc: "nxt() { print -z say $1 next; }",
      lines: [
        (a) => [`print -z say ${a}\r`, "\r"],
        (a, b) => [`print -z say ${a}\r`, ` ${b}\r`],
        () => ["nxt one\r", "\x01\x06\x06\x06 x\r"],
        (a) => [`say ${a}\r`, "r\r"],
        (a) => [`say ${a}\r`, "fc -e -\r"],
        (a, b) => [`say ${a}\r`, `r ${a.length}=${b.length}\r`],
      ],
    },
    {
      name: "no expansion of history",
      rc: "setopt no_bang_hist",
      lines: [(a) => [`say ${a} !!\r`], (a) => [`say !$ ${a}\r`]],
    },
  ],
  fish: [
    ...[
      "555",
      "normal",
      "white",
      "--dim",
      "yellow --background=blue",
      "9ca0b0",
      "magenta --italics",
      "green",
    ].map((tone): Dress => ({
      name: `suggestions in ${tone}`,
      rc: `set -g fish_color_autosuggestion ${tone}`,
      lines: [
        (a, b) => [`say ${a} ${b}\r`, `say ${a}`, "\r"],
        (a, b) => [`say ${a} ${b}\r`, `say ${a}`, KEY.right, "\r"],
        (a, b) => [`say ${a} ${b}\r`, `say ${a}`, "\x1bf", "\r"],
        (a, b) => [`say ${a} ${b} c\r`, `say ${a}`, "\x7f", "\r"],
        (a, b) => [`say ${a} ${b}\r`, `say ${a} `, "\x02\x02x", "\r"],
      ],
    })),
    {
      name: "suggestions in the colour of the commands",
      rc: "set -g fish_color_autosuggestion cyan; set -g fish_color_command cyan; set -g fish_color_param cyan",
      lines: [
        (a, b) => [`say ${a} ${b}\r`, `say ${a}`, "\r"],
        (a, b) => [`say ${a} ${b}\r`, `say ${a}`, KEY.right, "\r"],
      ],
    },
    {
      name: "no suggestions",
      rc: "set -g fish_autosuggestion_enabled 0",
    },
    {
      name: "abbreviations of every kind",
      rc: "abbr -a sq say quick; abbr -a --position anywhere gmm gamma; abbr -a LL --position anywhere --set-cursor '% | cat'; function __dots; echo say (string length $argv[1]); end; abbr -a dots --regex '^\\.\\.+$' --function __dots; function __last; echo $history[1]; end; abbr -a !! --position anywhere --function __last",
      lines: [
        (a) => ["sq ", `${a}\r`],
        (a) => [`sq ${a}\r`],
        () => ["sq\r"],
        (a) => [`say gmm ${a}\r`],
        (a) => [`say ${a} gmm\r`],
        (a) => [`say ${a} LL `, "\r"],
        () => ["... ", "x\r"],
        () => ["...\r"],
        (a) => [`say ${a}\r`, "!! ", "x\r"],
        (a) => [`say ${a}\r`, "!!\r"],
      ],
    },
    {
      name: "keys of its own",
      rc: "bind \\cg 'commandline -r \"say bound\"'; bind \\e\\e 'fish_commandline_prepend command'; bind \\cx 'commandline -i inserted'; bind \\eq 'commandline -a \" behind\"'; bind \\co 'commandline -f beginning-of-line; commandline -i \"time \"'",
      lines: [
        (a) => [`say ${a}`, "\x07", "\r"],
        (a) => [`say ${a}`, "\x07", " x\r"],
        (a) => [`say ${a}`, "\x1b\x1b", "\r"],
        (a) => [`say ${a} `, "\x18", " y\r"],
        (a) => [`say ${a}`, "\x1bq", "\r"],
        (a) => [`say ${a}`, "\x0f", "\r"],
      ],
    },
    {
      name: "a prompt that shrinks",
      rc: "function fish_prompt; if set -q shrunk; set -e shrunk; printf '> '; else; printf '\\n%s\\nlab> ' (prompt_pwd); end; end; function __run; set -g shrunk; commandline -f repaint execute; end; bind \\r __run",
    },
    {
      name: "rows of facts",
      rc: "function fish_prompt; printf '\\n\\e[1;36m%s\\e[0m via \\e[1;33mv1\\e[0m\\nlab\\e[32m❯\\e[0m ' (prompt_pwd); end; function fish_right_prompt; date +%T; end",
    },
    {
      name: "vi mode that shows itself",
      rc: "fish_vi_key_bindings; function fish_mode_prompt; switch $fish_bind_mode; case default; printf '[N] '; case insert; printf '[I] '; case '*'; printf '[?] '; end; end; function fish_right_prompt; printf %s $fish_bind_mode; end",
      lines: [
        (a, b) => [`say ${a} ${b}`, "\x1b", "0", "wi", "x ", "\r"],
        (a) => [`say ${a} one`, "\x1b", "bcwtwo", "\r"],
        (a) => [`say ${a}`, "\x1b", "k", "\r", "say z\r"],
        (a, b) => [`say ${a}`, "\x1b", "A", ` ${b}\r`],
        (a) => [`say ${a}`, "\x1b", "dd", "isay new\r"],
        (a) => [`say ${a}`, "\x1b", "v0", "d", "isay cut\r"],
      ],
    },
    {
      name: "rows in one line",
      rc: "",
      lines: [
        (a, b) => [`say ${a}`, "\x1b\r", `say ${b}`, "\r"],
        (a, b) => [`say ${a};`, "\x1b\r", `say ${b}`, KEY.up, "\x05 x", "\r"],
        (a, b) => [`begin`, "\r", `say ${a}`, "\r", `say ${b}`, "\r", "end\r"],
        (a, b) => [
          `if true`,
          "\r",
          `say ${a}`,
          "\r",
          "else",
          "\r",
          `say ${b}`,
          "\r",
          "end\r",
          KEY.up,
          "\r",
        ],
        (a, b) => [
          { at: "once", keys: KEY.paste(`say ${a}\nsay ${b}\n`) },
          KEY.up,
          KEY.up,
          "\x05 x",
          "\r",
        ],
        (a, b) => [`say '${a.replace(/'/g, "")}\r`, `${b.replace(/['"]/g, "")}'\r`, KEY.up, "\r"],
      ],
    },
    {
      name: "pagers",
      rc: "",
      lines: [
        (a) => [`say ${a} al\t`, "\t", "\r", "\r"],
        (a) => [`say ${a} al\t`, "\x13pin", "\r", "\r"],
        (a) => [`say ${a} \t`, "\x13gam", "\t", "\r", "\r"],
        (a) => [`say ${a} al\t`, "\t", "\x1b", " x\r"],
        (a, b) => [`say ${a} uno\r`, `say ${b}\r`, "\x12uno", "\r", "\r"],
        (a, b) => [`say ${a} uno\r`, `say ${b} uno\r`, "\x12uno", KEY.down, "\r", " x\r"],
        (a) => [`say ${a} uno\r`, "\x12uno", "\x1b", "\x15say y\r"],
        (a) => [`say ${a} uno\r`, "\x12uno", "\x12", "\r", "\r"],
        (a) => [`say ${a} uno\r`, "say", "\x12", "\r", "\r"],
      ],
    },
  ],
};
