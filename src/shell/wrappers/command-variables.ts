/** Variables whose value a shell or a program runs as shell text. */
const TEXT_VARIABLES: ReadonlySet<string> = new Set([
  "PROMPT_COMMAND",
  "PAGER",
  "MANPAGER",
  "SYSTEMD_PAGER",
  "EDITOR",
  "VISUAL",
  "SUDO_EDITOR",
  "BROWSER",
  "GIT_EDITOR",
  "GIT_SEQUENCE_EDITOR",
  "GIT_SSH_COMMAND",
  "GIT_PAGER",
  "GIT_EXTERNAL_DIFF",
  "LESSOPEN",
  "LESSCLOSE",
  "RSYNC_RSH",
  "CVS_RSH",
  "GIT_SSH",
  "GIT_ASKPASS",
  "SSH_ASKPASS",
  "SVN_EDITOR",
  "SVN_SSH",
  "FCEDIT",
  "FZF_DEFAULT_COMMAND",
  "FZF_CTRL_T_COMMAND",
  "FZF_ALT_C_COMMAND",
  "PERLDOC_PAGER",
  "BAT_PAGER",
  "PSQL_PAGER",
  "PSQL_EDITOR",
  "KUBE_EDITOR",
]);

/** Of the many programs that have a variable of their own for it, this is how most call it. */
const COMMANDS =
  /(?:_PAGER|_EDITOR|_ASKPASS|_RSH|_SSH|_SSH_COMMAND|_PROXY_COMMAND|_BROWSER|_PASSCOMMAND)$/;

export function holdsCommand(name: string): boolean {
  return TEXT_VARIABLES.has(name) || COMMANDS.test(name);
}

/** Variables that hold options or settings: group 1 is what they make a program run. */
export const OPTION_VARIABLES: ReadonlyMap<string, RegExp> = new Map([
  ["MAKEFLAGS", /\$\(shell (.+)\)/s],
  ["TAR_OPTIONS", /--(?:checkpoint-action=exec|to-command|use-compress-program)=(.+)$/s],
  ["VIMINIT", /^:?\s*(?:sil(?:ent)?!?\s+)?!(.+)$/s],
  ["EXINIT", /^:?\s*!(.+)$/s],
  ["GIT_CONFIG_PARAMETERS", /'alias\.[^']*'?='?!([^']+)'/s],
]);

/** Variables that are expanded like a text in double quotes each time they are shown. */
export const PROMPT_VARIABLES: ReadonlySet<string> = new Set([
  "PS0",
  "PS1",
  "PS2",
  "PS3",
  "PS4",
  "PROMPT",
  "RPROMPT",
]);
