import { describeFault, err, ok, fault, type Fault, type Result } from "../kernel/index.js";
import type { CoreMessage, SidecarMessage } from "./link/messages.js";
import type { Changes, Notice } from "./mind/changes.js";
import { createCoreMind, type CoreMind } from "./mind/core-mind.js";
import { readTold, type Told } from "./mind/told.js";
import { erasedSince, profileFor } from "./profiles.js";
import type { CoreSettings } from "./settings.js";
import { DAY_MS } from "./site-clock.js";
import type { PasswordChangeRow, Store } from "./store/index.js";

/** The scoring core: it is told events, keeps facts, and answers with risks, profiles and commands. */
export interface ScoringCore {
  readonly store: Store;
  /** A sidecar is there; `send` never waits. */
  connect(send: (message: CoreMessage) => void): CorePeer;
  /** Events of others than sidecars (a PAM core), as CloudEvents in JSON; resolves once they are kept. */
  push(events: readonly string[]): Promise<Result<Pushed, Fault>>;
  /** Deletes everything about a person, and forgets it; how many facts went. */
  erase(person: string): Promise<Result<number, Fault>>;
  status(): CoreStatus;
  close(): Promise<void>;
}

export interface CorePeer {
  /** Fails when the sidecar does not wait for its acks. */
  take(message: SidecarMessage): Result<void, Fault>;
  gone(): void;
}

export interface Pushed {
  readonly taken: number;
  /** Lines that are no events. */
  readonly unreadable: number;
}

export interface CoreStatus {
  readonly people: number;
  readonly openSessions: number;
  readonly events: number;
  readonly unreadable: number;
  readonly peers: number;
  /** Null while the store takes what it is given. */
  readonly trouble: string | null;
}

export interface ScoringCoreDeps {
  readonly store: Store;
  readonly settings: CoreSettings;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly log: CoreLog;
  /** Administrators are to be told; must not throw or wait. */
  readonly notice?: (notice: Notice) => void;
  /** Another core has the store now: this one does nothing any more, and is to be closed. */
  readonly lost?: () => void;
}

export interface CoreLog {
  info(event: string, facts?: Readonly<Record<string, unknown>>): void;
  warn(event: string, facts?: Readonly<Record<string, unknown>>): void;
  error(event: string, facts?: Readonly<Record<string, unknown>>): void;
}

/** Messages of one sidecar that wait: it sends the next when the last is acknowledged. */
const WAITING_MAX = 4;
const LOOK_MS = 60_000;
/** Told so late, an event is of a sidecar that was away, and more of the kind may follow for a while. */
const BEHIND_MS = 5 * 60_000;
const CATCHING_UP_MS = 3 * 60_000;
/** A store that does not answer is tried again after so long, ever later. */
const RETRY_FIRST_MS = 250;
const RETRY_MOST_MS = 10_000;
/** Profiles that one sidecar asks for and sends at a time. */
const ASKING_MAX = 64;
/** A sidecar that was away longer learns of an erasure when the person comes again. */
const ERASED_DAYS = 90;
/** Questions that nobody has answered for so long are given up. */
const WANTED_DAYS = 30;

/** Fills its memory from the store first; then it takes events. */
export async function openScoringCore(deps: ScoringCoreDeps): Promise<Result<ScoringCore, Fault>> {
  const core = new RunningCore(deps);
  const failed = await core.recollect();
  if (failed !== null) return err(failed);
  core.start();
  return ok(core);
}

class RunningCore implements ScoringCore {
  readonly store: Store;
  readonly #deps: ScoringCoreDeps;
  readonly #peers = new Set<Peer>();
  #mind: CoreMind;
  /** One thing at a time, in the order in which it came. */
  #work: Promise<unknown> = Promise.resolve();
  #timer: NodeJS.Timeout | null = null;
  #expired = 0;
  /** When something was told last that had happened long before. */
  #behindAt = Number.NEGATIVE_INFINITY;
  #events = 0;
  #unreadable = 0;
  #trouble: string | null = null;
  readonly #closing = new AbortController();

  constructor(deps: ScoringCoreDeps) {
    this.#deps = deps;
    this.store = deps.store;
    this.#mind = createCoreMind(deps.settings);
  }

