import { z } from "zod";
import { instant, sessionIdText } from "./words.js";

export const recordingView = z
  .object({
    id: z.string(),
    session: z.string(),
    channel: z.int(),
    format: z
      .enum(["asciicast", "guacamole", "requests"])
      .describe("guacamole: a desktop, as guacd records; requests: those of a web session"),
    encrypted: z.boolean().describe("a file of age: `chaperone recording decrypt` reads it"),
    day: z.string().describe("YYYY-MM-DD, UTC"),
    bytes: z.int(),
    modifiedAt: instant,
    live: z.boolean().describe("the session still runs"),
  })
  .meta({ id: "Recording", description: "A file: asciicast v2, a dump of guacd's, or requests." });
export type RecordingView = z.output<typeof recordingView>;

const LIST_MAX = 1_000;
export const recordingQuery = z.strictObject({
  session: sessionIdText.optional(),
  day: z
    .string()
    .regex(/^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$/, "must be YYYY-MM-DD")
    .optional(),
  limit: z.coerce.number().int().min(1).max(LIST_MAX).default(100),
});
export const recordingList = z.object({
  recordings: z.array(recordingView).describe("newest first"),
  more: z.boolean(),
});
export const contentParams = z.strictObject({
  name: z
    .string()
    .regex(
      /^[A-Za-z0-9][A-Za-z0-9._-]{0,150}-\d{1,9}\.content-\d{1,9}(?:\.tail)?$/,
      "must be the `contentFile` of an event",
    ),
});
export const recordingParams = z.strictObject({
  id: z
    .string()
    .regex(
      /^[A-Za-z0-9][A-Za-z0-9._-]{0,150}-\d{1,9}(?:\.input)?(?:\.tail)?$/,
      "must be the id of a recording",
    ),
});
