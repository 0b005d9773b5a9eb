import { BUILD_CARRIERS } from "./build-carriers.js";
import type { Carrier } from "./carrier.js";
import { LANGUAGE_CARRIERS, TCL } from "./language-carriers.js";

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
/** A line of a configuration of ssh that names a command. */
export const SSH_COMMAND =
  /^\s*(?:ProxyCommand|LocalCommand|KnownHostsCommand|RemoteCommand|Match\s.*\bexec)[\s=]+"?(.+?)"?\s*$/i;
const ssh: readonly Carrier[] = [
  { files: ["-F"], lines: true, pattern: SSH_COMMAND },
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
      /^(?:core\.(?:pager|editor|sshCommand|fsmonitor|askPass|hooksPath|gitProxy)|diff\.external|pager\.\w+|sequence\.editor|credential\.helper|gpg\.program|[\w.]*(?:hook|command|program|proxy)|(?:diff|merge|filter)(?:tool)?\.[^=]+\.(?:cmd|clean|smudge|driver|command|textconv))=!?(.+)$/is,
  },
  {
    options: [
      "-u",
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
  { words: true, pattern: /^ext::(.+)$/s, spelt: "percent" },
  { words: true, pattern: /^!(.+)$/s },
];
/** `git config core.pager CMD`: the word behind a name that holds a command. */
export const GIT_COMMAND_KEYS =
  /^(?:core\.(?:pager|editor|sshCommand|fsmonitor|askPass)|diff\.external|pager\.\w+|sequence\.editor|(?:difftool|mergetool)\.[^.]+\.cmd|filter\.[^.]+\.(?:clean|smudge))$/i;
const VIM_COMMAND = ["-c", "--cmd", "-sc", "-esc", "-Esc", "-ec"];
/** `:%!sh`, `:.!sh`, `:w !sh`: what is edited is what the command reads. */
const VIM_FILTER = /^:?\s*(?:sil(?:ent)?!?\s+)?(?:%|[\d.,$]+|[\d.,$%]*w)\s*!(.+)$/s;
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
  { options: VIM_COMMAND, pattern: VIM_FILTER, feeds: true },
  { options: VIM_COMMAND, pattern: /^:?[^!|]*\|\s*:?(?:sil(?:ent)?!?\s+)?!(.+)$/s },
  {
    words: true,
    pattern: /^\+:?\s*(?:sil(?:ent)?!?\s+)?(?:%|[\d.,$]*|[\d.,$%]*w)\s*!(.+)$/s,
    feeds: true,
  },
  { options: VIM_COMMAND, pattern: /^:?\s*(?:g|v|glo(?:bal)?)\W.*?\W(?:[rw]\s*)?!(.+)$/s },
  {
    options: VIM_COMMAND,
    pattern: /^:?\s*(?:au(?:tocmd)?)\s+\S+\s+\S+\s+(?:sil(?:ent)?!?\s+)?!(.+)$/s,
  },
  { files: ["-s", "-S", "-u"], lines: true, pattern: /^:?\s*(?:sil(?:ent)?!?\s+)?!(.+)$/ },
];
const bang: readonly Carrier[] = [{ lines: true, pattern: /^\s*(?:\d*r\s*)?!\s*(.+)$/ }];
/** `w !sh`: the lines of the file are what the command reads. */
const ed: readonly Carrier[] = [
  ...bang,
  { lines: true, pattern: /^\s*(?:[\d.,$%]*w)\s*!\s*(.+)$/, feeds: true },
  { fed: true, lines: true, pattern: /^\s*(?:[\d.,$%]*w)\s*!\s*(.+)$/, feeds: true },
];
const sqlShell = /^\s*(?:\\!|system|\\system)\s*(.+?);?$/s;
const mysql: readonly Carrier[] = [
  { options: ["-e", "--execute"], pattern: sqlShell },
  { lines: true, pattern: /^\s*(?:\\!|system)\s*(.+?);?$/ },
];
const gdb: readonly Carrier[] = [
  {
    options: ["-ex", "--ex", "-eval-command", "--eval-command"],
    pattern: /^\s*(?:call|print|p|output|compile\s+code)\s+(.+)$/s,
    language: "other",
  },
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
  { words: true, pattern: /^(?:EXEC|SYSTEM|SHELL):(.+?)(?:,\w+(?:=\w+)?)*$/is, feeds: true },
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
/** `s/x/text/e`: what comes out is run. */
const SED_EXECUTING =
  /^(?:[\d,]*|\$|\/[^/]*\/)?s([^\w\s])(?:(?!\1)(?:\\.|[\s\S]))*\1((?:(?!\1)(?:\\.|[\s\S]))*)\1[a-z\d]*e[a-z\d]*$/s;
const TMUX_COMMAND =
  /\b(?:run(?:-shell)?|if-shell|default-command|pipe-pane)\b(?:\s+-\w+)*\s+["']?(.+?)["']?\s*$/;
const expect: readonly Carrier[] = [
  { options: ["-c"], pattern: /(?:^|[;{]|\n)\s*spawn\s+(?:-\w+\s+)+(.+?)(?:;.*)?$/s },
  { options: ["-c"], pattern: /(?:^|[;{]|\n)\s*(?:spawn|exec|system)\s+"((?:[^"\\]|\\.)+)"/s },
  { options: ["-c"], pattern: /^\s*(?:spawn|exec|system)\s+(.+?)(?:;\s*\w+)?$/s },
  ...TCL,
  { options: ["-c"], pattern: /send(?:_user)?\s+(?:--\s+)?"((?:[^"\\]|\\.)*?)(?:\\r|\\n)*"/s },
  { lines: true, pattern: /^\s*(?:spawn|exec|system)\s+(.+)$/ },
  { lines: true, pattern: /^\s*send\s+(?:--\s+)?"((?:[^"\\]|\\.)*?)(?:\\r|\\n)*"/ },
];