  start(): void {
    this.#timer = setInterval(() => void this.#inTurn(() => this.#look()), LOOK_MS);
    this.#timer.unref();
  }

  connect(send: (message: CoreMessage) => void): CorePeer {
    const peer: Peer = { send, source: null, waiting: 0, asking: 0 };
    this.#peers.add(peer);
    return {
      take: (message) => this.#take(peer, message),
      gone: () => void this.#peers.delete(peer),
    };
  }

  push(events: readonly string[]): Promise<Result<Pushed, Fault>> {
    return this.#inTurn(async () => {
      const read = this.#read(events);
      const kept = await this.#keep(read);
      const unreadable = events.length - read.length;
      return kept.ok ? ok({ taken: read.length, unreadable }) : kept;
    });
  }

  erase(person: string): Promise<Result<number, Fault>> {
    return this.#inTurn(async () => {
      const gone = await this.store.erase(person, this.#deps.now());
      if (!gone.ok) return gone;
      // What groups have learnt from the person is gone only when it is learnt anew without them.
      const failed = await this.recollect();
      if (failed !== null) return err(failed);
      this.#deps.log.info("core-person-erased", { facts: gone.value });
      return gone;
    });
  }

  status(): CoreStatus {
    return {
      people: this.#mind.people,
      openSessions: this.#mind.openSessions,
      events: this.#events,
      unreadable: this.#unreadable,
      peers: this.#peers.size,
      trouble: this.#trouble,
    };
  }

  async close(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#closing.abort();
    await this.#work;
    await this.store.close();
  }

  /** Builds the memory anew from the store. */
  async recollect(): Promise<Fault | null> {
    const { store, settings, now } = this.#deps;
    const mind = createCoreMind(settings);
    const since = now() - settings.historyDays * DAY_MS;
    const people = await store.people();
    if (!people.ok) return people.error;
    for (const row of people.value) mind.remember.person(row);
    for await (const page of store.history(since)) {
      if (!page.ok) return page.error;
      for (const row of page.value) mind.remember.session(row);
    }
    for await (const page of store.viewHistory(since)) {
      if (!page.ok) return page.error;
      for (const row of page.value) mind.remember.view(row);
    }
    const open = await store.openSessions(since);
    if (!open.ok) return open.error;
    for (const row of open.value) mind.remember.session(row);
    const wanted = await store.wanted(now() - WANTED_DAYS * DAY_MS);
    if (!wanted.ok) return wanted.error;
    for (const row of wanted.value) mind.remember.wanted(row);
    const changes = await store.query(
      "SELECT * FROM password_change WHERE changed >= ? ORDER BY changed",
      [now() - WANTED_DAYS * DAY_MS],
    );
    if (!changes.ok) return changes.error;
    for (const row of changes.value) mind.remember.change(row as PasswordChangeRow); // of that table
    this.#mind = mind;
    return null;
  }

  #take(peer: Peer, message: SidecarMessage): Result<void, Fault> {
    switch (message.type) {
      case "hello":
        peer.source = `/chaperone/${message.site}/${message.node}`;
        this.#deps.log.info("core-sidecar-connected", { source: peer.source });
        void this.#inTurn(() => this.#tellErased(peer));
        return ok(undefined);
      case "ask-profile":
      case "profile":
        if (peer.asking >= ASKING_MAX) {
          return err(fault("CHP_CORE_MESSAGE", `${ASKING_MAX} profiles are not answered yet`));
        }
        peer.asking += 1;
        void this.#inTurn(async () => {
          const answer = await profileFor(this.store, message, this.#deps.now());
          peer.asking -= 1;
          if (answer.ok && this.#peers.has(peer)) peer.send(answer.value);
        });
        return ok(undefined);
      case "done":
        this.#deps.log.info("core-command-done", { id: message.id, outcome: message.outcome });
        return ok(undefined);
      case "events": {
        if (peer.waiting >= WAITING_MAX) {
          return err(fault("CHP_CORE_MESSAGE", `${WAITING_MAX} messages are not acknowledged yet`));
        }
        peer.waiting += 1;
        const upTo = message.from + message.events.length;
        void this.#inTurn(async () => {
          const kept = await this.#keep(this.#read(message.events));
          peer.waiting -= 1;
          if (kept.ok && this.#peers.has(peer)) peer.send({ type: "ack", upTo });
        });
        return ok(undefined);
      }
    }
  }

  async #tellErased(peer: Peer): Promise<void> {
    const erased = await erasedSince(this.store, this.#deps.now() - ERASED_DAYS * DAY_MS);
    if (!erased.ok || !this.#peers.has(peer)) return;
    for (const one of erased.value) peer.send(one);
  }

  #read(lines: readonly string[]): readonly Told[] {
    const events: Told[] = [];
    const now = this.#deps.now();
    for (const line of lines) {
      const told = readTold(line, now);
      if (told !== null) events.push(told);
    }
    this.#events += events.length;
    this.#unreadable += lines.length - events.length;
    return events;
  }

  /** Takes the events and writes what follows; sends only what is written. */
  async #keep(events: readonly Told[]): Promise<Result<void, Fault>> {
    const now = this.#deps.now();
    if (events.some(({ at }) => at < now - BEHIND_MS)) this.#behindAt = now;
    const unknown = this.#mind.unknown(events);
    const sessions = await this.#persist(() => this.store.sessions(unknown.sessions));
    if (!sessions.ok) return sessions;
    const repeated = await this.#persist(() => this.store.told(unknown.ids));
    if (!repeated.ok) return repeated;
    this.#mind.recall(sessions.value);
    for (const told of events) this.#mind.take(told, repeated.value);
    return await this.#commit(this.#mind.drain());
  }

  async #commit(changes: Changes | null): Promise<Result<void, Fault>> {
    if (changes === null) return ok(undefined);
    const writes = changes.writes();
    const kept = await this.#persist(() => this.store.commit(writes));
    if (!kept.ok) return kept;
    for (const notice of changes.notices) this.#deps.notice?.(notice);
    for (const { to, message } of changes.messages) {
      for (const peer of this.#peers) {
        if (to === null || peer.source === to) peer.send(message);
      }
    }
    return kept;
  }

  /**
   * Until the store answers or the core is closed: what was taken is in the memory already, so nothing
   * may be taken after it before it is written. The sidecars wait for their acks, and their events wait
   * in their outboxes; sessions do not wait.
   */
  async #persist<T>(work: () => Promise<Result<T, Fault>>): Promise<Result<T, Fault>> {
    for (let pause = RETRY_FIRST_MS; ; pause = Math.min(pause * 2, RETRY_MOST_MS)) {
      const done = await work();
      if (done.ok) {
        if (this.#trouble !== null) this.#deps.log.info("core-store-recovered");
        this.#trouble = null;
        return done;
      }
      if (this.#trouble === null) {
        this.#deps.log.error("core-store-failed", { fault: describeFault(done.error) });
      }
      this.#trouble = describeFault(done.error);
      if (done.error.code === "CHP_CORE_STORE_TAKEN" && this.#deps.lost !== undefined) {
        this.#deps.lost();
        this.#closing.abort();
      }
      if (!(await pauses(pause, this.#closing.signal))) return done;
    }
  }

  async #look(): Promise<void> {
    const now = this.#deps.now();
    this.#mind.look(now, now - this.#behindAt < CATCHING_UP_MS);
    await this.#commit(this.#mind.drain());
    if (now - this.#expired < DAY_MS) return;
    const more = await this.store.expire(now - this.#deps.settings.keepDays * DAY_MS);
    this.#mind.forget(now - this.#deps.settings.keepDays * DAY_MS);
    // A piece a minute, until nothing is left; then once a day.
    if (more.ok && !more.value) this.#expired = now;
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#work.then(work);
    this.#work = done.catch(() => undefined);
    return done;
  }
}

interface Peer {
  readonly send: (message: CoreMessage) => void;
  source: string | null;
  waiting: number;
  asking: number;
}

/** False when `signal` was aborted meanwhile. */
function pauses(ms: number, signal: AbortSignal): Promise<boolean> {
  if (signal.aborted) return Promise.resolve(false);
  return new Promise((resolve) => {
    const done = (whole: boolean) => {
      clearTimeout(timer);
      signal.removeEventListener("abort", stop);
      resolve(whole);
    };
    const stop = () => done(false);
    const timer = setTimeout(() => done(true), ms);
    signal.addEventListener("abort", stop, { once: true });
  });
}
