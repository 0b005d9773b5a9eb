import type { WallMicros } from "../kernel/index.js";

/**
 * Files of a recording lie in `YYYY/MM/DD` (UTC) and begin with `<session>-<channel>`. Then:
 * - `.cast`: a terminal; `.guac`: a desktop, guacd's own players take it; `.web`: requests to a web console
 * - `.input` before it: what was typed, where it has other readers than what was shown
 * - `.tail` and `.age` behind it: encrypted; see encrypted-file.ts
 * What passed as files and clipboards of a desktop is `<session>-<channel>.content-<number>.bin`, with
 * `.cut` before `.bin` where the disk did not take all of it.
 */
const NAME =
  /^(?<session>.+)-(?<channel>\d{1,9})(?<input>\.input)?\.(?<format>cast|guac|web)(?<sealed>(?<tail>\.tail)?\.age)?$/;

const CONTENT =
  /^(?<session>.+)-\d{1,9}\.content-(?<number>\d{1,9})(?<cut>\.cut)?\.bin(?:(?:\.tail)?\.age)?$/;

const FORMATS = ["cast", "guac", "web"] as const;
export type RecordingFormat = (typeof FORMATS)[number];

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
    format: FORMATS.find((one) => one === parts["format"]) ?? "cast",
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

/** Of what session a file in the folder of recordings is, whatever it holds; null: of none. */
export function sessionOfFile(name: string): string | null {
  return parseRecordingName(name)?.session ?? CONTENT.exec(name)?.groups?.["session"] ?? null;
}

export function contentName(of: {
  readonly session: string;
  readonly channel: number;
  readonly content: number;
  readonly encrypted: boolean;
}): string {
  const stem = `${of.session}-${String(of.channel)}.content-${String(of.content)}`;
  return `${stem}.bin${of.encrypted ? ".age" : ""}`;
}

/** Of a content: `<name>.bin` to `<name>.cut.bin` */
export function cutPath(path: string): string {
  return path.replace(/\.bin(?<sealed>\.age)?$/, ".cut.bin$<sealed>");
}

/** `<name>.cast.age` to `<name>.cast.tail.age` */
export function tailPath(path: string): string {
  return path.replace(/\.age$/, ".tail.age");
}

/** Of `<name>.cast.age`: `<name>.input.cast.age` */
export function inputPath(path: string): string {
  return path.replace(/\.(?<format>cast|guac|web)(?<sealed>\.age)?$/, ".input.$<format>$<sealed>");
}

/** `["2026", "11", "20"]`, in UTC. */
export function dayOf(wall: WallMicros): readonly [string, string, string] {
  const [year = "", month = "", day = ""] = new Date(wall / 1_000).toISOString().split(/[-T]/);
  return [year, month, day];
}
