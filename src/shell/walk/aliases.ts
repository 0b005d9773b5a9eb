import type { Command } from "../syntax/parse-script.js";
import { createGathering } from "./gathering.js";
import { readRedirects } from "./redirects.js";
import type { Scope } from "./scope.js";
import type { Frame, Walk } from "./walk.js";

/**
 * An alias of the session replaces the word and the line is read again. The word as it is written is
 * judged as well: what we remember may be the alias of another shell, and nothing may hide behind it.
 * `instead`: the alias starts with the very word, so that it stands for both.
 */
export function expandAlias(
  walk: Walk,
  node: Command,
  frame: Frame,
): "instead" | "besides" | "none" {
  const { name } = node;
  if (name === undefined || !hasAliases(frame.scope)) return "none";
  const everywhere = expandEverywhere(walk, node, frame);
  if (name.text !== name.value) return everywhere;
  const { scope } = frame;
  const ended = endingText(scope, name.value);
  if (ended !== undefined && !frame.aliasing.includes(name.value)) {
    const whole = `${ended} ${frame.source.slice(name.pos, node.end)}`;
    walk.runText(whole, { ...frame, aliasing: [...frame.aliasing, name.value] });
    return "besides";
  }
  const text = aliasText(scope, name.value) ?? globalText(scope, name.value) ?? undefined;
  if (text === undefined || frame.aliasing.includes(name.value)) return everywhere;
  const aliasing = [...frame.aliasing, name.value];
  const documents = node.redirects.filter((redirect) => redirect.type === "HereDoc");
  const redirected = documents.length > 0;
  const rest = redirected ? wordsOnly(node, frame.source) : frame.source.slice(name.end, node.end);
  const whole = text + (/\s$/.test(text) ? nextExpanded(rest, frame.scope, aliasing) : rest);
  // A document stands behind the command and is not read again: it feeds what the alias starts.
  const fed = redirected ? readRedirects(documents, createGathering(walk, frame)).stdin : undefined;
  walk.runText(whole, { ...frame, aliasing, stdin: fed ?? frame.stdin });
  return firstWord(text) === name.value ? "instead" : "besides";
}

function hasAliases(scope: Scope): boolean {
  return scope.aliases.size > 0 || (scope.knowledge.aliases?.size ?? 0) > 0;
}

/** An alias that ends in a blank expands the word behind it, too. */
function nextExpanded(rest: string, scope: Scope, aliasing: readonly string[]): string {
  const next = /^(\s*)([^\s;&|<>()'"\\$`]+)/.exec(rest);
  const word = next?.[2] ?? "";
  const text = aliasing.includes(word) ? undefined : aliasText(scope, word);
  if (next === null || text === undefined) return rest;
  const behind = rest.slice(next[0].length);
  const more = /\s$/.test(text) ? nextExpanded(behind, scope, [...aliasing, word]) : behind;
  return (next[1] ?? "") + text + more;
}

/** `alias -g X=...` of zsh holds wherever the word stands. */
function expandEverywhere(walk: Walk, node: Command, frame: Frame): "besides" | "none" {
  const words = node.args.filter((one) => one.type === "Word");
  const found = words.find(
    (one) =>
      !frame.aliasing.includes(`-g ${one.text}`) && globalText(frame.scope, one.text) !== null,
  );
  if (found === undefined) return "none";
  const { source } = frame;
  const text = globalText(frame.scope, found.text) ?? "";
  const whole = source.slice(node.pos, found.pos) + text + source.slice(found.end, node.end);
  walk.runText(whole, { ...frame, aliasing: [...frame.aliasing, `-g ${found.text}`] });
  return "besides";
}

function globalText(scope: Scope, word: string): string | null {
  return aliasText(scope, `-g ${word}`) ?? null;
}

/** `alias -s log=less` of zsh: what a name with that ending means as a command. */
function endingText(scope: Scope, name: string): string | undefined {
  const ending = /[^/]\.(\w+)$/.exec(name)?.[1];
  return ending === undefined ? undefined : aliasText(scope, `-s ${ending}`);
}

/** The text of a here-document stands behind the command: only the words are read again. */
function wordsOnly(node: Command, source: string): string {
  return node.args.map((argument) => ` ${source.slice(argument.pos, argument.end)}`).join("");
}

function firstWord(text: string): string {
  return /^\s*([^\s;&|]+)/.exec(text)?.[1] ?? "";
}

export function aliasText(scope: Scope, name: string): string | undefined {
  const own = scope.aliases.get(name);
  if (own !== undefined) return own ?? undefined;
  return scope.knowledge.aliases?.get(name);
}
