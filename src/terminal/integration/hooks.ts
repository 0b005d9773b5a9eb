/**
 * What is typed at a shell's prompt to make it tell what it runs: functions in its memory and nothing
 * else. No file of the target is read or written, nothing is exported, and what the person's profile
 * has set up (prompt, PROMPT_COMMAND, traps, hooks) stays as it is.
 *
 * Each mark is `ESC ] 633 ; KIND ; NONCE ; COUNT ; FLAGS ; TEXT BEL`; see mark.ts.
 */
export type IntegratedShell = "bash" | "zsh" | "fish";

/** What is typed, one after the other. */
export interface HookStep {
  readonly keys: string;
  /**
   * When the next may follow. `shown`: the row of the cursor ends like this. `prompt`: the shell has told
   * that it is about to show its prompt.
   */
  readonly until: { readonly shown: RegExp } | "prompt";
}

/** A longer command is cut by the shell itself: what is typed by hand is shorter by far. */
export const TOLD_CHARS_MAX = 16 * 1024;

export function hooksFor(shell: IntegratedShell, nonce: string): readonly HookStep[] {
  return HOOKS[shell](nonce);
}

const PASTE = (line: string): string => ` \x1b[200~${line}\x1b[201~\r`;

const HOOKS: Readonly<Record<IntegratedShell, (nonce: string) => readonly HookStep[]>> = {
  bash: (nonce) => [{ keys: PASTE(bashHooks(nonce)), until: "prompt" }],
  zsh: (nonce) => [
    // zsh keeps what is entered unless it is told before not to. A parameter is set by expanding it, which
    // Tab does without entering anything.
    { keys: `${ZSH_FORGETS}\t`, until: { shown: /(?:on|off)on\s*$/ } },
    { keys: `\x15${PASTE(zshHooks(nonce))}`, until: "prompt" },
    // What is not kept can still be recalled until something else is entered: better this.
    { keys: " :\r", until: "prompt" },
  ],
  fish: (nonce) => [
    { keys: PASTE(fishHooks(nonce)), until: "prompt" },
    // fish forgets what began with a blank when something else is entered, be it nothing.
    { keys: "\r", until: "prompt" },
  ],
};

/** Control characters that can stand in a line, as two hexadecimal digits. */
const CONTROLS = Array.from({ length: 31 }, (_, i) => (i + 1).toString(16).padStart(2, "0"))
  .concat("7f")
  .join(" ");

/**
 * Counts without a process. What bash keeps for us stands in an array, because an array is never
 * exported: count, nothing, last entry of the history, exit code.
 */
const BASH_PS0 = "\\$(__chp_e)\\${__chp_v[1]:\\$((__chp_v[0]+=1,0)):0}";

/**
 * bash: PS0 is shown when a command has been read and before it runs; what was read is in the history
 * by then, unless the person's own HISTCONTROL keeps it out (flag `u`). No exclamation mark may stand
 * in here: it would recall the history.
 */
