/**
 * Puts a text into a page as it passes: behind `<head>`, or before the first element where there is none
 * (HTML lets it be left out, and it begins there then).
 */
export interface HeadInjection {
  feed(bytes: Uint8Array): Uint8Array;
  /** What was kept back. */
  end(): Uint8Array;
}

/** A head that has not begun by then does not; the page passes as it is. */
const LOOKED_AT_BYTES_MAX = 16 * 1024;

/**
 * A look at bytes, not a parser: comments are skipped, tags are found by their name. For encodings in
 * which ASCII is ASCII; the caller keeps away from the others.
 */
export function injectIntoHead(text: string): HeadInjection {
  const insertion = Buffer.from(text, "latin1");
  let kept: Buffer | null = Buffer.alloc(0);
  return {
    feed(bytes) {
      if (kept === null) return bytes;
      kept = kept.length === 0 ? Buffer.from(bytes) : Buffer.concat([kept, bytes]);
      const place = placeIn(kept.toString("latin1", 0, LOOKED_AT_BYTES_MAX));
      if (place === null && kept.length < LOOKED_AT_BYTES_MAX) return NOTHING;
      const out =
        place === null
          ? kept
          : Buffer.concat([kept.subarray(0, place), insertion, kept.subarray(place)]);
      kept = null;
      return out;
    },
    end() {
      const rest = kept ?? NOTHING;
      kept = null;
      return rest;
    },
  };
}

const NOTHING = Buffer.alloc(0);

/** Null: not to be seen yet. Each `<` is looked at once. */
function placeIn(text: string): number | null {
  for (let at = text.indexOf("<"); at >= 0; at = text.indexOf("<", at + 1)) {
    if (text.startsWith("<!--", at)) {
      const end = text.indexOf("-->", at + 4);
      if (end < 0) return null;
      at = end;
      continue;
    }
    const name = /^[a-z][^\s>/]{0,63}(?=[\s>/])/i.exec(text.slice(at + 1, at + 66))?.[0];
    if (name === undefined) continue;
    if (!/^(?:html|head)$/i.test(name)) return at;
    const end = endOfTag(text, at);
    if (end < 0) return null;
    if (name.toLowerCase() === "head") return end + 1;
    at = end;
  }
  return null;
}

/** Where the tag ends; a `>` in quotes does not end it. */
function endOfTag(text: string, from: number): number {
  let quote = "";
  for (let at = from; at < text.length; at++) {
    const one = text.charAt(at);
    if (quote !== "") {
      if (one === quote) quote = "";
    } else if (one === '"' || one === "'") quote = one;
    else if (one === ">") return at;
  }
  return -1;
}
