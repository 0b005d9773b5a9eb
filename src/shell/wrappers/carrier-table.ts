import type { LanguageName } from "../foreign/language.js";

/** A part of a program's words, or of what it reads, that it runs as shell text. */
export interface Carrier {
  /** Options whose value carries the text. */
  readonly options?: readonly string[];
  /** Every word is looked at. */
  readonly words?: true;
  /** Each line that it reads: from files it is given, else from standard input. */
  readonly lines?: true;
  /** Only what it is fed: its files are texts that it shows. */
  readonly fed?: true;
  /** Only files named by these options are read (`make -f`), or the first of the usual ones. */
  readonly files?: readonly string[];
  readonly usual?: readonly string[];
  /** Group 1 is the text; absent: the whole value. */
  readonly pattern?: RegExp;
  /** The text is JSON, and its member `scripts` holds commands: those that the words name. */
  readonly scripts?: true;
  /** Its variables are filled in: `$(X)`, from the text and from words like `X=1`. */
  readonly filled?: true;
  /** The text is a program of this language, and not of the shell. */
  readonly language?: LanguageName;
}

const tar: readonly Carrier[] = [
  { options: ["--checkpoint-action"], pattern: /^exec=(.+)$/s },
  {
    options: [
      "--to-command",
      "-I",
      "--use-compress-program",
      "--rsh-command",
      "--info-script",
      "--new-volume-script",
      "-F",
    ],
  },
];
const ssh: readonly Carrier[] = [
  {
    options: ["-o"],
    pattern: /^(?:ProxyCommand|LocalCommand|KnownHostsCommand|RemoteCommand)[= ](.+)$/is,
  },
];
const git: readonly Carrier[] = [
  { options: ["-c"], pattern: /^alias\.[^=]+=!(.+)$/s },
  {
    options: ["-c", "--config-env"],
    pattern:
      /^(?:core\.(?:pager|editor|sshCommand|fsmonitor|askPass|hooksPath|gitProxy)|diff\.external|pager\.\w+|sequence\.editor|credential\.helper|gpg\.program|(?:diff|merge|filter)(?:tool)?\.[^=]+\.(?:cmd|clean|smudge|driver|command|textconv))=!?(.+)$/is,
  },
  {
    options: [
      "--upload-pack",
      "--receive-pack",
      "--exec",
      "-x",
      "--extcmd",
      "--open-files-in-pager",
    ],
  },
  {
    options: ["--tree-filter", "--index-filter", "--msg-filter", "--env-filter", "--commit-filter"],
  },
  { words: true, pattern: /^-O(.+)$/s },
  // Blanks are spelt with a percent sign in front.
  { words: true, pattern: /^ext::(.+)$/s },
  { words: true, pattern: /^!(.+)$/s },
];
/** `git config core.pager CMD`: the word behind a name that holds a command. */
export const GIT_COMMAND_KEYS =
  /^(?:core\.(?:pager|editor|sshCommand|fsmonitor|askPass)|diff\.external|pager\.\w+|sequence\.editor|(?:difftool|mergetool)\.[^.]+\.cmd|filter\.[^.]+\.(?:clean|smudge))$/i;
