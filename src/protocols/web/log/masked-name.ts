import type { NamedValue } from "../../../model/index.js";
import { isMade } from "./masked-path.js";
import { MASK, maskedText } from "./masked-text.js";

/** A form has some tens of fields; a longer list says no more. */
const NAMES_MAX = 64;

/**
 * The names of fields or parameters, each once. What calls itself a form may be none (`curl -d` says so
 * of JSON and of plain text), and is then one long name: that, and a name alone that looks made by a
 * machine (`?4f9c...`), is masked.
 */
export function maskedNames(fields: readonly NamedValue[]): readonly string[] {
  const names = new Set<string>();
  for (const { name, value } of fields) {
    if (names.size >= NAMES_MAX) break;
    names.add(maskedName(name, value ?? ""));
  }
  return [...names];
}

/** As above, of one. */
export function maskedName(name: string, value: string): string {
  if (name === "" || PLAIN.test(name)) return name;
  if (!NAME.test(name) || maskedText(name) !== name) return MASK;
  return value === "" && isMade(name) ? MASK : name;
}

/** By far the most names. */
const PLAIN = /^[A-Za-z_-]{1,31}$/;

/** `user[address][street]`, `javax.faces.ViewState`, `First name`; nothing that begins a structure. */
const NAME = /^[\p{L}\p{M}\p{N}_.$:@~*|/()[\] -]{1,96}$/u;
