import type { Socket } from "node:net";
import {
  err,
  fault,
  invariant,
  isSessionToken,
  ok,
  wallMicros,
  type SessionId,
} from "../../kernel/index.js";
import {
  isDesktopProtocol,
  type CommandOutcome,
  type DesktopProtocol,
  type InputBody,
  type KillOrderedBy,
  type SessionFacts,
  type SessionView,
  type RuleHit,
} from "../../model/index.js";
import {
  createDesktopSession,
  createGuacamoleServer,
  understandDesktop,
  type DesktopSeed,
  type GuacamolePorts,
  type GuacamoleServer,
} from "../../protocols/guacamole/index.js";
import { parseAddressList, readProxyHeader, type AddressList } from "../../net/index.js";
import {
  createSshServer,
  type SessionHandle,
  type SshPorts,
  type Traffic,
} from "../../protocols/ssh/index.js";
import { createRecordings, type Recordings } from "../../recording/index.js";
import type { Ruleset } from "../../rules/index.js";
import {
  createClock,
  createPump,
  createRegistryProxy,
  createTurnSpool,
  type Clock,
  type ConnectionFacts,
  type ParentLink,
  type ProfileDesk,
  type RegistryProxy,
  type SessionHandle as PumpHandle,
  type TurnSpool,
  type WorkerWorld,
} from "../../runtime/index.js";
import { createSession, type SessionSeed } from "../../session/index.js";
import type { SiteHabits } from "../../behaviour/index.js";
import type { Log } from "../log.js";
import type { HabitsNews } from "./behaviour-house.js";
import { createWebServer, type WebPorts, type WebServer } from "../../protocols/web/index.js";
import { desktopServerOptions } from "./desktop-settings.js";
import type { WayPlan } from "./destinations.js";
import { webServerOptions } from "./web-settings.js";
import { unpackRules } from "./compile-rules.js";
import { createSharedHits, type HitNews, type SharedHits } from "./shared-hits.js";
import { onlyTold } from "./only-told.js";
import { createProfileDesk } from "./profile-desk.js";
import { integrationOn } from "./integrations.js";
import { unpackHabits } from "./unpack-habits.js";
import type { RulesNews, WorkerSettings } from "./worker-settings.js";

export interface WorldDeps {
  readonly settings: WorkerSettings;
  readonly link: ParentLink;
  readonly log: Log;
}

/** Everything that serves sessions in one process, put together. */
export function createWorld(deps: WorldDeps): SessionWorld {
  return new World(deps);
}

/** A world whose sessions can also be opened by somebody else than its own listeners. */
export interface SessionWorld extends WorkerWorld {
  readonly authority: SshPorts["authority"];
  open(facts: SessionFacts, traffic: Traffic): SessionHandle;
  /** The same, and nothing is held or ended: what rules would have done is told. */
  observe(
    facts: SessionFacts,
    traffic: Traffic,
    hit: (hits: readonly RuleHit[]) => void,
  ): SessionHandle;
}

/** The parent only notes it: nobody waits for the answer. */
const BOOK_DEADLINE_MS = 5_000;

