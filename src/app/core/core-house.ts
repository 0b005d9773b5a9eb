import { readFileSync } from "node:fs";
import { pValueOfPoints } from "../../behaviour/index.js";
import {
  createCoreConnection,
  dialCore,
  type BehaviourMessage,
  type CoreConnection,
  type CoreMessage,
  type CoreWire,
  type WireEars,
} from "../../core/index.js";
import type { EventDraft } from "../../events/index.js";
import {
  describeError,
  err,
  fault,
  type Fault,
  ok,
  type Result,
  Secret,
  sessionId,
  type SessionId,
} from "../../kernel/index.js";
import {
  ANOMALY_DETECTORS,
  type CommandedBy,
  type CommandOutcome,
  type CoreSignal,
  type InputBody,
  type SessionFacts,
} from "../../model/index.js";
import { tlsClientOptions, type TlsClientOptions } from "../../net/index.js";
import { sessionRef, type Steering } from "../../runtime/index.js";
import { EVERYTHING_TAKEN, nothingTaken, type Sink } from "../../sinks/index.js";
import {
  resolveSecret,
  type Config,
  type Environment,
  type RemoteCore,
  type ScoringConfig,
  type SinkConfig,
} from "../config/index.js";
import type { Log, LogOptions } from "../log.js";
import { createCoreThread, type CoreThread } from "./core-thread.js";

/** The scoring core as the sidecar has it: one more place that events go to, and somebody who orders. */
export interface CoreHouse {
  /** Fed from the outbox like every sink; nothing waits for it. */
  readonly sink: SinkConfig;
  /**
   * How profiles travel to the other sidecars of this core; null where there are none. Answers null when the
   * core does not.
   */
  readonly profiles: CoreConnection["profile"] | null;
  /** From now on orders are carried out. */
  start(parts: CoreHouseParts): void;
  close(): Promise<void>;
}

export interface CoreHouseParts {
  readonly steering: Steering;
  readonly tell: (event: EventDraft) => void;
  /** Who is behind a session that runs; undefined: it is over. */
  readonly session: (id: SessionId) => SessionFacts | undefined;
  /** Gives a running session what the core says of it. */
  readonly judge: (id: SessionId, judged: Extract<InputBody, { kind: "core-judged" }>) => void;
  /** The core can be told again. */
  readonly linked: () => void;
  /** Somebody was erased elsewhere. */
  readonly erased: (message: BehaviourMessage) => void;
}

export interface CoreHouseDeps {
  readonly config: Config;
  readonly env: Environment;
  readonly log: Log;
  readonly logOptions: Pick<LogOptions, "level" | "file">;
  /** The module of the core's thread. */
  readonly module: URL;
}

export const CORE_SINK = "scoring-core";
/** What the core makes something of: nothing else is sent. */
const TYPES = [
  "session.*",
  "auth.*",
  "command.entered",
  "rule.matched",
  "anomaly.detected",
  "file.transferred",
  "clipboard.transferred",
  "reauth.succeeded",
  "reauth.failed",
];
const BATCH_EVENTS = 1_000;
const BATCH_BYTES = 1024 * 1024;
const LINGER_MS = 200;
const RETRY = { firstMs: 250, mostMs: 30_000 };

type Judged = Extract<CoreMessage, { type: "risk" }>;

/** Null where no scoring is configured. */
export function createCoreHouse(deps: CoreHouseDeps): CoreHouse | null {
  const { scoring } = deps.config;
  return scoring === undefined ? null : new OpenCoreHouse(deps, scoring);
}

class OpenCoreHouse implements CoreHouse {
  readonly sink: SinkConfig;
  readonly #deps: CoreHouseDeps;
  readonly #connection: CoreConnection;
  readonly profiles: CoreHouse["profiles"];
  readonly #thread: CoreThread | null;
  #parts: CoreHouseParts | null = null;

  constructor(deps: CoreHouseDeps, scoring: ScoringConfig) {
    this.#deps = deps;
    const { core, settings } = scoring;
    const { config, logOptions, module, env } = deps;
    this.#thread =
      core.type === "remote"
        ? null
        : createCoreThread({ config: core, settings, log: logOptions }, module);
    const thread = this.#thread;
    this.#connection = createCoreConnection({
      node: config.node,
      site: config.site,
      open: (ears: WireEars) =>
        thread === null ? dialAny(core as RemoteCore, env, ears) : thread.open(ears), // no thread: it is elsewhere
      heard: (message) => void this.#hear(message),
      linked: () => this.#parts?.linked(),
    });
    this.sink = sinkOf(config, this.#connection);
    const alone = core.type === "embedded" && core.listen === undefined;
    this.profiles = alone
      ? null
      : (asked, deadlineMs) => this.#connection.profile(asked, deadlineMs);
  }

  start(parts: CoreHouseParts): void {
    this.#parts = parts;
  }

  async close(): Promise<void> {
    // The thread first: what it is writing is written to its end.
    await this.#thread?.stop();
    await this.#connection.close();
  }

  /** Told while the session runs, when somebody can do something; the report has it in any case. */
  #judged(parts: CoreHouseParts, message: Judged): void {
    const id = sessionId(message.session);
    const facts = parts.session(id);
    if (facts === undefined) return;
    if (this.#deps.config.risk !== undefined) {
      const signals = signalsOf(message);
      if (signals.length > 0) parts.judge(id, { kind: "core-judged", signals });
      return;
    }
    // Nobody in the session weighs it: what is an anomaly is told all the same.
    const session = sessionRef(facts);
    for (const { detector, pValue, raised, reason } of message.signals ?? []) {
      if (!raised) continue;
      const data = { session, detector, score: 1 - pValue, pValue, warm: true };
      parts.tell({ type: "anomaly.detected", data: { ...data, reasons: [`core: ${reason}`] } });
    }
  }

  async #hear(message: Exclude<CoreMessage, { type: "ack" }>): Promise<void> {
    const parts = this.#parts;
    if (parts === null) return;
    switch (message.type) {
      case "command": {
        const outcome = await carryOut(parts.steering, message);
        this.#deps.log.info("core-commanded", { id: message.id, do: message.do, outcome });
        this.#connection.done(message.id, outcome);
        return;
      }
      case "rating": {
        const { person, rating, previous, reason } = message;
        parts.tell({ type: "rating.changed", data: { person, rating, previous, reason } });
        return;
      }
      case "risk":
        this.#judged(parts, message);
        return;
      case "behaviour":
        parts.erased(message);
        return;
      case "profile":
        // Nothing here asks how trusted somebody is.
        return;
    }
  }
}