const VIM_COMMAND = ["-c", "--cmd", "-sc", "-esc", "-Esc", "-ec"];
const vim: readonly Carrier[] = [
  { fed: true, lines: true, pattern: /^:?\s*(?:sil(?:ent)?!?\s+)?!(.+)$/ },
  { options: VIM_COMMAND, pattern: /^:?\s*exe(?:cute)?\s+["']:?!(.+)["']$/s },
  { options: VIM_COMMAND, pattern: /^:?\s*(?:sil(?:ent)?!?\s+)?(?:\d*[rw]\s*|%|\.)?!(.+)$/s },
  { options: VIM_COMMAND, pattern: /^:?\s*(?:py(?:thon)?3?x?)\s+(.+)$/s, language: "python" },
  { options: VIM_COMMAND, pattern: /^:?\s*lua\s+(.+)$/s, language: "lua" },
  { options: VIM_COMMAND, pattern: /^:?\s*perl\s+(.+)$/s, language: "perl" },
  { options: VIM_COMMAND, pattern: /^:?\s*ruby\s+(.+)$/s, language: "ruby" },
  { options: VIM_COMMAND, pattern: /((?:call|echo|let|term).+)$/s, language: "other" },
  { options: VIM_COMMAND, pattern: /^:?\s*te(?:rm(?:inal)?)?!?\s+(.+)$/s },
  { words: true, pattern: /^\+:?\s*(?:sil(?:ent)?!?\s+)?!(.+)$/s },
  { files: ["-s", "-S", "-u"], lines: true, pattern: /^:?\s*(?:sil(?:ent)?!?\s+)?!(.+)$/ },
];
const bang: readonly Carrier[] = [{ lines: true, pattern: /^\s*!\s*(.+)$/ }];
const sqlShell = /^\s*(?:\\!|system|\\system)\s*(.+?);?$/s;
const mysql: readonly Carrier[] = [
  { options: ["-e", "--execute"], pattern: sqlShell },
  { lines: true, pattern: /^\s*(?:\\!|system)\s*(.+?);?$/ },
];
const gdb: readonly Carrier[] = [
  {
    options: ["-ex", "--ex", "-eval-command", "--eval-command", "-iex"],
    pattern: /^\s*(?:shell|!|make)\s*(.+)$/s,
  },
  {
    options: ["-ex", "--ex", "-eval-command", "--eval-command"],
    pattern: /^\s*python\s+(.+)$/s,
    language: "python",
  },
  { lines: true, pattern: /^\s*(?:shell\s|!)\s*(.+)$/ },
];
const socat: readonly Carrier[] = [
  { words: true, pattern: /^(?:EXEC|SYSTEM|SHELL):(.+?)(?:,\w+(?:=\w+)?)*$/is },
];
/** Also as the last of several letters: `nc -lvnpe`, `nc -lc`. */
const netcat: readonly Carrier[] = [
  {
    options: [
      "-c",
      "-e",
      "--sh-exec",
      "--exec",
      "-lc",
      "-le",
      "-vc",
      "-ve",
      "-lvc",
      "-lve",
      "-nlvpe",
    ],
  },
];
const apt: readonly Carrier[] = [
  { options: ["-o", "--option"], pattern: /^[^=]*(?:Pre|Post)-(?:Invoke|Install)[^=]*=(.+)$/is },
];
const cron: readonly Carrier[] = [
  { lines: true, pattern: /^\s*(?:@\w+|(?:[\d*,/A-Za-z-]+[ \t]+){5})\s*(?:root[ \t]+)?(\S.*)$/ },
];
const make: readonly Carrier[] = [
  {
    files: ["-f", "--file", "--makefile"],
    usual: ["GNUmakefile", "makefile", "Makefile"],
    lines: true,
    filled: true,
    pattern: /^\t[@+-]*(.+)$/,
  },
  {
    files: ["-f", "--file", "--makefile"],
    usual: ["GNUmakefile", "makefile", "Makefile"],
    lines: true,
    filled: true,
    pattern: /^[^\t#=:]+:[^=;]*;[@+-]*(.+)$/,
  },
  {
    files: ["-f", "--file", "--makefile"],
    usual: ["GNUmakefile", "makefile", "Makefile"],
    lines: true,
    filled: true,
    pattern: /\$\(shell (.+)\)/,
  },
  { options: ["--eval", "-E"], pattern: /^[^=:]*:[^=;]*;[@+-]*(.+)$/s },
  { options: ["--eval", "-E"], pattern: /\$\(shell (.+)\)/s },
];
const playbook: readonly Carrier[] = [
  {
    lines: true,
    pattern:
      /^\s*(?:-\s*)?(?:ansible\.(?:builtin|legacy)\.)?(?:shell|command|raw|cmd):\s*["']?(.+?)["']?$/,
  },
];
/** Only scripts: what else stands in the file is text. */
const packaged: readonly Carrier[] = [{ usual: ["package.json"], files: [], scripts: true }];
const expect: readonly Carrier[] = [
  { options: ["-c"], pattern: /^\s*(?:spawn|exec|system)\s+(.+?)(?:;\s*\w+)?$/s },
  { options: ["-c"], pattern: /send(?:_user)?\s+(?:--\s+)?"((?:[^"\\]|\\.)*?)(?:\\r|\\n)*"/s },
  { lines: true, pattern: /^\s*(?:spawn|exec|system)\s+(.+)$/ },
  { lines: true, pattern: /^\s*send\s+(?:--\s+)?"((?:[^"\\]|\\.)*?)(?:\\r|\\n)*"/ },
];

export const CARRIERS: ReadonlyMap<string, readonly Carrier[]> = new Map<
  string,
  readonly Carrier[]
