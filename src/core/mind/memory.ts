import { DayCounts, History, type Deed } from "../baseline/index.js";
import type { CoreSettings } from "../settings.js";
import type { PersonRow, ReauthRow } from "../store/index.js";
import type { Comparison, Counted } from "./findings.js";
import type { MutablePerson } from "./rating.js";
import type { MutableSession } from "./session-risk.js";

/** Everything about one person that is needed to judge the next event. */
export interface Person {
  readonly row: MutablePerson;
  /** Sessions and views alike: hours, addresses and credentials of the one are those of the other. */
  readonly history: History;
  /** Suspicious sessions that nobody has confirmed: learnt when nothing was said against them. */
  readonly held: Deed[];
  /** Asked to prove who they are, and not answered yet. */
  wanted: ReauthRow[];
  /** Manual password changes by credential: their days. */
  readonly changes: Map<string, number[]>;
}

/** Deeds of one person within the history: more is a program, and the newest tell enough of it. */
const PERSON_DEEDS_MAX = 5_000;
/** A suspicious session that is not answered and not ended by force is taken for the person's after so long. */
const HELD_DAYS = 7;
const HELD_MAX = 200;
const GROUP_DEEDS_MAX = 20_000;
/** Sessions in memory; others come back from the store when something happens in them. */
const SESSIONS_MAX = 50_000;
/** Credentials, and people times credentials, whose uses per day are counted. */
const COUNTS_MAX = 500_000;
const EVERYBODY = "";

/** What the core knows of the last days; built from the store at the start, and only written to it. */
export class Memory {
  readonly people = new Map<string, Person>();
  readonly sessions = new Map<string, MutableSession>();
  readonly #settings: CoreSettings;
  readonly #groups = new Map<string, History>();
  readonly #counts = new Map<string, DayCounts>();

  constructor(settings: CoreSettings) {
    this.#settings = settings;
  }

  person(name: string, seen: { readonly at: number; readonly origin: string }): Person {
    return this.people.get(name) ?? this.addPerson(newcomer(name, seen, this.#settings));
  }

  addPerson(row: PersonRow): Person {
    const person: Person = {
      row: { ...row },
      history: new History(PERSON_DEEDS_MAX),
      held: [],
      wanted: [],
      changes: new Map(),
    };
    this.people.set(row.name, person);
    return person;
  }

  /** The person and the largest of their groups, with what is too old forgotten. */
  compare(person: Person, day: number): Comparison {
    this.#release(person, day);
    const before = day - this.#settings.historyDays;
    person.history.forgetBefore(before);
    let peers: History | null = null;
    for (const group of groupsOf(person.row)) {
      const history = this.#groups.get(group);
      history?.forgetBefore(before);
      if (history !== undefined && history.size > (peers?.size ?? 0)) peers = history;
    }
    return { own: person.history, peers };
  }

  learn(person: Person, deed: Deed): void {
    person.history.add(deed);
    for (const name of groupsOf(person.row)) {
      let group = this.#groups.get(name);
      if (group === undefined) {
        group = new History(GROUP_DEEDS_MAX);
        this.#groups.set(name, group);
      }
      group.add(deed);
    }
  }

  /** Not learnt before a while has passed in which somebody could have said that it was not the person. */
  hold(person: Person, deed: Deed): void {
    person.held.push(deed);
    if (person.held.length > HELD_MAX) person.held.shift();
  }

  #release(person: Person, day: number): void {
    for (;;) {
      const [oldest] = person.held;
      if (oldest === undefined || oldest.day > day - HELD_DAYS) return;
      person.held.shift();
      this.learn(person, oldest);
    }
  }

  /**
   * Counts one use of a credential on this day: of it by this person, of it by anybody, and of everything
   * by this person. Fewer when more different things are used than can be counted.
   */
  count(what: "session" | "view", use: CredentialUse, day: number): readonly Counted[] {
    const { person, credential } = use;
    const words = what === "session" ? "sessions" : "views";
    return [
      { what: `${words} of ${credential} by this person`, key: `${what}|${credential}|${person}` },
      { what: `${words} of ${credential} by anybody`, key: `${what}|${credential}` },
      { what: `${words} of this person`, key: `${what}||${person}` },
    ].flatMap(({ what: text, key }) => {
      const counts = this.#countsOf(key);
      counts?.add(day, this.#settings.historyDays);
      return counts === null ? [] : [{ what: text, counts }];
    });
  }

  #countsOf(key: string): DayCounts | null {
    const known = this.#counts.get(key);
    if (known !== undefined) return known;
    if (this.#counts.size >= COUNTS_MAX) return null;
    const fresh = new DayCounts();
    this.#counts.set(key, fresh);
    return fresh;
  }

  /** Once a day: what was not used in the whole history is no longer counted. */
  forgetCounts(day: number): void {
    for (const [key, counts] of this.#counts) {
      if (counts.lastDay < day - this.#settings.historyDays) this.#counts.delete(key);
    }
  }

  /** Sessions that are over, and the oldest when there are too many: the store has them. */
  letGo(): void {
    let spare = this.sessions.size - SESSIONS_MAX;
    for (const [id, session] of this.sessions) {
      if (session.ended === null && spare <= 0) continue;
      this.sessions.delete(id);
      spare -= 1;
    }
  }
}

export interface CredentialUse {
  readonly person: string;
  readonly credential: string;
}

/** Who is in no group is compared with everybody. */
export function groupsOf({ team }: PersonRow): readonly string[] {
  // Written by teamText.
  const groups = team === "" ? [] : (JSON.parse(team) as readonly string[]);
  return groups.length === 0 ? [EVERYBODY] : groups;
}

export function teamText(groups: readonly string[]): string {
  return groups.length === 0 ? "" : JSON.stringify(groups);
}

function newcomer(
  name: string,
  { at, origin }: { readonly at: number; readonly origin: string },
  settings: CoreSettings,
): PersonRow {
  return {
    name,
    full_name: "",
    team: "",
    first_seen: at,
    last_seen: at,
    last_origin: origin,
    rating: settings.initialRating,
    rated_day: 0,
    lost_today: 0,
    clean: 1,
    lost: 0,
    high_risk: 0,
    prohibited_sessions: 0,
    prohibited_views: 0,
  };
}