export const CARRIERS: ReadonlyMap<string, readonly Carrier[]> = new Map<
  string,
  readonly Carrier[]
>([
  ...BUILD_CARRIERS,
  ...LANGUAGE_CARRIERS,
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
  ["nvim", [...vim, { files: ["-l"], language: "lua" }]],
  ["view", vim],
  ["vimdiff", vim],
  ["rvim", vim],
  ["ed", ed],
  ["red", ed],
  ["ftp", bang],
  ["lftp", [...bang, { options: ["-c", "-e"], pattern: /^\s*!\s*(.+)$/s }]],
  ["telnet", bang],
  [
    "gnuplot",
    [{ options: ["-e"], language: "other" }, { options: ["-e"], pattern: /^\s*!(.+)$/s }, ...bang],
  ],
  ["dc", [{ options: ["-e"], pattern: /^\s*!(.+)$/s }, ...bang]],
  ["bc", bang],
  ["mutt", [{ options: ["-e"], pattern: /^!?(.+)$/s }]],
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
  [
    "nmap",
    [
      { options: ["--script"], language: "lua" },
      { files: ["--script"], language: "lua" },
      { fed: true, lines: true, pattern: /^\s*!\s*(.+)$/ },
    ],
  ],
  [
    "sed",
    [
      { files: ["-f", "--file"], lines: true, pattern: /^(?:[\d,$]*|\/[^/]*\/)\s*e\s+(.+)$/ },
      {
        files: ["-f", "--file"],
        lines: true,
        pattern: SED_EXECUTING,
      },
      {
        words: true,
        pattern:
          /^(?:-[a-zA-Z]*e|--expression=)?(?:[\d,~$+!{};\s=dDpPnNqQgGhHxl]*|\/[^/\n]*\/)[\s!{]*e[ \t]+(\S[^}\n]*)/,
      },
      // The line that was read is the command.
      {
        words: true,
        pattern: /^(?:-[a-zA-Z]*e|--expression=)?(?:[\d,$!]*|\/[^/\n]*\/)\s*(e)\s*(?:;.*)?$/s,
        fills: true,
      },
      {
        words: true,
        pattern: /^((?:[^\w\s]|[\d!dDgGhHxp;,$\s])*s[^\w\s].*?)\s*[;\n]\s*e\s*$/s,
        fills: true,
      },
      {
        words: true,
        pattern: SED_EXECUTING,
      },
    ],
  ],
  [
    "tmux",
    [
      { options: ["-c"] },
      { words: true, pattern: TMUX_COMMAND },
      { words: true, pattern: /#\((.+)\)/s },
      { files: ["-f"], lines: true, pattern: TMUX_COMMAND },
      { lines: true, pattern: TMUX_COMMAND },
    ],
  ],
  ["screen", [{ files: ["-c"], lines: true, pattern: /^\s*(?:exec|screen|shell)\s+(.+)$/ }]],
  ["sort", [{ options: ["--compress-program"] }]],
  ["split", [{ options: ["--filter"] }]],
  ["csplit", [{ options: ["--filter"] }]],
  ["tcpdump", [{ options: ["-z"] }]],
  [
    "logrotate",
    [
      { options: ["-m", "--mail"] },
      {
        read: true,
        pattern:
          /\b(?:(?:pre|post|first|last)(?:rotate|action)|preremove)\s*\n([\s\S]*?)\n\s*endscript/,
      },
    ],
  ],
  ["dpkg", [{ options: ["--pre-invoke", "--post-invoke", "--status-logger"] }]],
  ["apt", apt],
  ["apt-get", apt],
  ...["gcc", "g++", "cc", "c++", "c99", "c89", "clang", "clang++", "gfortran", "gnat"].map(
    (name): [string, readonly Carrier[]] => [name, [{ options: ["-wrapper"], spelt: "commas" }]],
  ),
  [
    "rpmbuild",
    [
      { options: ["--eval", "-E"], pattern: /%\((.+)\)/s },
      { options: ["--eval", "-E"], pattern: /%\{lua:(.+)\}/s, language: "lua" },
    ],
  ],
  [
    "rpm",
    [
      { options: ["--eval", "-E"], pattern: /%\{lua:(.+)\}/s, language: "lua" },
      { options: ["--pipe"] },
      { options: ["--eval", "-E"], pattern: /%\((.+)\)/s },
    ],
  ],
  ["openvpn", [{ options: ["--up", "--down", "--route-up", "--ipchange", "--tls-verify"] }]],
  ["aria2c", [{ words: true, pattern: /^--on-[a-z-]+=(.+)$/s }]],
  ["enscript", [{ options: ["-I", "--filter"] }]],
  ["dmsetup", [{ options: ["--exec"] }]],
  ["socat", socat],
  ["nc", netcat],
  ["ncat", netcat],
  ["netcat", netcat],
  ["at", [{ files: ["-f"] }]],
  ["batch", [{ files: ["-f"] }]],
  ["crontab", cron],
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
