import { fileCalls } from "../foreign/file-calls.js";
import { shellCalls } from "../foreign/shell-calls.js";
import { isLikely, type Field } from "../words/text.js";
import { INTERPRETERS } from "../wrappers/interpreters.js";
import { onlyHandlesText } from "../wrappers/text-handlers.js";
import { quote, quoteFields, type Unwrapping } from "../wrappers/run-script.js";
import { restOf } from "./output.js";
import { COMMAND_OPTION, HARMFUL_NAME } from "./harmful-names.js";
import { startsItsWords } from "./told-commands.js";
import { copyScope } from "./scope.js";
import type { Frame, Walk } from "./walk.js";

/**
 * A program that is in no table, and starts nothing that is known: where its words, or what it is fed,
 * hold a command that does harm, it may be one that runs them. The net below the tables: what it catches
 * is only suspected, so that no name of a program has to be known for a line not to go unnoticed.
 */
export function suspect(walk: Walk, given: Unwrapping): void {
  const { draft, fields, facts } = given;
  const exec = draft.exec ?? "";
  const { frame } = facts;
  const words = fields.slice(1);
  if (startsItsWords(walk, given)) return;
  if (onlyHandlesText(exec)) {
    const values = announced(words);
    const read = values.some((one) => one.includes("/dev/fd/")) ? facts.processes : [];
    const told = [...values, ...read.map((one) => one.text)].flatMap(commandsIn);
    note(walk, told, { exec, frame });
    return;
  }
  const fed = frame.stdin === undefined ? undefined : restOf(frame.stdin);
  const texts = [...words, ...(fed === undefined ? [] : [fed]), ...facts.processes]
    .filter(isLikely)
    // `unixexec:path=/bin/rm,argv1=-rf`: an address of D-Bus.
    .map((one) => one.text.slice(0, TEXT_CHARS_MAX).replace(/,argv\d+=/g, " "));
  const isProgram = INTERPRETERS.has(exec.replace(/[\d.]+$/, ""));
  const found = isProgram
    ? [
        ...texts.filter((text) => STARTING.test(text)).flatMap(commandsIn),
        // `ruby -run -e rm -- -r /`: the library of that name takes the words.
        ...(words.some((one) => one.text === "-run") ? commandsBehind(words) : []),
      ]
    : [...commandsBehind(words), ...texts.flatMap(commandsIn), ...texts.flatMap(callsIn)];
  note(walk, found, { exec, frame });
}

/** `FOO_PAGER='cmd' foo`: a variable whose name says that its value is run, whoever reads it. */
export function suspectVariables(walk: Walk, { draft, fields, facts }: Unwrapping): void {
  const set = facts.assignments.flatMap(({ name, value }) =>
    value !== null && COMMAND_VARIABLE.test(name) ? commandsIn(value) : [],
  );
  const exports = SETTERS.has(draft.exec ?? "") ? fields.slice(1) : [];
  const exported = exports.flatMap(({ text }) => {
    const [, name = "", value = ""] = /^([A-Za-z_]\w*)=(.*)$/s.exec(text) ?? [];
    return COMMAND_VARIABLE.test(name) ? commandsIn(value) : [];
  });
  note(walk, [...set, ...exported], { exec: draft.exec ?? "", frame: facts.frame });
}

const SETTERS: ReadonlySet<string> = new Set(["export", "env", "declare", "typeset"]);
const COMMAND_VARIABLE =
  /PAGER|EDITOR|VISUAL|COMMAND|_CMD|CMD_|HOOK|PASSCOMMAND|ASKPASS|_SSH|_RSH|SHELL|OPENER|PROXY|FILTER|STARTUP|INIT$|OPTS?$|OPTIONS|5DB|BROWSER|TERMINAL|EXEC|RUNNER|WRAPPER|LAUNCHER|MAILPATH|^LESS|^RUBY|^PERL|^PYTHON|^NODE|^GIT_/;

/** Values of options whose name says that they are run: `--pager cmd`, `--pre-hook=cmd`. */
function announced(words: readonly Field[]): readonly string[] {
  return words.flatMap((word, i) => {
    if (!word.text.startsWith("-")) return [];
    const equals = word.text.indexOf("=");
    const name = equals < 0 ? word.text : word.text.slice(0, equals);
    if (!COMMAND_OPTION.test(name)) return [];
    const value = equals < 0 ? words[i + 1] : { ...word, text: word.text.slice(equals + 1) };
    return value !== undefined && isLikely(value) ? [value.text.slice(0, TEXT_CHARS_MAX)] : [];
  });
}

