/**
 * One program whose output is a function of its words and of what it reads. `read` answers the text of
 * the files named, of standard input when none is; null when that is not known.
 */
export type Folder = (words: readonly string[], read: Read) => string | null;

export type Read = (files: readonly string[]) => string | null;

/** Splits words into option words and operands; `valued` names options whose next word is a value. */
export function splitOptions(
  words: readonly string[],
  valued: string,
): { readonly options: ReadonlyMap<string, string>; readonly operands: readonly string[] } {
  const options = new Map<string, string>();
  const operands: string[] = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? "";
    if (word === "--") {
      operands.push(...words.slice(i + 1));
      break;
    }
    if (!word.startsWith("-") || word === "-") operands.push(word);
    else if (word.startsWith("--")) {
      const equals = word.indexOf("=");
      if (equals < 0) options.set(word.slice(2), "");
      else options.set(word.slice(2, equals), word.slice(equals + 1));
    } else i += readLetters(word, words[i + 1], { valued, options });
  }
  return { options, operands };
}

/** Answers how many further words the letters take. */
function readLetters(
  word: string,
  next: string | undefined,
  { valued, options }: { valued: string; options: Map<string, string> },
): number {
  for (let at = 1; at < word.length; at++) {
    const letter = word.charAt(at);
    if (!valued.includes(letter)) {
      options.set(letter, "");
      continue;
    }
    const attached = word.slice(at + 1);
    options.set(letter, attached === "" ? (next ?? "") : attached);
    return attached === "" ? 1 : 0;
  }
  return 0;
}

/** Lines of a text; the newline at its end starts no further line. */
export function linesOf(text: string): readonly string[] {
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  return lines;
}

export function textOfLines(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join("");
}
