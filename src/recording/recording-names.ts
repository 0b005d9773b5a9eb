import type { WallMicros } from "../kernel/index.js";

/**
 * Files of a recording lie in `YYYY/MM/DD` (UTC) and begin with `<session>-<channel>`. Then:
 * - `.cast`: a terminal; `.guac`: a desktop, guacd's own players take it
 * - `.input` before it: what was typed, where it has other readers than what was shown
 * - `.tail` and `.age` behind it: encrypted; see encrypted-file.ts
 */
const NAME =
  /^(?<session>.+)-(?<channel>\d{1,9})(?<input>\.input)?\.(?<format>cast|guac)(?<sealed>(?<tail>\.tail)?\.age)?$/;

export type RecordingFormat = "cast" | "guac";

export interface RecordingName {
  readonly session: string;
  readonly channel: number;
  readonly format: RecordingFormat;
  /** Holds what was typed, and that alone. */
  readonly input: boolean;
  readonly encrypted: boolean;
  /** The end of one that was cut off by a crash, or is still written. */
  readonly tail: boolean;
}

/** Null: no file of a recording. */
export function parseRecordingName(name: string): RecordingName | null {
  const parts = NAME.exec(name)?.groups;
  if (parts === undefined) return null;
  return {
    session: parts["session"] ?? "",
    channel: Number(parts["channel"]),
    format: parts["format"] === "guac" ? "guac" : "cast",
    input: parts["input"] !== undefined,
    encrypted: parts["sealed"] !== undefined,
    tail: parts["tail"] !== undefined,
  };
}

export function recordingName(
  of: Omit<RecordingName, "tail" | "session"> & { readonly session: string },
): string {
  const input = of.input ? ".input" : "";
  return `${of.session}-${String(of.channel)}${input}.${of.format}${of.encrypted ? ".age" : ""}`;
}

/** `<name>.cast.age` to `<name>.cast.tail.age` */
export function tailPath(path: string): string {
  return path.replace(/\.age$/, ".tail.age");
}

/** Of `<name>.cast.age`: `<name>.input.cast.age` */
export function inputPath(path: string): string {
  return path.replace(/\.(?<format>cast|guac)(?<sealed>\.age)?$/, ".input.$<format>$<sealed>");
}

/** `["2026", "11", "20"]`, in UTC. */
export function dayOf(wall: WallMicros): readonly [string, string, string] {
  const [year = "", month = "", day = ""] = new Date(wall / 1_000).toISOString().split(/[-T]/);
  return [year, month, day];
}
