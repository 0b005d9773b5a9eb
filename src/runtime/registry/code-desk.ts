import type { Secret } from "../../kernel/index.js";
import type { Clock } from "../clock/index.js";
import type { Journal } from "./journal.js";
import type { IdentityDesk } from "./ports.js";

/** One-time codes: each step of a person is accepted once, in all workers and across restarts. */
export interface CodeDesk {
  spend(person: string, answer: Secret): Promise<"accepted" | "wrong" | "reused" | "unavailable">;
}

export function createCodeDesk(deps: {
  readonly identity: Pick<IdentityDesk, "matchTotp">;
  readonly journal: Journal;
  readonly clock: Clock;
}): CodeDesk {
  return {
    async spend(person, answer) {
      const step = deps.identity.matchTotp(person, answer, deps.clock.wall());
      if (step === null) return "wrong";
      // An earlier step than the last one used is refused too: it may have been seen on its way.
      if (step <= (deps.journal.memory.steps.get(person) ?? -1)) return "reused";
      // Used up in memory at once, so that a second try in the same moment is a reuse; on the disk
      // before the answer, so that it is one after a crash as well.
      const noted = await deps.journal.note({ kind: "step", person, step });
      return noted.ok ? "accepted" : "unavailable";
    },
  };
}
