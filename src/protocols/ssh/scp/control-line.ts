/**
 * A line of the source in the protocol of scp. It has no standard; OpenSSH's scp.c (source, rsource, sink)
 * is what everybody follows.
 */
export type ControlLine =
  | { readonly type: "file"; readonly size: number; readonly name: string }
  | { readonly type: "folder"; readonly name: string }
  | { readonly type: "folder-end" }
  | { readonly type: "times" }
  /** Something went wrong at the source; `fatal`: it ends. */
  | { readonly type: "error"; readonly fatal: boolean };

/** `line` without its newline. Null: no line of a source. */
export function readControlLine(line: string): ControlLine | null {
  switch (line.charAt(0)) {
    case "C":
    case "D": {
      const [, size, name] = /^[CD][0-7]{4} (\d{1,16}) (.+)$/s.exec(line) ?? [];
      if (size === undefined || name === undefined) return null;
      return line.startsWith("C")
        ? { type: "file", size: Number(size), name }
        : { type: "folder", name };
    }
    case "E":
      return line === "E" ? { type: "folder-end" } : null;
    case "T":
      return /^T\d+ \d+ \d+ \d+$/.test(line) ? { type: "times" } : null;
    case "\u0001":
    case "\u0002":
      return { type: "error", fatal: line.startsWith("\u0002") };
    default:
      return null;
  }
}
