import { join } from "node:path";
import { z } from "zod";
import { isRecipient, type RecordingEncryption } from "../../recording/index.js";
import { DURATION, durationMs, parseDuration } from "./duration.js";
import { path } from "./schema-words.js";
import { SIZE, sizeBytes } from "./size.js";

const size = z.string().regex(SIZE, "must be a size such as 64KiB or 10MiB");

const recipients = z
  .array(z.string().refine(isRecipient, "must be a public key of age: age1..., spelled rightly"))
  .min(1)
  .max(16);

export const recordingSchema = z
  .strictObject({
    terminal: z.enum(["asciicast", "off"]).default("asciicast"),
    desktop: z.enum(["guacamole", "off"]).default("guacamole").describe("as guacd records"),
    web: z
      .enum(["requests", "off"])
      .default("requests")
      .describe("of web sessions a log of requests, without secrets; bodies by rule"),
    input: z.enum(["masked", "off"]).default("masked"),
    strict: z.boolean().default(false),
    keep: z
      .string()
      .regex(DURATION, "must be a duration such as 90d")
      .refine((text) => (parseDuration(text) ?? 0) >= KEEP_MS_MIN, "must be an hour at least")
      .optional()
      .describe("recordings are deleted so long after their last write; absent: never"),
    folder: path.optional().describe("absent: recordings/ in stateDir"),
    content: z
      .strictObject({
        file: size.default("10MiB").describe("of one file; 0KiB: none is kept"),
        clipboard: size.default("64KiB").describe("of one clipboard; 0KiB: none is kept"),
        session: size.default("256MiB").describe("of all files and clipboards of a session"),
      })
      .optional()
      .describe("what files and clipboards of desktops hold is kept too; absent: it is not"),
    encryption: z
      .strictObject({
        recipients: recipients.describe("public keys of age of those who may read recordings"),
        inputRecipients: recipients
          .optional()
          .describe("others for what was typed, in a file of its own; absent: the same"),
      })
      .optional()
      .describe("absent: recordings are not encrypted"),
  })
  .prefault({});

/** Shorter ones would delete what somebody is about to look at. */
const KEEP_MS_MIN = 3_600_000;

type RecordingEntry = z.output<typeof recordingSchema>;

/** As the entry, with the folder found and without what is absent. */
interface RecordingConfig extends Omit<
  RecordingEntry,
  "folder" | "encryption" | "keep" | "content"
> {
  readonly folder: string;
  /** Bytes. */
  readonly content?: {
    readonly file: number;
    readonly clipboard: number;
    readonly session: number;
  };
  /** Absent: they are kept for ever. */
  readonly keepMs?: number;
  readonly encryption?: RecordingEncryption;
}

export function resolveRecording(
  { encryption, folder, keep, content, ...entry }: RecordingEntry,
  { stateDir, path }: { readonly stateDir: string; readonly path: (text: string) => string },
): RecordingConfig {
  const recording = {
    ...entry,
    folder: path(folder ?? join(stateDir, "recordings")),
    ...(keep === undefined ? {} : { keepMs: durationMs(keep) }),
    ...(content === undefined ? {} : { content: bytesOf(content) }),
  };
  if (encryption === undefined) return recording;
  const { recipients, inputRecipients } = encryption;
  return {
    ...recording,
    encryption: { recipients, ...(inputRecipients === undefined ? {} : { inputRecipients }) },
  };
}

function bytesOf(content: NonNullable<RecordingEntry["content"]>) {
  const { file, clipboard, session } = content;
  return {
    file: sizeBytes(file),
    clipboard: sizeBytes(clipboard),
    session: sizeBytes(session),
  };
}
