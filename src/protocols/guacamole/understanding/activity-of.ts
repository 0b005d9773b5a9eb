import { decodeUtf8 } from "../../../kernel/index.js";
import type { FileType, RuledActivity } from "../../../model/index.js";
import type { StreamFacts, StreamStage } from "./stream-facts.js";

/**
 * A stream as rules see it at a stage; null for what no rule speaks of. What is not known yet is absent,
 * so that rules about it stay open: size and digest come at the end, type and content with the first bytes.
 */
export function activityOf(stream: StreamFacts, stage: StreamStage): RuledActivity | null {
  const { kind, bytes, sha256 } = stream;
  const whole = stage === "ended" ? { bytes, ...(sha256 === undefined ? {} : { sha256 }) } : {};
  if (kind === "clipboard") {
    const { mimetype, text } = stream;
    const direction = stream.direction === "from-client" ? "upload" : "download";
    return { kind, direction, mimetype, ...whole, ...(text === undefined ? {} : { text }) };
  }
  if (kind !== "upload" && kind !== "download") return null;
  return {
    kind: "transfer",
    direction: kind,
    via: "desktop",
    path: stream.name,
    ...(stage === "opened" ? {} : contentOf(stream)),
    ...whole,
  };
}

function contentOf({ detected, head }: StreamFacts): { type: FileType; text?: string } {
  const type = fileTypeOf(detected);
  return head === undefined ? { type } : { type, text: decodeUtf8(head) };
}

/** The words of rules for what the first bytes say. */
function fileTypeOf(detected: string | undefined): FileType {
  if (detected === undefined) return "binary";
  return TYPES.get(detected) ?? BY_FAMILY.get(detected.split("/", 1)[0] ?? "") ?? "binary";
}

const TYPES: ReadonlyMap<string, FileType> = new Map<string, FileType>([
  ["application/vnd.microsoft.portable-executable", "program"],
  ["application/x-elf", "program"],
  ["application/x-mach-binary", "program"],
  ["application/java-vm", "program"],
  ["application/java-archive", "program"],
  ["application/vnd.android.package-archive", "program"],
  ["application/x-ms-shortcut", "program"],
  ["text/x-script", "script"],
  ["application/x-private-key", "key"],
  ["application/x-java-keystore", "key"],
  ["application/x-keepass", "key"],
  ["application/vnd.sqlite3", "database"],
  ["application/x-ms-registry-hive", "database"],
  ["application/pdf", "document"],
  ["application/rtf", "document"],
  ["application/x-ole-storage", "document"],
  ["application/vnd.openxmlformats-officedocument.wordprocessingml.document", "document"],
  ["application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "document"],
  ["application/vnd.openxmlformats-officedocument.presentationml.presentation", "document"],
  ...[
    "zip",
    "gzip",
    "x-7z-compressed",
    "vnd.rar",
    "x-bzip2",
    "x-xz",
    "zstd",
    "vnd.ms-cab-compressed",
    "x-tar",
    "x-iso9660-image",
  ].map((name) => [`application/${name}`, "archive"] as const),
]);
const BY_FAMILY: ReadonlyMap<string, FileType> = new Map<string, FileType>([
  ["image", "image"],
  ["text", "text"],
]);
