import { VALUE_CHARS_MAX } from "../limits.js";
import { isLikely, type Text } from "../words/text.js";

/** What a piece of script writes to its standard output, gathered while it is walked. */
export interface Output {
  text: string;
  known: boolean;
  likely: boolean;
}

export function createOutput(): Output {
  return { text: "", known: true, likely: true };
}

/** `undefined`: it goes to the terminal, and nobody reads it. */
export function write(out: Output | undefined, value: Text): void {
  if (out === undefined) return;
  if (out.text.length + value.text.length > VALUE_CHARS_MAX) {
    out.known = false;
    out.likely = false;
    return;
  }
  out.text += value.text;
  if (!value.known) out.known = false;
  if (!isLikely(value)) out.likely = false;
}

export function textOf(out: Output): Text {
  return out.known
    ? { text: out.text, known: true }
    : { text: out.text, known: false, likely: out.likely };
}

/** Text that commands read one after the other: each takes up where the one before stopped. */
export interface Input extends Text {
  at: number;
}

export function inputOf(text: Text): Input {
  return { ...text, at: 0 };
}

/** What is left to read. */
export function restOf(input: Input): Text {
  return input.at === 0 ? input : { ...input, text: input.text.slice(input.at) };
}

/** The next line, without its newline; null at the end. */
export function takeLine(input: Input): string | null {
  if (input.at >= input.text.length) return null;
  const end = input.text.indexOf("\n", input.at);
  const line = input.text.slice(input.at, end < 0 ? undefined : end);
  input.at = end < 0 ? input.text.length : end + 1;
  return line;
}
