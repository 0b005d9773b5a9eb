import type { Field } from "../words/text.js";
import type { WrapperRow } from "./row.js";

/** The words behind the subcommand that selects a row; null when it is another one. */
export function behindSubcommand(
  words: readonly Field[],
  row: WrapperRow,
): readonly Field[] | null {
  if (row.subcommand === undefined) return words;
  let wanted = 0;
  for (let i = 0; i < words.length; i++) {
    const text = words[i]?.text ?? "";
    if (text === row.subcommand[wanted]) {
      wanted += 1;
      if (wanted === row.subcommand.length) return words.slice(i + 1);
    } else if (wanted > 0 && !text.startsWith("-") && words[i - 1]?.text.startsWith("-") !== true)
      // What stands behind an option may be its value.
      return null;
  }
  return null;
}
