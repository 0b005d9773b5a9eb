/**
 * The deepest count of brackets open at once, quotes ignored: an upper bound that costs one pass.
 * Hostile text (tens of thousands of `$(`) is recognised before a parser sees it.
 */
export function bracketDepth(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === OPEN_PAREN || code === OPEN_BRACE) {
      depth += 1;
      if (depth > deepest) deepest = depth;
    } else if ((code === CLOSE_PAREN || code === CLOSE_BRACE) && depth > 0) depth -= 1;
  }
  return deepest;
}

const OPEN_PAREN = 0x28;
const CLOSE_PAREN = 0x29;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
