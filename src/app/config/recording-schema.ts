import { join } from "node:path";
import { z } from "zod";
import { isRecipient, type RecordingEncryption } from "../../recording/index.js";
import { path } from "./schema-words.js";

const recipients = z
  .array(z.string().refine(isRecipient, "must be a public key of age: age1..., spelled rightly"))
  .min(1)
  .max(16);

export const recordingSchema = z
  .strictObject({
    terminal: z.enum(["asciicast", "off"]).default("asciicast"),
    desktop: z.enum(["guacamole", "off"]).default("guacamole").describe("as guacd records"),
    input: z.enum(["masked", "off"]).default("masked"),
    strict: z.boolean().default(false),
    folder: path.optional().describe("absent: recordings/ in stateDir"),
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

type RecordingEntry = z.output<typeof recordingSchema>;

/** As the entry, with the folder found and without what is absent. */
interface RecordingConfig extends Omit<RecordingEntry, "folder" | "encryption"> {
  readonly folder: string;
  readonly encryption?: RecordingEncryption;
}

export function resolveRecording(
  { encryption, folder, ...entry }: RecordingEntry,
  { stateDir, path }: { readonly stateDir: string; readonly path: (text: string) => string },
): RecordingConfig {
  const recording = { ...entry, folder: path(folder ?? join(stateDir, "recordings")) };
  if (encryption === undefined) return recording;
  const { recipients, inputRecipients } = encryption;
  return {
    ...recording,
    encryption: { recipients, ...(inputRecipients === undefined ? {} : { inputRecipients }) },
  };
}
