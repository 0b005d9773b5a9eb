import { historyWords } from "./history-words.js";

/** The last `:s/old/new/`, which `:&` repeats. */
export interface Substitution {
  readonly old: string;
  readonly new: string;
}

export interface Chosen {
  readonly text: string;
  readonly end: number;
}

/** Word designators (bash manual 9.3.2). null: there is no such word, bash refuses the line. */
export function designate(
  event: string,
  line: string,
  { at, searched }: { readonly at: number; readonly searched: string },
): Chosen | null {
  const match =
    /^(?::(?=[\d^$*%-])|(?=[$^*%-]))(?:(?<from>\d+|[\^$%])?(?<range>-(?:\d+|[$^])?|\*)?)/.exec(
      line.slice(at),
    );
  const { from, range } = match?.groups ?? {};
  if (match === null || (from === undefined && range === undefined))
    return { text: event, end: at };
  const end = at + match[0].length;
  const words = historyWords(event);
  const last = words.length - 1;
  if (from === "%") {
    const word = words.find((one) => one.includes(searched));
    return word === undefined ? null : { text: word, end };
  }
  const first = from === undefined ? (range === "*" ? 1 : 0) : index(from, last);
  const final = lastWanted(range, { first, last });
  if (range === "*" && first > last) return first === last + 1 ? { text: "", end } : null;
  if (first > last || final > last || final < first) return null;
  return { text: words.slice(first, final + 1).join(" "), end };
}

function lastWanted(
  range: string | undefined,
  { first, last }: { readonly first: number; readonly last: number },
): number {
  if (range === undefined) return first;
  if (range === "*") return last;
  // `x-` leaves the last word out.
  return range === "-" ? Math.max(first, last - 1) : index(range.slice(1), last);
}

function index(designator: string, last: number): number {
  if (designator === "^") return 1;
  return designator === "$" ? last : Number(designator);
}

/** Modifiers (bash manual 9.3.3), applied one after the other. null: bash refuses the line. */
export function applyModifiers(
  chosen: Chosen,
  line: string,
  memory: { last: Substitution | null },
): Chosen | null {
  let { text, end } = chosen;
  for (;;) {
    const match = /^:(?<scope>[gaG]*)(?<verb>[htrepqx&]|s(?=[^\s]))/.exec(line.slice(end));
    if (match === null) return { text, end };
    end += match[0].length;
    const verb = match.groups?.["verb"] ?? "";
    const scope = match.groups?.["scope"] ?? "";
    if (verb === "s") {
      const parts = substitutionAt(line, end);
      memory.last = {
        old: parts.old === "" ? (memory.last?.old ?? "") : parts.old,
        new: parts.new,
      };
      end = parts.end;
    }
    if (verb === "s" || verb === "&") {
      const replaced = memory.last === null ? null : substitute(text, memory.last, scope);
      if (replaced === null) return null;
      text = replaced;
    } else text = modify(text, verb);
  }
}

function substitutionAt(line: string, at: number): Substitution & { readonly end: number } {
  const delimiter = line[at] ?? "/";
  const old = delimited(line, at + 1, delimiter);
  const replacement = delimited(line, old.end + 1, delimiter);
  return {
    old: old.text,
    new: replacement.text.replace(/(?<!\\)&/g, () => old.text).replace(/\\&/g, "&"),
    end: Math.min(line.length, replacement.end + 1),
  };
}

function delimited(line: string, start: number, delimiter: string): Chosen {
  let text = "";
  let at = start;
  while (at < line.length && line[at] !== delimiter) {
    if (line[at] === "\\" && line[at + 1] === delimiter) at += 1;
    text += line[at] ?? "";
    at += 1;
  }
  return { text, end: at };
}

function substitute(
  text: string,
  { old, new: replacement }: Substitution,
  scope: string,
): string | null {
  if (old === "" || !text.includes(old)) return null;
  if (scope.includes("g") || scope.includes("a")) return text.split(old).join(replacement);
  if (scope.includes("G")) {
    return text.replace(/\S+/g, (word) => word.replace(old, () => replacement));
  }
  return text.replace(old, () => replacement);
}

function modify(text: string, verb: string): string {
  const slash = text.lastIndexOf("/");
  const dot = text.lastIndexOf(".");
  switch (verb) {
    case "h":
      return slash < 0 ? text : text.slice(0, slash);
    case "t":
      return slash < 0 ? text : text.slice(slash + 1);
    case "r":
      return dot < 0 ? text : text.slice(0, dot);
    case "e":
      return dot < 0 ? text : text.slice(dot);
    case "q":
      return quoted(text);
    case "x":
      return text.split(/\s+/).map(quoted).join(" ");
    default:
      return text;
  }
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
