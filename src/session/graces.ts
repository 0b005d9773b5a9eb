import { MICROS_PER_MS, type WallMicros } from "../kernel/index.js";
import type { Outbox } from "./outbox.js";

/** Until when rules do not ask again, after the person has proved who they are. */
export interface Graces {
  holds(rule: string): boolean;
  /** The person has just answered for these rules; told to the registry, for their other sessions. */
  grant(rules: readonly string[], graceMs: number): void;
  /** Granted elsewhere, or before this session. */
  learn(rules: readonly string[], until: WallMicros): void;
}

/** One entry per rule; a ruleset with more reauth rules than this forgets the oldest. */
const GRACES_MAX = 256;

export function createGraces(outbox: Outbox): Graces {
  const graces = new Map<string, WallMicros>();

  function learn(rules: readonly string[], until: WallMicros): void {
    for (const rule of rules) {
      const known = graces.get(rule);
      graces.delete(rule);
      graces.set(rule, known !== undefined && known > until ? known : until);
    }
    for (const rule of graces.keys()) {
      if (graces.size <= GRACES_MAX) break;
      graces.delete(rule);
    }
  }

  return {
    holds: (rule) => (graces.get(rule) ?? 0) > outbox.wall,
    learn,
    grant(rules, graceMs) {
      if (graceMs <= 0 || rules.length === 0) return;
      learn(rules, (outbox.wall + graceMs * MICROS_PER_MS) as WallMicros); // still UTC
      outbox.add({ kind: "grant-grace", rules, graceMs });
    },
  };
}
