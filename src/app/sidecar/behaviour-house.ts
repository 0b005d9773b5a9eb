import {
  joinProfiles,
  parseBehaviourProfile,
  type BehaviourProfile,
} from "../../behaviour/index.js";
import {
  describeError,
  describeFault,
  err,
  type Fault,
  ok,
  type Result,
  type SessionId,
} from "../../kernel/index.js";
import type { PersonFacts, ProfilePart } from "../../model/index.js";
import type {
  BehaviourMessage,
  ProfileQuestion as ProfileQuestionToCore,
} from "../../core/index.js";
import { openProfileStore, type ProfileStore, type StoredPart } from "../../runtime/index.js";
import type { Config } from "../config/index.js";
import type { Log } from "../log.js";
import { createProfileExchange, type ProfileExchange } from "./profile-exchange.js";

/**
 * The parent's side of behaviour: hands out what is stored of a person, keeps what a session has learnt,
 * and tells session processes how the people of the site behave.
 */
export interface BehaviourHouse {
  /** Once, before the first session process. */
  start(deps: {
    readonly personOf: (session: SessionId) => PersonFacts | undefined;
    readonly tell: (news: HabitsNews) => void;
    /** Where profiles travel to other sidecars; absent: nowhere. */
    readonly share?: (
      question: ProfileQuestionToCore,
      deadlineMs: number,
    ) => Promise<BehaviourMessage | null>;
  }): void;
  /** The core can be told what it has not been told. */
  linked(): void;
  /** The core tells that somebody was erased. */
  erased(message: BehaviourMessage): void;
  /** Takes a question of a session process when it is about profiles; undefined: it is not. */
  answer(question: unknown): Promise<unknown> | undefined;
  /** How the people of the site behave, for a process that starts. */
  members(): readonly PackedMember[];
  close(): void;
}

/** From a session process to the parent. */
export type ProfileQuestion =
  | { readonly kind: "profile-asked"; readonly session: SessionId; readonly part: ProfilePart }
  | {
      readonly kind: "profile-learnt";
      readonly session: SessionId;
      readonly revision: number;
      readonly profile: string;
    };

/** From the parent to all session processes. */
export interface HabitsNews {
  readonly kind: "habits";
  readonly members: readonly PackedMember[];
}

/** A profile as it travels inside the sidecar: JSON, unpacked where it is compared with. */
export interface PackedMember {
  readonly person: string;
  readonly groups: readonly string[];
  readonly profile: string;
}

/** As many as the crowd of the keystroke detector takes: 4 MiB in each process at most. */
const MEMBERS_MAX = 64;
/** What is stored is looked at so often: who was erased is compared with nowhere soon after. */
const LOOK_INTERVAL_MS = 30_000;
/** What others have learnt is told so often: a process makes its tables anew each time. */
const TELL_INTERVAL_MS = 600_000;

/** Null where behaviour is not watched. */
export function openBehaviourHouse(
  config: Pick<Config, "risk" | "stateDir">,
  log: Log,
): Result<BehaviourHouse | null, readonly Fault[]> {
  if (config.risk === undefined) return ok(null);
  const store = openProfileStore(config.stateDir, Date.now);
  return store.ok ? ok(new House(store.value, log)) : err([store.error]);
}

class House implements BehaviourHouse {
  readonly #store: ProfileStore;
  readonly #log: Log;
  #personOf: (session: SessionId) => PersonFacts | undefined = () => undefined;
  #told: ReadonlyMap<string, number> = new Map();
  #toldAtMs = Number.NEGATIVE_INFINITY;
  #members: readonly PackedMember[] = [];
  #timer: NodeJS.Timeout | null = null;
  #exchange: ProfileExchange | null = null;

  constructor(store: ProfileStore, log: Log) {
    this.#store = store;
    this.#log = log;
    this.#look();
  }

  start({ personOf, tell, share }: Parameters<BehaviourHouse["start"]>[0]): void {
    this.#personOf = personOf;
    if (share !== undefined) {
      const [store, log] = [this.#store, this.#log];
      this.#exchange = createProfileExchange({ store, log, ask: share });
      this.#exchange.pump();
    }
    this.#timer = setInterval(() => {
      this.#exchange?.pump();
      if (this.#look()) tell({ kind: "habits", members: this.#members });
    }, LOOK_INTERVAL_MS);
    this.#timer.unref();
  }

