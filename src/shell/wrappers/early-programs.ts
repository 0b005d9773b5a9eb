import type { LanguageName } from "../foreign/language.js";
import { readFile } from "../walk/files.js";
import { isArray, readVariable } from "../walk/scope.js";
import type { Text } from "../words/text.js";
import type { Interpreter } from "./interpreters.js";
import type { Unwrapping } from "./run-script.js";

/** What the environment, or a word like `-r ./x.js`, makes an interpreter run before its program. */
export function environmentPrograms(interpreter: Interpreter, given: Unwrapping): readonly Text[] {
  const { scope } = given.facts.frame;
  const names: string[] = [];
  for (const [name, pattern] of EARLY_VARIABLES[interpreter.language] ?? []) {
    const value = readVariable(scope, name);
    if (!isArray(value))
      names.push(...[...value.text.matchAll(pattern)].map((one) => one[1] ?? ""));
  }
  const words = given.fields.map((one) => one.text).join(" ");
  const early = EARLY_WORDS[interpreter.language];
  if (early !== undefined) names.push(...[...words.matchAll(early)].map((one) => one[1] ?? ""));
  const ending = MODULE_ENDINGS[interpreter.language] ?? "";
  return names.slice(0, PROGRAMS_MAX).flatMap((name) => {
    const text =
      name === "" ? undefined : (readFile(scope, name) ?? readFile(scope, name + ending));
    return text === undefined ? [] : [text];
  });
}

const EARLY_VARIABLES: Partial<
  Readonly<Record<LanguageName, readonly (readonly [string, RegExp])[]>>
> = {
  python: [["PYTHONSTARTUP", /^(.+)$/g]],
  node: [["NODE_OPTIONS", /(?:-r|--require|--import)[= ](\S+)/g]],
  ruby: [["RUBYOPT", /-r\s*(\S+)/g]],
  perl: [["PERL5OPT", /-M(\w+)/g]],
};
const EARLY_WORDS: Partial<Readonly<Record<LanguageName, RegExp>>> = {
  node: /\s(?:-r|--require|--import)[= ](\S+)/g,
  ruby: /\s-r\s*(\.?\/\S+)/g,
  perl: /\s-M(\w+)/g,
};

/** Programs that are run before one program. */
const PROGRAMS_MAX = 8;

/** How a module of the language is called as a file. */
export const MODULE_ENDINGS: Partial<Readonly<Record<LanguageName, string>>> = {
  python: ".py",
  node: ".js",
  ruby: ".rb",
  perl: ".pm",
};
