import { MICROS_PER_MS, wallMicros, type WallMicros } from "../../kernel/index.js";
import type { SessionFacts } from "../../model/index.js";
import type { Journal } from "./journal.js";
import { graceKey } from "./memory.js";

/** Who has proved lately who they are, for which rule, on which target; survives restarts. */
export interface SharedGraces {
  grant(facts: SessionFacts, rules: readonly string[], untilMs: number): void;
  /** What holds for a session of this person on this target. */
  of(
    facts: Pick<SessionFacts, "person" | "target">,
    nowMs: number,
  ): readonly { readonly rule: string; readonly until: WallMicros }[];
}

export function createSharedGraces(journal: Journal): SharedGraces {
  const { graces } = journal.memory;
  return {
    grant({ person, target }, rules, untilMs) {
      for (const rule of rules) {
        // Lost with the power, it is asked once more: nobody has to wait for the disk.
        void journal.note({
          kind: "grace",
          person: person.name,
          target: target.name,
          rule,
          untilMs,
        });
      }
    },
    of({ person, target }, nowMs) {
      const held = graces.get(graceKey(person.name, target.name)) ?? new Map<string, number>();
      return [...held]
        .filter(([, untilMs]) => untilMs > nowMs)
        .map(([rule, untilMs]) => ({ rule, until: wallMicros(untilMs * MICROS_PER_MS) }));
    },
  };
}
