import type { ChallengeView } from "../schema/challenges.js";
import { isoOf, numberField, textField, type ToldEvent } from "./told-event.js";

/** Questions to people that are open, as the events tell. */
export interface ChallengeBook {
  readonly observe: (event: ToldEvent) => void;
  list(): readonly ChallengeView[];
}

/** A session has one question at a time; as many sessions as one sidecar may ever have. */
const CHALLENGES_MAX = 100_000;

const ENDS = new Set(["reauth.succeeded", "reauth.failed", "session.closed"]);

export function createChallengeBook(): ChallengeBook {
  const open = new Map<string, ChallengeView>();
  return {
    observe(event) {
      const { type, subject } = event;
      if (type === "reauth.requested") {
        if (open.size >= CHALLENGES_MAX) return;
        // Not before: of most events the data is never parsed.
        const { data, wall } = event;
        open.set(subject, {
          id: `${subject}-${numberField(data, "question")}`,
          question: numberField(data, "question"),
          session: subject,
          person: textField(data["session"], "person"),
          target: textField(data["session"], "target"),
          channel: numberField(data, "channel"),
          factor: textField(data, "factor"),
          trigger: textField(data, "trigger"),
          attempts: numberField(data, "attempts"),
          requestedAt: isoOf(wall),
        });
      } else if (ENDS.has(type)) open.delete(subject);
    },
    list: () => [...open.values()],
  };
}