class World implements SessionWorld {
  readonly #deps: Omit<WorldDeps, "settings"> & {
    readonly settings: Omit<WorkerSettings, "rules" | "habits">;
  };
  readonly #clock: Clock = createClock();
  readonly #registry: RegistryProxy<WayPlan>;
  readonly #recordings: Recordings;
  readonly #spool: TurnSpool;
  readonly #server: ReturnType<typeof createSshServer>;
  readonly #desktops: GuacamoleServer;
  readonly #web: WebServer | null;
  readonly #sessions = new Map<SessionId, PumpHandle>();
  readonly #proxies: AddressList;
  readonly #webProxies: AddressList;
  readonly #hits: SharedHits;
  readonly #profiles: ProfileDesk;
  #habits: SiteHabits;
  #rules: Ruleset;

  constructor(deps: WorldDeps) {
    const { settings, link, log } = deps;
    const { rules, habits, ...kept } = settings;
    this.#rules = unpackRules(rules);
    this.#habits = unpackHabits(habits);
    this.#profiles = createProfileDesk(link);
    this.#spool = createTurnSpool(link.spool);
    this.#hits = createSharedHits(settings.hits, {
      process: process.pid,
      book: (hit) => void link.ask(hit, BOOK_DEADLINE_MS),
    });
    // The packed rules and profiles are not kept: rules are as long as their files.
    this.#deps = { settings: kept, link, log };
    const proxies = parseAddressList(settings.proxyProtocolFrom);
    const webProxies = parseAddressList(settings.web?.proxyProtocolFrom ?? []);
    invariant(proxies.ok && webProxies.ok, "the configuration has checked its address lists");
    this.#proxies = proxies.value;
    this.#webProxies = webProxies.value;
    this.#registry = createRegistryProxy(
      { link, clock: this.#clock, log },
      { source: settings.source, login: settings.login, isToken: isSessionToken },
    );
    this.#recordings = createRecordings({
      folder: settings.recording.folder,
      ...(settings.recording.encryption === undefined
        ? {}
        : { encryption: settings.recording.encryption }),
      wallOf: (at) => wallMicros(this.#clock.wall() - (this.#clock.now() - at)),
      log,
    });
    this.#server = createSshServer(this.#ports(), {
      hostKeys: settings.hostKeys.map((key) => key.reveal((bytes) => bytes)),
      version: settings.version,
      loginGraceMs: settings.loginTimeoutMs,
      keepalive: settings.keepalive,
      channelsMax: settings.channelsPerSessionMax,
      ...(settings.banner === undefined ? {} : { banner: settings.banner }),
    });
    this.#web =
      settings.web === undefined
        ? null
        : createWebServer(this.#webPorts(), webServerOptions(settings.web));
    this.#desktops = createGuacamoleServer(
      this.#desktopPorts(),
      desktopServerOptions(settings.desktops, settings.loginTimeoutMs),
    );
  }

  serve(connection: ConnectionFacts, socket: Socket): void {
    if (connection.door === "guacamole") {
      this.#desktops.acceptBrowser(socket, connection.address);
      return;
    }
    if (connection.door === "guacd") {
      this.#desktops.accept(socket, connection.address);
      return;
    }
    if (connection.door === "web") {
      const web = this.#web;
      if (web === null) socket.destroy();
      else this.#accept(web, this.#webProxies, { connection, socket });
      return;
    }
    this.#accept(this.#server, this.#proxies, { connection, socket });
  }

  /** From a listed peer the PROXY protocol says first who is behind it. */
  #accept(
    server: { accept(socket: Socket, origin: string): void },
    proxies: AddressList,
    { connection, socket }: { readonly connection: ConnectionFacts; readonly socket: Socket },
  ): void {
    if (!proxies.includes(connection.address)) {
      server.accept(socket, connection.address);
      return;
    }
    void readProxyHeader(socket).then((origin) => {
      if (origin.ok) server.accept(socket, origin.value ?? connection.address);
      else this.#deps.log.warn("proxy-header-refused", { reason: origin.error });
    });
  }

  news(news: unknown): void {
    const told = news as RulesNews | HitNews | HabitsNews; // our own parent tells nothing else
    if (told.kind === "habits") {
      this.#habits = unpackHabits(told.members);
      return;
    }
    if (told.kind === "hit") {
      this.#hits.news(told);
      return;
    }
    this.#rules = unpackRules(told.rules);
    for (const handle of this.#sessions.values()) handle.input({ kind: "rules-changed" });
  }

  get authority(): SshPorts["authority"] {
    return this.#registry;
  }

  open(facts: SessionFacts, traffic: Traffic): SessionHandle {
    return this.#open(facts, traffic);
  }

  observe(
    facts: SessionFacts,
    traffic: Traffic,
    hit: (hits: readonly RuleHit[]) => void,
  ): SessionHandle {
    return this.#open(facts, traffic, (seed) => onlyTold(seed, hit));
  }

  kill(session: SessionId | null, reason: string, by: KillOrderedBy): void {
    for (const [id, handle] of this.#sessions) {
      if (session === null || session === id) handle.input({ kind: "kill-ordered", reason, by });
    }
  }

  async order(
    sessions: readonly SessionId[],
    done: string,
    input: InputBody,
  ): Promise<readonly (readonly [SessionId, CommandOutcome])[]> {
    const outcomes: Promise<readonly [SessionId, CommandOutcome]>[] = [];
    for (const id of sessions) {
      const handle = this.#sessions.get(id);
      if (handle === undefined) continue;
      outcomes.push(handle.order(done, input).then((outcome) => [id, outcome]));
    }
    return await Promise.all(outcomes);
  }

  tell(session: SessionId, input: InputBody): void {
    this.#sessions.get(session)?.input(input);
  }

  views(): readonly SessionView[] {
    return [...this.#sessions.values()].map((handle) => handle.view());
  }

  async close(): Promise<void> {
    await Promise.all([
      this.#server.close("the sidecar stops"),
      this.#desktops.close("the sidecar stops"),
      this.#web?.close("the sidecar stops"),
    ]);
    this.#spool.flush();
    await this.#recordings.flush();
  }

  #ports(): SshPorts {
    const registry = this.#registry;
    return {
      authority: registry,
      targets: {
        plan: async (facts, offered) => {
          const plan = await registry.plan(facts, offered);
          if (!plan.ok) return plan;
          const { type } = plan.value;
          return type === "ssh" || type === "embedded" ? ok(plan.value) : err(OTHER_DOOR);
        },
        judgeHostKey: (target, key) => registry.judgeHostKey(target, key),
      },
      sessions: { open: (facts, traffic) => this.#open(facts, traffic) },
    };
  }

  #webPorts(): WebPorts {
    const registry = this.#registry;
    return {
      authority: registry,
      targets: {
        plan: async (facts) => {
          const plan = await registry.plan(facts, {});
          if (!plan.ok) return plan;
          return plan.value.type === "web" ? ok(plan.value) : err(OTHER_DOOR);
        },
      },
      sessions: { open: (facts, traffic) => this.#open(facts, traffic) },
      log: this.#deps.log,
    };
  }

  #desktopPorts(): GuacamolePorts {
    const registry = this.#registry;
    const { settings, log } = this.#deps;
    return {
      authority: registry,
      targets: {
        plan: async (facts) => {
          const plan = await registry.plan(facts, {});
          if (!plan.ok) return plan;
          return plan.value.type === "desktop" ? ok(plan.value) : err(OTHER_DOOR);
        },
      },
      sessions: { open: (facts, traffic) => this.#open(facts, traffic) },
      policyOf: (target) => settings.desktops.policies[target] ?? settings.desktops.policy,
      log,
    };
  }

  #open(
    facts: SessionFacts,
    traffic: Traffic,
    change: (seed: SessionSeed) => SessionSeed = (seed) => seed,
  ): PumpHandle {
    const { settings, link, log } = this.#deps;
    const firstSequence = this.#registry.takeFirstSequence(facts.id);
    const recorder = this.#recordings.open(facts, () => {
      if (settings.recording.strict) this.kill(facts.id, "recording-lost", "sidecar");
    });
    const seed = change({
      facts,
      channels: settings.channels,
      env: settings.env,
      doubt: settings.doubt,
      stepUp: settings.stepUp,
      approval: settings.approval,
      suspension: settings.suspension,
      observation: settings.observation,
      graces: this.#registry.takeGraces(facts.id),
      recording: settings.recording,
      rules: { current: () => this.#rules },
      ...integrationOn(facts.target.name, settings.integrations),
      sharedHits: this.#hits,
      ...(settings.risk === undefined
        ? {}
        : { behaviour: { ...settings.risk, site: () => this.#habits } }),
      firstSequence,
    });
    const session = isDesktopProtocol(facts.protocol)
      ? createDesktopSession(this.#desktopSeed(seed, facts.protocol))
      : createSession(seed);
    const handle = createPump(
      {
        session,
        clock: this.#clock,
        spool: this.#spool,
        recorder,
        traffic,
        desk: this.#registry,
        ...(settings.risk === undefined ? {} : { profiles: this.#profiles }),
        show: (to, entry) => link.observed(facts.id, to, entry),
        log,
      },
      {
        facts,
        source: settings.source,
        firstSequence,
        audit: settings.doubt.audit,
        ended: ({ closed }) => {
          this.#sessions.delete(facts.id);
          link.sessionEnded(facts.id, closed ? "closed" : "unfinished");
        },
      },
    );
    this.#sessions.set(facts.id, handle);
    return handle;
  }

  #desktopSeed(seed: SessionSeed, protocol: DesktopProtocol): DesktopSeed {
    const { settings } = this.#deps;
    const policy = settings.desktops.policies[seed.facts.target.name] ?? settings.desktops.policy;
    const { content } = settings.recording;
    return {
      ...seed,
      readOnly: policy.readOnly,
      dump: settings.recording.desktop === "guacamole",
      ...(content === undefined ? {} : { content }),
      understand: (judge) =>
        understandDesktop({ protocol, policy, judge, pieces: content !== undefined }),
    };
  }
}

/** The registry lets nobody in by the wrong door; this is for the compiler, and for bugs. */
const OTHER_DOOR = fault("CHP_RUNTIME_NO_DESTINATION", "the target is not reached this way");
