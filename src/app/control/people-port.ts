import type { PeoplePort } from "../../admin/index.js";
import type { Directory } from "../../identity/index.js";
import { err, fault, ok, type Fault, type Result } from "../../kernel/index.js";
import type { ProofOwed } from "../../model/index.js";
import type { LockedPerson, LockOutcome, RunningSession, Steering } from "../../runtime/index.js";
import { commandedBy } from "./sessions-port.js";

type View = ReturnType<PeoplePort["list"]>[number];

export interface PeopleDeps {
  readonly steering: Steering;
  readonly directory: Directory;
  /** Of the embedded directory, in its order. */
  readonly names: readonly string[];
  readonly sessions: () => Iterable<RunningSession>;
  /** Until when too many wrong answers keep the person out (ms, UTC). */
  readonly failedUntilMs: (person: string) => number | null;
  readonly proofOwed: (person: string) => ProofOwed | undefined;
  readonly wallMs: () => number;
}

/** People for the control API. Those whom only a gateway knows are seen while they have sessions. */
export function createPeoplePort(deps: PeopleDeps): PeoplePort {
  function list(): readonly View[] {
    const open = new Map<string, number>();
    const groups = new Map<string, readonly string[]>();
    for (const { facts } of deps.sessions()) {
      const { name } = facts.person;
      open.set(name, (open.get(name) ?? 0) + 1);
      groups.set(name, facts.person.groups);
    }
    const locked = new Map(deps.steering.lockedPeople().map((one) => [one.person, one]));
    const names = new Set([...deps.names, ...open.keys(), ...locked.keys()]);
    return [...names].map((name) => {
      const person = deps.directory.find(name);
      const owed = deps.proofOwed(name);
      const lock = lockOf(locked.get(name), deps.failedUntilMs(name), deps.wallMs());
      return {
        name,
        groups: [...(person?.groups ?? groups.get(name) ?? [])],
        factors: [...(person?.factors ?? [])],
        sessions: open.get(name) ?? 0,
        ...(lock === undefined ? {} : { lock }),
        ...(owed === undefined ? {} : { proofOwed: owed }),
      };
    });
  }

  const isKnown = (name: string): boolean => list().some((one) => one.name === name);

  return {
    list,
    get: (name) => list().find((one) => one.name === name),
    async lock({ person, by, reason, seconds, keepSessions }) {
      const known = isKnown(person);
      const untilMs = seconds === undefined ? null : deps.wallMs() + seconds * 1_000;
      const outcome = await deps.steering.lockPerson({
        person,
        by: commandedBy(by),
        reason,
        untilMs,
        kill: !keepSessions,
      });
      return takenOf({ person, known }, outcome);
    },
    async unlock({ person, by, reason }) {
      const known = isKnown(person);
      const outcome = await deps.steering.unlockPerson(person, commandedBy(by), reason);
      return takenOf({ person, known }, outcome);
    },
  };
}

type Taken = { readonly person: string; readonly known: boolean };

function takenOf(
  whom: Taken,
  { type, sessions }: LockOutcome,
): Result<Taken & { outcome: "done" | "already"; sessions: number }, Fault> {
  if (type === "failed") {
    return err(fault("CHP_ADMIN_BUSY", "the lock could not be kept, so nothing was done"));
  }
  return ok({ ...whom, outcome: type, sessions: sessions.size });
}

function lockOf(
  locked: LockedPerson | undefined,
  failedUntilMs: number | null,
  nowMs: number,
): View["lock"] {
  if (locked !== undefined) {
    const { by, reason, sinceMs, untilMs } = locked;
    return {
      by,
      reason,
      since: new Date(sinceMs).toISOString(),
      ...(untilMs === null ? {} : { until: new Date(untilMs).toISOString() }),
    };
  }
  if (failedUntilMs === null || failedUntilMs <= nowMs) return undefined;
  const until = new Date(failedUntilMs).toISOString();
  return { by: "policy", reason: "too many wrong answers", until };
}
