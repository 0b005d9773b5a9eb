/**
 * Does fish ask for more when Enter is pressed behind this text? An open quote, parenthesis or block,
 * a trailing backslash, pipe or conjunction. A scan for that question alone; what the line does is
 * analysed elsewhere.
 */
export function fishAsksForMore(text: string): boolean {
  let depth = 0;
  let parentheses = 0;
  let word = "";
  let before = "";
  let quote = "";
  let first = true;
  let joins = false;

  const endWord = (): void => {
    if (word === "") return;
    if (first && OPENING.has(word) && !(word === "if" && before === "else")) depth += 1;
    else if (first && word === "end") depth -= 1;
    first = first && PREFIXING.has(word);
    joins = false;
    before = word;
    word = "";
  };

  const separate = (character: string, next: string | undefined): void => {
    endWord();
    if (character === "(") parentheses += 1;
    if (character === ")") parentheses -= 1;
    if (character !== " " && character !== "\t" && character !== ")") {
      first = true;
      before = "";
    }
    joins ||= character === "|" || (character === "&" && next === "&");
  };

  for (let at = 0; at < text.length; at += 1) {
    const character = text[at] ?? "";
    if (quote !== "") {
      if (character === "\\") at += 1;
      else if (character === quote) quote = "";
      continue;
    }
    if (character === "\\") {
      if (at === text.length - 1) return true;
      at += 1;
      word += "\\";
    } else if (character === "'" || character === '"') {
      quote = character;
      word += character;
    } else if (character === "#" && word === "") {
      at = lineEnd(text, at) - 1;
    } else if (" \t\n;|&()".includes(character)) {
      separate(character, text[at + 1]);
    } else word += character;
  }
  endWord();
  return quote !== "" || parentheses > 0 || depth > 0 || joins;
}

function lineEnd(text: string, from: number): number {
  const end = text.indexOf("\n", from);
  return end < 0 ? text.length : end;
}

const OPENING: ReadonlySet<string> = new Set("for while if switch begin function".split(" "));
/** The word behind these stands where a command does. */
const PREFIXING: ReadonlySet<string> = new Set(
  "not and or ! time if while begin else command builtin".split(" "),
);
