import { linesOf, splitOptions, textOfLines, type Folder } from "./folder.js";

/** `awk '{print $2}'`: fields of each line, by number. Everything else is not followed. */
export const foldAwk: Folder = (words, read) => {
  const { options, operands } = splitOptions(words, "Fvf");
  const match = /^\s*\{\s*print(?:\s+([^;{}]*?))?\s*;?\s*\}\s*$/.exec(operands[0] ?? "");
  if (match === null || options.has("f")) return null;
  const text = read(operands.slice(1));
  if (text === null) return null;
  const separator = options.get("F");
  const items = (match[1] ?? "$0").split(/\s*,\s*/);
  const rows = linesOf(text).map((line) => {
    const fields = separator === undefined ? line.trim().split(/\s+/) : line.split(separator);
    const values = items.map((item) => valueOf(item, line, fields));
    return values.every((value) => value !== null) ? values.join(" ") : null;
  });
  return rows.every((row) => row !== null) ? textOfLines(rows) : null;
};

/** `$2 "x" $1`: fields and texts, one after the other. */
function valueOf(item: string, line: string, fields: readonly string[]): string | null {
  let out = "";
  const cased = /^(tolower|toupper)\((.*)\)$/.exec(item.trim());
  if (cased !== null) {
    const inner = valueOf(cased[2] ?? "", line, fields);
    if (inner === null) return null;
    return cased[1] === "tolower" ? inner.toLowerCase() : inner.toUpperCase();
  }
  const parts = item.matchAll(/\s*(?:\$(\d+|NF)|"((?:[^"\\]|\\.)*)"|(\S+))/g);
  for (const [, number, literal, other] of parts) {
    if (other !== undefined) return null;
    if (literal !== undefined) out += literal;
    else if (number === "NF") out += fields.at(-1) ?? "";
    else out += number === "0" ? line : (fields[Number(number) - 1] ?? "");
  }
  return out;
}
