import { readFileSync } from "node:fs";
import { err, fault, ok } from "../../kernel/index.js";
import { createMailer, type Mailer } from "../../sinks/smtp/index.js";
import { resolveSecret, type Environment, type ReportMail } from "../config/index.js";

/** Mail as `scoring.mail` says; the secret and the certificate are read at each new connection. */
export function createCoreMailer(
  { ca, username, password, ...mail }: ReportMail,
  env: Environment,
): Mailer {
  return createMailer({
    ...mail,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password: () => resolveSecret(password, env) }),
    tls() {
      if (ca === undefined) return ok({});
      try {
        return ok({ ca: readFileSync(ca, "utf8") });
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        return err(fault("CHP_CORE_REPORT", why));
      }
    },
  });
}
