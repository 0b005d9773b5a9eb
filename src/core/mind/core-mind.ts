import type { CoreSettings } from "../settings.js";
import { createSiteClock } from "../site-clock.js";
import type {
  PasswordChangeRow,
  PersonRow,
  ReauthRow,
  SessionRow,
  ViewRow,
} from "../store/index.js";
import { Changes } from "./changes.js";
import { Memory } from "./memory.js";
import { createPersonDesk } from "./person-desk.js";
import { createSessionDesk, deedOf, LEARNT } from "./session-desk.js";
import type { MutableSession } from "./session-risk.js";
import type { Told } from "./told.js";
import { createViewDesk } from "./view-desk.js";

/**
 * What the core knows, and what follows from an event. It owns no clock and no store: the events bring
 * their times, `drain` gives what is to be written and sent, and the same events in the same order always
 * give the same.
 */
export interface CoreMind {
  /** Sessions of these events that have to be given back with `recall` before `take`. */
  unknown(events: readonly Told[]): {
    readonly sessions: readonly string[];
    readonly ids: readonly string[];
  };
  recall(sessions: readonly SessionRow[]): void;
  /** `repeated`: ids of events that no session numbers and that were taken before. */
  take(told: Told, repeated: ReadonlySet<string>): void;
  /**
   * About once a minute: sessions that last too long; `now` in ms since the epoch. `behind`: what is told
   * is of long ago, and of sessions that seem to last the end may only not be told yet.
   */
  look(now: number, behind: boolean): void;
  /** People of whom nothing is kept any more: who was last seen before (ms). */
  forget(before: number): void;
  /** What has changed since the last time; null when nothing has. */
  drain(): Changes | null;
  /** Fills the memory from the store, oldest first. */
  remember: Remembering;
  readonly people: number;
  readonly openSessions: number;
}

export interface Remembering {
  person(row: PersonRow): void;
  session(row: SessionRow): void;
  view(row: ViewRow): void;
  wanted(row: ReauthRow): void;
  change(row: PasswordChangeRow): void;
}

/** Events that are numbered by something else than a session. */
const UNNUMBERED: ReadonlySet<string> = new Set(["credential.viewed", "credential.changed"]);
/** No proof that was asked for besides; anybody can fail at these as often as they like. */
const PLAIN_FACTORS: ReadonlySet<string> = new Set(["", "password", "publickey"]);
/** A log-in is told before its session; a failed one has none. */
const LOGIN: ReadonlySet<string> = new Set(["auth.succeeded", "auth.failed"]);

export function createCoreMind(settings: CoreSettings): CoreMind {
  const clock = createSiteClock(settings.zone);
  const memory = new Memory(settings);
  let changes = new Changes();
  const parts = { settings, clock, changes: () => changes, memory: () => memory };
  const people = createPersonDesk(parts);
  const sessions = createSessionDesk({ ...parts, people });
  const views = createViewDesk({ ...parts, people });
  let lookedDay = 0;

  function takeOfSession(told: Told): void {
    let session = memory.sessions.get(told.subject);
    if (session === undefined) {
      session = sessions.opened(told);
    } else {
      // Told before, and told again after a break.
      if (told.sequence <= session.sequence) return;
      session.sequence = told.sequence;
    }
    if (session.ended === null) sessions.take(session, told);
    changes.sessions.set(session.id, session);
  }

  function tookLogin(told: Told): void {
    const ref = told.data.facts("session");
    const factor = told.data.text("factor");
    const success = told.type === "auth.succeeded";
    if (ref.text("person") === "" || PLAIN_FACTORS.has(factor)) return;
    const row: ReauthRow = {
      id: told.id,
      person: ref.text("person"),
      asked: told.at,
      cause: "login",
      outcome: success ? "success" : "failure",
      session: told.subject,
      details: [told.data.text("method"), factor, told.data.text("reason")]
        .filter(Boolean)
        .join(", "),
      settled: told.at,
    };
    changes.reauths.set(row.id, row);
  }

  return {
    unknown(events) {
      const subjects = new Set<string>();
      const ids: string[] = [];
      for (const told of events) {
        if (UNNUMBERED.has(told.type)) ids.push(told.id);
        else if (isOfSession(told) && !memory.sessions.has(told.subject))
          subjects.add(told.subject);
      }
      return { sessions: [...subjects], ids };
    },
    recall(rows) {
      for (const row of rows) memory.sessions.set(row.id, { ...row });
    },
    take(told, repeated) {
      if (UNNUMBERED.has(told.type)) {
        if (repeated.has(told.id) || changes.views.has(told.id)) return;
        if (changes.passwordChanges.has(told.id)) return;
        if (told.type === "credential.viewed") views.viewed(told);
        else views.changed(told);
      } else if (LOGIN.has(told.type)) {
        tookLogin(told);
      } else if (isOfSession(told)) {
        takeOfSession(told);
      }
    },
    look(now, behind) {
      for (const session of behind ? [] : memory.sessions.values()) sessions.overdue(session, now);
      const day = clock.day(now);
      if (day > lookedDay) memory.forgetCounts(day);
      lookedDay = day;
    },
    forget(before) {
      for (const [name, { row }] of memory.people) {
        if (row.last_seen < before) memory.people.delete(name);
      }
    },
    drain() {
      memory.letGo();
      const full = changes;
      if (isEmpty(full)) return null;
      changes = new Changes();
      return full;
    },
    remember: {
      person: (row) => void memory.addPerson(row),
      session(row) {
        const day = clock.day(row.started);
        memory.count("session", row, day);
        if (row.ended === null) memory.sessions.set(row.id, { ...row });
        const person = memory.people.get(row.person);
        if (person === undefined || row.ended === null || row.learnt < 0) return;
        if (row.learnt === LEARNT) memory.learn(person, deedOf(row, day));
        else memory.hold(person, deedOf(row, day));
      },
      view(row) {
        const day = clock.day(row.viewed);
        memory.count("view", row, day);
        const person = memory.people.get(row.person);
        if (person === undefined) return;
        const { origin, target, credential } = row;
        const hour = clock.weekHour(row.viewed);
        const deed = { day, hour, origin, target, credential, durationMs: null };
        if (row.risk >= settings.minimumSuspicious) memory.hold(person, deed);
        else memory.learn(person, deed);
      },
      wanted(row) {
        memory.people.get(row.person)?.wanted.push(row);
      },
      change(row) {
        const person = memory.people.get(row.person);
        if (person === undefined || row.manual === 0 || row.last_rotation_ok === 0) return;
        views.countChange(person, row.credential, clock.day(row.changed));
      },
    },
    get people() {
      return memory.people.size;
    },
    get openSessions() {
      return [...memory.sessions.values()].filter(isOpen).length;
    },
  };
}

function isOpen({ ended }: MutableSession): boolean {
  return ended === null;
}

/** Events of the sidecar itself tell of no person. */
function isOfSession(told: Told): boolean {
  if (LOGIN.has(told.type)) return false;
  const session = told.data.facts("session");
  // What the sidecar itself tells about a session has another number, and was said by us.
  return session.text("person") !== "" && session.text("id") === told.subject;
}

function isEmpty(changes: Changes): boolean {
  return (
    changes.messages.length === 0 &&
    [
      changes.sessions,
      changes.people,
      changes.hits,
      changes.views,
      changes.passwordChanges,
      changes.ratings,
      changes.reauths,
    ].every(({ size }) => size === 0)
  );
}
