import { createSealedTokens, type SessionTokens } from "../../identity/index.js";
import { ok, type Fault, type Result } from "../../kernel/index.js";
import { resolveSecret, type Config, type Environment } from "../config/index.js";

/**
 * Every one-time token that opens a session: those that the sidecar has issued, and, where a tunnel is
 * configured, those that a gateway has sealed with its key.
 */
export function openTokens(
  config: Config,
  env: Environment,
  issued: SessionTokens,
): Result<SessionTokens["spend"], Fault> {
  const { guacamole } = config.listen;
  if (guacamole === undefined) return ok(issued.spend);
  const key = resolveSecret(guacamole.tokenKey, env);
  if (!key.ok) return key;
  const sealed = createSealedTokens(key.value, Date.now);
  key.value.wipe();
  return sealed.ok
    ? ok((token, origin) => issued.spend(token, origin) ?? sealed.value.spend(token, origin))
    : sealed;
}
