import type { Invocation } from "../../model/index.js";

/**
 * One program start as a word of the person's language: the name, how it is run, and the shape of its
 * first arguments, so that more than names counts and nobody's data does. `sudo rm -rf /srv/x` is
 * `sudo rm -rf /srv/*`; `ssh root@10.0.0.7` is `ssh <host>`. What can not be known is `?`.
 * No argument is kept as it was written but a flag or a plain lower-case word (`git commit`).
 */
export function commandWord({ exec, via, argv }: Invocation): string {
  const wrappers = via.slice(0, WRAPPERS_MAX).join(" ");
  const name = exec ?? "?";
  const at = argv.findIndex((word) => word !== null && baseName(word) === name);
  const shapes = argv
    .slice(at + 1)
    .slice(0, ARGUMENTS_MAX)
    .map(argumentShape);
  return [wrappers, name, ...shapes].filter((part) => part !== "").join(" ");
}

/** Two arguments tell most of what a command is for; more makes each command a word of its own. */
const ARGUMENTS_MAX = 2;
const WRAPPERS_MAX = 2;
/** A longer word is data. */
const WORD_CHARACTERS_MAX = 12;

/** What kind of thing an argument is. */
export function argumentShape(word: string | null): string {
  if (word === null) return "?";
  if (word === "") return '""';
  for (const [shape, pattern] of SHAPES) if (pattern.test(word)) return shape;
  const flag = FLAG.exec(word)?.groups?.["flag"];
  if (flag !== undefined) return flag;
  if (word.startsWith("/")) return pathShape(word);
  if (word.startsWith("~")) return "~/*";
  if (word.includes("/")) return "<path>";
  if (PLAIN.test(word) && word.length <= WORD_CHARACTERS_MAX) return word;
  return word.includes(".") ? "<file>" : "<text>";
}

/** Addresses, hosts and numbers; the first that fits says what it is. */
const SHAPES: readonly (readonly [string, RegExp])[] = [
  // 22, -15, 0x1f, 10m; not 3.conf
  ["<number>", /^[-+]?(0x[0-9a-f]+|\d+(\.\d+)?)[a-zA-Z%]{0,2}$/],
  // 10.0.0.7, 10.0.0.0/24, 10.0.0.7:22
  ["<host>", /^(\w[\w.-]*@)?\d{1,3}(\.\d{1,3}){3}([:/]\d+)?$/],
  // root@db-1, root@db-1:/srv/x
  ["<host>", /^[\w.-]+@[\w.-]+(:.*)?$/],
  // https://example.org/x
  ["<url>", /^[a-z][a-z+.-]*:\/\//],
];

/** -rf, --force, --name=value: the value is left out. A near miss is `-` alone. */
const FLAG = /^(?<flag>-{1,2}[A-Za-z][\w-]{0,14})(=.*)?$/;
/** install, db-1: near misses are a word with capitals and one with digits only. */
const PLAIN = /^[a-z][a-z0-9_-]*$/;

/** The first folder says where; the rest is a name. */
function pathShape(path: string): string {
  const first = path.split("/")[1] ?? "";
  return path.indexOf("/", 1) < 0 ? `/${first}`.slice(0, WORD_CHARACTERS_MAX) : `/${first}/*`;
}

function baseName(word: string): string {
  return word.slice(word.lastIndexOf("/") + 1);
}
