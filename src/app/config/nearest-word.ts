/** More edits than this is another word, not a slip. */
const EDITS_MAX = 3;

/** The known word with the fewest edits (Levenshtein, case ignored), when it is near enough. */
export function nearestWord(key: string, known: readonly string[]): string | undefined {
  let best: { readonly name: string; readonly edits: number } | undefined;
  for (const name of known) {
    const edits = editDistance(key.toLowerCase(), name.toLowerCase());
    if (best === undefined || edits < best.edits) best = { name, edits };
  }
  if (best === undefined) return undefined;
  return best.edits <= Math.min(EDITS_MAX, Math.floor(key.length / 2)) ? best.name : undefined;
}

function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const change = a[i - 1] === b[j - 1] ? 0 : 1;
      row.push(
        Math.min((row[j - 1] ?? 0) + 1, (previous[j] ?? 0) + 1, (previous[j - 1] ?? 0) + change),
      );
    }
    previous = row;
  }
  return previous[b.length] ?? 0;
}
