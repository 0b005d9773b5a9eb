import type { Redirect } from "../../model/index.js";
import {
  KNOWN_VARIABLES,
  type NestedScript,
  type ParsedCommand,
  type ParsedLine,
  type ShellWord,
} from "./parsed.js";

/**
 * A line of cmd.exe: quotes, `^`, `%NAME%`, `&`, `&&`, `||`, `|`, parentheses, redirections, `if` and
 * `for`. What a variable holds is not known (but for a few that never change), and one that is expanded
 * may hold operators too, which nobody sees from outside.
 */
export function parseCmd(text: string): ParsedLine {
  const tokens = readTokens(text);
  const commands: ParsedCommand[] = [];
  const nested: NestedScript[] = [];
  let words: ShellWord[] = [];
  let redirects: Redirect[] = [];
  let pipeline = 0;
  let depth = 0;
  let listOfFor = false;

  function endCommand(): void {
    const { command, loop } = withoutKeywords(words);
    if (command.length > 0)
      commands.push({ words: command, redirects, context: loop ? "loop" : "top", pipeline });
    words = [];
    redirects = [];
  }

  function endGroup(): void {
    endCommand();
    pipeline += 1;
  }

  for (const token of tokens.list) {
    if (token.kind === "word") {
      words.push(token.word);
    } else if (token.kind === "redirect") redirects.push(token.redirect);
    else if (token.op === "(") {
      depth += 1;
      listOfFor = isForHead(words);
      if (!listOfFor) endGroup();
    } else if (token.op === ")") {
      depth -= 1;
      if (listOfFor) {
        const script = scriptOfList(words);
        if (script !== null) nested.push({ text: script, context: "substitution" });
        words = words.slice(0, words.findIndex(isIn) + 1);
        listOfFor = false;
      } else endGroup();
    } else {
      endCommand();
      if (token.op !== "|") pipeline += 1;
    }
  }
  endCommand();
  const complete = !tokens.continues && depth <= 0;
  return depth < 0
    ? { commands, nested, complete, trouble: "a parenthesis closes that was never opened" }
    : { commands, nested, complete };
}

type Token =
  | { readonly kind: "word"; readonly word: ShellWord }
  | { readonly kind: "redirect"; readonly redirect: Redirect }
  | { readonly kind: "op"; readonly op: string };

const OPERATOR = /^(?:&&|\|\||[&|()\n])/;
const REDIRECT = /^(?<handle>\d?)(?<op>>>|>&|<&|>|<)/;

function readTokens(text: string): { list: readonly Token[]; continues: boolean } {
  const list: Token[] = [];
  const loops = /\bfor\b/i.test(text);
  let at = 0;
  let continues = false;
  while (at < text.length) {
    const rest = text.slice(at);
    const blank = /^[ \t\r,;=]+/.exec(rest);
    const op = OPERATOR.exec(rest)?.[0];
    const redirect = REDIRECT.exec(rest);
    if (blank !== null && !/^=./.test(rest)) at += blank[0].length;
    else if (op !== undefined) {
      list.push({ kind: "op", op });
      at += op.length;
    } else if (redirect !== null) {
      const target = readWord(text, skipBlanks(text, at + redirect[0].length), loops);
      const { handle = "", op: sign = ">" } = redirect.groups ?? {};
      list.push({ kind: "redirect", redirect: { op: handle + sign, target: target.word.value } });
      at = target.end;
    } else {
      const found = readWord(text, at, loops);
      list.push({ kind: "word", word: found.word });
      continues = found.continues;
      at = Math.max(found.end, at + 1);
    }
  }
  return { list, continues };
}

function skipBlanks(text: string, from: number): number {
  let at = from;
  while (text.charAt(at) === " " || text.charAt(at) === "\t") at += 1;
  return at;
}

const ENDS_WORD = " \t\r\n&|()<>,;";

