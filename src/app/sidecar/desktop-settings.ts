import { readFileSync } from "node:fs";
import {
  describeError,
  encodeUtf8,
  err,
  fault,
  type Fault,
  ok,
  type Result,
  Secret,
} from "../../kernel/index.js";
import type { DesktopPolicy } from "../../model/index.js";
import type { GuacamoleServerOptions } from "../../protocols/guacamole/index.js";
import type { Config, Environment } from "../config/index.js";
// Not by its door: a session process reads no configuration, and need not load what does.
import { resolveSecret } from "../config/secret-ref.js";

/** What a session process needs to serve desktops. */
export interface DesktopSettings {
  readonly guacd: Config["guacd"];
  readonly tunnelPath?: string;
  /** Of the two listeners. */
  readonly guacdTls?: TlsSettings;
  readonly tunnelTls?: TlsSettings;
  readonly liteKey?: Secret;
  readonly policy: DesktopPolicy;
  /** By target. */
  readonly policies: Readonly<Record<string, DesktopPolicy>>;
}

interface TlsSettings {
  readonly cert: string;
  readonly key: Secret;
  readonly clientCa?: string;
}

/** Of AES-256. */
const LITE_KEY_BYTES = 32;

/** Reads certificates and keys. */
export function readDesktopSettings(
  config: Config,
  env: Environment,
): Result<DesktopSettings, Fault> {
  const { guacd, guacamole } = config.listen;
  const liteKey = guacamole?.liteKey === undefined ? null : resolveSecret(guacamole.liteKey, env);
  if (liteKey !== null) {
    if (!liteKey.ok) return liteKey;
    if (liteKey.value.reveal((bytes) => bytes.length) !== LITE_KEY_BYTES) {
      return err(fault("CHP_IDENTITY_TOKEN_KEY", "that of guacamole-lite has 32 bytes"));
    }
  }
  try {
    return ok({
      guacd: config.guacd,
      ...(guacamole === undefined ? {} : { tunnelPath: guacamole.path }),
      ...(guacd?.tls === undefined ? {} : { guacdTls: readTls(guacd.tls) }),
      ...(guacamole?.tls === undefined ? {} : { tunnelTls: readTls(guacamole.tls) }),
      ...(liteKey === null ? {} : { liteKey: liteKey.value }),
      policy: config.desktop,
      policies: Object.fromEntries(
        config.targets.flatMap((target) =>
          target.type === "desktop" ? [[target.name, target.policy] as const] : [],
        ),
      ),
    });
  } catch (error) {
    const why = describeError(error);
    return err(fault("CHP_NET_TLS_MATERIAL", why));
  }
}

function readTls(files: {
  readonly cert: string;
  readonly key: string;
  readonly clientCa?: string;
}): TlsSettings {
  return {
    cert: readFileSync(files.cert, "utf8"),
    key: new Secret(encodeUtf8(readFileSync(files.key, "utf8"))),
    ...(files.clientCa === undefined ? {} : { clientCa: readFileSync(files.clientCa, "utf8") }),
  };
}

export function desktopServerOptions(
  settings: DesktopSettings,
  loginTimeoutMs: number,
): GuacamoleServerOptions {
  const { guacd, tunnelPath, guacdTls, tunnelTls, liteKey } = settings;
  return {
    guacd,
    loginTimeoutMs,
    ...(tunnelPath === undefined ? {} : { tunnelPath }),
    ...(guacdTls === undefined ? {} : { guacdTls: revealed(guacdTls) }),
    ...(tunnelTls === undefined ? {} : { tunnelTls: revealed(tunnelTls) }),
    ...(liteKey === undefined ? {} : { liteKey: liteKey.reveal((bytes) => new Uint8Array(bytes)) }),
  };
}

function revealed({ cert, key, clientCa }: TlsSettings) {
  return {
    cert,
    key: key.reveal((bytes) => Buffer.from(bytes).toString("utf8")),
    ...(clientCa === undefined ? {} : { clientCa }),
  };
}
