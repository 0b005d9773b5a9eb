import { readFileSync } from "node:fs";
import { describeError, err, fault, ok, type Fault, type Result } from "../../kernel/index.js";
import type { TlsTrust } from "../../net/index.js";
import { createMailer, type Mailer } from "../../sinks/smtp/index.js";
import {
  resolveSecret,
  type Environment,
  type ReportMail,
  type ReportMailTls,
} from "../config/index.js";

/** Mail as `scoring.mail` or `notify.mail` says; secrets and certificates are read at each new connection. */
export function createCoreMailer(
  { username, password, tls, ...mail }: Omit<ReportMail, "subject">,
  env: Environment,
): Mailer {
  return createMailer({
    ...mail,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password: () => resolveSecret(password, env) }),
    tls: () => readTrust(tls, env),
  });
}

function readTrust(
  { ca, cert, key, pins, serverName }: ReportMailTls,
  env: Environment,
): Result<TlsTrust, Fault> {
  const secret = key === undefined ? undefined : resolveSecret(key, env);
  if (secret?.ok === false) return secret;
  try {
    return ok({
      ...(ca === undefined ? {} : { ca: readFileSync(ca, "utf8") }),
      ...(cert === undefined ? {} : { cert: readFileSync(cert, "utf8") }),
      ...(pins === undefined ? {} : { pins }),
      ...(serverName === undefined ? {} : { serverName }),
      ...(secret === undefined ? {} : { key: secret.value }),
    });
  } catch (error) {
    secret?.value.wipe();
    return err(fault("CHP_CORE_REPORT", describeError(error)));
  }
}
