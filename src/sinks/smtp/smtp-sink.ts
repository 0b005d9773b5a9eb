import { ok } from "../../kernel/index.js";
import { checkLogin, defineSink, type SecretEntry, type TlsEntry } from "../plugin.js";
import { EVERYTHING_TAKEN, nothingTaken } from "../sink.js";
import { digestSubject, digestText } from "./digest.js";
import { createMailer, type MailerOptions } from "./mailer.js";

interface SmtpEntry {
  readonly address: string;
  readonly security: "tls" | "starttls" | "none";
  readonly from: string;
  readonly to: readonly string[];
  readonly subject: string;
  readonly username?: string | undefined;
  readonly password?: SecretEntry | undefined;
  readonly tls?: TlsEntry | undefined;
}

/** Mail for people: one a batch (a digest, see `batch.linger` and `batch.urgent`), as plain text. */
export const smtpSink = defineSink<SmtpEntry>({
  type: "smtp",
  // What a mail says is made of the story; the format only names what the dead letters hold.
  habits: { formats: ["cloudevents"], eventsMax: 500, linger: "5m" },
  shape: ({ endpoint, secret, tls, z }) => ({
    address: endpoint.describe("host:port of the mail server; 465 is `tls`, 587 is `starttls`"),
    security: z.enum(["tls", "starttls", "none"]).default("starttls"),
    from: z.string().regex(/@/, "must be a mail address").max(320),
    to: z.array(z.string().regex(/@/, "must be a mail address").max(320)).min(1).max(100),
    subject: z.string().min(1).max(100).default("[chaperone]").describe("begins every subject"),
    username: z.string().min(1).max(256).optional(),
    password: secret.optional().describe("of `username`"),
    tls: tls.optional(),
  }),
  prepare(entry, tools) {
    checkLogin(entry, tools);
    const options: MailerOptions = {
      address: entry.address,
      security: entry.security,
      from: entry.from,
      tls: tools.tls(entry.tls),
      ...(entry.username === undefined ? {} : { username: entry.username }),
      ...(entry.password === undefined ? {} : { password: tools.secret(entry.password) }),
    };
    return () => {
      const mailer = createMailer(options);
      return ok({
        async deliver(parcels) {
          const first = parcels[0]?.id ?? "";
          const sent = await mailer.send({
            to: entry.to,
            subject: digestSubject(parcels, entry.subject),
            text: digestText(parcels),
            id: `${first}.${parcels.length}`,
          });
          if (sent.ok) return EVERYTHING_TAKEN;
          const receipt = nothingTaken(parcels, sent.error);
          return sent.error.code === "CHP_SINK_REFUSED" ? { ...receipt, splitUp: true } : receipt;
        },
        close() {
          mailer.close();
          return Promise.resolve();
        },
      });
    };
  },
});
