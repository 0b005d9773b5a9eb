import { readFileSync } from "node:fs";
import { createSignedCaller, type SignedCaller } from "../../identity/index.js";
import { describeError, err, fault, type Fault, ok, type Result } from "../../kernel/index.js";
import { createHttpClient } from "../../net/index.js";
import { resolveSecret, type Environment, type WebhookConfig } from "../config/index.js";

/** A shorter key could be searched by whoever has seen one signed request. */
const KEY_BYTES_MIN = 32;
/** A gateway's answers are some hundred bytes; keys and groups of a person some thousand. */
const ANSWER_BYTES_MAX = 512 * 1024;
const CONNECTIONS_MAX = 16;

/** Signed calls to whom the configuration names. */
export function openCaller(
  entry: WebhookConfig,
  env: Environment,
): Result<SignedCaller & { close(): void }, Fault> {
  const ca = readCa(entry);
  if (!ca.ok) return ca;
  const key = resolveSecret(entry.key, env);
  if (!key.ok) return key;
  if (key.value.reveal((bytes) => bytes.length) < KEY_BYTES_MIN) {
    const why = `the key of a webhook must have ${KEY_BYTES_MIN} bytes and more`;
    return err(fault("CHP_CONFIG_SECRET", why, entry.key.at));
  }
  const http = createHttpClient({
    timeoutMs: entry.timeoutMs,
    answerBytesMax: ANSWER_BYTES_MAX,
    connectionsMax: CONNECTIONS_MAX,
    ...(ca.value === null ? {} : { tls: { ca: ca.value } }),
  });
  if (!http.ok) return http;
  const caller = createSignedCaller({
    url: new URL(entry.webhook),
    key: key.value,
    http: http.value,
    timeoutMs: entry.timeoutMs,
    wallMs: Date.now,
  });
  return ok({
    ask: (question) => caller.ask(question),
    close() {
      http.value.close();
      key.value.wipe();
    },
  });
}

function readCa(entry: WebhookConfig): Result<string | null, Fault> {
  if (entry.ca === undefined) return ok(null);
  try {
    return ok(readFileSync(entry.ca, "utf8"));
  } catch (error) {
    const why = describeError(error);
    return err(fault("CHP_CONFIG_SECRET", why, entry.at));
  }
}
