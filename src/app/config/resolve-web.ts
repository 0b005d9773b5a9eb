import { resolve } from "node:path";
import { parseHostPort } from "./address.js";
import type { AccountConfig, WebListener, WebLogin, WebTarget } from "./config.js";
import { durationMs as ms } from "./duration.js";
import type { ResolveDeps } from "./resolve-deps.js";
import type { ConfigFile, TargetEntry } from "./schema.js";
import { webTargetSchema, type WebTargetEntry } from "./web-schema.js";
import type { KeyPath } from "./yaml-document.js";

/** A target of the protocol `web`; nothing where it can not be reached. */
export function resolveWebTarget(
  target: TargetEntry,
  path: KeyPath,
  { deps, accounts }: { readonly deps: ResolveDeps; readonly accounts: readonly AccountConfig[] },
): readonly WebTarget[] {
  for (const key of ["shell", "hostKey"] as const) {
    if (target[key] !== undefined) deps.complain([...path, key], "has no meaning on a web target");
  }
  accounts.forEach(({ credential }, index) => {
    if (credential.type !== "key") return;
    deps.complain([...path, "accounts", index], "web targets take `password` or `passthrough`");
  });
  if (accounts.length === 0) deps.complain(path, "needs at least one of `accounts`");
  const web = target.web ?? webTargetSchema.parse({});
  const secure = web.scheme === "https";
  const address =
    target.address === undefined ? null : parseHostPort(target.address, secure ? 443 : 80);
  if (address === null) {
    deps.complain([...path, "address"], "must be host:port or [ipv6]:port");
    return [];
  }
  const login = resolveLogin(web.login, [...path, "web", "login"], deps);
  if (login === null) return [];
  return [
    {
      type: "web",
      name: target.name,
      host: address.host,
      port: address.port,
      secure,
      ...(web.ca === undefined ? {} : { ca: resolve(deps.folder, web.ca) }),
      ...(web.serverName === undefined ? {} : { serverName: web.serverName }),
      route: {
        target: target.name,
        hosts: web.hosts,
        prefix: web.path.replace(/\/+$/, ""),
        ownHost: web.host === "target",
        literalSlash: web.encodedSlash === "literal",
        terminals: web.terminals,
        script: web.script === "on",
      },
      accounts,
      login,
      labels: target.labels,
      access: target.access ?? { people: [], groups: [] },
      connectTimeoutMs: ms(target.connectTimeout),
      at: deps.document.placeOf(path),
    },
  ];
}

function resolveLogin(
  login: WebTargetEntry["login"],
  path: KeyPath,
  deps: ResolveDeps,
): WebLogin | null {
  switch (login.type) {
    case "basic":
    case "bearer":
      return { type: login.type };
    case "header":
      if (login.header !== undefined) return { type: "header", name: login.header };
      deps.complain(path, "`type: header` needs `header`, its name");
      return null;
    case "form":
      if (login.path === undefined) {
        deps.complain(path, "`type: form` needs `path`, the page with the form");
        return null;
      }
      return {
        type: "form",
        path: login.path,
        ...(login.action === undefined ? {} : { action: login.action }),
        userField: login.user,
        passwordField: login.password,
      };
  }
}

export function resolveWebListener(
  entry: NonNullable<ConfigFile["listen"]["web"]>,
  path: (text: string) => string,
): WebListener {
  const { address, port, tls, identity } = entry;
  const { assertion, header, certificate } = identity;
  return {
    address,
    port,
    certificate,
    proxyProtocolFrom: entry.proxyProtocol?.from ?? [],
    ...(entry.forwardAuth === undefined ? {} : { forwardAuth: entry.forwardAuth }),
    ...(header === undefined ? {} : { personHeader: header }),
    ...(assertion === undefined ? {} : { assertion: withFile(assertion, path) }),
    ...(tls === undefined
      ? {}
      : {
          tls: {
            cert: path(tls.cert),
            key: path(tls.key),
            ...(tls.clientCa === undefined ? {} : { clientCa: path(tls.clientCa) }),
          },
        }),
  };
}

type AssertionEntry = NonNullable<
  NonNullable<ConfigFile["listen"]["web"]>["identity"]["assertion"]
>;

function withFile(
  { issuer, ...entry }: AssertionEntry,
  path: (text: string) => string,
): NonNullable<WebListener["assertion"]> {
  return { ...entry, keys: path(entry.keys), ...(issuer === undefined ? {} : { issuer }) };
}
