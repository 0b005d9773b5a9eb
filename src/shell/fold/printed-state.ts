import { guessed, type Field, type Text } from "../words/text.js";
import { isArray, readVariable, type Scope } from "../walk/scope.js";
import { quote } from "../wrappers/run-script.js";

/** What a shell prints of itself is followed for so many names. */
const NAMES_MAX = 64;

/** `alias`, `alias NAME`: the aliases as they would be typed. */
export function printedAliases(fields: readonly Field[], scope: Scope): Text | null {
  const words = fields.slice(1).map((one) => one.text);
  if (words.some((word) => word.includes("="))) return null;
  const named = words.filter((word) => !word.startsWith("-"));
  const all = merged(scope.knowledge.aliases, scope.aliases);
  return lines(named, all, (name, text) => `alias ${name}=${quote(text)}`);
}

/** `declare -f`, `declare -p NAME`, `export -p`, `set`: functions and variables as a shell would read them again. */
export function printedDeclarations(fields: readonly Field[], scope: Scope): Text | null {
  const words = fields.slice(1).map((one) => one.text);
  const flags = words.filter((word) => /^-/.test(word)).join("");
  const named = words.filter((word) => !/^[-+]/.test(word));
  const name = fields[0]?.text ?? "";
  const prints = words.length === 0 || /[pf]/.test(flags) || name === "functions";
  if (!prints || named.some((word) => word.includes("="))) return null;
  const functions = merged(scope.knowledge.functions, scope.functions);
  const bodies = lines(named, functions, (one, body) =>
    one.includes(" ")
      ? ""
      : `${one}() ${body.startsWith("{") || body.startsWith("(") ? body : `{ ${body}\n}`}`,
  );
  if (/f/.test(flags) || name === "functions") return bodies;
  const names = new Set([...(scope.knowledge.variables?.keys() ?? []), ...scope.variables.keys()]);
  const own = (named.length > 0 ? named : [...names])
    .filter((one) => /^[A-Za-z_]\w*$/.test(one))
    .slice(-NAMES_MAX);
  const assigned = own.map((one) => {
    const value = readVariable(scope, one);
    if (isArray(value)) return `${one}=(${value.map((text) => quote(text.text)).join(" ")})\n`;
    return value.text === "" ? "" : `${one}=${quote(value.text)}\n`;
  });
  return guessed(assigned.join("") + (name === "set" ? bodies.text : ""));
}

function merged(
  before: ReadonlyMap<string, string> | undefined,
  own: ReadonlyMap<string, string | null>,
): ReadonlyMap<string, string | null> {
  return new Map<string, string | null>([...(before ?? []), ...own]);
}

function lines(
  named: readonly string[],
  all: ReadonlyMap<string, string | null>,
  spell: (name: string, text: string) => string,
): Text {
  const names = (named.length > 0 ? named : [...all.keys()]).slice(-NAMES_MAX);
  const texts = names.flatMap((name) => {
    const text = all.get(name);
    return typeof text === "string" ? [`${spell(name, text)}\n`] : [];
  });
  return guessed(texts.join(""));
}