function readWord(
  text: string,
  from: number,
  loops: boolean,
): { word: ShellWord; end: number; continues: boolean } {
  let value = "";
  let kept = "";
  let known = true;
  let bare = true;
  let quoted = false;
  let at = from;
  let continues = false;
  while (at < text.length) {
    const character = text.charAt(at);
    if (character === "%") {
      const found = expansionAt(text, at, loops);
      value += found.value ?? "";
      kept += found.kept;
      known &&= found.value !== null;
      at = found.end;
      continue;
    }
    if (character === '"') {
      quoted = !quoted;
      bare = false;
      kept += character;
    } else if (quoted) {
      if (character === "\n") break;
      value += character;
      kept += character;
    } else if (character === "^") {
      at += 1;
      continues = at >= text.length;
      if (text.charAt(at) === "\n") at += 1;
      value += text.charAt(at);
      kept += text.charAt(at);
    } else if (ENDS_WORD.includes(character)) break;
    else {
      value += character;
      kept += character;
    }
    at += 1;
  }
  return { word: { value: known ? value : null, kept, bare }, end: at, continues };
}

/** `%NAME%`, `%NAME:~0,3%`, `%i` of a loop; a percent sign that is none of these stands for itself. */
function expansionAt(
  text: string,
  at: number,
  loops: boolean,
): { value: string | null; kept: string; end: number } {
  const rest = text.slice(at);
  const named = /^%(?<name>[^%\s:&|<>^"=]+)(?<change>:[^%\n]*)?%/.exec(rest);
  if (named !== null) {
    const { name = "", change } = named.groups ?? {};
    const value = change === undefined ? (KNOWN_VARIABLES.get(name.toLowerCase()) ?? null) : null;
    return { value, kept: value ?? named[0], end: at + named[0].length };
  }
  const loop = loops ? /^%%?(?:~[a-z]*)?[a-z]/i.exec(rest) : null;
  if (loop !== null) return { value: null, kept: loop[0], end: at + loop[0].length };
  return { value: "%", kept: "%", end: at + 1 };
}

function isForHead(words: readonly ShellWord[]): boolean {
  const { command } = withoutKeywords(words, false);
  return isWord(command[0], "for") && isIn(command.at(-1));
}

function isIn(word: ShellWord | undefined): boolean {
  return isWord(word, "in");
}

function isWord(word: ShellWord | undefined, name: string): boolean {
  return word?.bare === true && word.value?.toLowerCase() === name;
}

/** `for /f %i in ('command')`: the list is a script of its own. */
function scriptOfList(words: readonly ShellWord[]): string | null {
  const list = words
    .slice(words.findIndex(isIn) + 1)
    .map(({ kept }) => kept)
    .join(" ")
    .trim();
  const quote = list.charAt(0);
  return (quote === "'" || quote === "`") && list.endsWith(quote) && list.length > 1
    ? list.slice(1, -1)
    : null;
}

/** The command behind `@`, `if ...`, `else`, `for ... do`. */
function withoutKeywords(
  words: readonly ShellWord[],
  inside = true,
): { readonly command: readonly ShellWord[]; readonly loop: boolean } {
  let command = words.map(withoutAt);
  let loop = false;
  for (;;) {
    const [first] = command;
    if (first?.value === "" && first.bare) command = command.slice(1);
    else if (isWord(first, "else") || isWord(first, "do")) {
      loop ||= isWord(first, "do");
      command = command.slice(1);
    } else if (isWord(first, "if")) command = command.slice(conditionLength(command));
    else if (inside && isWord(first, "for")) {
      const begin = command.findIndex((word) => isWord(word, "do"));
      if (begin < 0) return { command: [], loop };
      loop = true;
      command = command.slice(begin + 1);
    } else return { command, loop };
  }
}

function withoutAt(word: ShellWord, index: number): ShellWord {
  if (index > 0 || !word.bare || word.value?.startsWith("@") !== true) return word;
  return { ...word, value: word.value.replace(/^@+/, ""), kept: word.kept.replace(/^@+/, "") };
}

/** Words of `if [/i] [not] exist X`, `defined X`, `errorlevel N`, `a==b`, `a equ b`, with the `if`. */
function conditionLength(words: readonly ShellWord[]): number {
  let at = 1;
  while (isWord(words[at], "/i") || isWord(words[at], "not")) at += 1;
  const name = words[at]?.value?.toLowerCase() ?? "";
  if (["exist", "defined", "errorlevel", "cmdextversion"].includes(name)) return at + 2;
  if (words[at]?.kept.includes("==") === true) return at + (words[at]?.kept.endsWith("==") ? 2 : 1);
  const second = words[at + 1];
  if (second?.kept.startsWith("==") === true) return at + (second.kept === "==" ? 3 : 2);
  return at + 3;
}
