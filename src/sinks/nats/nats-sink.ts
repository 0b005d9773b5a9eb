import type { JetStreamClient } from "@nats-io/jetstream";
import type { ConnectionOptions, NatsConnection } from "@nats-io/transport-node";
import { describeError, fault, ok, type Fault, type Result } from "../../kernel/index.js";
import { connectionFault, type TlsTrust } from "../../net/index.js";
import {
  checkLogin,
  defineSink,
  revealText,
  type SecretEntry,
  type SecretLookup,
  type SinkTools,
  type TlsEntry,
  type TlsLookup,
} from "../plugin.js";
import { nothingTaken, type Parcel, type Receipt, type RefusedParcel, type Sink } from "../sink.js";

interface NatsEntry {
  readonly servers: readonly string[];
  readonly subject: string;
  readonly stream?: string | undefined;
  readonly credentials?: SecretEntry | undefined;
  readonly token?: SecretEntry | undefined;
  readonly username?: string | undefined;
  readonly password?: SecretEntry | undefined;
  readonly tls?: TlsEntry | undefined;
}

/**
 * NATS JetStream: each event is published with its id as message id, so that the stream drops what is
 * repeated within its window, and is told only when the stream has stored it. The stream is the
 * administrator's: it is not made here.
 */
export const natsSink = defineSink<NatsEntry>({
  type: "nats",
  habits: {
    formats: ["cloudevents", "ocsf", "ecs", "cef", "leef", "teleport"],
    eventsMax: 256,
    linger: "0ms",
  },
  shape: ({ endpoint, secret, tls, z }) => ({
    servers: z.array(endpoint).min(1).max(32).describe("host:port each; one that answers is used"),
    subject: z
      .string()
      .regex(
        /^[A-Za-z0-9_{}-]+(?:\.[A-Za-z0-9_{}-]+)*$/,
        "must be a subject without wildcards; `{type}` and `{node}` are replaced",
      )
      .max(200)
      .default("chaperone.events.{type}"),
    stream: z
      .string()
      .regex(/^[A-Za-z0-9_-]{1,64}$/)
      .optional()
      .describe("refuses to publish into any other stream"),
    credentials: secret.optional().describe("a NATS credentials file (JWT and seed)"),
    token: secret.optional(),
    username: z.string().min(1).max(256).optional(),
    password: secret.optional().describe("of `username`"),
    tls: tls.optional(),
  }),
  prepare(entry, tools) {
    checkLogin(entry, tools);
    if (entry.tls?.pins !== undefined || entry.tls?.serverName !== undefined) {
      tools.complain("`tls.pins` and `tls.serverName` can not be checked for NATS: use `tls.ca`");
    }
    const access = accessOf(entry, tools);
    return () => ok(createNatsSink(entry, access));
  },
});

/** Answers of the stream that later may be others. */
const ACK_MS_MAX = 10_000;
const CONNECT_MS_MAX = 10_000;

function createNatsSink(entry: NatsEntry, access: Access): Sink {
  let link: Link | null = null;

  async function linked(): Promise<Result<Link, Fault>> {
    if (link !== null && !link.connection.isClosed()) return ok(link);
    const library = await loadLibrary();
    const options = connectionOptions(entry, access, library);
    if (!options.ok) return options;
    try {
      const connection = await library.connect(options.value);
      link = { connection, client: library.jetstream(connection, { timeout: ACK_MS_MAX }) };
      return ok(link);
    } catch (error) {
      return { ok: false, error: connectionFault(entry.servers.join(","), error) };
    }
  }

  return {
    async deliver(parcels, signal) {
      const ready = await linked();
      if (!ready.ok) return nothingTaken(parcels, ready.error);
      const receipt = await publish(ready.value, { parcels, entry, signal });
      // A broker that does not answer is asked again on a fresh connection.
      if (receipt.retry.length > 0) {
        await ready.value.connection.close().catch(() => undefined);
        link = null;
      }
      return receipt;
    },
    async close() {
      await link?.connection.close();
    },
  };
}

/** Loaded here: who has no broker does not need it. */
async function loadLibrary() {
  const [{ connect, credsAuthenticator }, { jetstream }] = await Promise.all([
    import("@nats-io/transport-node"),
    import("@nats-io/jetstream"),
  ]);
  return { connect, credsAuthenticator, jetstream };
}

type Library = Awaited<ReturnType<typeof loadLibrary>>;

interface Link {
  readonly connection: NatsConnection;
  readonly client: JetStreamClient;
}

interface Publication {
  readonly parcels: readonly Parcel[];
  readonly entry: NatsEntry;
  readonly signal: AbortSignal;
}

