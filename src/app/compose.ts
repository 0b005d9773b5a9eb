import {
  createAssertionDesk,
  createSessionTokens,
  ensureHostKeys,
  withEnrolled,
  type HostKey,
  type SessionTokens,
} from "../identity/index.js";
import { err, isSessionToken, ok, type Fault, type Result } from "../kernel/index.js";
import {
  createClock,
  createIds,
  createRegistry,
  createSteering,
  openJournal,
  openStateDir,
  type Journal,
  type Registry,
  type StateDir,
  type SteeringRoom,
  type Workforce,
} from "../runtime/index.js";
import type { Config, Environment } from "./config/index.js";
import { openBooks, openControl, type Books, type Control } from "./control/control.js";
import { withListeners } from "./control/with-listeners.js";
import { createCoreHouse, type CoreHouse } from "./core/core-house.js";
import { createLog, type Log, type LogOptions } from "./log.js";
import type { RunningSidecar } from "./running-sidecar.js";
import { packRules } from "./sidecar/compile-rules.js";
import type { WayPlan } from "./sidecar/destinations.js";
import {
  asFaults,
  openEventHouse,
  registryJournalPath,
  type EventHouse,
} from "./sidecar/event-house.js";
import { openBehaviourHouse, type BehaviourHouse } from "./sidecar/behaviour-house.js";
import { createFrontDoor, type FrontDoor, type OpenedDoors } from "./sidecar/front-door.js";
import type { Inspections } from "./sidecar/inspections.js";
import { openPagesHouse, type PagesHouse } from "./sidecar/pages-house.js";
import { openPeopleAndWays, type PeopleAndWays } from "./sidecar/people-and-ways.js";
import {
  describeFaults,
  openRulesBook,
  type LoadedRules,
  type RulesBook,
} from "./sidecar/rules-book.js";
import { hoursRules } from "./sidecar/login-hours.js";
import { startRetention } from "./sidecar/retention.js";
import { createSessionWork } from "./sidecar/session-work.js";
import type { RulesNews } from "./sidecar/worker-settings.js";
import { readDesktopSettings, type DesktopSettings } from "./sidecar/desktop-settings.js";
import { readWebSettings, type WebSettings } from "./sidecar/web-settings.js";
import { openTokens } from "./sidecar/tunnel-tokens.js";

export type { RunningSidecar } from "./running-sidecar.js";

export interface SidecarOptions {
  readonly version: string;
  readonly env: Environment;
  readonly log: Pick<LogOptions, "level" | "file">;
  /** The module of the thread of the scoring core, as `workerModule`. */
  readonly coreModule?: URL;
  /** The module of a session process; tests that run from sources give a compiled one. */
  readonly workerModule?: URL;
}

/** Starts everything; on a fault nothing is left running. Faults are told all at once where possible. */
export async function startSidecar(
  config: Config,
  options: SidecarOptions,
): Promise<Result<RunningSidecar, readonly Fault[]>> {
  const log = createLog({ ...options.log, role: "parent" });
  const state = openStateDir(config.stateDir);
  if (!state.ok) return err([state.error]);
  const started = await startIn(state.value, { config, options, log });
  if (!started.ok) state.value.release();
  return started;
}

interface Setting {
  readonly config: Config;
  readonly options: SidecarOptions;
  readonly log: Log;
}

async function startIn(
  state: StateDir,
  setting: Setting,
): Promise<Result<RunningSidecar, readonly Fault[]>> {
  const { config, options, log } = setting;
  const people = await openPeopleAndWays(config, options.env, log);
  const hostKeys = asFaults(await ensureHostKeys(config.stateDir));
  const book = openRulesBook(config.rules, config.notifyGroups);
  const behaviour = openBehaviourHouse(config, log);
  const faults = [people, hostKeys, book, behaviour].flatMap((part) => (part.ok ? [] : part.error));
  if (!people.ok || !hostKeys.ok || !book.ok || !behaviour.ok) return err(faults);
  const sessionTokens = createSessionTokens(Date.now);
  const spendToken = await openTokens(config, options.env, sessionTokens);
  if (!spendToken.ok) return err([spendToken.error]);
  const web = readWebSettings(config);
  if (!web.ok) return err([web.error]);
  const desktops = readDesktopSettings(config, options.env);
  if (!desktops.ok) return err([desktops.error]);
  const journal = openJournal(registryJournalPath(state), Date.now());
  if (!journal.ok) return err([journal.error]);
  const books = openBooks();
  const core = createCoreHouse({
    config,
    env: options.env,
    log,
    logOptions: options.log,
    module: options.coreModule ?? new URL("./core/core-thread-main.js", import.meta.url),
  });
  const house = await openEventHouse({
    config,
    state,
    log,
    env: options.env,
    version: options.version,
    observed: books.observe,
    furtherSinks: core === null ? [] : [core.sink],
  });
  if (!house.ok) {
    journal.value.close();
    return err([house.error]);
  }
  const pages = await openPagesHouse({
    config,
    log,
    tell: (event) => house.value.teller.tell(event),
    async stepSpent(person, step) {
      await journal.value.note({ kind: "step", person, step });
    },
  });
  if (!pages.ok) {
    await house.value.close();
    journal.value.close();
    return err([pages.error]);
  }
  const parts: Parts = {
    ...setting,
    state,
    people: people.value,
    pages: pages.value,
    hostKeys: hostKeys.value,
    web: web.value,
    desktops: desktops.value,
    book: book.value,
    journal: journal.value,
    behaviour: behaviour.value,
    house: house.value,
    core,
    books,
    sessionTokens,
    spendToken: spendToken.value,
  };
  return await run(parts);
}