function bashHooks(nonce: string): string {
  const most = String(TOLD_CHARS_MAX);
  const last = "$(HISTTIMEFORMAT= builtin history 1)";
  return [
    '__chp_v=(0 "" "" $?); if ((BASH_VERSINFO[0]*100+BASH_VERSINFO[1]>=501)); then :',
    // A process of its own: neither its locale nor its options are the shell's.
    `__chp_m() ( { set +xvue; } 2>/dev/null; LC_ALL=C; shopt -u patsub_replacement 2>/dev/null; s="$3" f="$2" b="\\\\"; if ((\${#s}>${most})); then s="\${s:0:${most}}"; f="\${f}c"; fi; s="\${s//"$b"/"$b$b"}"; s="\${s//;/"\${b}x3b"}"; if [[ $s == *[[:cntrl:]]* ]]; then for i in ${CONTROLS}; do builtin printf -v c "\\\\x$i"; s="\${s//"$c"/"\${b}x$i"}"; done; fi; builtin printf "\\033]633;%s;${nonce};%d;%s;%s\\007" "$1" "$4" "$f" "$s"; )`,
    `__chp_e() { local h f=t; h=${last}; if [[ $h == "\${__chp_v[2]}" ]]; then f=u; fi; h="\${h#"\${h%%[0-9]*}"}"; h="\${h#"\${h%%[^0-9]*}"}"; __chp_m E $f "\${h:2}" "$((__chp_v[0]+1))"; }`,
    `__chp_k() { if shopt -q promptvars; then case "\${PS0-}" in *__chp_e*) ;; *) PS0="${BASH_PS0}\${PS0-}"; export -n PS0;; esac; else PS0="\${PS0#"${BASH_PS0}"}"; fi; }`,
    `__chp_p() { local s=$?; __chp_v[0]=$((__chp_v[0]+1)); __chp_v[2]=${last}; __chp_m D "$s" "$PWD" "\${__chp_v[0]}" >&2; __chp_k; }`,
    `__chp_v[2]=${last}`,
    'if [[ ${__chp_v[2]} == *__chp_m* ]]; then __chp_v[2]="${__chp_v[2]#"${__chp_v[2]%%[0-9]*}"}"; builtin history -d "${__chp_v[2]%%[^0-9]*}"; fi',
    'PROMPT_COMMAND=("${PROMPT_COMMAND[@]}" __chp_p)',
    // Where everything is exported, these are not.
    "export -nf __chp_m __chp_e __chp_k __chp_p",
    "__chp_v[0]=1",
    "__chp_m R bash ready 1 >&2",
    "fi",
    '(exit "${__chp_v[3]}")',
  ].join("; ");
}

const ZSH_FORGETS = "${__chp_o::=$options[histignorespace]}${options[histignorespace]::=on}";

/** zsh gives its hooks the line as it was typed, whatever its history keeps. */
function zshHooks(nonce: string): string {
  return [
    "__chp_s=$?",
    `__chp_m() { emulate -L zsh; setopt noxtrace noverbose; local s="$3" f="$2" b="\\\\" i c; if ((\${#s}>${String(TOLD_CHARS_MAX)})); then s="\${s[1,${String(TOLD_CHARS_MAX)}]}"; f="\${f}c"; fi; s="\${s//$b/$b$b}"; s="\${s//;/\${b}x3b}"; if [[ $s == *[[:cntrl:]]* ]]; then for i in ${CONTROLS}; do builtin printf -v c "\\\\x$i"; s="\${s//$c/\${b}x$i}"; done; fi; builtin printf "\\033]633;%s;${nonce};%d;%s;%s\\007" "$1" $((__chp_n+=1)) "$f" "$s" >&2; }`,
    '__chp_e() { if [[ -n $1 ]]; then __chp_m E t "$1"; else __chp_m E u "$3"; fi; }',
    '__chp_p() { __chp_m D $? "$PWD"; if ((__chp_n==3)); then options[histignorespace]=$__chp_o; unset __chp_o; fi; }',
    "typeset -g +x __chp_s __chp_o",
    "typeset -gi +x __chp_n=0",
    "preexec_functions+=(__chp_e)",
    "precmd_functions=(__chp_p $precmd_functions)",
    "__chp_m R zsh ready",
    "(exit $__chp_s)",
  ].join("; ");
}

/** fish tells its event handlers the line; it writes all its text so that nothing in it is special. */
function fishHooks(nonce: string): string {
  return [
    "set -g __chp_s $status",
    "set -g __chp_n 0",
    `function __chp_m; set -g __chp_n (math $__chp_n + 1); set -l f $argv[2]; set -l s (string sub -l ${String(TOLD_CHARS_MAX)} -- $argv[3] | string collect); test "$s" = "$argv[3]"; or set f "$f"c; builtin printf '\\e]633;%s;${nonce};%d;%s%%;%s\\a' $argv[1] $__chp_n $f (string escape --style=url -- $s); end`,
    "function __chp_e --on-event fish_preexec; __chp_m E t $argv[1]; end",
    "function __chp_x --on-event fish_postexec; set -g __chp_s $status; end",
    "function __chp_p --on-event fish_prompt; __chp_m D $__chp_s $PWD; end",
    "set -gu __chp_s",
    "set -gu __chp_n",
    "__chp_m R fish ready",
  ].join("; ");
}
