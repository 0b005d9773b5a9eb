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
    };

export interface Memory {
  readonly steps: Map<string, number>;
  readonly locks: Map<string, number>;
  readonly hostKeys: Map<string, { readonly algorithm: string; readonly blob: string }>;
}

export function emptyMemory(): Memory {
  return { steps: new Map(), locks: new Map(), hostKeys: new Map() };
}

/** An attacker with that many addresses is not stopped by locks, and must not eat the memory either. */
const LOCKS_MAX = 100_000;

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
  }
}

export function* entriesOf(memory: Memory): Generator<Entry> {
  for (const [person, step] of memory.steps) yield { kind: "step", person, step };
  for (const [key, untilMs] of memory.locks) yield { kind: "lock", key, untilMs };
  for (const [target, key] of memory.hostKeys) yield { kind: "host-key", target, ...key };
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
};

function isEntry(value: unknown): value is Entry {
  if (typeof value !== "object" || value === null) return false;
  const record = value as Readonly<Record<string, unknown>>; // an object: its fields are checked below
  const kind = record["kind"];
  if (kind !== "step" && kind !== "lock" && kind !== "host-key") return false;
  return Object.entries(FIELDS[kind]).every(([field, type]) => typeof record[field] === type);
}
