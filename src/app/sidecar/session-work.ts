import type { HostKey, SessionTokens } from "../../identity/index.js";
import type { SessionId } from "../../kernel/index.js";
import {
  createIds,
  createLocalWork,
  createWorkerPool,
  type Registry,
  type RegistryQuestion,
  type StateDir,
  type Workforce,
  type WorkforceDeps,
} from "../../runtime/index.js";
import type { Config } from "../config/index.js";
import type { Log, LogOptions } from "../log.js";
import type { CoreHouse } from "../core/core-house.js";
import type { BehaviourHouse } from "./behaviour-house.js";
import { packRules } from "./compile-rules.js";
import type { WayPlan } from "./destinations.js";
import type { DesktopSettings } from "./desktop-settings.js";
import type { EventHouse } from "./event-house.js";
import { createInspections, type Inspections } from "./inspections.js";
import type { RulesBook } from "./rules-book.js";
import { createHitBook } from "./shared-hits.js";
import type { WebSettings } from "./web-settings.js";
import { integrationsOf } from "./integrations.js";
import { eventSource, type WorkerSettings } from "./worker-settings.js";

/** What of the sidecar its sessions need. */
export interface WorkParts {
  readonly config: Config;
  readonly options: {
    readonly version: string;
    readonly log: Pick<LogOptions, "level" | "file">;
    readonly workerModule?: URL;
  };
  readonly log: Log;
  readonly state: StateDir;
  readonly house: EventHouse;
  readonly hostKeys: readonly HostKey[];
  readonly book: RulesBook;
  readonly web: WebSettings | null;
  readonly desktops: DesktopSettings;
  readonly behaviour: BehaviourHouse | null;
  readonly core: Pick<CoreHouse, "profiles"> | null;
  readonly sessionTokens: SessionTokens;
}

/** The first worker has the requests of all web sessions, which live for milliseconds: a third of their cost. */
const WEB_YOUNG_GENERATION_MIB = 32;

/** Sessions are served by worker processes or by this one, and those of gateways by this one. */
export function createSessionWork(
  parts: WorkParts,
  registry: Registry<WayPlan>,
  told: {
    readonly connectionEnded: (connection: number) => void;
    readonly observed: WorkforceDeps["observed"];
    readonly sessionOver: (session: SessionId) => void;
  },
): Inspections {
  const { config, house, log, options } = parts;
  const deps: WorkforceDeps = {
    // A worker asks nothing else.
    answer: (question, from) =>
      hits.take(question)
        ? Promise.resolve("done")
        : (parts.behaviour?.answer(question) ??
          registry.answer(question as RegistryQuestion, from)),
    connectionEnded: told.connectionEnded,
    observed: told.observed,
    sessionEnded(session, story) {
      registry.sessionEnded(session);
      told.sessionOver(session);
      if (story === "closed") return;
      house.delivery.drain();
      house.teller.closeSession(session, "audit-lost");
    },
    workerDied(stream) {
      for (const [id, running] of registry.sessions) {
        if (running.stream === stream) told.sessionOver(id);
      }
      registry.workerDied(stream);
    },
  };
  let workforce: Workforce | null = null;
  const ids = createIds();
  const hits = createHitBook((news) => workforce?.news(news));
  parts.behaviour?.start({
    personOf: (session) => registry.sessions.get(session)?.facts.person,
    tell: (news) => workforce?.news(news),
    ...(parts.core?.profiles == null ? {} : { share: parts.core.profiles }),
  });
  const settings = (): WorkerSettings => ({
    ...workerSettings(parts),
    hits: hits.all(),
    habits: parts.behaviour?.members() ?? [],
  });
  const inspected = (work: Workforce): Inspections => {
    const { spool } = house;
    const tokens = parts.sessionTokens;
    const newId = (): string => ids.next();
    const made = createInspections({ ...deps, spool, settings, tokens, newId, log }, work);
    workforce = made.workforce;
    return made;
  };
  if (config.workers === 0) {
    const local = createLocalWork(
      {
        ...deps,
        spool: house.spool,
        create: async (raw, link) => {
          // Loaded here: beside workers the parent serves no session, and is smaller without it.
          const { createWorld } = await import("./world.js");
          return createWorld({ settings: raw as WorkerSettings, link, log }); // from the line below
        },
      },
      settings,
    );
    return inspected(local);
  }
  const { delivery } = house;
  const pool = createWorkerPool(
    {
      ...deps,
      log,
      delivery: {
        streamStarted: (stream) => house.streamStarted(stream),
        streamEnded: (stream) => delivery.streamEnded(stream),
        appended: (stream) => delivery.appended(stream),
      },
    },
    {
      count: config.workers,
      module: options.workerModule ?? new URL("../worker-main.js", import.meta.url),
      args: (slot) => [`w${slot}`, parts.state.spool],
      youngGenerationMiB: (slot) =>
        slot === 0 && config.listen.web !== undefined ? WEB_YOUNG_GENERATION_MIB : undefined,
      settings,
    },
  );
  return inspected(pool);
}

function workerSettings({
  config,
  options,
  hostKeys,
  book,
  web,
  desktops,
}: WorkParts): Omit<WorkerSettings, "hits" | "habits"> {
  const { login, keepalive, channels, env, doubt, stepUp, recording } = config;
  const { approval, suspension, observation } = config;
  return {
    version: options.version,
    source: eventSource(config),
    hostKeys: hostKeys.map((key) => key.privateKey),
    ...(login.banner === undefined ? {} : { banner: login.banner }),
    loginTimeoutMs: login.timeoutMs,
    login,
    keepalive,
    channelsPerSessionMax: config.limits.channelsPerSessionMax,
    channels,
    env,
    doubt,
    stepUp,
    approval,
    suspension,
    observation,
    recording,
    integrations: integrationsOf(config),
    ...(config.risk === undefined ? {} : { risk: config.risk }),
    proxyProtocolFrom: config.listen.ssh.proxyProtocolFrom,
    ...(web === null ? {} : { web }),
    desktops,
    rules: packRules(book.current.ruleset),
    log: options.log,
  };
}
