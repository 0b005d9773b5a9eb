import { z } from "zod";
import { REPORT_FORMATS } from "../../core/index.js";
import { daysSchema, timeOfDay } from "./hours.js";
import { duration, name, path, secret } from "./schema-words.js";
import { sinkWords } from "./sink-schema.js";

const mailAddress = z.string().regex(/@/, "must be a mail address").max(320);
const CONDITIONS_MAX = 2_000;

/** `scoring.reports[]`. */
export const reportsSchema = z
  .array(
    z.strictObject({
      name: name.optional().describe("absent: that of the report; must be the only one"),
      report: z.string().min(1).max(100).describe("one of `chaperone report --help`"),
      every: duration("1d").optional().describe("in even steps; instead of `at`"),
      at: timeOfDay.optional().describe("at this time of the day, in `scoring.zone`"),
      days: daysSchema.describe("with `at`: on these days only"),
      period: duration("1d").describe("how far back it looks"),
      person: z.string().min(1).max(256).optional(),
      where: z.string().min(1).max(CONDITIONS_MAX).optional().describe("column>=value and ..."),
      format: z.enum(REPORT_FORMATS).default("csv"),
      folder: path.optional().describe("a file each time, for its owner alone"),
      keep: z.int().min(1).max(10_000).default(60).describe("files that stay in `folder`"),
      mail: z
        .array(mailAddress)
        .min(1)
        .max(100)
        .optional()
        .describe("to whom; needs `mail` or `notify.mail`"),
    }),
  )
  .max(100)
  .default([])
  .describe("reports that are made by themselves, into files or mails");

/** `scoring.notices`. */
export const noticesSchema = z
  .array(mailAddress)
  .max(100)
  .default([])
  .describe("who is told by mail of unusual password changes; needs `mail` or `notify.mail`");

/** `scoring.mail`. */
export const mailSchema = z
  .strictObject({
    address: z
      .string()
      .regex(/^(?:\[[0-9a-fA-F:]+\]|[^\s:]+):\d{1,5}$/, "must be host:port")
      .describe("of the mail server; 465 is `tls`, 587 is `starttls`"),
    security: z.enum(["tls", "starttls", "none"]).default("starttls"),
    from: mailAddress,
    username: z.string().min(1).max(256).optional(),
    password: secret.optional().describe("of `username`"),
    ca: path
      .optional()
      .describe("PEM file: who signs the server's certificate; short for `tls.ca`"),
    tls: sinkWords(secret).tls.optional(),
  })
  .describe("the server that sends reports and notices; absent: that of `notify.mail`");

export type ReportEntry = z.output<typeof reportsSchema>[number];
export type MailEntry = z.output<typeof mailSchema>;
