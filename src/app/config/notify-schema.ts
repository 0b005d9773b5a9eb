import { z } from "zod";
import { smtpSink } from "../../sinks/smtp/index.js";
import type { SecretEntry } from "../../sinks/index.js";
import { filter, sinkWords, time, type FilterEntry } from "./sink-schema.js";

/** `notify:`, who is told by mail. */
export interface NotifyEntry {
  readonly mail: Readonly<Record<string, unknown>>;
  readonly groups: Readonly<Record<string, GroupEntry>>;
}

interface GroupEntry {
  readonly to: readonly string[];
  readonly digest: string;
  readonly urgent: FilterEntry;
  readonly perRule: string;
  readonly also?: FilterEntry | undefined;
}

const GROUPS_MAX = 16;

export function notifySchema(secret: z.ZodType<SecretEntry>): z.ZodType<NotifyEntry> {
  const words = sinkWords(secret);
  const { to, ...server } = smtpSink.shape(words);
  const group = z.strictObject({
    to: to as z.ZodType<readonly string[]>, // of the kind `smtp`, whose key it is
    digest: time.default("5m").describe("mails are collected so long"),
    urgent: filter
      .prefault({ criticality: "critical" })
      .describe("what does not wait for the digest"),
    perRule: time
      .default("1h")
      .describe("further hits of one rule within this time are told as one, with a count"),
    also: filter
      .optional()
      .describe("further events, beside the hits of rules that name the group"),
  });
  return z
    .strictObject({
      mail: z
        .strictObject(server)
        .describe("the mail server; the keys of a sink of the kind `smtp`"),
      groups: z
        .record(z.string().regex(/^[A-Za-z0-9_][A-Za-z0-9_-]{0,39}$/, "must be a name"), group)
        .refine(
          (groups) => Object.keys(groups).length <= GROUPS_MAX,
          `at most ${GROUPS_MAX} groups`,
        )
        .describe("by the names that `notify:` of a rule's action uses"),
    })
    .describe("who gets a mail when a rule says so");
}
