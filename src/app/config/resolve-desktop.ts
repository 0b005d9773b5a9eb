import { resolve } from "node:path";
import { isDesktopProtocol, type DesktopPolicy, type DesktopProtocol } from "../../model/index.js";
import { parseHostPort } from "./address.js";
import type { AccountConfig, Config, DesktopTarget, ListenerTls } from "./config.js";
import { durationMs as ms } from "./duration.js";
import type { ResolveDeps } from "./resolve-deps.js";
import { resolveSecretEntry } from "./resolve-secret.js";
import type { ConfigFile, TargetEntry } from "./schema.js";
import { sizeBytes } from "./size.js";
import type { KeyPath } from "./yaml-document.js";

type DesktopEntry = ConfigFile["desktop"];

const PORTS: Readonly<Record<DesktopProtocol, number>> = { rdp: 3389, vnc: 5900, telnet: 23 };
const GUACD_PORT = 4822;

/** Where the sidecar sets the value itself; of secrets, because the file is no place for them. */
const OWN_PARAMETERS = /^(?:hostname|port|username|width|height|version)$/;
const SECRET_PARAMETERS = /password|passphrase|private-key/;

export function resolveDesktopPolicy(
  entry: DesktopEntry,
  over: TargetEntry["desktop"] = {},
): DesktopPolicy {
  const allowed = (key: "copy" | "paste" | "upload" | "download" | "microphone" | "pipes") =>
    (over[key] ?? entry[key]) === "allow";
  return {
    readOnly: over.readOnly ?? entry.readOnly,
    copy: allowed("copy"),
    paste: allowed("paste"),
    upload: allowed("upload"),
    download: allowed("download"),
    microphone: allowed("microphone"),
    pipes: allowed("pipes"),
    clipboardBytesMax: sizeBytes(over.clipboardSize ?? entry.clipboardSize),
    fileBytesMax: sizeBytes(over.fileSize ?? entry.fileSize),
    signsInOnScreen: over.signsInOnScreen ?? entry.signsInOnScreen,
    hideForms: over.hideForms ?? entry.hideForms,
    prompting: (over.prompting ?? entry.prompting).map((name) =>
      name.toLowerCase().replace(/\.exe$/, ""),
    ),
  };
}

/** A target behind guacd. */
export function resolveDesktopTarget(
  target: TargetEntry,
  path: KeyPath,
  { deps, desktop, accounts }: ResolvedParts,
): readonly DesktopTarget[] {
  const { protocol } = target;
  if (!isDesktopProtocol(protocol)) return [];
  for (const key of ["shell", "hostKey"] as const) {
    if (target[key] !== undefined) deps.complain([...path, key], "has no meaning on a desktop");
  }
  for (const name of Object.keys(target.parameters)) {
    const why = SECRET_PARAMETERS.test(name)
      ? "is a secret: give the account a `password`"
      : OWN_PARAMETERS.test(name)
        ? "is set by the sidecar"
        : null;
    if (why !== null) deps.complain([...path, "parameters", name], why);
  }
  accounts.forEach(({ credential }, index) => {
    if (credential.type !== "key") return;
    deps.complain([...path, "accounts", index], "desktops take `password` or `passthrough`");
  });
  if (accounts.length === 0) deps.complain(path, "needs at least one of `accounts`");
  const address =
    target.address === undefined ? null : parseHostPort(target.address, PORTS[protocol]);
  if (address === null) {
    deps.complain([...path, "address"], "must be host:port or [ipv6]:port");
    return [];
  }
  return [
    {
      type: "desktop",
      protocol,
      name: target.name,
      host: address.host,
      port: address.port,
      accounts,
      parameters: target.parameters,
      policy: resolveDesktopPolicy(desktop, target.desktop),
      labels: target.labels,
      access: target.access ?? { people: [], groups: [] },
      connectTimeoutMs: ms(target.connectTimeout),
      at: deps.document.placeOf(path),
    },
  ];
}

export interface ResolvedParts {
  readonly deps: ResolveDeps;
  readonly desktop: DesktopEntry;
  readonly accounts: readonly AccountConfig[];
}

/** The real guacd; when we have its port, it has the next one. */
export function resolveGuacd(
  { guacd, guacamole }: ConfigFile["listen"],
  deps: ResolveDeps,
): { readonly host: string; readonly port: number } {
  const port = guacd?.port === GUACD_PORT ? GUACD_PORT + 1 : GUACD_PORT;
  const standard = { host: "127.0.0.1", port };
  const key = guacd?.target === undefined ? "guacamole" : "guacd";
  const text = guacd?.target ?? guacamole?.target;
  if (text === undefined) return standard;
  const parsed = parseHostPort(text, GUACD_PORT);
  if (parsed === null) deps.complain(["listen", key, "target"], "must be host:port or [ipv6]:port");
  return parsed ?? standard;
}

/** The tunnel for browsers; nothing when its key is not given as it should be. */
export function resolveTunnel(
  entry: ConfigFile["listen"]["guacamole"],
  deps: ResolveDeps,
): Pick<Config["listen"], "guacamole"> {
  if (entry === undefined) return {};
  const path: KeyPath = ["listen", "guacamole"];
  const tokenKey = resolveSecretEntry(entry.tokenKey, [...path, "tokenKey"], deps);
  if (tokenKey === undefined) return {};
  const { address, port, tls } = entry;
  const secured = tls === undefined ? {} : { tls: filesOf(tls, deps) };
  const liteKey =
    entry.guacamoleLite === undefined
      ? undefined
      : resolveSecretEntry(entry.guacamoleLite.key, [...path, "guacamoleLite", "key"], deps);
  const lite = liteKey === undefined ? {} : { liteKey };
  return { guacamole: { address, port, path: entry.path, tokenKey, ...secured, ...lite } };
}

export function resolveGuacdListener(
  { address, port, peers, tls }: NonNullable<ConfigFile["listen"]["guacd"]>,
  deps: ResolveDeps,
): NonNullable<Config["listen"]["guacd"]> {
  const clientCa =
    tls?.clientCa === undefined ? {} : { clientCa: resolve(deps.folder, tls.clientCa) };
  return {
    address,
    port,
    ...(tls === undefined ? {} : { tls: { ...filesOf(tls, deps), ...clientCa } }),
    peers: peers.map(({ account, ...peer }) => ({
      ...peer,
      ...(account === undefined ? {} : { account }),
    })),
  };
}

function filesOf({ cert, key }: ListenerTls, { folder }: ResolveDeps): ListenerTls {
  return { cert: resolve(folder, cert), key: resolve(folder, key) };
}
