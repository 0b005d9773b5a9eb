import type { Field, Text } from "../words/text.js";
import type { Scope } from "./scope.js";

/** Words of a program that works on files, sorted. */
export interface FileCall {
  readonly words: readonly Field[];
  /** Words that are no options; options that take a value are listed with the program. */
  readonly operands: readonly Field[];
  readonly options: ReadonlyMap<string, Field>;
  readonly flags: string;
  readonly stdin: Text;
  readonly scope: Scope;
}

export interface FileEffect {
  /** Options that take the next word as their value. */
  readonly valued?: readonly string[];
  readonly apply: (call: FileCall) => void;
}

/** The option that takes the next word, also as the last of several letters: `ln -st DIR`, `curl -so F`. */
function valuedOption(text: string, valued: readonly string[]): string | undefined {
  if (valued.includes(text)) return text;
  const cluster = /^-[a-zA-Z]+([a-zA-Z])$/.exec(text)?.[1];
  return cluster !== undefined && valued.includes(`-${cluster}`) ? `-${cluster}` : undefined;
}

export function sortWords(
  words: readonly Field[],
  valued: readonly string[],
): Pick<FileCall, "operands" | "options" | "flags"> {
  const operands: Field[] = [];
  const options = new Map<string, Field>();
  let flags = "";
  let ended = false;
  for (let i = 0; i < words.length; i++) {
    const word = words[i];
    if (word === undefined) break;
    const { text } = word;
    const equals = /^(--[a-z-]+)=(.*)$/s.exec(text);
    const name = ended ? undefined : valuedOption(text, valued);
    if (ended || text === "-" || !text.startsWith("-")) operands.push(word);
    else if (text === "--") ended = true;
    else if (equals !== null) options.set(equals[1] ?? "", { ...word, text: equals[2] ?? "" });
    else if (name !== undefined) {
      if (name !== text) flags += text.slice(1, -1);
      const value = words[++i];
      if (value !== undefined) options.set(name, value);
    } else flags += text.startsWith("--") ? ` ${text} ` : text.slice(1);
  }
  return { operands, options, flags };
}

/** Letters of the short options. */
export function lettersOf(flags: string): string {
  return flags.replace(/ --\S+ /g, "");
}