/**
 * All at once: the connection keeps their order. When the storing of one fails, it and everything
 * after it is published again; what was stored already is recognized by its id. What is too large for
 * the server or the stream is refused, and keeps nobody waiting.
 */
async function publish(
  { client }: Link,
  { parcels, entry, signal }: Publication,
): Promise<Receipt> {
  const expect = entry.stream === undefined ? {} : { expect: { streamName: entry.stream } };
  const stored = await Promise.race([
    Promise.allSettled(
      parcels.map((parcel) =>
        client.publish(subjectOf(entry.subject, parcel), parcel.text, {
          msgID: parcel.id,
          ...expect,
        }),
      ),
    ),
    aborted(signal),
  ]);
  if (stored === null) {
    return nothingTaken(parcels, fault("CHP_SINK_UNAVAILABLE", "no acknowledgement in time"));
  }
  return receiptOf(parcels, stored);
}

function receiptOf(
  parcels: readonly Parcel[],
  stored: readonly PromiseSettledResult<unknown>[],
): Receipt {
  const refused: RefusedParcel[] = [];
  for (const [index, parcel] of parcels.entries()) {
    const one = stored[index];
    if (one?.status !== "rejected") continue;
    const why = refusalOf(one.reason);
    if (why.code === "CHP_SINK_REFUSED") {
      refused.push({ parcel, reason: why.message });
      continue;
    }
    const rest = parcels.slice(index);
    return { ...nothingTaken(rest, why), refused };
  }
  return { retry: [], refused };
}

function refusalOf(reason: unknown): Fault {
  const message = describeError(reason);
  // Of the server and of the stream: no attempt will make the event smaller.
  if (/max_payload|message size exceeds/i.test(message)) return fault("CHP_SINK_REFUSED", message);
  return /permission|authorization|no stream|wrong/i.test(message)
    ? fault("CHP_SINK_DENIED", message)
    : fault("CHP_SINK_UNAVAILABLE", message);
}

function aborted(signal: AbortSignal): Promise<null> {
  return new Promise((settled) => {
    if (signal.aborted) settled(null);
    else signal.addEventListener("abort", () => settled(null), { once: true });
  });
}

function subjectOf(template: string, { event }: Parcel): string {
  const node = event.source.slice(event.source.lastIndexOf("/") + 1).replace(/[^\w-]/g, "-");
  return template.replaceAll("{type}", event.type).replaceAll("{node}", node);
}

/** How it proves who it is, and whom it trusts. */
interface Access {
  readonly tls: TlsLookup | null;
  readonly credentials: SecretLookup | null;
  readonly token: SecretLookup | null;
  readonly password: SecretLookup | null;
}

function accessOf({ tls, credentials, token, password }: NatsEntry, tools: SinkTools): Access {
  const lookup = (secret: SecretEntry | undefined) =>
    secret === undefined ? null : tools.secret(secret);
  return {
    tls: tls === undefined ? null : tools.tls(tls),
    credentials: lookup(credentials),
    token: lookup(token),
    password: lookup(password),
  };
}

function connectionOptions(
  entry: NatsEntry,
  access: Access,
  library: Library,
): Result<ConnectionOptions, Fault> {
  const login = loginOf(entry, access, library);
  if (!login.ok) return login;
  const trust = access.tls === null ? ok(null) : access.tls();
  if (!trust.ok) return trust;
  return ok({
    servers: [...entry.servers],
    name: "chaperone",
    timeout: CONNECT_MS_MAX,
    // The courier decides when to try again; a connection that waits hides what is wrong.
    reconnect: false,
    ...login.value,
    ...(trust.value === null ? {} : { tls: tlsOf(trust.value) }),
  });
}

function loginOf(
  { username }: NatsEntry,
  { credentials, token, password }: Access,
  { credsAuthenticator }: Library,
): Result<Partial<ConnectionOptions>, Fault> {
  if (credentials !== null) {
    const text = revealText(credentials);
    return text.ok
      ? ok({ authenticator: credsAuthenticator(new TextEncoder().encode(text.value)) })
      : text;
  }
  if (token !== null) {
    const text = revealText(token);
    return text.ok ? ok({ token: text.value }) : text;
  }
  if (username === undefined || password === null) return ok({});
  const pass = revealText(password);
  return pass.ok ? ok({ user: username, pass: pass.value }) : pass;
}

function tlsOf(trust: TlsTrust): NonNullable<ConnectionOptions["tls"]> {
  const key = trust.key?.reveal((bytes) => Buffer.from(bytes).toString("utf8"));
  trust.key?.wipe();
  return {
    ...(trust.ca === undefined ? {} : { ca: trust.ca }),
    ...(trust.cert === undefined ? {} : { cert: trust.cert }),
    ...(key === undefined ? {} : { key }),
  };
}
