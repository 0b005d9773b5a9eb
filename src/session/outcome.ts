import type { CommandDecision } from "../events/index.js";
import type { ChallengeResult } from "./challenge.js";
import { endsSession } from "./command-desk.js";
import type { Judgement } from "./judgement.js";
import type { Notice } from "./notice.js";

/** What becomes of a command, on whatever channel it came. */
export type Outcome =
  | { readonly type: "release"; readonly decision: CommandDecision }
  | {
      readonly type: "ask";
      readonly question: "confirm" | "factor";
      readonly decision: CommandDecision;
    }
  | { readonly type: "block"; readonly decision: CommandDecision; readonly notice: Notice }
  | { readonly type: "kill"; readonly decision: CommandDecision; readonly notice: Notice };

/**
 * The verdict as a deed. With `result`, the outcome of a challenge that was not passed: the line is
 * dropped at least. Four-eyes approval and suspension can not be carried out by this version, so they
 * are replaced by what is stricter: block and kill.
 */
export function outcomeOf(judgement: Judgement, result?: ChallengeResult): Outcome {
  if (judgement.session !== "none") return kill(judgement);
  if (result !== undefined) return afterChallenge(judgement, result);
  switch (judgement.line) {
    case "allow":
      return { type: "release", decision: "allowed" };
    case "warn":
      return { type: "ask", question: "confirm", decision: "warned" };
    case "reauth":
      if (judgement.graced) return { type: "release", decision: "reauthenticated" };
      if (judgement.stepUp.factor === null) return block(judgement, NO_FACTOR);
      return { type: "ask", question: "factor", decision: "reauthenticated" };
    case "approve":
      return block(judgement, NO_APPROVAL);
    case "block":
      return block(judgement, ASK_ADMINISTRATOR);
  }
}

function afterChallenge(judgement: Judgement, result: ChallengeResult): Outcome {
  const { onFail, onTimeout } = judgement.stepUp;
  switch (result.type) {
    case "passed":
      return {
        type: "release",
        decision: judgement.line === "warn" ? "warned" : "reauthenticated",
      };
    case "cancelled":
      return {
        type: "block",
        decision: judgement.line === "warn" ? "aborted" : "unanswered",
        notice: notice("Dropped: the command was not run.", judgement, "You can type on."),
      };
    case "timed-out":
      return judgement.line !== "warn" && endsSession(onTimeout)
        ? kill(judgement)
        : {
            type: "block",
            decision: "unanswered",
            notice: notice(
              "Nobody answered: the command was not run.",
              judgement,
              "Type it again to be asked again.",
            ),
          };
    case "failed":
      return endsSession(onFail)
        ? kill(judgement)
        : {
            type: "block",
            decision: "unanswered",
            notice: notice(
              "The check failed: the command was not run.",
              judgement,
              "Type it again to be asked again.",
            ),
          };
  }
}

function block(judgement: Judgement, next: string): Outcome {
  return {
    type: "block",
    decision: "blocked",
    notice: notice("Blocked by Chaperone: the command was not run.", judgement, next),
  };
}

function kill(judgement: Judgement): Outcome {
  return {
    type: "kill",
    decision: "killed",
    notice: notice("Chaperone ends this session.", judgement, ASK_ADMINISTRATOR),
  };
}

function notice(headline: string, judgement: Judgement, next: string): Notice {
  const because =
    judgement.trigger === "" ? judgement.reason : `${judgement.reason} [${judgement.trigger}]`;
  return { headline, reason: because, next };
}

const ASK_ADMINISTRATOR =
  "If you need this, ask the administrator of this gateway and name the rule.";
const NO_FACTOR =
  "The rule asks who you are, and you are enrolled for none of the factors it accepts: ask your administrator.";
const NO_APPROVAL =
  "The rule asks a second person, which this version can not do yet: ask your administrator.";