function note(
  walk: Walk,
  found: readonly string[],
  { exec, frame }: { readonly exec: string; readonly frame: Frame },
): void {
  for (const text of new Set(found)) {
    if (walk.suspicions.length >= SUSPICIONS_MAX) return;
    const { scope } = frame;
    walk.suspicions.push({
      text,
      frame: {
        ...frame,
        // What is only supposed leaves nothing behind.
        scope: { ...copyScope(scope), files: new Map(scope.files), links: new Map(scope.links) },
        via: [...frame.via, exec],
        context: "script",
        stage: undefined,
        stdin: undefined,
        out: undefined,
        doubtful: true,
      },
    });
  }
}

/** Suspected texts of one line: each is walked like a line of its own. */
const SUSPICIONS_MAX = 16;
/** Of one word or input; what a program runs stands at its beginning. */
const TEXT_CHARS_MAX = 4096;

/** Also as the value of an option: `--program=rm`. */
const NAMED = new RegExp(`^(?:--?[\\w-]+=)?(${HARMFUL_NAME})$`);
/** Where a text starts a command: at its start, behind a sign, or behind a verb of starting. */
const BEGIN =
  "(^|[\\n;&|`\"'({\\[=!:,>%@])[ \\t]*(?:[/:.]?(?:exec|execute|system|shell|run|spawn|eval|call|cmd|command|script|sy|do|then|else)[ \\t]+){0,3}";
const COMMAND = new RegExp(
  `${BEGIN}\\\\?(${HARMFUL_NAME}(?=[ \\t]+\\S|,-|\\$\\{?IFS|\\{IFS))`,
  "g",
);
/** `"rm", "-rf", "/"`: a list of words. */
const LISTED = new RegExp(`(["'])(${HARMFUL_NAME})\\1(?=[\\s,()\\[\\]{}'.:\\w]{1,16}["'])`, "g");
const NEXT_WORD = /[\s,()[\]{}'.:\w]{0,16}(?:"([^"\n]{0,256})"|'([^'\n]{0,256})')/y;
const FOUND_MAX = 8;
const LIST_MAX = 16;
/** A program text that names none of these starts and deletes nothing. */
const STARTING =
  /system|exec\w|exec\s|popen|spawn|subprocess|\brun\b|\bcall\b|qx|`|\||unlink|remove|rmtree|delete|shell|process|pty|Command\(/i;

/** Words that are a command: a program's name with more behind it. */
function commandsBehind(words: Unwrapping["fields"]): readonly string[] {
  const at = words.findIndex((one, i) => i + 1 < words.length && NAMED.test(one.text));
  const name = NAMED.exec(words[at]?.text ?? "")?.[1];
  return name === undefined ? [] : [`${name} ${quoteFields(words.slice(at + 1)).text}`];
}

/** Commands in a text, up to what closes what they stand in. */
function commandsIn(text: string): readonly string[] {
  const out: string[] = [];
  for (const match of text.matchAll(COMMAND)) {
    if (out.length >= FOUND_MAX) break;
    const [whole, before = "", name = ""] = match;
    const start = match.index + whole.length - name.length;
    const close = CLOSING[before];
    const end = close === undefined ? -1 : text.indexOf(close, start);
    const command = text.slice(start, end < 0 ? undefined : end);
    // `-wrapper rm,-rf,/`: the words stand between commas.
    out.push(/^\S+,-/.test(command) ? command.replaceAll(",", " ") : command);
  }
  for (const match of text.matchAll(LISTED)) {
    if (out.length >= FOUND_MAX) break;
    const words = [match[2] ?? ""];
    NEXT_WORD.lastIndex = match.index + match[0].length;
    for (let next = NEXT_WORD.exec(text); next !== null; next = NEXT_WORD.exec(text)) {
      words.push(next[1] ?? next[2] ?? "");
      if (words.length >= LIST_MAX) break;
    }
    out.push(words.map(quote).join(" "));
  }
  return out;
}

const CLOSING: Readonly<Record<string, string>> = {
  '"': '"',
  "'": "'",
  "`": "`",
  "(": ")",
  "[": "]",
  "{": "}",
};

/** Calls that start a program or delete, in a language that is not known. */
function callsIn(text: string): readonly string[] {
  if (!/["'`]/.test(text) || !STARTING.test(text)) return [];
  const calls = shellCalls(text, "other").filter((one) => one !== null && one !== "");
  const acts = fileCalls(text, "other").flatMap((one) =>
    one.act === "delete" && one.path !== null
      ? [`rm ${one.recursive ? "-r" : "-f"} ${quote(one.path)}`]
      : [],
  );
  return [...calls, ...acts].filter((one) => one !== null);
}
