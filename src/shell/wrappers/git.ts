import { aliasText } from "../walk/aliases.js";
import { pathsBelow } from "../walk/files.js";
import type { Walk } from "../walk/walk.js";
import { fieldOf, known, weigh } from "../words/text.js";
import { GIT_COMMAND_KEYS } from "./carrier-table.js";
import { inside, quiet, quoteFields, runScriptText, type Unwrapping } from "./run-script.js";

/** `git config alias.x '!cmd'`, then `git x`; `git config core.pager cmd`. */
export function runGit(walk: Walk, given: Unwrapping): void {
  const words = given.fields
    .slice(1)
    .filter((one, i) => !one.text.startsWith("-") && !/^-[cC]$/.test(given.fields[i]?.text ?? ""));
  const { scope } = given.facts.frame;
  const [verb, key, value] = words;
  if (verb?.text === "config" && key !== undefined && value !== undefined) {
    const alias = /^alias\.(.+)$/.exec(key.text)?.[1];
    if (alias !== undefined && value.text.startsWith("!"))
      scope.aliases.set(`git ${alias}`, value.text.slice(1));
    if (/^core\.hooksPath$/i.test(key.text)) scope.aliases.set(HOOKS_PATH, value.text);
    if (GIT_COMMAND_KEYS.test(key.text)) runScriptText(walk, value, given, quiet(given));
    return;
  }
  runHooks(walk, given);
  const text =
    verb === undefined
      ? undefined
      : (givenAlias(given, verb.text) ?? aliasText(scope, `git ${verb.text}`));
  if (text === undefined || verb === undefined) return;
  const rest = quoteFields(words.slice(1));
  runScriptText(walk, weigh(`${text} ${rest.text}`, [rest]), given, quiet(given));
}

/** `git -c alias.x='!cmd' x word`. */
function givenAlias({ fields }: Unwrapping, name: string): string | undefined {
  const begin = `alias.${name}=!`;
  const word = fields.find((one) => one.known && one.text.startsWith(begin));
  return word?.text.slice(begin.length);
}

/** Under this name stands where the hooks of git lie. */
const HOOKS_PATH = "git core.hooksPath";

/** `git config core.hooksPath D`, or `-c core.hooksPath=D`: programs in D run when git does its work. */
function runHooks(walk: Walk, given: Unwrapping): void {
  const { scope } = given.facts.frame;
  const word = given.fields.map((one) => /^core\.hooksPath=(.+)$/i.exec(one.text)?.[1]);
  const folder = word.find((one) => one !== undefined) ?? aliasText(scope, HOOKS_PATH);
  if (folder === undefined) return;
  for (const path of pathsBelow(scope, folder, "*"))
    given.start(walk, [fieldOf(known(path))], inside(given, quiet(given)));
}
