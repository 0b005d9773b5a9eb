import { isCommonCommand } from "../known-commands.js";
import { deletes } from "../effects/deletions.js";
import type { Field } from "../words/text.js";
import { CARRIERS } from "./carrier-table.js";
import { INTERPRETERS } from "./interpreters.js";
import { rowsOf, SHELLS } from "./table.js";
import { onlyHandlesText } from "./text-handlers.js";

/** A word that names a program of any table: where a command may start, it most likely does. */
export function isProgram(word: Field | undefined): boolean {
  if (word?.known !== true) return false;
  const name = word.text.slice(word.text.lastIndexOf("/") + 1);
  return (
    isCommonCommand(name) ||
    SHELLS.has(name) ||
    onlyHandlesText(name) ||
    rowsOf(name) !== undefined ||
    CARRIERS.has(name) ||
    INTERPRETERS.has(name.replace(/[\d.]+$/, "")) ||
    deletes(name)
  );
}
