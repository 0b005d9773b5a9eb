import { mountAt } from "../walk/links.js";
import { copyScope, type Scope } from "../walk/scope.js";
import type { Field } from "../words/text.js";
import type { Unwrapping } from "./run-script.js";

/** `-v A:B`, `--volume=A:B`, `-b A:B`, `--bind=A:B:ro`, `-B A:B`. */
const PAIRED = /^(?:-v|-b|-B|--volume|--bind|--bind-ro)(?:=|$)?/;
/** `--bind A B`, as bwrap takes it. */
const TWO_WORDS = /^--(?:dev-)?bind(?:-try)?$/;

/** What is inside a container, where folders of the machine stand elsewhere: no others can be told apart. */
export function mountedScope({ fields, facts }: Unwrapping): Scope {
  const { scope } = facts.frame;
  const mounts = mountsOf(fields);
  if (mounts.length === 0) return scope;
  const inner: Scope = { ...copyScope(scope), links: new Map(scope.links) };
  for (const [from, to] of mounts) mountAt(inner, from, to);
  return inner;
}

function mountsOf(words: readonly Field[]): readonly (readonly [string, string])[] {
  const out: (readonly [string, string])[] = [];
  for (let i = 1; i < words.length; i++) {
    const text = words[i]?.text ?? "";
    const next = words[i + 1]?.text ?? "";
    const behind = words[i + 2]?.text ?? "";
    if (TWO_WORDS.test(text) && isPath(next) && isPath(behind) && !next.includes(":"))
      out.push([next, behind]);
    else if (text === "--mount" || text.startsWith("--mount="))
      out.push(...mountOption(text === "--mount" ? next : text.slice("--mount=".length)));
    else {
      const option = PAIRED.exec(text)?.[0];
      const value =
        option === undefined ? "" : text.length > option.length ? text.slice(option.length) : next;
      const [from = "", to = ""] = value.split(":");
      if (isPath(from) && isPath(to)) out.push([from, to]);
    }
  }
  return out;
}

const isPath = (text: string): boolean => /^[/~.]/.test(text);

/** `type=bind,source=/,target=/host`. */
function mountOption(text: string): readonly (readonly [string, string])[] {
  const parts = new Map(
    text.split(",").map((part) => [part.replace(/=.*$/s, ""), part.replace(/^[^=]*=?/, "")]),
  );
  const from = parts.get("source") ?? parts.get("src") ?? "";
  const to = parts.get("target") ?? parts.get("destination") ?? parts.get("dst") ?? "";
  return isPath(from) && isPath(to) ? [[from, to]] : [];
}
