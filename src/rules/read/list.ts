import { isMap } from "yaml";
import type { Reader, Value } from "./reader.js";
import type { ListSource } from "./source.js";

/** The text of a file that a rule file names (relative to it); a string in the error says why not. */
export type ReadText = (
  path: string,
  from: string,
) => { readonly ok: true; readonly value: string } | { readonly ok: false; readonly error: string };

const LIST_FILE_KEYS = ["file"];
/** Entries are compared one by one where they are patterns. */
const LIST_VALUES_MAX = 100_000;

/** `name: [a, b]` or `name: { file: ./hosts.txt }`. */
export function readLists(
  reader: Reader,
  value: Value,
  readText: ReadText | undefined,
): ReadonlyMap<string, ListSource> {
  const lists = new Map<string, ListSource>();
  for (const { key, at, value: inner } of reader.entries(value, "lists")) {
    if (isMap(inner)) {
      const list = readListFile(reader, inner, { name: key, readText });
      if (list !== undefined) lists.set(key, list);
    } else {
      const values = reader.texts(inner, `lists.${key}`).map((one) => one.text);
      lists.set(key, { values, at });
    }
  }
  return lists;
}

function readListFile(
  reader: Reader,
  value: Value,
  { name, readText }: { readonly name: string; readonly readText: ReadText | undefined },
): ListSource | undefined {
  const at = reader.place(value);
  let file: string | undefined;
  for (const entry of reader.mapping(value, `lists.${name}`, LIST_FILE_KEYS))
    file = reader.text(entry.value, `lists.${name}.file`);
  if (file === undefined) {
    reader.refuse("CHP_RULES_SHAPE", `lists.${name} needs "file"`, at);
    return undefined;
  }
  const text = readText?.(file, at.file) ?? {
    ok: false as const,
    error: "files can not be read here",
  };
  if (!text.ok) {
    reader.refuse("CHP_RULES_REFERENCE", `list "${name}": ${text.error}`, at);
    return undefined;
  }
  const values = listLines(text.value);
  if (values.length > LIST_VALUES_MAX)
    reader.refuse("CHP_RULES_SHAPE", `list "${name}" has more than ${LIST_VALUES_MAX} lines`, at);
  return { values: values.slice(0, LIST_VALUES_MAX), at, file };
}

/** One value a line; what stands behind a `#` at its beginning or behind a blank is a comment. */
function listLines(text: string): readonly string[] {
  return text
    .split(/\r?\n/)
    .map((line) => line.replace(/(?:^|\s)#.*$/, "").trim())
    .filter((line) => line !== "");
}
