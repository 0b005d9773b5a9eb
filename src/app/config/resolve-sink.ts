import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { err, fault, ok, type Fault, type Place, type Result } from "../../kernel/index.js";
import type { TlsTrust } from "../../net/index.js";
import {
  FORMATS,
  splitEndpoint,
  type CourierOptions,
  type FormatName,
  type SecretEntry,
  type SinkMaker,
  type SinkTools,
  type TlsEntry,
} from "../../sinks/index.js";
import { SINK_PLUGINS } from "../plugins.js";
import { isLoopback } from "./address.js";
import { durationMs } from "./duration.js";
import type { ResolveDeps } from "./resolve-deps.js";
import { resolveSecretEntry } from "./resolve-secret.js";
import { resolveSecret, type SecretRef } from "./secret-ref.js";
import type { SinkEntry } from "./sink-schema.js";
import { sizeBytes } from "./size.js";
import type { KeyPath } from "./yaml-document.js";

type Environment = Readonly<Record<string, string | undefined>>;

/** A sink of the configuration: when and how it is told, and how it is made. */
export interface SinkConfig extends Omit<CourierOptions, "version"> {
  readonly type: string;
  readonly at: Place;
  /** Secrets that it needs, for those who look whether they are there. */
  readonly secrets: readonly SecretRef[];
  /** Events leave this machine, and whoever is on the way can read them. */
  readonly readable: boolean;
  /** Makes it once the environment, in which secrets may be, is known. */
  readonly maker: (env: Environment) => SinkMaker;
}

/** A batch in memory: enough for every receiver's limit of a request. */
const BATCH_BYTES_MAX = 1024 * 1024;
const RETRY = { firstMs: 250, mostMs: 30_000 };

export function resolveSink(
  entry: SinkEntry,
  index: number,
  deps: ResolveDeps,
): readonly SinkConfig[] {
  return resolveSinkAt(["events", "sinks", index], entry, deps);
}

/** A sink that stands at this place of the configuration. */
export function resolveSinkAt(
  path: KeyPath,
  entry: SinkEntry,
  deps: ResolveDeps,
): readonly SinkConfig[] {
  const plugin = SINK_PLUGINS.find(({ type }) => type === entry.type);
  if (plugin === undefined) return [];
  const secrets: SecretRef[] = [];
  // Once without an environment: tells which secrets there are, and what is wrong with them.
  plugin.prepare(entry, toolsFor(deps, { path, found: secrets, env: {} }));
  return [
    {
      name: entry.name,
      type: entry.type,
      at: deps.document.placeOf(path),
      enforced: entry.enforced,
      format: formatOf(entry.format),
      filter: filterOf(entry.filter),
      batch: {
        eventsMax: entry.batch.events,
        bytesMax: BATCH_BYTES_MAX,
        lingerMs: durationMs(entry.batch.linger),
        ...(entry.batch.urgent === undefined ? {} : { urgent: filterOf(entry.batch.urgent) }),
      },
      ...(entry.group === undefined ? {} : { groupMs: durationMs(entry.group) }),
      ...(entry.textBytes === undefined ? {} : { textBytesMax: entry.textBytes }),
      retry: RETRY,
      secrets,
      readable: isReadable(entry),
      maker: (env) => plugin.prepare(entry, toolsFor(deps, { path, found: [], env })),
    },
  ];
}

/** Judged by the keys that kinds of sinks use for where they send to, and how. */
function isReadable(entry: SinkEntry): boolean {
  const { url, address, servers, transport, security, tls } = entry as SinkEntry & Whereto; // the kind's own keys
  if (url !== undefined) {
    const { protocol, hostname } = new URL(url);
    return protocol === "http:" && !isLoopback(hostname.replace(/^\[|\]$/g, ""));
  }
  const far = (endpoint: string) => !isLoopback(splitEndpoint(endpoint).host);
  if (servers !== undefined) return tls === undefined && servers.some(far);
  const open = transport === "tcp" || transport === "udp" || security === "none";
  return address !== undefined && open && far(address);
}

interface Whereto {
  readonly url?: string;
  readonly address?: string;
  readonly servers?: readonly string[];
  readonly transport?: string;
  readonly security?: string;
  readonly tls?: unknown;
}

function formatOf(text: string): FormatName {
  return FORMATS.find((name) => name === text) ?? "cloudevents";
}

export function filterOf({ types, criticality, rules }: SinkEntry["filter"]): SinkConfig["filter"] {
  return {
    ...(types === undefined ? {} : { types }),
    ...(criticality === undefined ? {} : { criticality }),
    ...(rules === undefined ? {} : { rules }),
  };
}

interface Tooling {
  readonly path: KeyPath;
  readonly found: SecretRef[];
  readonly env: Environment;
}

function toolsFor(deps: ResolveDeps, { path, found, env }: Tooling): SinkTools {
  const absolute = (text: string) => resolve(deps.folder, text);
  const secret = (entry: SecretEntry) => {
    const ref = resolveSecretEntry(withoutAbsent(entry), path, deps);
    if (ref !== undefined) found.push(ref);
    return () =>
      ref === undefined
        ? err(fault("CHP_CONFIG_SECRET", "needs exactly one way to find the secret"))
        : resolveSecret(ref, env);
  };
  return {
    path: absolute,
    ms: durationMs,
    bytes: sizeBytes,
    secret,
    complain: (message) => deps.complain(path, message),
    tls(entry) {
      if ((entry?.cert === undefined) !== (entry?.key === undefined)) {
        deps.complain([...path, "tls"], "`cert` and `key` must be given together");
      }
      const key = entry?.key === undefined ? null : secret(entry.key);
      return () => readTrust(entry, key, absolute);
    },
  };
}

function withoutAbsent({ env, file, value }: SecretEntry) {
  return {
    ...(env === undefined ? {} : { env }),
    ...(file === undefined ? {} : { file }),
    ...(value === undefined ? {} : { value }),
  };
}

/** The files of `tls:`, read whenever a connection is made, so that they can be renewed. */
function readTrust(
  entry: TlsEntry | undefined,
  key: ReturnType<SinkTools["secret"]> | null,
  absolute: (text: string) => string,
): Result<TlsTrust, Fault> {
  if (entry === undefined) return ok({});
  const secret = key?.();
  if (secret?.ok === false) return secret;
  const { ca, pins, serverName, cert } = entry;
  try {
    return ok({
      ...(ca === undefined ? {} : { ca: readFileSync(absolute(ca), "utf8") }),
      ...(cert === undefined ? {} : { cert: readFileSync(absolute(cert), "utf8") }),
      ...(pins === undefined ? {} : { pins }),
      ...(serverName === undefined ? {} : { serverName }),
      ...(secret === undefined ? {} : { key: secret.value }),
    });
  } catch (error) {
    secret?.value.wipe();
    return err(
      fault("CHP_NET_TLS_MATERIAL", error instanceof Error ? error.message : "unreadable"),
    );
  }
}