  answer(question: unknown): Promise<unknown> | undefined {
    if (!isProfileQuestion(question)) return undefined;
    const person = this.#personOf(question.session);
    if (person === undefined) return Promise.resolve(null);
    if (question.kind === "profile-asked") return this.#asked(person.name, question.part);
    this.#keep(person, question);
    return Promise.resolve("done");
  }

  linked(): void {
    this.#exchange?.pump();
  }

  erased(message: BehaviourMessage): void {
    this.#exchange?.heard(message);
  }

  members(): readonly PackedMember[] {
    this.#look();
    return this.#members;
  }

  close(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
  }

  /** At the beginning of a session what other sidecars have learnt is fetched. */
  async #asked(person: string, part: ProfilePart): Promise<StoredPart | null> {
    if (part === "context") await this.#exchange?.refresh(person);
    return this.#stored(person, part);
  }

  #stored(person: string, part: ProfilePart): StoredPart | null {
    const read = this.#store.read(person);
    if (!read.ok) {
      this.#log.error("profile-unreadable", { fault: describeFault(read.error) });
      return null;
    }
    if (read.value === null) return { profile: null, revision: 0 };
    const { text, revision } = read.value;
    const parsed = parseBehaviourProfile(text);
    if (!parsed.ok) {
      this.#log.error("profile-unreadable", { fault: describeFault(parsed.error) });
      return null;
    }
    return { profile: JSON.stringify(partOf(parsed.value, part)), revision };
  }

  #keep(
    { name, groups }: PersonFacts,
    { revision, profile }: ProfileQuestion & { readonly kind: "profile-learnt" },
  ): void {
    const read = this.#store.read(name);
    const brought = parseBehaviourProfile(profile);
    if (!read.ok || !brought.ok) {
      const error = read.ok ? brought : read;
      if (!error.ok) this.#log.error("profile-not-kept", { fault: describeFault(error.error) });
      return;
    }
    // Erased while the session ran: what it knew of the person is not brought back.
    if (read.value === null && revision > 0) return;
    const stored = read.value === null ? ok(NOTHING) : parseBehaviourProfile(read.value.text);
    const now = read.value?.revision ?? 0;
    const joined = joinProfiles(
      stored.ok ? stored.value : NOTHING,
      brought.value,
      now !== revision,
    );
    const kept = this.#store.keep({
      person: name,
      groups,
      revision: now + 1,
      text: JSON.stringify(joined),
      ...(read.value?.core === undefined ? {} : { core: read.value.core }),
    });
    if (kept.ok) this.#exchange?.learnt(name);
    else this.#log.error("profile-not-kept", { fault: describeFault(kept.error) });
  }

  /** True when there is something to be told. */
  #look(): boolean {
    try {
      const now = this.#store.listing();
      if (!this.#isWorthTelling(now)) return false;
      this.#told = now;
      this.#toldAtMs = performance.now();
    } catch (error) {
      const reason = describeError(error);
      this.#log.error("profiles-unreadable", { reason });
      return false;
    }
    const { profiles, unreadable } = this.#store.newest(MEMBERS_MAX);
    if (unreadable > 0) this.#log.warn("profiles-unreadable", { count: unreadable });
    this.#members = profiles.map(({ person, groups, text }) => ({ person, groups, profile: text }));
    return true;
  }

  /** At once that somebody was erased; the rest from time to time. */
  #isWorthTelling(now: ReadonlyMap<string, number>): boolean {
    if ([...this.#told.keys()].some((name) => !now.has(name))) return true;
    return performance.now() - this.#toldAtMs >= TELL_INTERVAL_MS && !sameAs(now, this.#told);
  }
}

function sameAs(one: ReadonlyMap<string, number>, other: ReadonlyMap<string, number>): boolean {
  return one.size === other.size && [...one].every(([name, at]) => other.get(name) === at);
}

const NOTHING: BehaviourProfile = { version: 1 };

function partOf(
  { keystroke, sequence, context }: BehaviourProfile,
  part: ProfilePart,
): BehaviourProfile {
  if (part === "context") return { version: 1, ...(context === undefined ? {} : { context }) };
  return {
    version: 1,
    ...(keystroke === undefined ? {} : { keystroke }),
    ...(sequence === undefined ? {} : { sequence }),
  };
}

function isProfileQuestion(question: unknown): question is ProfileQuestion {
  const kind = (question as { readonly kind?: unknown } | null)?.kind; // from our own workers
  return kind === "profile-asked" || kind === "profile-learnt";
}
