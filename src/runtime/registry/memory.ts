import { unreachable } from "../../kernel/index.js";

/** A fact that must hold across restarts. Nothing in it is secret. */
export type Entry =
  /** This TOTP step of the person, and every earlier one, is used up. */
  | { readonly kind: "step"; readonly person: string; readonly step: number }
  /** Too many failures: `key` is `person:<name>` or `address:<address>`. */
  | { readonly kind: "lock"; readonly key: string; readonly untilMs: number }
  /** A host key seen first on this target, base64 of its blob. */
  | {
      readonly kind: "host-key";
      readonly target: string;
      readonly algorithm: string;
      readonly blob: string;
    }
  /** The person has proved who they are; the rule does not ask them on this target until then. */
  | {
      readonly kind: "grace";
      readonly person: string;
      readonly target: string;
      readonly rule: string;
      readonly untilMs: number;
    }
  /** Kept out by somebody; `untilMs` 0: until let in again. */
  | ({ readonly kind: "person-lock"; readonly person: string } & PersonLock)
  | { readonly kind: "person-unlock"; readonly person: string }
  /** What was counted of the person since their last proof; `trigger` "": no proof is owed. */
  | ({ readonly kind: "proof-owed"; readonly person: string } & CountedPerson);

export interface PersonLock {
  readonly by: string;
  readonly reason: string;
  readonly sinceMs: number;
  readonly untilMs: number;
}

export interface CountedPerson {
  /** Log-ins at prohibited times. */
  readonly attempts: number;
  readonly trigger: string;
  readonly reason: string;
}

export interface Memory {
  readonly steps: Map<string, number>;
  readonly locks: Map<string, number>;
  readonly hostKeys: Map<string, { readonly algorithm: string; readonly blob: string }>;
  /** By `graceKey`, then by rule: until when (ms, UTC). */
  readonly graces: Map<string, Map<string, number>>;
  readonly personLocks: Map<string, PersonLock>;
  readonly proofsOwed: Map<string, CountedPerson>;
}

export function emptyMemory(): Memory {
  return {
    steps: new Map(),
    locks: new Map(),
    hostKeys: new Map(),
    graces: new Map(),
    personLocks: new Map(),
    proofsOwed: new Map(),
  };
}

/** An attacker with that many addresses is not stopped by locks, and must not eat the memory either. */
const LOCKS_MAX = 100_000;
/** Pairs of person and target with a grace; and rules of one of them. The oldest are asked again. */
const GRACES_MAX = 50_000;
const GRACE_RULES_MAX = 256;
/** People with something counted: all of them have logged in, so there are no more than people. */
const COUNTED_PEOPLE_MAX = 100_000;

function forgetOldest(map: Map<string, unknown>): void {
  for (const key of map.keys()) {
    map.delete(key);
    return;
  }
}

export function applyEntry(memory: Memory, entry: Entry): void {
  switch (entry.kind) {
    case "step":
      memory.steps.set(entry.person, Math.max(entry.step, memory.steps.get(entry.person) ?? 0));
      return;
    case "lock":
      memory.locks.set(entry.key, entry.untilMs);
      if (memory.locks.size > LOCKS_MAX) forgetOldest(memory.locks);
      return;
    case "host-key":
      // The first one counts: a later one is a change, and a change is refused.
      if (!memory.hostKeys.has(entry.target)) {
        memory.hostKeys.set(entry.target, { algorithm: entry.algorithm, blob: entry.blob });
      }
      return;
    case "grace":
      noteGrace(memory.graces, entry);
      return;
    case "person-lock": {
      const { by, reason, sinceMs, untilMs } = entry;
      memory.personLocks.set(entry.person, { by, reason, sinceMs, untilMs });
      return;
    }
    case "person-unlock":
      memory.personLocks.delete(entry.person);
      return;
    case "proof-owed":
      noteCounted(memory.proofsOwed, entry);
      return;
    default:
      unreachable(entry);
  }
}

export function graceKey(person: string, target: string): string {
  return `${person}\n${target}`;
}

function noteGrace(graces: Memory["graces"], entry: Entry & { readonly kind: "grace" }): void {
  const key = graceKey(entry.person, entry.target);
  const rules = graces.get(key) ?? new Map<string, number>();
  const untilMs = Math.max(entry.untilMs, rules.get(entry.rule) ?? 0);
  rules.delete(entry.rule);
  rules.set(entry.rule, untilMs);
  if (rules.size > GRACE_RULES_MAX) forgetOldest(rules);
  graces.delete(key);
  graces.set(key, rules);
  if (graces.size > GRACES_MAX) forgetOldest(graces);
}

function noteCounted(
  people: Memory["proofsOwed"],
  { person, attempts, trigger, reason }: Entry & { readonly kind: "proof-owed" },
): void {
  people.delete(person);
  if (attempts > 0 || trigger !== "") people.set(person, { attempts, trigger, reason });
  if (people.size > COUNTED_PEOPLE_MAX) forgetOldest(people);
}

/** What needs not be remembered any more at this time. */
export function outdated(entry: Entry, nowMs: number): boolean {
  switch (entry.kind) {
    case "lock":
    case "grace":
      return entry.untilMs <= nowMs;
    case "person-lock":
      return entry.untilMs !== 0 && entry.untilMs <= nowMs;
    case "step":
    case "host-key":
    case "person-unlock":
    case "proof-owed":
      return false;
    default:
      return unreachable(entry);
  }
}

export function* entriesOf(memory: Memory): Generator<Entry> {
  for (const [person, step] of memory.steps) yield { kind: "step", person, step };
  for (const [key, untilMs] of memory.locks) yield { kind: "lock", key, untilMs };
  for (const [target, key] of memory.hostKeys) yield { kind: "host-key", target, ...key };
  for (const [key, rules] of memory.graces) {
    const [person = "", target = ""] = key.split("\n");
    for (const [rule, untilMs] of rules) yield { kind: "grace", person, target, rule, untilMs };
  }
  for (const [person, lock] of memory.personLocks) yield { kind: "person-lock", person, ...lock };
  for (const [person, counted] of memory.proofsOwed) {
    yield { kind: "proof-owed", person, ...counted };
  }
}

/** Null for a line that a crash has torn. */
export function parseEntry(line: string): Entry | null {
  try {
    const value: unknown = JSON.parse(line);
    return isEntry(value) ? value : null;
  } catch {
    return null;
  }
}

const FIELDS: Readonly<Record<Entry["kind"], Readonly<Record<string, "string" | "number">>>> = {
  step: { person: "string", step: "number" },
  lock: { key: "string", untilMs: "number" },
  "host-key": { target: "string", algorithm: "string", blob: "string" },
  grace: { person: "string", target: "string", rule: "string", untilMs: "number" },
  "person-lock": {
    person: "string",
    by: "string",
    reason: "string",
    sinceMs: "number",
    untilMs: "number",
  },
  "person-unlock": { person: "string" },
  "proof-owed": { person: "string", attempts: "number", trigger: "string", reason: "string" },
};

function isEntry(value: unknown): value is Entry {
  if (typeof value !== "object" || value === null) return false;
  const record = value as Readonly<Record<string, unknown>>; // an object: its fields are checked below
  const kind = record["kind"];
  if (typeof kind !== "string" || !Object.hasOwn(FIELDS, kind)) return false;
  const fields = FIELDS[kind as Entry["kind"]]; // it is one of their names
  return Object.entries(fields).every(([field, type]) => typeof record[field] === type);
}
