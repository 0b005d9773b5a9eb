import type { LanguageName } from "../foreign/language.js";
import type { Carrier } from "./carrier.js";

type CarrierRow = readonly [string, readonly Carrier[]];

const DELETING = /\bfile\s+delete\s+(?:-force\s+)?(?:--\s+)?([^\];}]+)/;
/** `file delete -force PATH` removes what is below, too. */
export const TCL: readonly Carrier[] = [
  { lines: true, pattern: DELETING, before: "rm -r " },
  { options: ["-c"], pattern: DELETING, before: "rm -r " },
];

const COMMAND_OPTIONS = ["-c", "-Command", "-command", "/c", "-C"];
/** `Remove-Item -Recurse PATH`: the letters of the option are among those of rm. */
const REMOVING = /\b(?:Remove-Item|ri|rd|del|erase)\s([^;|]+)/i;
const powershell: readonly Carrier[] = [
  { options: COMMAND_OPTIONS },
  { lines: true },
  { options: COMMAND_OPTIONS, pattern: REMOVING, before: "rm " },
  { lines: true, pattern: REMOVING, before: "rm " },
];

/** Languages of which only calls and texts are read: a program in an option, or one that is fed. */
const CALLING = (
  "elixir iex scala scala-cli amm kotlin kotlinc ocaml utop ghc runghc stack crystal nim raku perl6 janet dart swift " +
  "v nu swipl prolog gprolog yap maxima sage gp gap scilab scilab-cli tcc cling root poly sml mosml alice fsi fsharpi " +
  "dotnet-script csharp pike io factor gst rexx regina wolframscript wolfram math maple magma q k hy coconut " +
  "julia-1 littler r gforth pforth stap dtrace idl gdl yacas nickle ferite duktape duk stackexec lfe haxe ballerina"
).split(" ");
const LISPS = (
  "guile sbcl racket clisp scheme mit-scheme chicken csi gsi ecl bb clojure clj gosh newlisp picolisp pil " +
  "ccl abcl lein planck lumo fennel chibi-scheme chez petite bigloo stklos s7 ol joker"
).split(" ");

