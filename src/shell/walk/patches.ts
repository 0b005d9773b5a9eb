/** Files that one patch is looked at for, and lines of each. */
const FILES_MAX = 64;

/** A file that a patch names; `text` where it makes the file anew, and so says what it will hold. */
interface PatchedFile {
  readonly path: string;
  readonly text: string | null;
}

/** Files that a unified diff changes or makes: of `--- /dev/null`, all lines behind a plus. */
export function patchedFiles(diff: string): readonly PatchedFile[] {
  const out: PatchedFile[] = [];
  let before = "";
  let made: { path: string; lines: string[] } | null = null;
  // Lines that the hunk says it adds: what looks like the head of a file among them is text.
  let left = 0;
  const settle = (): void => {
    if (made !== null) out.push({ path: made.path, text: `${made.lines.join("\n")}\n` });
    made = null;
  };
  for (const line of diff.split("\n")) {
    if (left > 0 && made !== null && line.startsWith("+")) {
      made.lines.push(line.slice(1));
      left -= 1;
      continue;
    }
    left = Number(
      /^@@ -\S+ \+\d+(?:,(\d+))? @@/.exec(line)?.[1] ?? (line.startsWith("@@") ? 1 : 0),
    );
    const named = /^\+\+\+ (?:[ab]\/)?([^\s]+)/.exec(line)?.[1];
    if (named !== undefined) {
      settle();
      if (out.length >= FILES_MAX) return out;
      if (before === "/dev/null") made = { path: named, lines: [] };
      else out.push({ path: named, text: null });
    } else if (/^--- \S/.test(line)) {
      settle();
      before = /^--- (\S+)/.exec(line)?.[1] ?? "";
    }
  }
  settle();
  return out;
}
