/**
 * Words of a history line, as bash splits them for word designators: quotes keep together, the
 * operators `( ) < > ; & |` stand alone or double.
 */
export function historyWords(line: string): readonly string[] {
  const words: string[] = [];
  let at = 0;
  while (at < line.length) {
    const character = line[at] ?? "";
    if (character === " " || character === "\t" || character === "\n") {
      at += 1;
      continue;
    }
    const end = wordEnd(line, at);
    words.push(line.slice(at, end));
    at = end;
  }
  return words;
}

const OPERATORS = "()<>;&|";

function wordEnd(line: string, start: number): number {
  const first = line[start] ?? "";
  if (OPERATORS.includes(first)) return operatorEnd(line, start);
  let at = start;
  let quote = "";
  while (at < line.length) {
    const character = line[at] ?? "";
    if (character === "\\" && quote !== "'") at += 1;
    else if (quote !== "") {
      if (character === quote) quote = "";
    } else if (`'"\``.includes(character)) quote = character;
    else if (
      (character === "$" || character === "<" || character === ">") &&
      line[at + 1] === "("
    ) {
      at = closing(line, at + 1);
    } else if (" \t\n".includes(character) || OPERATORS.includes(character)) break;
    at += 1;
  }
  return Math.min(at, line.length);
}

function operatorEnd(line: string, start: number): number {
  const first = line[start] ?? "";
  const second = line[start + 1] ?? "";
  if (second === "(" && (first === "<" || first === ">")) {
    return Math.min(line.length, closing(line, start + 1) + 1);
  }
  if (first === "(" || first === ")") return start + 1;
  if (first === "<" && second === "<" && (line[start + 2] === "<" || line[start + 2] === "-")) {
    return start + 3;
  }
  const doubled = second === first && first !== "(" && first !== ")";
  const mixed = ["<&", ">&", "<>", "&>", ">|"].includes(first + second);
  return doubled || mixed ? start + 2 : start + 1;
}

/** Index of the parenthesis that closes the one at `open`, or the end. */
function closing(line: string, open: number): number {
  let depth = 0;
  for (let at = open; at < line.length; at += 1) {
    if (line[at] === "(") depth += 1;
    else if (line[at] === ")") {
      depth -= 1;
      if (depth === 0) return at;
    }
  }
  return line.length;
}
