import type { CommandDecision } from "../events/index.js";
import { LINK_FACTORS, TYPED_FACTORS, type Factor } from "../model/index.js";
import type { ApprovalOrder, FailedOutcome, Judgement } from "./judgement.js";
import type { Notice } from "./notice.js";
import type { ChallengeResult, Question } from "./question.js";

/** What becomes of a command, on whatever channel it came. */
export type Outcome =
  | { readonly type: "release"; readonly decision: CommandDecision }
  | { readonly type: "ask"; readonly questions: readonly Question[] }
  | { readonly type: "block"; readonly decision: CommandDecision; readonly notice: Notice }
  /** The line never runs, and the session stands still until somebody resumes it. */
  | { readonly type: "suspend"; readonly decision: CommandDecision; readonly notice: Notice }
  | { readonly type: "kill"; readonly decision: CommandDecision; readonly notice: Notice };

/** The line does not run. */
export type Stopped = Extract<Outcome, { readonly notice: Notice }>;

/** How a command can be asked about. */
export interface Asking {
  /** `command`, or the kind of the channel. */
  readonly action: string;
  /** What is held; absent when it was typed unseen. */
  readonly held?: string;
  /** A terminal is there to type on. */
  readonly surface: boolean;
  /** What would be typed is handed in by the person's gateway. */
  readonly relayed?: boolean;
  /** A line can be told beside the stream, where a link is no harm. */
  readonly stderr?: boolean;
}

/** The verdict as a deed. */
export function outcomeOf(judgement: Judgement, asking: Asking): Outcome {
  if (judgement.session === "kill") return kill(judgement);
  if (judgement.session === "suspend") return suspend(judgement);
  switch (judgement.line) {
    case "allow":
      return { type: "release", decision: "allowed" };
    case "warn":
      return { type: "ask", questions: [{ type: "confirm" }] };
    case "reauth":
    case "approve":
      return ask(judgement, asking);
    case "block":
      return block(judgement, ASK_ADMINISTRATOR);
  }
}

function ask(judgement: Judgement, asking: Asking): Outcome {
  const questions: Question[] = [];
  if (judgement.asksFactor) {
    const [factor, ...others] = factorsFor(judgement.stepUp.factors, asking);
    if (factor === undefined) {
      return judgement.stepUp.factors.length === 0
        ? block(judgement, NO_FACTOR)
        : { ...block(judgement, NO_TERMINAL), decision: "unanswered" };
    }
    const { attempts, timeoutMs, graceMs } = judgement.stepUp;
    questions.push({ type: "factor", factor, others, attempts, timeoutMs, graceMs });
  }
  for (const order of judgement.approvals) questions.push(approvalOf(order, asking));
  if (questions.length > 0) return { type: "ask", questions };
  return { type: "release", decision: "reauthenticated" };
}

/** Those that can be answered here, best first: what is typed needs a terminal, a link has to be shown. */
export function factorsFor(
  factors: readonly Factor[],
  { surface, stderr = false, relayed = false }: Pick<Asking, "surface" | "stderr" | "relayed">,
): readonly Factor[] {
  return factors.filter((factor) => {
    if (surface) return true;
    if (LINK_FACTORS.includes(factor)) return stderr;
    return relayed || !TYPED_FACTORS.includes(factor);
  });
}

function approvalOf(order: ApprovalOrder, asking: Asking): Question {
  return {
    type: "approval",
    asked: {
      action: asking.action,
      ...(asking.held === undefined ? {} : { held: asking.held }),
      rule: order.rule,
      reason: order.reason,
      approvers: order.approvers,
      min: order.min,
      deadlineMs: order.timeoutMs,
    },
  };
}

/** Once the questions are over: `last` is the one that ended them. */
export function outcomeAfter(
  judgement: Judgement,
  result: ChallengeResult,
  last: Question,
): Outcome {
  switch (result.type) {
    case "passed":
      return { type: "release", decision: PASSED[last.type] };
    case "cancelled":
    case "abandoned":
      return {
        type: "block",
        decision: last.type === "confirm" ? "aborted" : "unanswered",
        notice: notice("Dropped: the command was not run.", judgement, GO_ON),
      };
    case "timed-out":
      return failed(judgement, demandOf(judgement, last).onTimeout, {
        headline: "Nobody answered: the command was not run.",
        next: "Type it again to be asked again.",
      });
    case "denied":
      return failed(judgement, demandOf(judgement, last).onFail, {
        headline: `${result.by} did not agree: the command was not run.`,
        next: result.reason === "" ? GO_ON : result.reason,
      });
    case "failed":
      return failed(judgement, demandOf(judgement, last).onFail, {
        headline: "The check failed: the command was not run.",
        next: "Type it again to be asked again.",
      });
  }
}

const PASSED: Readonly<Record<Question["type"], CommandDecision>> = {
  confirm: "warned",
  factor: "reauthenticated",
  approval: "approved",
};

function demandOf(
  judgement: Judgement,
  last: Question,
): { readonly onFail: FailedOutcome; readonly onTimeout: FailedOutcome } {
  if (last.type === "confirm") return { onFail: "block", onTimeout: "block" };
  if (last.type === "factor") return judgement.stepUp;
  const order = judgement.approvals.find((one) => one.rule === last.asked.rule);
  return order ?? { onFail: "block", onTimeout: "block" };
}

function failed(
  judgement: Judgement,
  outcome: FailedOutcome,
  words: { readonly headline: string; readonly next: string },
): Outcome {
  if (outcome === "kill") return kill(judgement);
  if (outcome === "suspend") return suspend(judgement);
  return {
    type: "block",
    decision: "unanswered",
    notice: notice(words.headline, judgement, words.next),
  };
}

function block(judgement: Judgement, next: string): Extract<Outcome, { type: "block" }> {
  return {
    type: "block",
    decision: "blocked",
    notice: notice("Blocked by Chaperone: the command was not run.", judgement, next),
  };
}

function suspend(judgement: Judgement): Outcome {
  return {
    type: "suspend",
    decision: "suspended",
    notice: notice(
      "Chaperone holds this session: the command was not run.",
      judgement,
      "When somebody lets the session go on, you can too.",
    ),
  };
}

function kill(judgement: Judgement): Outcome {
  return {
    type: "kill",
    decision: "killed",
    notice: notice(
      "Chaperone ends this session.",
      judgement,
      judgement.lockPerson ? LOCKED_OUT : ASK_ADMINISTRATOR,
    ),
  };
}

function notice(headline: string, judgement: Judgement, next: string): Notice {
  const because =
    judgement.trigger === "" ? judgement.reason : `${judgement.reason} [${judgement.trigger}]`;
  return { headline, reason: because, next };
}

/** True on a terminal, and where the next command is another connection. */
const GO_ON = "You can go on.";
const LOCKED_OUT =
  "You are locked out until the administrator of this gateway lets you in again; name the rule.";
const ASK_ADMINISTRATOR =
  "If you need this, ask the administrator of this gateway and name the rule.";
const NO_FACTOR =
  "The rule asks who you are, and you are enrolled for none of the factors it accepts: ask your administrator.";
const NO_TERMINAL =
  "The rule asks who you are, and there is no terminal to ask on here: use `ssh -t`, or an open session beside it.";
