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
  const inner: Scope = { ...copyScope(scope), door: scope.door, links: new Map(scope.links) };
  for (const [from, to] of mounts) mountAt(inner, from, to);
  return inner;
}

type Mount = readonly [from: string, to: string];

function mountsOf(words: readonly Field[]): readonly Mount[] {
  return words.flatMap(({ text }, i): readonly Mount[] => {
    const next = words[i + 1]?.text ?? "";
    const behind = words[i + 2]?.text ?? "";
    if (TWO_WORDS.test(text) && isPath(behind) && !next.includes(":")) return pairOf(next, behind);
    if (text === "--mount") return mountOption(next);
    if (text.startsWith("--mount=")) return mountOption(text.slice("--mount=".length));
    const option = PAIRED.exec(text)?.[0];
    if (option === undefined) return [];
    const [from = "", to = ""] = (
      text.length > option.length ? text.slice(option.length) : next
    ).split(":");
    return pairOf(from, to);
  });
}

function pairOf(from: string, to: string): readonly Mount[] {
  return isPath(from) && isPath(to) ? [[from, to]] : [];
}

const isPath = (text: string): boolean => /^[/~.]/.test(text);

/** `type=bind,source=/,target=/host`. */
function mountOption(text: string): readonly Mount[] {
  const parts = new Map(
    text.split(",").map((part) => [part.replace(/=.*$/s, ""), part.replace(/^[^=]*=?/, "")]),
  );
  const from = parts.get("source") ?? parts.get("src") ?? "";
  const to = parts.get("target") ?? parts.get("destination") ?? parts.get("dst") ?? "";
  return pairOf(from, to);
}