>([
  ["tar", tar],
  ["bsdtar", tar],
  ["gtar", tar],
  ["cpio", tar],
  ["ssh", ssh],
  ["scp", [...ssh, { options: ["-S"] }]],
  ["sftp", [...ssh, { options: ["-S"] }, ...bang]],
  ["git", git],
  ["vi", vim],
  ["vim", vim],
  ["ex", [...vim, ...bang]],
  ["gvim", vim],
  ["nvim", vim],
  ["view", vim],
  ["vimdiff", vim],
  ["rvim", vim],
  ["emacs", [{ options: ["--eval", "-eval", "--execute"], language: "lisp" }]],
  ["guile", [{ options: ["-c"], language: "lisp" }]],
  ["ed", bang],
  ["red", bang],
  ["ftp", bang],
  ["lftp", [...bang, { options: ["-c", "-e"], pattern: /^\s*!\s*(.+)$/s }]],
  ["telnet", bang],
  ["gnuplot", [{ options: ["-e"], language: "other" }, ...bang]],
  ["dc", [{ options: ["-e"], pattern: /^\s*!(.+)$/s }, ...bang]],
  ["bc", bang],
  ["mutt", [{ options: ["-e"], pattern: /^!?(.+)$/s }]],
  ["mail", [{ lines: true, pattern: /^~!\s*(.+)$/ }]],
  ["mailx", [{ lines: true, pattern: /^~!\s*(.+)$/ }]],
  ["rsync", [{ options: ["-e", "--rsh", "--rsync-path"] }]],
  ["zip", [{ options: ["-TT", "--unzip-command"] }]],
  ["man", [{ options: ["-P", "--pager", "-H"] }]],
  ["less", [{ words: true, pattern: /^\+!(.+)$/s }]],
  ["more", [{ words: true, pattern: /^\+!(.+)$/s }]],
  [
    "sqlite3",
    [
      { words: true, pattern: /^\.(?:sh|she|shel|shell|sys|syst|syste|system)\s+(.+)$/s },
      { lines: true, pattern: /^\.(?:sh|she|shel|shell|sys|syst|syste|system)\s+(.+)$/ },
    ],
  ],
  [
    "psql",
    [
      { options: ["-c", "--command"], pattern: /^\s*\\!\s*(.+)$/s },
      { options: ["-c", "--command"], pattern: /\b(?:FROM|TO)\s+PROGRAM\s+'((?:[^']|'')*)'/is },
      { lines: true, pattern: /^\s*\\!\s*(.+)$/ },
      { lines: true, pattern: /\b(?:FROM|TO)\s+PROGRAM\s+'((?:[^']|'')*)'/i },
    ],
  ],
  ["mysql", mysql],
  ["mariadb", mysql],
  ["gdb", gdb],
  ["lldb", [{ options: ["-o", "--one-line"], pattern: /^\s*(?:platform\s+)?shell\s+(.+)$/s }]],
  ["expect", expect],
  ["tclsh", [{ lines: true, pattern: /^\s*(?:puts\s+\[)?(?:exec|system)\s+([^\]]+)\]?$/ }]],
  [
    "just",
    [
      {
        files: ["-f", "--justfile"],
        usual: ["justfile", "Justfile", ".justfile"],
        lines: true,
        pattern: /^[ \t]+[@-]*(.+)$/,
      },
    ],
  ],
  [
    "task",
    [
      {
        files: ["-t", "--taskfile"],
        usual: ["Taskfile.yml", "Taskfile.yaml"],
        lines: true,
        pattern: /^\s*-\s+(?:cmd:\s*)?(.+)$/,
      },
    ],
  ],
  ["ansible-playbook", playbook],
  ["npm", packaged],
  ["yarn", packaged],
  ["pnpm", packaged],
  ["bun", packaged],
  ["fc", [{ options: ["-e"] }]],
  ["trap", [{ words: true, pattern: /^(?!-|[A-Z0-9]+$)(.+)$/s }]],
  [
    "bind",
    [
      { options: ["-x"], pattern: /^[^:]*:\s*"?(.+?)"?$/s },
      // A macro types what it says.
      { words: true, pattern: /^\s*(?:"[^"]*"|[\w-]+):\s*["'](.+?)(?:\\[nrC].*)?["']\s*$/s },
    ],
  ],
  ["mapfile", [{ options: ["-C"] }]],
  ["readarray", [{ options: ["-C"] }]],
  [
    "complete",
    [{ options: ["-C"] }, { options: ["-W"], pattern: /(\$\(.+\)|`.+`)/s }, { options: ["-F"] }],
  ],
  [
    "compgen",
    [{ options: ["-C"] }, { options: ["-W"], pattern: /(\$\(.+\)|`.+`)/s }, { options: ["-F"] }],
  ],
  ["nmap", [{ options: ["--script"], language: "lua", files: ["--script"] }]],
  [
    "sed",
    [
      { words: true, pattern: /^(?:-[a-z]*e)?(?:[\d,]*|\$|\/[^/]*\/)\s*e\s+(.+)$/s },
      {
        words: true,
        pattern:
          /^(?:[\d,]*|\$|\/[^/]*\/)?s([^\w\s])(?:(?!\1)(?:\\.|[\s\S]))*\1((?:(?!\1)(?:\\.|[\s\S]))*)\1[a-z\d]*e[a-z\d]*$/s,
      },
    ],
  ],
  ["sort", [{ options: ["--compress-program"] }]],
  ["split", [{ options: ["--filter"] }]],
  ["csplit", [{ options: ["--filter"] }]],
  ["tcpdump", [{ options: ["-z"] }]],
  ["logrotate", [{ options: ["-m", "--mail"] }]],
  ["dpkg", [{ options: ["--pre-invoke", "--post-invoke", "--status-logger"] }]],
  ["apt", apt],
  ["apt-get", apt],
  ["rpm", [{ options: ["--pipe"] }, { options: ["--eval", "-E"], pattern: /%\((.+)\)/s }]],
  ["openvpn", [{ options: ["--up", "--down", "--route-up", "--ipchange", "--tls-verify"] }]],
  ["aria2c", [{ words: true, pattern: /^--on-[a-z-]+=(.+)$/s }]],
  ["enscript", [{ options: ["-I", "--filter"] }]],
  ["puppet", [{ options: ["-e", "--execute"], pattern: /exec\s*\{\s*['"]([^'"]+)['"]/s }]],
  ["dmsetup", [{ options: ["--exec"] }]],
  ["socat", socat],
  ["nc", netcat],
  ["ncat", netcat],
  ["netcat", netcat],
  ["at", [{ files: ["-f"] }]],
  ["batch", [{ files: ["-f"] }]],
  ["crontab", cron],
  ["make", make],
  ["gmake", make],
  ["bmake", make],
  ["julia", [{ options: ["-e", "--eval", "-E"], language: "other" }]],
  [
    "R",
    [
      { options: ["-e"], language: "other" },
      { lines: true, language: "other" },
    ],
  ],
  ["Rscript", [{ options: ["-e"], language: "other" }]],
  ["octave", [{ options: ["--eval"], language: "other" }]],
  ["groovy", [{ options: ["-e"], language: "node" }]],
  [
    "jrunscript",
    [
      { options: ["-e"], language: "node" },
      { lines: true, language: "node" },
    ],
  ],
  ["jjs", [{ lines: true, language: "node" }]],
  ["jshell", [{ lines: true, language: "node" }]],
]);