interface Parts extends Setting {
  readonly state: StateDir;
  readonly people: PeopleAndWays;
  readonly pages: PagesHouse;
  readonly hostKeys: readonly HostKey[];
  readonly web: WebSettings | null;
  readonly desktops: DesktopSettings;
  readonly book: RulesBook;
  readonly journal: Journal;
  /** Null where behaviour is not watched. */
  readonly behaviour: BehaviourHouse | null;
  readonly house: EventHouse;
  /** Null: nobody is rated. */
  readonly core: CoreHouse | null;
  readonly books: Books;
  readonly sessionTokens: SessionTokens;
  readonly spendToken: SessionTokens["spend"];
}

async function run(parts: Parts): Promise<Result<RunningSidecar, readonly Fault[]>> {
  const { config, house, log } = parts;
  const hours = hoursRules(config);
  const registry = createRegistry<WayPlan>(
    {
      identity: withEnrolled(parts.people.directory, parts.pages.enrolled),
      destinations: parts.people.destinations,
      journal: parts.journal,
      clock: createClock(),
      log,
      tell: (session, input) => workforce.tell(session, input),
      lockOrdered: (person, rule, reason) => lockByRule(steering, { person, rule, reason }),
      factors: [parts.people.webhookFactor, parts.pages.webauthnFactor].filter(
        (factor) => factor !== undefined,
      ),
      tokens: { isToken: isSessionToken, spend: parts.spendToken },
      ...(config.listen.web?.assertion === undefined
        ? {}
        : { assertions: createAssertionDesk(config.listen.web.assertion) }),
    },
    { login: config.login, limits: config.limits, ...(hours === undefined ? {} : { hours }) },
  );
  const { workforce, port: inspections } = createSessionWork(parts, registry, {
    connectionEnded: (connection) => door.connectionEnded(connection),
    observed: (session, to, entry) => steering.observed(session, to, entry),
    sessionOver: (session) => steering.sessionEnded(session),
  });
  const ids = createIds();
  const steering: SteeringRoom = createSteering({
    registry,
    workforce,
    clock: createClock(),
    tellEvent: (event) => house.teller.tell(event),
    newId: () => ids.next(),
  });
  parts.core?.start({
    steering,
    tell: (event) => house.teller.tell(event),
    session: (id) => registry.sessions.get(id)?.facts,
    judge: (id, judged) => workforce.tell(id, judged),
    linked: () => parts.behaviour?.linked(),
    erased: (message) => parts.behaviour?.erased(message),
  });
  const door: FrontDoor = createFrontDoor({
    config,
    registry,
    workforce,
    log,
    roomForEvents: house.roomForEvents,
  });
  const ready = await workforce.start();
  const listening = ready.ok ? await door.open() : ready;
  if (!listening.ok) {
    await workforce.stop("start-failed", 0);
    await closeParts(parts);
    return err([listening.error]);
  }
  const { address, port } = listening.value.ssh;
  const opened = listening.value;
  const sidecar = runningSidecar(parts, { workforce, door, registry, opened });
  const control = await openControlOf(parts, {
    workforce,
    registry,
    sidecar,
    steering,
    inspections,
  });
  if (!control.ok) {
    await sidecar.stop("start-failed", 0);
    return err([control.error]);
  }
  const pages = await parts.pages.listen();
  if (!pages.ok) {
    await control.value?.close();
    await sidecar.stop("start-failed", 0);
    return err([pages.error]);
  }
  tellStart(parts);
  log.info("sidecar-listens", { address, port, workers: config.workers });
  return ok(withListeners(sidecar, { control: control.value, pages: pages.value }));
}

interface Controlled {
  readonly workforce: Workforce;
  readonly registry: Registry<WayPlan>;
  readonly sidecar: RunningSidecar;
  readonly steering: SteeringRoom;
  readonly inspections: Inspections["port"];
}