function rowsOf(names: readonly string[], language: LanguageName): readonly CarrierRow[] {
  const carriers: readonly Carrier[] = [
    // Whichever option it is that takes a program: what holds a text or a call is none of its other words.
    { words: true, pattern: /^(?:--?[\w-]+=)?(.*["'`(].*)$/s, language },
    { read: true, language },
  ];
  return names.map((name) => [name, carriers]);
}

/** `.sy rm`: a request of roff. */
const roff: readonly Carrier[] = [{ lines: true, pattern: /^\.\s*(?:sy|pso)\s+(.+)$/ }];
/** `\write18{rm}`, `\directlua{..}`. */
const tex: readonly Carrier[] = [
  { words: true, pattern: /\\write18\s*\{([^}]*)\}/ },
  { words: true, pattern: /\\directlua\s*\{(.*)\}/s, language: "lua" },
];
const fzf: readonly Carrier[] = [
  { options: ["--preview"] },
  {
    options: ["--bind"],
    pattern: /(?:execute|execute-silent|become|reload|transform|preview)[(:[{](.+?)[)\]}]?$/s,
  },
];
/** Lines that begin with a sign of their own: what follows is run. */
const bang: readonly Carrier[] = [
  {
    lines: true,
    pattern:
      /^\s*(?::\s*|@|~)?(?:!|(?:exec|shell|system)\s)\s*(?:(?:exec|system)\s+)?["']?(.+?)["']?$/,
  },
];
const eximExpansion: readonly Carrier[] = [{ words: true, pattern: /\$\{run\{([^}]*)\}/ }];
const passwords: readonly Carrier[] = [
  { options: ["--password-command", "--passwordeval", "--passcommand", "--rsh", "--remote-path"] },
];

/** Programs that run programs of other languages than the shell's, beside the interpreters. */
export const LANGUAGE_CARRIERS: readonly CarrierRow[] = [
  ...rowsOf(CALLING, "other"),
  ...rowsOf(LISPS, "lisp"),
  ["erl", [{ options: ["-eval", "--eval"], language: "other" }]],
  ...["zx", "tsx", "ts-node", "esno", "qjs", "mujs", "gjs", "d8", "bunx-eval", "coffee"].map(
    (name): CarrierRow => [
      name,
      [
        { options: ["-e", "--eval", "-c", "-p", "-pe"], language: "node" },
        { read: true, language: "node" },
      ],
    ],
  ),
  ["emacsclient", [{ options: ["-e", "--eval"], language: "lisp" }]],
  ["anacron", [{ files: ["-t"], lines: true, pattern: /^\s*[\d@]\w*\s+\d+\s+\S+\s+(.+)$/ }]],
  ["scanmem", [{ lines: true, pattern: /^\s*shell\s+(.+)$/ }]],
  [
    "aws",
    [{ options: ["--parameters"], pattern: /commands=?\s*"?\s*[:=]?\s*\[?\s*["']?([^"'\]]+)/s }],
  ],
  [
    "emacs",
    [
      { options: ["--eval", "-eval", "--execute"], language: "lisp" },
      { files: ["-l", "--load", "--script", "-script"], language: "lisp" },
    ],
  ],
  ["deno", [{ words: true, pattern: /^(?!eval$|run$|-)(.+)$/s, language: "node" }]],
  [
    "ipython",
    [
      { options: ["-c"], pattern: /^\s*!+(.+)$/s },
      { lines: true, pattern: /^\s*!+(.+)$/ },
    ],
  ],
  ["pic", [{ lines: true, pattern: /^\s*sh\s+(\S)\s*(.+?)\s*\1\s*$/ }]],
  ["m4", [{ lines: true, pattern: /e?syscmd\(\s*[`"]*(.+?)['"]*\s*\)/ }]],
  ["osascript", [{ options: ["-e"], pattern: /do shell script "((?:[^"\\]|\\.)+)"/s }]],
  ...["troff", "groff", "nroff", "ditroff"].map((name): CarrierRow => [name, roff]),
  ...["tex", "latex", "pdftex", "pdflatex", "xetex", "xelatex", "luatex", "lualatex"].map(
    (name): CarrierRow => [name, tex],
  ),
  ...[
    "ghci",
    "ginsh",
    "tasksh",
    "tdbtool",
    "ncftp",
    "psftp",
    "crash",
    "debugfs",
    "jtag",
    "tig",
    "cpan",
  ].map((name): CarrierRow => [name, bang]),
  ["hping3", bang],
  ["bconsole", bang],
  ["fzf", fzf],
  ["sk", fzf],
  ["sendmail", eximExpansion],
  ["exim", eximExpansion],
  ["exim4", eximExpansion],
  ...["restic", "rclone", "borg", "msmtp", "bzr"].map((name): CarrierRow => [name, passwords]),
  ["certbot", [{ options: ["--pre-hook", "--post-hook", "--deploy-hook", "--manual-auth-hook"] }]],
  [
    "ansible",
    [
      {
        options: ["-a", "--args"],
        pattern: /^(?=.*\bstate=absent\b).*?\b(?:path|dest|name)=(\S+)/s,
        before: "rm -r ",
      },
    ],
  ],
  ["fetchmail", [{ options: ["-m", "--mda"] }]],
  ["logrotate", [{ options: ["-l"], pattern: /^\s*\|\s*(.+)$/s }, { options: ["-m", "--mail"] }]],
  ["mosh", [{ options: ["--server", "--ssh"] }]],
  ["scrot", [{ options: ["-e", "--exec"] }]],
  ["smbclient", [{ options: ["-c"], pattern: /(?:^|;)\s*!(.+)$/s }]],
  ["unison", [{ options: ["-rshcmd", "-sshcmd"] }]],
  [
    "hg",
    [{ options: ["--config"], pattern: /^(?:alias|hooks|ui|extdiff|merge-tools)\.[^=]*=!?(.+)$/s }],
  ],
  ["svn", [{ options: ["--config-option"], pattern: /:tunnels:[^=]*=(.+)$/s }]],
  ["msfconsole", [{ options: ["-x"] }]],
  ["cowsay", [{ files: ["-f"], language: "perl" }]],
  ["cowthink", [{ files: ["-f"], language: "perl" }]],
  ["bpftrace", [{ options: ["-e"], language: "other" }]],
  ["exiftool", [{ options: ["-if"], language: "perl" }]],
  ["gimp", [{ options: ["-b"], language: "python" }]],
  ["sqlmap", [{ options: ["--eval"], language: "python" }]],
  ["slsh", [{ options: ["-e"], language: "other" }]],
  ["pry", [{ read: true, language: "ruby" }]],
  ["knife", [{ options: ["-E"], language: "ruby" }]],
  [
    "rake",
    [
      { options: ["-e", "-E"], language: "ruby" },
      { files: ["-f"], language: "ruby" },
    ],
  ],
  ["gem", [{ options: ["-e"] }, { read: true, language: "ruby" }]],
  ["byebug", [{ read: true, language: "ruby" }]],
  ["pdb", [{ read: true, language: "python" }]],
  ["octave-cli", [{ options: ["--eval"], language: "other" }]],
  ["wish", [...TCL, { lines: true, pattern: /^\s*exec\s+(.+)$/ }]],
  [
    "latexmk",
    [
      { options: ["-e"], language: "perl" },
      { words: true, pattern: /^-(?:pdf)?latex=(.+)$/s },
    ],
  ],
  ["pandoc", [{ files: ["-L", "--lua-filter"], language: "lua" }]],
  [
    "mpv",
    [
      { files: ["--script"], language: "lua" },
      { options: ["--input-commands"], pattern: /^run\s+(.+)$/s },
    ],
  ],
  ["tshark", [{ words: true, pattern: /^lua_script:(.+)$/s, language: "lua" }]],
  ["gs", [{ words: true, pattern: /%pipe%([^)]*)/ }]],
  ["convert", [{ words: true, pattern: /^[^|]*\|\s*(.+)$/s }]],
  ["magick", [{ words: true, pattern: /^[^|]*\|\s*(.+)$/s }]],
  ["neofetch", [{ files: ["--config"] }, { options: ["--ascii"], pattern: /\$\(([^)]*)\)/ }]],
  ["procmail", [{ lines: true, pattern: /^\s*\|\s*(.+)$/ }]],
  ["wg-quick", [{ lines: true, pattern: /^\s*(?:Pre|Post)(?:Up|Down)\s*=\s*(.+)$/i }]],
  [
    "mail",
    [
      { options: ["--exec"], pattern: /^!(.+)$/s },
      { lines: true, pattern: /^~!\s*(.+)$/ },
    ],
  ],
  ["zathura", [{ options: ["-e"], pattern: /^exec\s+(.+)$/s }]],
  ["vifm", [{ options: ["-c"], pattern: /^:?!(.+)$/s }]],
  ["ranger", [{ options: ["--cmd"], pattern: /^shell\s+(.+)$/s }]],
  ["weechat", [{ options: ["-r"], pattern: /^\/exec\s+(.+)$/s }]],
  ["go", [{ options: ["-exec", "-toolexec", "-vettool"] }]],
  [
    "cmake",
    [
      { files: ["-P"], lines: true, pattern: /\bCOMMAND\s+([^)]+)/ },
      { files: ["-P"], lines: true, pattern: /\bREMOVE_RECURSE\s+([^)]+)/, before: "rm -r " },
    ],
  ],
  [
    "puppet",
    [
      { options: ["-e", "--execute"], pattern: /exec\s*\{\s*(['"])((?:(?!\1).)+)\1/s },
      { options: ["-e", "--execute"], pattern: /\bcommand\s*=>\s*(['"])((?:(?!\1).)+)\1/s },
      {
        options: ["-e", "--execute"],
        pattern: /file\s*\{\s*["']([^"']+)["']\s*:[^}]*absent/s,
        before: "rm -r ",
      },
    ],
  ],
  ["helm", [{ options: ["--post-renderer"] }]],
  ["wget", [{ options: ["--use-askpass"] }]],
  ["nano", [{ options: ["-s", "--speller"] }]],
  ["pico", [{ options: ["-s"] }]],
  ["pwsh", powershell],
  ["powershell", powershell],
  [
    "tclsh",
    [
      ...TCL,
      { lines: true, pattern: /^\s*eval\s+(?:\[list\s+)?["{]?exec\s+["{]?([^\]}"]+)/ },
      { lines: true, pattern: /^\s*(?:puts\s+\[)?(?:exec|system)\s+([^\]]+)\]?$/ },
    ],
  ],
];
