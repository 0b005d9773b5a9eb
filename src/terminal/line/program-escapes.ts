/**
 * Commands that a line makes the program at hand run in a shell: `:!cmd` in vim, `!cmd` in less, `\! cmd`
 * in psql, `.shell cmd` in sqlite3, `os.system("cmd")` in python. An empty list: it runs none that can be
 * seen. A command whose text is made of more than one literal is not read here; the line itself is judged.
 * A line of a language that takes files away or starts a program from a list is told as that language's
 * own program: `python3 -c LINE`.
 */
export function escapesOf(program: string | undefined, line: string): readonly string[] {
  if (line.length > LINE_CHARS_MAX) return [];
  const family = program === undefined ? undefined : FAMILIES.get(program);
  const found = (family === undefined ? [...FAMILY_NAMES] : [family]).flatMap((name) =>
    ESCAPES[name].flatMap((pattern) => {
      const match = pattern.exec(line);
      const groups = match?.groups;
      if (groups === undefined) return [];
      return [groups["command"] ?? unescaped(groups["literal"] ?? "")];
    }),
  );
  found.push(...asProgram(program ?? "", line));
  return [...new Set(found.map((command) => command.trim()).filter((command) => command !== ""))];
}

/** How the programs of a language are given a text of it. */
const LANGUAGES: ReadonlyMap<string, string> = new Map([
  ...["python", "python2", "python3", "ipython", "ipython3", "bpython"].map(
    (name) => [name, "python3 -c"] as const,
  ),
  ...["node", "deno", "bun"].map((name) => [name, "node -e"] as const),
  ...["ruby", "irb"].map((name) => [name, "ruby -e"] as const),
  ["perl", "perl -e"],
  ["php", "php -r"],
]);

const TAKES_AWAY =
  /\b(?:rmtree|remove_tree|rm_rf?|rmSync|rmdir(?:Sync)?|unlink(?:Sync)?|os\.remove(?:dirs)?|FileUtils|subprocess|Popen|spawn\w*|exec[lv]\w*)\b/;

function asProgram(program: string, line: string): readonly string[] {
  const start = LANGUAGES.get(program);
  if (start === undefined || !TAKES_AWAY.test(line)) return [];
  return [`${start} '${line.replaceAll("'", "'\\''")}'`];
}

/** No person types a longer escape; the line itself is judged all the same. */
const LINE_CHARS_MAX = 4 * 1024;

type Family = "vi" | "pager" | "sql" | "sqlite" | "code" | "ed" | "nano" | "emacs" | "ftp" | "gdb";

const ESCAPES: Readonly<Record<Family, readonly RegExp[]>> = {
  // ":!ls", ":%!sort", ":r !date", ":w !sudo tee %", ":'<,'>!sh", ":sil exe '!x'"; not ":q!", ":w! file".
  vi: [
    /^:(?:[^!]*[\s\d,.$%'<>}\])]|[\d,.$%]*r(?:e|ea|ead)?)?!(?!=)(?<command>.+)$/s,
    /^:\s*(?:bo\w*\s+|vert\w*\s+|tab\s+)*(?<command>(?:sh|she|shel|shell))\s*$/,
    /^:\s*(?:bo\w*\s+|vert\w*\s+|tab\s+)*ter\w*!?\s+(?:\+\+\S+\s+)*(?<command>.+)$/,
    /\b(?:systemlist|system|term_start|job_start)\s*\(\s*(?<quote>["'])(?<literal>.*?)\k<quote>/,
    /\bexe\w*\s+(?<quote>["'])!(?<literal>.*?)\k<quote>/,
  ],
  // "!ls"; ":!ls" in more; "|a" asks for a mark first and then shows "!".
  pager: [/^[:#]?!(?<command>.+)$/],
  // "\! ls", "select 1 \! ls", "\o | sh", "system ls", "\copy x to program 'sh'".
  sql: [
    /\\!\s*(?<command>.+)$/,
    /^\s*system\s+(?<command>[^;]+)/i,
    /\\(?:o|g|w)\s*\|\s*(?<command>.+)$/,
    /\b(?:to|from)\s+program\s+'(?<literal>(?:[^']|'')*)'/i,
  ],
  // ".shell ls", ".system ls", ".sh ls", ".once |sh", ".import '|cmd' t".
  sqlite: [
    /^\s*\.(?:sh\w*|sy\w*)\s+(?<command>.+)$/,
    /^\s*\.(?:on\w*|ou\w*)\s+['"]?\|\s*(?<command>[^'"]+)/,
    /^\s*\.im\w*\s+['"]?\|\s*(?<command>[^'"]+)/,
    /\bedit\s*\([^,]*,\s*'(?<literal>[^']*)'/,
  ],
  // os.system("ls"), subprocess.run("ls", shell=True), execSync('ls'), `ls` of ruby, %x(ls), !ls of ipython.
  code: [
    /\b(?:system|popen|getoutput|getstatusoutput|run|call|check_call|check_output|Popen|spawn|exec|execSync|spawnSync|shell_exec|passthru|os\.execute|qx)\s*\(?\s*(?<quote>["'`])(?<literal>(?:\\.|(?!\k<quote>)[^\\])*)\k<quote>/,
    /^\s*!+(?<command>.+)$/,
    /^\s*`(?<literal>[^`]+)`/,
    /%x[([{](?<literal>[^)\]}]+)/,
  ],
  // "!ls", "r !ls", "w !sh".
  ed: [/^\s*[\d,.$%]*\s*(?:[rwe]\s*)?!(?<command>.+)$/],
  nano: [/^Command to execute[^:]*:\s*(?<command>.+)$/],
  emacs: [/^(?:Async )?[Ss]hell command[^:]*:\s*(?<command>.+)$/],
  ftp: [/^\s*!(?<command>.+)$/],
  gdb: [/^\s*(?:shell|!|make|pipe\s.*\|)\s*(?<command>.+)$/],
};

const FAMILY_NAMES = Object.keys(ESCAPES).filter(isFamily);

function isFamily(name: string): name is Family {
  return name in ESCAPES;
}

const FAMILIES: ReadonlyMap<string, Family> = new Map(
  (
    [
      [
        "vi",
        "vi vim nvim view vimdiff ex gvim rvim vi.tiny vim.tiny vim.basic visudo vipw crontab",
      ],
      ["pager", "less more most man info journalctl systemctl git bat"],
      ["sql", "psql mysql mariadb mycli pgcli sqlplus clickhouse-client"],
      ["sqlite", "sqlite3 sqlite"],
      [
        "code",
        "python python2 python3 ipython ipython3 node deno bun ruby irb perl php lua julia R tclsh " +
          "ghci scala jshell erl iex bpython",
      ],
      ["ed", "ed red"],
      ["nano", "nano pico rnano"],
      ["emacs", "emacs joe mg jed"],
      ["ftp", "ftp sftp lftp telnet mail mailx mutt"],
      ["gdb", "gdb lldb"],
    ] as const
  ).flatMap(([family, names]) => names.split(" ").map((name) => [name, family] as const)),
);

/** A literal's own backslashes and doubled quotes. */
function unescaped(literal: string): string {
  return literal.replaceAll("''", "'").replace(/\\(?<character>["'`\\])/g, "$<character>");
}
