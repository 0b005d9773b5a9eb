import type { PatternSource } from "../read/source.js";

/**
 * The plain beginnings of which a request's path has to have one, so that most rules need no look at
 * patterns; null where they can not be told. For paths that `isSimplePath` only: others are compared whole.
 */
export function pathLeads(sources: readonly PatternSource[] | undefined): readonly string[] | null {
  if (sources === undefined) return null;
  const leads: string[] = [];
  for (const { kind, values, caseSensitive } of sources) {
    if (!caseSensitive || (kind !== "plain" && kind !== "path")) return null;
    for (const { text } of values) {
      // `/etc/**` also means `/etc`, and `/x/` means `/x`.
      const lead = PLAIN.exec(text)?.[0].replace(/\/+$/, "") ?? "";
      if (lead === "" || UNRESOLVED.test(text)) return null;
      leads.push(lead);
    }
  }
  return leads;
}

/** From the root up to whatever may be a wildcard. */
const PLAIN = /^\/[^*?[\]@!+(){}\\~]*/;
/** Parts that a path loses when it is resolved. */
const UNRESOLVED = /\/(?:\/|\.{1,2}(?:\/|$))/;

/** No wildcard, no option with a value, nothing to resolve: what nearly all requests have. */
export function isSimplePath(path: string): boolean {
  return path.startsWith("/") && !ODD.test(path);
}

const ODD = /[*?[(=]|\/\.{0,2}(?:\/|$)/;