/** `lock-user` as the action of a rule: until somebody lets the person in again. */
function lockByRule(
  steering: SteeringRoom,
  {
    person,
    rule,
    reason,
  }: { readonly person: string; readonly rule: string; readonly reason: string },
): void {
  const by = { kind: "rule", name: rule } as const;
  void steering.lockPerson({ person, by, reason, untilMs: null, kill: true });
}

/** Null where `listen.admin` is not configured. */
async function openControlOf(
  parts: Parts,
  { workforce, registry, sidecar, steering, inspections }: Controlled,
): Promise<Result<Control | null, Fault>> {
  const { config, house, log, journal, options } = parts;
  const listener = config.listen.admin;
  if (listener === undefined) return ok(null);
  return await openControl(
    {
      config,
      log,
      version: options.version,
      books: parts.books,
      steering,
      directory: parts.people.directory,
      pages: parts.pages,
      inspections,
      teller: house.teller,
      sessions: () => registry.sessions,
      proofOwed: (person) => registry.proofsOwed.of(person),
      failedUntilMs: (person) => journal.memory.locks.get(`person:${person}`) ?? null,
      rules: () => sidecar.rules,
      reloadRules: () => sidecar.reloadRules(),
      sessionTokens: parts.sessionTokens,
      ...(parts.people.webhookFactor === undefined
        ? {}
        : { webhookFactor: parts.people.webhookFactor }),
      ssh: sidecar.addresses.ssh,
      connections: () => workforce.connections,
      spoolBytes: () => house.delivery.backlog(),
      sinks: () => house.sinks.status(),
      roomForEvents: house.roomForEvents,
    },
    listener,
  );
}

function tellStart({ config, options, house, book }: Parts): void {
  const { site, node, workers } = config;
  const { version } = options;
  house.teller.tell({
    type: "sidecar.started",
    data: { version, site, node, workers, pid: process.pid },
  });
  tellRules(house, book.current);
}

function tellRules(house: EventHouse, { ruleset, files }: LoadedRules): void {
  const { digest, size } = ruleset;
  house.teller.tell({
    type: "rules.loaded",
    data: { digest, rules: size, files: files.map((one) => one.file) },
  });
}

interface Open {
  readonly workforce: Workforce;
  readonly door: FrontDoor;
  readonly registry: Registry<WayPlan>;
  readonly opened: OpenedDoors;
}

function runningSidecar(parts: Parts, open: Open): RunningSidecar {
  const { house, book, log, config } = parts;
  const live: ReadonlyMap<string, unknown> = open.registry.sessions;
  const stopRetention = startRetention({
    recording: config.recording,
    isLive: (id) => live.has(id),
    log,
  });
  let stopping: Promise<void> | null = null;
  let settleClosed: () => void;
  const closed = new Promise<void>((resolve) => (settleClosed = resolve));

  function reloadRules(): Result<LoadedRules, readonly Fault[]> {
    const before = book.current.ruleset.digest;
    const loaded = book.reload();
    if (!loaded.ok) {
      const faults = describeFaults(loaded.error);
      house.teller.tell({ type: "rules.refused", data: { faults, keptDigest: before } });
      log.error("rules-refused", { faults, keptDigest: before });
      return loaded;
    }
    const news: RulesNews = { kind: "rules", rules: packRules(loaded.value.ruleset) };
    open.workforce.news(news);
    tellRules(house, loaded.value);
    log.info("rules-loaded", { digest: loaded.value.ruleset.digest });
    return loaded;
  }

  async function stop(reason: string, drainMs: number): Promise<void> {
    const openSessions = open.registry.sessions.size;
    log.info("sidecar-stops", { reason, openSessions });
    open.door.close();
    book.close();
    stopRetention();
    await open.workforce.stop(reason, drainMs);
    house.delivery.drain();
    house.teller.tell({ type: "sidecar.stopped", data: { reason, openSessions } });
    await closeParts(parts);
    settleClosed();
  }

  book.watch(reloadRules);
  return {
    addresses: open.opened,
    hostKeys: parts.hostKeys,
    get rules() {
      return book.current;
    },
    closed,
    reloadRules,
    async hangUp() {
      reloadRules();
      await house.delivery.reopenFile();
      house.sinks.reopen();
    },
    async stop(reason, drainMs = config.shutdown.drainMs) {
      if (stopping === null) stopping = stop(reason, drainMs);
      else void open.workforce.stop(reason, drainMs);
      await stopping;
    },
  };
}

/** In the reverse order of opening. */
async function closeParts(parts: Parts): Promise<void> {
  const { house, core, journal, state, people, pages, behaviour } = parts;
  behaviour?.close();
  await pages.close();
  await house.close();
  await core?.close();
  people.close();
  journal.close();
  state.release();
}
