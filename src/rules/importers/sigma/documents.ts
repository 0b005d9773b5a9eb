export interface SigmaFile {
  readonly file: string;
  readonly text: string;
}

/** One document of a file; lines keep their numbers, so that faults are told at their place. */
type SigmaDocument = SigmaFile;

/** Rules and the correlations of them often stand in one file, one document after the other. */
export function splitDocuments({ file, text }: SigmaFile): readonly SigmaDocument[] {
  const lines = text.split("\n");
  const documents: SigmaDocument[] = [];
  let from = 0;
  for (let i = 0; i <= lines.length; i++) {
    if (i < lines.length && !/^---(?:\s|$)/.test(lines[i] ?? "")) continue;
    const body = lines.slice(from, i);
    if (body.some((line) => /^[^#\s]/.test(line)))
      documents.push({ file, text: "\n".repeat(from) + body.join("\n") });
    from = i + 1;
  }
  return documents.length === 0 ? [{ file, text }] : documents;
}
