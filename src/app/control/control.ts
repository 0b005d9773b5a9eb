import { readFileSync } from "node:fs";
import {
  createChallengeBook,
  createControlApi,
  createShadowBook,
  openMetrics,
  type AdminPorts,
  type ControlApi,
  type ControlApiOptions,
  type ToldEvent,
} from "../../admin/index.js";
import {
  withEnrolled,
  type Directory,
  type SessionTokens,
  type WebhookFactor,
} from "../../identity/index.js";
import { describeError, err, fault, type Fault, type Result } from "../../kernel/index.js";
import type { ProofOwed } from "../../model/index.js";
import type { IdentityDesk, RunningSession, Steering, Teller } from "../../runtime/index.js";
import type { AdminListener, Config } from "../config/index.js";
import type { Log } from "../log.js";
import type { PagesHouse } from "../sidecar/pages-house.js";
import type { LoadedRules } from "../sidecar/rules-book.js";
import { createApprovalsPort } from "./approvals-port.js";
import { createChallengesPort } from "./challenges-port.js";
import { createFactorsPort } from "./factors-port.js";
import { openTokens } from "./open-tokens.js";
import { createPeoplePort } from "./people-port.js";
import type { CourierStatus } from "../../sinks/index.js";
import { createReadiness } from "./readiness.js";
import { createRecordingsPort } from "./recordings-port.js";
import { createRulesPort } from "./rules-port.js";
import { createSessionsPort } from "./sessions-port.js";
import { createTokensPort } from "./tokens-port.js";

/** Counts and lists that are kept from the events; made before the events flow. */
export interface Books {
  readonly observe: (event: ToldEvent) => void;
  readonly shadow: ReturnType<typeof createShadowBook>;
  readonly challenges: ReturnType<typeof createChallengeBook>;
  /** Metrics join when the rest of the sidecar is there to be asked. */
  join(observer: (event: ToldEvent) => void): void;
}

export function openBooks(): Books {
  const shadow = createShadowBook(Date.now());
  const challenges = createChallengeBook();
  const observers = [shadow.observe, challenges.observe];
  return {
    shadow,
    challenges,
    join: (observer) => void observers.push(observer),
    observe(event) {
      for (const observe of observers) observe(event);
    },
  };
}

export interface ControlDeps {
  readonly config: Config;
  readonly version: string;
  readonly log: Log;
  readonly books: Books;
  readonly steering: Steering;
  readonly directory: Directory & Pick<IdentityDesk, "prepare">;
  readonly pages: PagesHouse;
  readonly inspections: AdminPorts["inspections"];
  readonly teller: Pick<Teller, "tell">;
  readonly sessions: () => ReadonlyMap<string, RunningSession>;
  readonly failedUntilMs: (person: string) => number | null;
  readonly proofOwed: (person: string) => ProofOwed | undefined;
  readonly rules: () => LoadedRules;
  readonly reloadRules: () => Result<LoadedRules, readonly Fault[]>;
  readonly sessionTokens: SessionTokens;
  readonly ssh: { readonly address: string; readonly port: number };
  /** Absent where none is configured. */
  readonly webhookFactor?: WebhookFactor;
  readonly connections: () => number;
  readonly spoolBytes: () => number;
  readonly sinks: () => readonly CourierStatus[];
  readonly roomForEvents: () => boolean;
}

export interface Control {
  readonly address: { readonly address: string; readonly port: number };
  close(): Promise<void>;
}

/** Opens `listen.admin`. */
export async function openControl(
  deps: ControlDeps,
  listener: AdminListener,
): Promise<Result<Control, Fault>> {
  const tokens = await openTokens(listener.tokens);
  if (!tokens.ok) return tokens;
  const tls = readTls(listener.tls);
  if (!tls.ok) return tls;
  const metrics = await openMetrics({
    sessions: () => deps.sessions().size,
    connections: deps.connections,
    spoolBytes: deps.spoolBytes,
    rules: () => deps.rules().ruleset.size,
    sinks: deps.sinks,
    version: deps.version,
    node: deps.config.node,
  });
  deps.books.join(metrics.observe);
  const api = await createControlApi(portsOf(deps, metrics.expose), {
    tokens: tokens.value,
    clients: new Map(listener.clients.map(({ name, ...rights }) => [name, rights])),
    hosts: listener.hosts,
    wallMs: Date.now,
    answered: metrics.answered,
    ...(tls.value === undefined ? {} : { tls: tls.value }),
  });
  return api.ok ? await listenOn(api.value, listener) : api;
}

async function listenOn(api: ControlApi, listener: AdminListener): Promise<Result<Control, Fault>> {
  const listening = await api.listen(listener.address, listener.port);
  if (!listening.ok) {
    await api.close();
    return listening;
  }
  return { ok: true, value: { address: listening.value, close: () => api.close() } };
}

function portsOf(deps: ControlDeps, expose: AdminPorts["facts"]["metrics"]): AdminPorts {
  const { config, log, steering, books } = deps;
  const startedAt = new Date().toISOString();
  const sessions = createSessionsPort(steering);
  const recordings = createRecordingsPort(config.recording.folder, (id) => deps.sessions().has(id));
  deps.pages.viewings.serve({ sessions, recordings });
  return {
    sessions,
    approvals: createApprovalsPort(steering.approvals),
    challenges: createChallengesPort({ ...deps, book: books.challenges }),
    people: createPeoplePort({
      steering,
      directory: withEnrolled(deps.directory, deps.pages.enrolled),
      names: config.people.map((person) => person.name),
      sessions: () => deps.sessions().values(),
      failedUntilMs: deps.failedUntilMs,
      proofOwed: deps.proofOwed,
      wallMs: Date.now,
    }),
    inspections: deps.inspections,
    factors: createFactorsPort({
      directory: deps.directory,
      pages: deps.pages,
      tell: (event) => deps.teller.tell(event),
    }),
    rules: createRulesPort({
      current: deps.rules,
      reload: deps.reloadRules,
      shadow: books.shadow,
      wallMs: Date.now,
    }),
    recordings,
    viewings: deps.pages.viewings.port,
    sessionTokens: createTokensPort(deps),
    facts: {
      about: () => ({ version: deps.version, site: config.site, node: config.node, startedAt }),
      readiness: createReadiness(deps),
      metrics: expose,
    },
    tell: (event) => deps.teller.tell(event),
    log,
    wallMs: Date.now,
  };
}

function readTls(tls: AdminListener["tls"]): Result<ControlApiOptions["tls"] | undefined, Fault> {
  if (tls === undefined) return { ok: true, value: undefined };
  try {
    const value = {
      cert: readFileSync(tls.cert),
      key: readFileSync(tls.key),
      ...(tls.clientCa === undefined ? {} : { clientCa: readFileSync(tls.clientCa) }),
    };
    return { ok: true, value };
  } catch (error) {
    return err(fault("CHP_ADMIN_TLS", describeError(error)));
  }
}
