import { isLikely, unsure, type Text } from "../words/text.js";
import { quote } from "../wrappers/run-script.js";
import { SSH_COMMAND } from "../wrappers/carrier-table.js";
import { copyScope, type Scope } from "./scope.js";
import type { Frame, Walk } from "./walk.js";

/**
 * Files that are written into places from which they are started later, by the system or by the next
 * shell: what they start is judged when they are written.
 */
interface StartupPlace {
  readonly path: RegExp;
  /** Group 1 of a line is what is started; absent: the file is a script of the shell. */
  readonly line?: RegExp;
  /** What is started is this program's own text: shell text that gives it to the program. */
  readonly as?: (text: string) => string;
}

const HOME = String.raw`^(?:~|\/root|\/home\/[^/]+)\/`;
/** A place below the home of an account. */
const below = (path: string): RegExp => new RegExp(HOME + path);
const given =
  (...words: readonly string[]) =>
  (text: string): string =>
    [...words, quote(text)].join(" ");

const PLACES: readonly StartupPlace[] = [
  {
    path: /^\/etc\/(?:profile|bash\.bashrc|bashrc|rc\.local|rc\.d\/rc\.local|zshrc|zsh\/\w+)$/,
  },
  {
    path: /^\/etc\/(?:profile\.d|init\.d|cron\.(?:hourly|daily|weekly|monthly)|update-motd\.d|network\/if-\w+\.d)\/[^/]+$/,
  },
  {
    path: /^(?:~|\/root|\/home\/[^/]+)\/\.(?:bashrc|bash_profile|bash_login|bash_logout|bash_aliases|profile|zshrc|zprofile|zshenv|zlogin|kshrc)$/,
  },
  { path: /\/\.git\/hooks\/[a-z-]+$/ },
  {
    path: below(
      String.raw`(?:\.config\/fish\/.+\.fish|\.xprofile|\.xinitrc|\.xsession|\.mkshrc|\.ssh\/rc|\.envrc)$`,
    ),
  },
  {
    path: /^\/etc\/(?:ssh\/sshrc|NetworkManager\/dispatcher\.d\/[^/]+|acpi\/[^/]+|kernel\/[^/]+\/[^/]+|fish\/.+\.fish|X11\/Xsession\.d\/[^/]+)$/,
  },
  // Only what git gives to a shell.
  {
    path: /(?:^|\/)(?:\.gitconfig|gitconfig|\.config\/git\/config|\.git\/config)$/,
    line: /(?:^|\])\s*[\w-]+\s*=\s*"?!([^"]+)"?/,
  },
  {
    path: /(?:^|\/)(?:\.gitconfig|gitconfig|\.config\/git\/config|\.git\/config)$/,
    line: /(?:^|\])\s*(?:pager|editor|sshCommand|fsmonitor|askPass|external|cmd|clean|smudge|process|driver|textconv|program|gitProxy)\s*=\s*"?([^!"#;][^"#;]*)/i,
  },
  {
    path: /(?:^|\/)(?:\.ssh\/(?:config|[^/]+\.conf)|ssh_config(?:\.d\/[^/]+)?|\.ssh\/config\.d\/[^/]+)$/,
    line: SSH_COMMAND,
  },
  { path: /\/authorized_keys2?$/, line: /\bcommand="((?:[^"\\]|\\.)*)"/ },
  {
    path: /\/sshd_config(?:\.d\/[^/]+)?$/,
    line: /^\s*(?:ForceCommand|AuthorizedKeysCommand)\s+(.+)$/i,
  },
  {
    path: /(?:^|\/)(?:\.?vimrc(?:\.local)?|\.exrc|\.nvimrc|\.gvimrc|nvim\/init\.vim|\.vim\/.+\.vim)$/,
    line: /^\s*((?::?\s*(?:sil(?:ent)?!?\s+)?!|.*\b(?:system|term_start|job_start|execute)\b|au(?:tocmd)?\b.*!).*)$/,
    as: (text) => `vim -c ${quote(text.replace(/^\s*au(?:tocmd)?\b[^!]*(?=!)/, ""))}`,
  },
  {
    path: /(?:^|\/)(?:\.?vimrc(?:\.local)?|\.exrc|\.nvimrc|\.gvimrc|nvim\/init\.vim|\.vim\/.+\.vim)$/,
    line: /^\s*:?\s*set?(?:l(?:ocal)?|g(?:lobal)?)?\s+(?:makeprg|mp|grepprg|gp|equalprg|ep|keywordprg|kp|formatprg|fp|shell|sh)=(.+)$/,
    as: (text) => text.replace(/\\(.)/g, "$1"),
  },
  {
    path: /\/(?:\.emacs(?:\.el)?|\.emacs\.d\/init\.el|emacs\/init\.el)$/,
    line: /^(.*\(.+)$/,
    as: given("emacs", "--eval"),
  },
  {
    path: /\/(?:\.?tmux\.conf|tmux\/tmux\.conf)$/,
    line: /\b(?:run(?:-shell)?|if(?:-shell)?|default-command|status-(?:left|right)|popup|pipe-pane)\b(?:\s+-\w+)*\s+["']?(?:#\()?(.+?)\)?["']?\s*$/,
  },
  {
    path: /\/\.?screenrc$/,
    line: /^\s*(?:exec|screen|backtick\s+\d+\s+\d+\s+\d+|shell)\s+(?:-\w+\s+\S+\s+)*(.+)$/,
  },
  {
    path: /\/nvim\/(?:init\.lua|lua\/.+\.lua|plugin\/.+\.lua)$/,
    line: /^(.*\b(?:os\.execute|io\.popen|system)\b.*)$/,
    as: (text) => `lua -e ${quote(text.replace(/\bvim\.fn\.system\w*/g, "os.execute"))}`,
  },
  { path: /\/\.psqlrc$/, line: /^\s*\\!\s*(.+)$/ },
  { path: /\/\.sqliterc$/, line: /^\s*\.(?:shell|system)\s+(.+)$/ },
  { path: /\/\.?gdbinit$/, line: /^\s*(?:shell\s|!)\s*(.+)$/ },
  { path: /\/(?:\.mailcap|mailcap)$/, line: /^[^#;]+;\s*([^;]+)/ },
  { path: /\/(?:\.forward|\.qmail|aliases)$/, line: /"?\|\s*([^"]+)"?\s*$/ },
  { path: /\/\.procmailrc$/, line: /^\s*\|\s*(.+)$/ },
  { path: /\/\.lftprc$/, line: /^\s*!\s*(.+)$/ },
  {
    path: /\/(?:\.pythonrc(?:\.py)?|sitecustomize\.py|usercustomize\.py)$/,
    as: given("python3", "-c"),
  },
  { path: /\/[^/]+\.pth$/, line: /^\s*(import\b.+)$/, as: given("python3", "-c") },
  { path: /\/\.irbrc$/, as: given("ruby", "-e") },
  {
    path: /\/udev\/rules\.d\/[^/]+$/,
    line: /\b(?:RUN|PROGRAM|IMPORT)(?:\{\w+\})?\s*\+?=\s*"([^"]+)"/,
  },
  {
    path: /\/logrotate(?:\.conf|\.d\/[^/]+)$/,
    line: /^\s*((?![\w/*".-]+\s*\{|(?:rotate|daily|weekly|monthly|compress|create|size|missingok|notifempty|include|su|mail)\b)[\w/.-]+\s.+)$/,
  },
  { path: /\/(?:supervisor\/.+|supervisord)\.(?:conf|ini)$/, line: /^\s*command\s*=\s*(.+)$/ },
  { path: /\/(?:autostart|applications|xsessions)\/[^/]+\.desktop$/, line: /^\s*Exec\s*=\s*(.+)$/ },
  {
    path: /\/(?:inetd\.conf|xinetd\.d\/[^/]+)$/,
    line: /^\s*(?:server\s*=\s*|\S+\s+\w+\s+\w+\s+\w+\s+\w+\s+)(.+)$/,
  },
  { path: /\/inittab$/, line: /^[^#:]*:[^:]*:[^:]*:(.+)$/ },
  {
    path: /\/apt\/apt\.conf(?:\.d\/[^/]+)?$/,
    line: /(?:Pre|Post)-[\w-]+(?:::)?\s*\{?\s*"([^"]+)"/,
  },
  { path: /\/pam\.d\/[^/]+$/, line: /pam_exec\.so\s+(?:\w+(?:=\S+)?\s+)*(\/.+)$/ },
  { path: /\/anacrontab$/, line: /^\s*\S+\s+\d+\s+\S+\s+(.+)$/ },
  {
    path: /^(?:\/etc\/crontab|\/etc\/cron\.d\/[^/]+)$/,
    line: /^\s*(?:@\w+|(?:[\d*,/A-Za-z-]+[ \t]+){5})\s*[\w-]+[ \t]+(\S.*)$/,
  },
  {
    path: /^\/var\/spool\/cron\/.+$/,
    line: /^\s*(?:@\w+|(?:[\d*,/A-Za-z-]+[ \t]+){5})\s*(\S.*)$/,
  },
  {
    path: /\/systemd\/(?:system|user)\/.+\.(?:service|conf)$/,
    line: /^\s*Exec(?:Start|Stop|Reload|Condition)(?:Pre|Post)?\s*=\s*[-@:+!]*(\S.*)$/,
  },
];

/** Walks what a line has put into such places. */
export function walkStartupFiles(walk: Walk, scope: Scope, frame: Frame): void {
  for (const [path, file] of scope.files) {
    if (file === null || !isLikely(file) || file.text === "") continue;
    const places = PLACES.filter((one) => one.path.test(path));
    for (const text of places.flatMap((place) => startedBy(place, file)))
      walk.runText(text.text, {
        ...frame,
        scope: copyScope(scope),
        context: "script",
        // What stood there before is nothing that this line has said.
        doubtful: false,
      });
  }
}

function startedBy({ line, as }: StartupPlace, file: Text): readonly Text[] {
  if (line === undefined) return [as === undefined ? file : { ...file, text: as(file.text) }];
  return file.text
    .split("\n")
    .slice(0, LINES_MAX)
    .flatMap((one) => line.exec(one)?.[1] ?? [])
    .map((text) => unsure({ text: as === undefined ? text : as(text), known: true }));
}

/** Lines of one file that are looked at. */
const LINES_MAX = 128;
