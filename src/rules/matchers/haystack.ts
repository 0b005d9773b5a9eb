import type { Invocation } from "../../model/index.js";
import { resolvePath } from "../../shell/index.js";
import { WILD } from "./hints.js";
import { foldText } from "./literals.js";

/** The parts of an invocation's view that are looked at. */
interface SeenInvocation {
  readonly invocation: Invocation;
  readonly cwd: string | undefined;
  readonly at: { readonly cwd: string | undefined; readonly home: string | undefined };
  readonly normalized: () => string;
  readonly execPath: () => string;
}

/** Everything of a line that hints are looked for in. */
export interface Haystack {
  /** Lower case: the line, and every word and path as rules compare them. */
  readonly text: string;
  /** Plain beginnings of the words that have wildcards. */
  readonly wild: readonly string[];
}

/** Where a word with wildcards may be that starts from a directory which is not known: below no root. */
const NOWHERE = "\0";

export function haystackOf(line: string, views: readonly SeenInvocation[]): Haystack {
  const parts: string[] = [];
  const wild = new Set<string>();
  const seen = new Set<string>();
  const add = (word: string | null | undefined, view: SeenInvocation): void => {
    if (word === null || word === undefined || word === "") return;
    // The same word stands elsewhere for another path only where the directory is another one.
    const key = view.cwd === undefined ? word : `${view.cwd}\0${word}`;
    if (seen.has(key)) return;
    seen.add(key);
    parts.push(word);
    addPath(word, view);
    const equals = word.indexOf("=");
    if (equals > 0) addPath(word.slice(equals + 1), view);
  };
  const addPath = (word: string, view: SeenInvocation): void => {
    const path = resolvePath(word, view.at);
    if (path !== word) parts.push(path);
    const at = path.search(WILD);
    if (at >= 0) wild.add(/^[/~]/.test(path) ? path.slice(0, at) : NOWHERE);
  };
  const addText = (text: string, view: SeenInvocation | undefined): void => {
    parts.push(text);
    // Patterns over texts look at a path as it is resolved, too.
    if (view !== undefined && text.includes("/") && !/\s/.test(text)) addPath(text, view);
  };
  addText(line, views[0]);
  for (const view of views) {
    const { invocation } = view;
    for (const word of invocation.argv) add(word, view);
    for (const { target } of invocation.redirects) add(target, view);
    for (const { name, value } of invocation.assignments) {
      parts.push(name);
      add(value, view);
    }
    for (const { path } of invocation.deletes ?? []) add(path, view);
    for (const name of invocation.via) add(name, view);
    add(invocation.runas, view);
    add(view.cwd, view);
    if (invocation.exec !== null) parts.push(invocation.exec, view.execPath());
    if (invocation.argv.length > 1) parts.push(view.normalized());
    if (invocation.stdin !== undefined) addText(invocation.stdin, view);
  }
  return { text: foldText(parts.join("\n")), wild: [...wild] };
}
