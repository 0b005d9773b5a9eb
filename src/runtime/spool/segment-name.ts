import type { ProcessMark } from "./process-mark.js";

/** Who writes a row of segments: one process, from its start to its end. */
export interface StreamName {
  /** `parent`, or `w` and the worker's slot. */
  readonly role: string;
  readonly process: ProcessMark;
  /** Wall time of the start in ms: makes the name unique across reboots of the machine. */
  readonly startedMs: number;
}

export interface SegmentName {
  readonly stream: string;
  readonly role: string;
  readonly process: ProcessMark;
  /** Counts from 0; a segment is final once the next one exists. */
  readonly number: number;
}

const SUFFIX = ".ndjson";
// hit: "w2-4711-88112-18f3a2b-000003.ndjson"; near miss: "w2-4711-000003.ndjson"
const SEGMENT =
  /^(?<stream>(?<role>parent|w\d+)-(?<pid>\d+)-(?<born>\d*)-[0-9a-z]+)-(?<number>\d{6,})\.ndjson$/;

export function streamKey(name: StreamName): string {
  return `${name.role}-${name.process.pid}-${name.process.born}-${name.startedMs.toString(36)}`;
}

export function segmentFile(stream: string, number: number): string {
  return `${stream}-${String(number).padStart(6, "0")}${SUFFIX}`;
}

/** Null for a file that is not a segment. */
export function parseSegmentFile(file: string): SegmentName | null {
  const groups = SEGMENT.exec(file)?.groups;
  if (groups === undefined) return null;
  const { stream = "", role = "", pid = "", born = "", number = "" } = groups;
  return { stream, role, process: { pid: Number(pid), born }, number: Number(number) };
}