/** Variables whose value a shell or a program runs as shell text. */
export const TEXT_VARIABLES: ReadonlySet<string> = new Set([
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

/** Programs that read a script of their own language: from an option, a file, or standard input. */
export interface Interpreter {
  readonly language: LanguageName;
  /** Last letters of options that take the program as their value. */
  readonly letters: string;
  /** The first operand is the program itself (awk). */
  readonly operand?: true;
  /** Letters of options that take a value, so that it is no file. */
  readonly valued?: string;
}

export const INTERPRETERS: ReadonlyMap<string, Interpreter> = new Map<string, Interpreter>([
  ["python", { language: "python", letters: "c", valued: "mWXQ" }],
  ["pypy", { language: "python", letters: "c", valued: "mWX" }],
  ["ipython", { language: "python", letters: "c" }],
  ["perl", { language: "perl", letters: "eE", valued: "I" }],
  ["ruby", { language: "ruby", letters: "e", valued: "rI" }],
  ["irb", { language: "ruby", letters: "e" }],
  ["php", { language: "php", letters: "rBRE", valued: "dc" }],
  ["node", { language: "node", letters: "ep", valued: "r" }],
  ["nodejs", { language: "node", letters: "ep", valued: "r" }],
  ["bun", { language: "node", letters: "e" }],
  ["deno", { language: "node", letters: "e" }],
  ["lua", { language: "lua", letters: "e", valued: "l" }],
  ["luajit", { language: "lua", letters: "e", valued: "l" }],
  ["awk", { language: "awk", letters: "", operand: true, valued: "vF" }],
  ["gawk", { language: "awk", letters: "e", operand: true, valued: "vF" }],
  ["mawk", { language: "awk", letters: "", operand: true, valued: "vFW" }],
  ["nawk", { language: "awk", letters: "", operand: true, valued: "vF" }],
]);
