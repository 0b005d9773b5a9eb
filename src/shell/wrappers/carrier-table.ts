import type { Field, Text } from "../words/text.js";

/** An option or argument of a program that is no wrapper, but runs a piece of its words as shell text. */
export interface Carrier {
  /** Options whose value carries the text; absent: every word is looked at. */
  readonly options?: readonly string[];
  /** Group 1 is the text; absent: the whole value. */
  readonly pattern?: RegExp;
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
      "-F",
    ],
  },
];
const ssh: readonly Carrier[] = [
  { options: ["-o"], pattern: /^(?:ProxyCommand|LocalCommand|KnownHostsCommand)[= ](.+)$/is },
];
const git: readonly Carrier[] = [
  { options: ["-c"], pattern: /^alias\.[^=]+=!(.+)$/s },
  {
    options: ["-c"],
    pattern: /^(?:core\.(?:pager|editor|sshCommand|fsmonitor)|diff\.external|pager\.\w+)=(.+)$/is,
  },
  { options: ["--upload-pack", "--exec"] },
];
const editor: readonly Carrier[] = [
  { options: ["-c", "--cmd"], pattern: /^:?\s*(?:silent!?\s+)?!(.+)$/s },
  { pattern: /^\+:?!(.+)$/s },
];

export const CARRIERS: ReadonlyMap<string, readonly Carrier[]> = new Map<
  string,
  readonly Carrier[]
>([
  ["tar", tar],
  ["bsdtar", tar],
  ["ssh", ssh],
  ["scp", ssh],
  ["sftp", ssh],
  ["git", git],
  ["vi", editor],
  ["vim", editor],
  ["nvim", editor],
  ["view", editor],
  ["rsync", [{ options: ["-e", "--rsh", "--rsync-path"] }]],
  ["zip", [{ options: ["-TT", "--unzip-command"] }]],
  ["man", [{ options: ["-P", "--pager", "-H"] }]],
  ["less", [{ pattern: /^\+!(.+)$/s }]],
  ["sqlite3", [{ pattern: /^\.(?:shell|system)\s+(.+)$/s }]],
  ["psql", [{ options: ["-c", "--command"], pattern: /^\s*\\!\s*(.+)$/s }]],
  ["mysql", [{ options: ["-e", "--execute"], pattern: /^\s*(?:\\!|system)\s+(.+?);?$/s }]],
  ["mariadb", [{ options: ["-e", "--execute"], pattern: /^\s*(?:\\!|system)\s+(.+?);?$/s }]],
  ["gdb", [{ options: ["-ex", "--ex", "--eval-command"], pattern: /^(?:shell|!)\s*(.+)$/s }]],
  ["expect", [{ options: ["-c"], pattern: /^\s*(?:spawn|exec|system)\s+(.+)$/s }]],
  ["trap", [{ pattern: /^(?!-|[A-Z0-9]+$)(.+)$/s }]],
  ["bind", [{ options: ["-x"], pattern: /^[^:]*:\s*(.+)$/s }]],
  ["mapfile", [{ options: ["-C"] }]],
  ["complete", [{ options: ["-C"] }]],
  ["nmap", [{ options: ["--script"], pattern: /^.*os\.execute\(["'](.+)["']\)/s }]],
  ["sed", [{ pattern: /^(?:\d*|\$|\/[^/]*\/)\s*e\s+(.+)$/s }]],
  ["sort", [{ options: ["--compress-program"] }]],
  ["split", [{ options: ["--filter"] }]],
  ["logrotate", [{ options: ["-m", "--mail"] }]],
]);

/** Variables whose value a shell runs as text. */
export const TEXT_VARIABLES: ReadonlySet<string> = new Set([
  "PROMPT_COMMAND",
  "PAGER",
  "MANPAGER",
  "GIT_SSH_COMMAND",
  "GIT_PAGER",
  "LESSOPEN",
]);

export interface Interpreter {
  /** Program text given in the words, or on standard input. */
  readonly code: (fields: readonly Field[], stdin: Text | undefined) => readonly Field[];
  /** Backticks run a command in this language. */
  readonly backticks: boolean;
}

function byOption(...options: readonly string[]): Interpreter["code"] {
  return (fields, stdin) => {
    const out: Field[] = [];
    fields.forEach((word, i) => {
      const next = fields[i + 1];
      const letters = /^-([a-zA-Z]+)$/.exec(word.text)?.[1];
      const ends = letters !== undefined && options.includes(letters.slice(-1));
      if (i > 0 && ends && next !== undefined) out.push(next);
      else if (/^--(?:eval|execute|run)$/.test(word.text) && next !== undefined) out.push(next);
      else if (/^--eval=/.test(word.text)) out.push({ ...word, text: word.text.slice(7) });
    });
    const file = fields.slice(1).some((word) => !word.text.startsWith("-"));
    if (out.length === 0 && !file && stdin !== undefined) out.push({ ...stdin, glob: false });
    return out;
  };
}

/** awk takes its program as the first operand. */
function firstOperand(fields: readonly Field[]): readonly Field[] {
  for (let i = 1; i < fields.length; i++) {
    const word = fields[i];
    if (word === undefined) return [];
    if (/^-[vF]$/.test(word.text)) i += 1;
    else if (word.text === "-f" || word.text === "--file") return [];
    else if (!word.text.startsWith("-") || word.text === "-") return [word];
  }
  return [];
}

const awk: Interpreter = { code: firstOperand, backticks: false };

export const INTERPRETERS: ReadonlyMap<string, Interpreter> = new Map<string, Interpreter>([
  ["python", { code: byOption("c"), backticks: false }],
  ["pypy", { code: byOption("c"), backticks: false }],
  ["perl", { code: byOption("e", "E"), backticks: true }],
  ["ruby", { code: byOption("e"), backticks: true }],
  ["php", { code: byOption("r"), backticks: true }],
  ["node", { code: byOption("e", "p"), backticks: false }],
  ["nodejs", { code: byOption("e", "p"), backticks: false }],
  ["lua", { code: byOption("e"), backticks: false }],
  ["awk", awk],
  ["gawk", awk],
  ["mawk", awk],
  ["nawk", awk],
]);
