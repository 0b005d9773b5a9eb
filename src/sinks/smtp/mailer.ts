import type { Transporter } from "nodemailer";
import { describeError, err, fault, ok, type Fault, type Result } from "../../kernel/index.js";
import { connectionFault, tlsClientOptions } from "../../net/index.js";
import { splitEndpoint } from "../endpoint.js";
import { isRecord } from "../told-event.js";
import { revealText, type SecretLookup, type TlsLookup } from "../plugin.js";

export interface Mail {
  readonly to: readonly string[];
  readonly subject: string;
  /** Plain text. */
  readonly text: string;
  readonly attachment?: { readonly name: string; readonly type: string; readonly text: string };
  /** Left of the @ of the Message-ID: the same for a mail that is sent again. */
  readonly id: string;
}

/** Sends mail through one server. Used by the sink, and by whoever notifies people. */
export interface Mailer {
  send(mail: Mail): Promise<Result<void, Fault>>;
  close(): void;
}

export interface MailerOptions {
  /** host:port */
  readonly address: string;
  /** `starttls` is required, not tried: a server that does not offer it gets no mail. */
  readonly security: "tls" | "starttls" | "none";
  readonly from: string;
  readonly username?: string;
  readonly password?: SecretLookup;
  readonly tls: TlsLookup;
}

const CONNECT_MS_MAX = 10_000;
const ANSWER_MS_MAX = 30_000;

export function createMailer(options: MailerOptions): Mailer {
  let transport: Transporter | null = null;

  async function ready(): Promise<Result<Transporter, Fault>> {
    if (transport !== null) return ok(transport);
    const made = await makeTransport(options);
    if (made.ok) transport = made.value;
    return made;
  }

  return {
    async send({ to, subject, text, attachment, id }) {
      const via = await ready();
      if (!via.ok) return via;
      const domain = options.from.slice(options.from.lastIndexOf("@") + 1).replace(/>$/, "");
      try {
        await via.value.sendMail({
          from: options.from,
          to: [...to],
          subject,
          text,
          ...(attachment === undefined
            ? {}
            : {
                attachments: [
                  {
                    filename: attachment.name,
                    contentType: attachment.type,
                    content: attachment.text,
                  },
                ],
              }),
          messageId: `<${id}@${domain}>`,
          // RFC 3834: nobody's holiday notice shall answer.
          headers: { "Auto-Submitted": "auto-generated" },
        });
        return ok(undefined);
      } catch (error) {
        return err(mailFault(options.address, error));
      }
    },
    close() {
      transport?.close();
      transport = null;
    },
  };
}

async function makeTransport(options: MailerOptions): Promise<Result<Transporter, Fault>> {
  // Loaded here: who sends no mail does not need it.
  const { createTransport } = await import("nodemailer");
  const trust = options.tls();
  if (!trust.ok) return trust;
  const tls = tlsClientOptions(trust.value);
  trust.value.key?.wipe();
  if (!tls.ok) return tls;
  const password = options.password === undefined ? ok("") : revealText(options.password);
  if (!password.ok) return password;
  const { host, port } = splitEndpoint(options.address);
  const transport = createTransport({
    host,
    port,
    secure: options.security === "tls",
    requireTLS: options.security === "starttls",
    ignoreTLS: options.security === "none",
    tls: tls.value,
    connectionTimeout: CONNECT_MS_MAX,
    greetingTimeout: CONNECT_MS_MAX,
    socketTimeout: ANSWER_MS_MAX,
    disableFileAccess: true,
    disableUrlAccess: true,
    ...(options.username === undefined
      ? {}
      : { auth: { user: options.username, pass: password.value } }),
  });
  return ok(transport);
}

/** RFC 5321 section 4.2.1: 4yz may be tried again; of 5yz, those about who we are are mended here. */
function mailFault(peer: string, error: unknown): Fault {
  const code = error instanceof Error && "responseCode" in error ? Number(error.responseCode) : 0;
  const message = describeError(error);
  if (code === 0) return connectionFault(peer, error);
  if (code < 500) return fault("CHP_SINK_UNAVAILABLE", `${peer}: ${message}`);
  // 554 before the content is about who we are and whom we write to.
  const ofContent =
    (code === 552 || code === 554) && isRecord(error) && error["command"] === "DATA";
  return fault(ofContent ? "CHP_SINK_REFUSED" : "CHP_SINK_DENIED", `${peer}: ${message}`);
}
