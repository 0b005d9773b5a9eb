import type { z } from "zod";
import { ok, type Fault, type Result, type Secret } from "../kernel/index.js";
import type { TlsTrust } from "../net/index.js";
import type { FormatName } from "./format/index.js";
import type { Sink } from "./sink.js";

/** A reference to a secret as it stands in the configuration; one of the keys. */
export interface SecretEntry {
  readonly env?: string | undefined;
  readonly file?: string | undefined;
  readonly value?: string | undefined;
}

/** `tls:` of a sink as it stands in the configuration. */
export interface TlsEntry {
  readonly ca?: string | undefined;
  readonly pins?: readonly string[] | undefined;
  readonly serverName?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: SecretEntry | undefined;
}

/** The words of which schemas of sinks are made; the configuration supplies them. */
export interface SinkWords {
  readonly z: typeof z;
  readonly path: z.ZodString;
  readonly secret: z.ZodType<SecretEntry>;
  readonly tls: z.ZodType<TlsEntry>;
  /** `30s`, `5m` */
  readonly time: z.ZodString;
  /** `512KiB`, `100MiB` */
  readonly size: z.ZodString;
  readonly count: (most: number) => z.ZodNumber;
  /** `host:port` */
  readonly endpoint: z.ZodString;
  readonly url: z.ZodString;
}

/** Looked up when it is used, so that a secret can be renewed without a restart; the user wipes it. */
export type SecretLookup = () => Result<Secret, Fault>;
/** Reads the files of `tls:`; done whenever a connection or client is made. */
export type TlsLookup = () => Result<TlsTrust, Fault>;

/** Turns what stands in the configuration into what is used. */
export interface SinkTools {
  /** From the folder of the configuration. */
  readonly path: (text: string) => string;
  readonly ms: (duration: string) => number;
  readonly bytes: (size: string) => number;
  readonly secret: (entry: SecretEntry) => SecretLookup;
  readonly tls: (entry: TlsEntry | undefined) => TlsLookup;
  /** Says what is wrong with the entry: then the configuration is refused. */
  readonly complain: (message: string) => void;
}

/** What every sink is made with. */
export interface SinkContext {
  readonly name: string;
  readonly format: FormatName;
  /** Name of this sidecar, for receivers that want to know the sender. */
  readonly node: string;
  readonly version: string;
  readonly wallMs: () => number;
  /** A random UUID. */
  readonly uuid: () => string;
}

export type SinkMaker = (context: SinkContext) => Result<Sink, Fault>;

/** How a kind of sink likes its parcels, where the configuration does not say. */
export interface SinkHabits {
  /** The first is taken when none is configured. */
  readonly formats: readonly [FormatName, ...FormatName[]];
  readonly eventsMax: number;
  /** How long a batch waits for more; `0ms` for sinks that tell at once. */
  readonly linger: string;
  /** Texts longer than this are cut, with a mark; absent: never. */
  readonly textBytesMax?: number;
}

export interface SinkPlugin {
  readonly type: string;
  readonly habits: SinkHabits;
  /** Keys of its own, beside those that every sink has. */
  readonly shape: (words: SinkWords) => z.core.$ZodLooseShape;
  /** `entry` is what the schema of `shape` let through. */
  readonly prepare: (entry: unknown, tools: SinkTools) => SinkMaker;
}

/** Declares a kind of sink. `E` is the entry in the configuration, as the schema lets it through. */
export function defineSink<E>(definition: {
  readonly type: string;
  readonly habits: SinkHabits;
  readonly shape: (words: SinkWords) => { readonly [K in keyof E]-?: z.ZodType<E[K]> };
  readonly prepare: (entry: E, tools: SinkTools) => SinkMaker;
}): SinkPlugin {
  const { type, habits, shape, prepare } = definition;
  return {
    type,
    habits,
    shape,
    // The entry went through the schema that is made of `shape`.
    prepare: (entry, tools) => prepare(entry as E, tools),
  };
}

/** A user name and a password belong together: one without the other would log in as nobody. */
export function checkLogin(
  entry: { readonly username?: string | undefined; readonly password?: SecretEntry | undefined },
  tools: SinkTools,
): void {
  if ((entry.username === undefined) !== (entry.password === undefined)) {
    tools.complain("`username` and `password` must be given together");
  }
}

/** The same as text, where a protocol has no other form for it. */
export function revealText(lookup: SecretLookup): Result<string, Fault> {
  const secret = lookup();
  if (!secret.ok) return secret;
  const text = secret.value.reveal((bytes) => Buffer.from(bytes).toString("utf8"));
  secret.value.wipe();
  return ok(text);
}
