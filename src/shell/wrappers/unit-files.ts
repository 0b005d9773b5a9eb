import { readFile } from "../walk/files.js";
import type { Scope } from "../walk/scope.js";
import { unsure, type Field, type Text } from "../words/text.js";

const FOLDERS: readonly string[] = [
  "/etc/systemd/system",
  "/run/systemd/system",
  "/usr/lib/systemd/system",
  "/lib/systemd/system",
  "~/.config/systemd/user",
  "/etc/systemd/user",
];
const STARTING: ReadonlySet<string> = new Set(
  "start restart reload try-restart reload-or-restart enable reenable isolate".split(" "),
);
const EXEC = /^\s*Exec(?:Start|Stop|Reload|Condition)(?:Pre|Post)?\s*=\s*[-@:+!]*(\S.*)$/gm;
/** Commands of one unit that are looked at. */
const COMMANDS_MAX = 16;

/** What the units start that these words of `systemctl` name, when this session wrote them. */
export function unitCommands(words: readonly Field[], scope: Scope): readonly Text[] {
  const operands = words.slice(1).filter((one) => !one.text.startsWith("-"));
  const [verb, ...names] = operands;
  if (verb === undefined || !STARTING.has(verb.text)) return [];
  return names.flatMap(({ text: name }) => {
    const files = [name, name.replace(/\.(?:timer|path|socket)$/, ".service"), `${name}.service`];
    const paths = name.includes("/")
      ? [name]
      : FOLDERS.flatMap((at) => files.map((one) => `${at}/${one}`));
    const file = paths.flatMap((path) => readFile(scope, path) ?? [])[0];
    if (file === undefined) return [];
    if (file.text === "") return [file];
    return [...file.text.matchAll(EXEC)].slice(0, COMMANDS_MAX).map((match): Text => {
      const text = match[1] ?? "";
      return file.known ? { text, known: true } : unsure({ text, known: true });
    });
  });
}
