import { joinProfiles, parseBehaviourProfile } from "../../behaviour/index.js";
import type { BehaviourMessage, ProfileQuestion } from "../../core/index.js";
import {
  describeError,
  describeFault,
  err,
  type Fault,
  ok,
  type Result,
} from "../../kernel/index.js";
import type { OwedProfile, ProfileStore } from "../../runtime/index.js";
import type { Log } from "../log.js";

/**
 * How profiles travel between the sidecars of a site: sealed, over the scoring core, which keeps what it
 * can not read. What was learnt here is told there as soon as it can be; when somebody opens a session,
 * what others have learnt of them is fetched. Two that learnt at once are joined by the second.
 */
export interface ProfileExchange {
  /** Brings what is stored of the person up to date, if the core answers in time. */
  refresh(person: string): Promise<void>;
  /** Something was learnt of the person here. */
  learnt(person: string): void;
  /** Tells what the core has not been told yet. */
  pump(): void;
  /** The core tells unasked that somebody was erased. */
  heard(message: BehaviourMessage): void;
}

export interface ProfileExchangeDeps {
  readonly store: ProfileStore;
  readonly ask: (question: ProfileQuestion, deadlineMs: number) => Promise<BehaviourMessage | null>;
  readonly log: Log;
}

/** A session begins without what others have learnt when the core does not answer by then. */
const REFRESH_MS = 2_000;
/** A core that did not answer is not waited for by the sessions of the next half minute. */
const SILENT_MS = 30_000;
const SEND_MS = 15_000;
/** Another sidecar that learns of the same person at the same time is met again; then later. */
const TRIES_MAX = 5;

export function createProfileExchange(deps: ProfileExchangeDeps): ProfileExchange {
  return new Exchange(deps);
}

class Exchange implements ProfileExchange {
  readonly #deps: ProfileExchangeDeps;
  #silentUntilMs = Number.NEGATIVE_INFINITY;
  #pumping = false;
  #again = false;

  constructor(deps: ProfileExchangeDeps) {
    this.#deps = deps;
  }

  async refresh(person: string): Promise<void> {
    if (performance.now() < this.#silentUntilMs) return;
    const name = this.#deps.store.nameOf(person);
    const answer = await this.#deps.ask({ type: "ask-profile", name }, REFRESH_MS);
    if (answer === null) this.#silentUntilMs = performance.now() + SILENT_MS;
    else this.#guarded(() => this.#take(answer));
  }

  learnt(person: string): void {
    this.#guarded(() => {
      const { store } = this.#deps;
      const name = store.nameOf(person);
      // An erasure that is not told yet is told first.
      if (!store.owed().some((one) => one.name === name)) store.owe(name, null);
    });
    this.pump();
  }

  heard(message: BehaviourMessage): void {
    this.#guarded(() => this.#take(message));
  }

  pump(): void {
    this.#again = true;
    if (this.#pumping) return;
    this.#pumping = true;
    void this.#drain().then((answered) => {
      this.#pumping = false;
      // Something came as the last round ended.
      if (answered && this.#again) this.pump();
    });
  }

  /** False when the core does not answer. */
  async #drain(): Promise<boolean> {
    while (this.#again) {
      this.#again = false;
      const owed = this.#guarded(() => this.#deps.store.owed()) ?? [];
      for (const one of owed) if (!(await this.#send(one))) return false;
    }
    return true;
  }

  /** False when the core does not answer: the others wait too. */
  async #send({ name }: OwedProfile): Promise<boolean> {
    for (let tries = 0; tries < TRIES_MAX; tries += 1) {
      const told = this.#guarded(() => this.#toldNext(name));
      if (told === undefined || told === null) return true;
      const answer = await this.#deps.ask(told.question, SEND_MS);
      if (answer === null) return false;
      if (this.#guarded(() => this.#answered(told, answer)) !== false) return true;
    }
    return true;
  }

  /** What is to be told of one person; null: nothing, or nothing that can be read. */
  #toldNext(name: string): Told | null {
    const { store } = this.#deps;
    const owed = store.owed().find((one) => one.name === name);
    const kept = store.readNamed(name);
    if (owed === undefined || !kept.ok) return null;
    const question = { type: "profile", name } as const;
    // The erasure first: what was learnt since stands for itself.
    if (owed.erased !== null) {
      const sealed = null;
      return { question: { ...question, person: "", base: owed.erased, sealed }, revision: null };
    }
    const profile = kept.value;
    if (profile === null) {
      store.settle(name);
      return null;
    }
    const { person, core: base = 0, revision } = profile;
    return { question: { ...question, person, base, sealed: store.pack(profile) }, revision };
  }

  /** False when there is more to be told: another sidecar was faster, or more was learnt meanwhile. */
  #answered(told: Told, answer: BehaviourMessage): boolean {
    const { store } = this.#deps;
    const { name, revision } = answer;
    if (!answer.yours) {
      this.#take(answer);
      return false;
    }
    const now = store.readNamed(name);
    if (!now.ok) return true;
    if (now.value === null) {
      store.settle(name);
      return true;
    }
    if (!store.keep({ ...now.value, core: revision }).ok) return true;
    store.settle(name);
    if (now.value.revision === told.revision) return true;
    store.owe(name, null);
    return false;
  }

  /** What the core has, into what is stored here. */
  #take({ name, revision, sealed }: BehaviourMessage): void {
    const { store, log } = this.#deps;
    const local = store.readNamed(name);
    if (!local.ok) return;
    const mine = local.value;
    if (sealed === null) {
      if (revision === 0) {
        // Nothing is known there: what is known here is told.
        if (mine !== null) store.owe(name, null);
      } else if ((mine?.core ?? 0) < revision) {
        store.drop(name);
        store.settle(name);
      }
      return;
    }
    const owed = store.owed().find((one) => one.name === name);
    // Erased here, and not told yet: it does not come back. Or nothing new.
    if (owed !== undefined && owed.erased !== null) {
      store.owe(name, Math.max(owed.erased, revision));
      return;
    }
    if (mine !== null && (mine.core ?? 0) >= revision) return;
    const brought = store.unpack(name, sealed);
    if (!brought.ok) {
      log.warn("profile-not-taken", { fault: describeFault(brought.error) });
      return;
    }
    const joined = joinedText(mine?.text ?? null, brought.value.text, owed !== undefined);
    if (!joined.ok) {
      log.warn("profile-not-taken", { fault: describeFault(joined.error) });
      return;
    }
    const { person, groups } = brought.value;
    const next = { person, groups, revision: (mine?.revision ?? 0) + 1, core: revision };
    store.keep({ ...next, text: joined.value });
  }

  /** The disk may refuse: then a person is as known as before. */
  #guarded<T>(work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      const reason = describeError(error);
      this.#deps.log.error("profiles-not-exchanged", { reason });
      return undefined;
    }
  }
}

interface Told {
  readonly question: Extract<ProfileQuestion, { type: "profile" }>;
  /** Of the profile that was sent; null of an erasure. */
  readonly revision: number | null;
}

function joinedText(
  stored: string | null,
  brought: string,
  concurrent: boolean,
): Result<string, Fault> {
  const theirs = parseBehaviourProfile(brought);
  if (!theirs.ok) return theirs;
  const ours = stored === null ? null : parseBehaviourProfile(stored);
  if (ours !== null && !ours.ok) return err(ours.error);
  const mine = ours?.value ?? { version: 1 };
  return ok(JSON.stringify(joinProfiles(mine, theirs.value, concurrent)));
}
