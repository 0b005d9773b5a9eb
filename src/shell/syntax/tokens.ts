import { TOKENS_MAX } from "../limits.js";

/**
 * Words of a line that no parser could read: one pass, quotes and backslashes dropped, every shell
 * metacharacter a boundary. Errs on the side of finding too much.
 */
export function scanTokens(line: string): string[] {
  const tokens: string[] = [];
  let word = "";
  for (let i = 0; i < line.length; i++) {
    const character = line.charAt(i);
    if (BOUNDARY.has(character)) {
      if (word !== "") tokens.push(word);
      word = "";
      if (tokens.length >= TOKENS_MAX) return tokens;
    } else if (!DROPPED.has(character)) word += character;
  }
  if (word !== "") tokens.push(word);
  return tokens;
}

const BOUNDARY = new Set([" ", "\t", "\n", "\r", ";", "&", "|", "(", ")", "<", ">", "{", "}", "`"]);
const DROPPED = new Set(["'", '"', "\\"]);