/**
 * What the session's ladder makes of a message. A score without its p-values stands for itself: it brings
 * so many points as it says, up to what the ladder lets one voice bring.
 */
function signalsOf({ signals, score, reasons }: Judged): readonly CoreSignal[] {
  if (signals === undefined) {
    const pValue = pValueOfPoints(score);
    const reason = reasons.join("; ") || `a risk of ${String(score)}`;
    return [{ detector: "core", pValue, raised: false, reason }];
  }
  return signals.flatMap(({ detector, ...signal }) => {
    const known = ANOMALY_DETECTORS.find((one) => one === detector);
    return known === undefined ? [] : { detector: known, ...signal };
  });
}

/** A session that runs no more is nobody's fault: it is said so. */
async function carryOut(
  steering: Steering,
  command: Extract<CoreMessage, { type: "command" }>,
): Promise<string> {
  const { do: deed, reason, session, person, trigger } = command;
  const by: CommandedBy = { kind: "core", name: trigger ?? "scoring" };
  switch (deed) {
    case "lock-user":
    case "unlock-user": {
      if (person === undefined) return "refused";
      const lock = { person, by, reason, untilMs: null, kill: true };
      const done =
        deed === "lock-user"
          ? await steering.lockPerson(lock)
          : await steering.unlockPerson(person, by, reason);
      return done.type;
    }
    case "kill":
    case "suspend":
    case "resume":
    case "reauth":
    case "message": {
      const order = { do: deed, by, reason };
      if (session !== undefined) {
        return (await steering.commandSession(sessionId(session), order)).type;
      }
      const outcomes = await steering.commandPerson(person ?? "", order);
      return worstOf([...outcomes.values()]);
    }
  }
}

const WORST_FIRST = ["timeout", "refused", "done", "already", "no-such-session"] as const;

function worstOf(outcomes: readonly CommandOutcome[]): CommandOutcome["type"] {
  return WORST_FIRST.find((type) => outcomes.some((one) => one.type === type)) ?? "no-such-session";
}

function sinkOf(config: Config, connection: CoreConnection): SinkConfig {
  const sink: Sink = {
    async deliver(parcels, signal) {
      const told = await connection.tell(
        parcels.map(({ text }) => text),
        signal,
      );
      return told.ok ? EVERYTHING_TAKEN : nothingTaken(parcels, told.error);
    },
    close: () => Promise.resolve(),
  };
  return {
    name: CORE_SINK,
    type: CORE_SINK,
    at: { file: config.file, line: 1, column: 1 },
    // Scoring never keeps anybody from their work: what it can not take in time is dropped, and counted.
    enforced: false,
    format: "cloudevents",
    filter: { types: TYPES },
    batch: { eventsMax: BATCH_EVENTS, bytesMax: BATCH_BYTES, lingerMs: LINGER_MS },
    retry: RETRY,
    secrets: [],
    readable: false,
    maker: () => () => ok(sink),
  };
}

/** The cores in turn, until one takes us: those that stand by send us away. */
async function dialAny(
  core: RemoteCore,
  env: Environment,
  ears: WireEars,
): Promise<Result<CoreWire, Fault>> {
  const options = remoteOf(core, env);
  let last: Result<CoreWire, Fault> = err(fault("CHP_CORE_LINK", "no core is configured"));
  for (const url of core.urls) {
    last = await dialCore({ url, ...options }, ears);
    if (last.ok) return last;
  }
  return last;
}

function remoteOf({ urls, token, tls }: RemoteCore, env: Environment) {
  return {
    token(): Result<string, Fault> {
      if (token === undefined) return ok("");
      const secret = resolveSecret(token, env);
      if (!secret.ok) return secret;
      const text = secret.value.reveal((bytes) => Buffer.from(bytes).toString("utf8"));
      secret.value.wipe();
      return ok(text);
    },
    tls(): Result<TlsClientOptions | undefined, Fault> {
      if (!urls.some((url) => url.startsWith("wss://"))) return ok(undefined);
      try {
        const key = tls.key === undefined ? undefined : readFileSync(tls.key);
        return tlsClientOptions({
          ...(tls.ca === undefined ? {} : { ca: readFileSync(tls.ca, "utf8") }),
          ...(tls.cert === undefined ? {} : { cert: readFileSync(tls.cert, "utf8") }),
          ...(key === undefined ? {} : { key: new Secret(Uint8Array.from(key)) }),
        });
      } catch (error) {
        const why = describeError(error);
        return err(fault("CHP_CORE_LINK", why));
      }
    },
  };
}
