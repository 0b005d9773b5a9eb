import { splitOptions, type Folder } from "./folder.js";

/** One step of a path: a name, or a place in a list. */
type Step = string | number;

/** `.a.b`, `.[0].c`, `."a b"`: a path and nothing else; null when it is more. */
function readPath(filter: string): readonly Step[] | null {
  const steps: Step[] = [];
  let rest = filter.trim().replace(/^\./, "");
  while (rest !== "") {
    const match = /^\.?(?:(\w+)|"([^"]*)"|\[(?:(\d+)|"([^"]*)")\])/.exec(rest);
    if (match === null) return null;
    const [whole, name, quoted, index, key] = match;
    steps.push(index === undefined ? (name ?? quoted ?? key ?? "") : Number(index));
    rest = rest.slice(whole.length);
  }
  return steps;
}

function memberOf(value: unknown, step: Step): unknown {
  if (Array.isArray(value))
    return typeof step === "number" ? (value as unknown[])[step] : undefined;
  if (typeof value !== "object" || value === null) return undefined;
  return Object.hasOwn(value, step) ? (value as Record<string, unknown>)[step] : undefined; // an own member
}

/** `jq -r .a.b`: a plain path into a document that is known. */
export const jq: Folder = (words, read) => {
  const { options, operands } = splitOptions(words, "L");
  const [filter, ...files] = operands;
  // `jq -nr '"text"'`.
  const literal = /^\s*"((?:[^"\\(]|\\[^(])*)"\s*$/.test(filter ?? "") ? filter : undefined;
  const path = literal !== undefined ? [] : filter === undefined ? null : readPath(filter);
  const text = literal ?? (path === null ? null : read(files));
  if (path === null || text === null) return null;
  try {
    const value = path.reduce<unknown>(memberOf, JSON.parse(text));
    const raw = options.has("r") || options.has("raw-output") || options.has("j");
    return raw && typeof value === "string" ? `${value}\n` : `${JSON.stringify(value ?? null)}\n`;
  } catch {
    return null;
  }
};
