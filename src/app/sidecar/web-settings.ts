import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  describeError,
  encodeUtf8,
  err,
  fault,
  type Fault,
  invariant,
  ok,
  type Result,
  Secret,
} from "../../kernel/index.js";
import { parseAddressList } from "../../net/index.js";
import type { ForwardingGateway, WebRoute, WebServerOptions } from "../../protocols/web/index.js";
import type { Config } from "../config/index.js";

/** What a session process needs to serve web sessions. */
export interface WebSettings {
  readonly tls?: { readonly cert: string; readonly key: Secret; readonly clientCa?: string };
  readonly routes: readonly WebRoute[];
  readonly assertionHeader: string | null;
  readonly personHeader: { readonly name: string; readonly from: readonly string[] } | null;
  readonly certificate: boolean;
  readonly forwardAuth: {
    readonly gateway: ForwardingGateway;
    readonly from: readonly string[];
  } | null;
  readonly proxyProtocolFrom: readonly string[];
  /** For bodies of requests that are held. */
  readonly folder: string;
  /** Recordings of web sessions are kept. */
  readonly requestLog: boolean;
}

/** Reads certificate and key; null where no listener of web sessions is configured. */
export function readWebSettings(config: Config): Result<WebSettings | null, Fault> {
  const listener = config.listen.web;
  if (listener === undefined) return ok(null);
  const folder = join(config.stateDir, "held");
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const { tls } = listener;
    return ok({
      ...(tls === undefined
        ? {}
        : {
            tls: {
              cert: readFileSync(tls.cert, "utf8"),
              key: new Secret(encodeUtf8(readFileSync(tls.key, "utf8"))),
              ...(tls.clientCa === undefined
                ? {}
                : { clientCa: readFileSync(tls.clientCa, "utf8") }),
            },
          }),
      routes: config.targets.flatMap((target) => (target.type === "web" ? [target.route] : [])),
      assertionHeader: listener.assertion?.header.toLowerCase() ?? null,
      personHeader:
        listener.personHeader === undefined
          ? null
          : { ...listener.personHeader, name: listener.personHeader.name.toLowerCase() },
      certificate: listener.certificate,
      forwardAuth: listener.forwardAuth ?? null,
      proxyProtocolFrom: listener.proxyProtocolFrom,
      folder,
      requestLog: config.recording.web === "requests",
    });
  } catch (error) {
    return err(fault("CHP_NET_TLS_MATERIAL", describeError(error)));
  }
}

export function webServerOptions(settings: WebSettings): WebServerOptions {
  const { tls, routes, folder, requestLog, certificate, assertionHeader, personHeader } = settings;
  const from = parseAddressList(personHeader?.from ?? []);
  const asking = parseAddressList(settings.forwardAuth?.from ?? []);
  invariant(from.ok && asking.ok, "the configuration has checked its address lists");
  return {
    routes,
    folder,
    requestLog,
    forwardAuth:
      settings.forwardAuth === null
        ? null
        : { gateway: settings.forwardAuth.gateway, from: asking.value },
    identity: {
      assertionHeader,
      certificate,
      personHeader: personHeader === null ? null : { name: personHeader.name, from: from.value },
    },
    ...(tls === undefined
      ? {}
      : {
          tls: {
            cert: tls.cert,
            key: tls.key.reveal((bytes) => Buffer.from(bytes).toString("utf8")),
            ...(tls.clientCa === undefined ? {} : { clientCa: tls.clientCa }),
          },
        }),
  };
}
