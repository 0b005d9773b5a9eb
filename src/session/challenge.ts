import { after, type RequestId } from "../kernel/index.js";
import {
  TYPED_FACTORS,
  type ApprovalOutcome,
  type Factor,
  type FactorOffer,
  type FactorOutcome,
} from "../model/index.js";
import { createAnswerEditor, type AnswerEditor } from "./answer-editor.js";
import { drawChallenge, type ChallengeText } from "./challenge-screen.js";
import {
  headlineOf,
  linesOf,
  otherWay,
  promptOf,
  refusalText,
  saysYes,
} from "./challenge-words.js";
import type { Outbox } from "./outbox.js";
import type { ChallengeResult, Question, QuestionOrder } from "./question.js";

/** One question on its way: drawn on a terminal, or asked of somebody elsewhere, or both. */
export interface Challenge {
  readonly question: Question;
  /** As told in `reauth.requested`; another one once the person has chosen another factor. */
  readonly number: number;
  /** A factor is asked for that is typed: somebody else may hand it in. */
  readonly takesTyped: boolean;
  /** Bytes the person typed. Answers the result once there is one. */
  typed(bytes: Uint8Array): ChallengeResult | null;
  verified(request: RequestId, outcome: FactorOutcome): ChallengeResult | null;
  /** Handed in by somebody else; null as long as something is asked. */
  answered(outcome: FactorOutcome, by: string): ChallengeResult | null;
  decided(request: RequestId, outcome: ApprovalOutcome): ChallengeResult | null;
  offered(request: RequestId, offer: FactorOffer): void;
  timedOut(): ChallengeResult;
  redraw(): void;
  /** A line of somebody else's, shown above the prompt. */
  say(text: string): void;
  /** The clock stands still, and nothing is taken, until `thaw`. */
  freeze(): void;
  thaw(): void;
  /** Nobody can answer any more: wipes what was typed and tells. */
  abandon(): ChallengeResult;
}

export interface ChallengeDeps {
  readonly outbox: Outbox;
  readonly person: { readonly name: string; readonly phrase: string };
  readonly nextRequest: () => RequestId;
  readonly nextNumber: () => number;
}

/** The registry may have to hash a password behind others. */
const VERIFY_DEADLINE_MS = 10_000;
/** How long a person may think about a warning. */
const CONFIRM_TIMEOUT_MS = 60_000;
/** Chooses another factor: it is in no code, and in no password that can be typed. */
const TAB = 0x09;

export function openChallenge(
  order: Omit<QuestionOrder, "questions" | "then">,
  question: Question,
  deps: ChallengeDeps,
): Challenge {
  const { outbox, person } = deps;
  const { surface } = order;
  const editor: AnswerEditor = createAnswerEditor();
  /** The factor that is asked for now; null when it is no factor. */
  let factor = question.type === "factor" ? question.factor : null;
  /** On a terminal the person can say that they would rather answer in another way. */
  const others: Factor[] =
    question.type === "factor" && surface !== null && surface.paint === undefined
      ? [...question.others]
      : [];
  let number = deps.nextNumber();
  let answeredBy: string | undefined;
  let failures = 0;
  let asked: RequestId | null = null;
  let offer: FactorOffer | null = null;
  let note: string | undefined;
  let said: string | undefined;

  tellAsked();
  if (!isTypedNow()) askElsewhere();
  draw();
  arm();

  function isTypedNow(): boolean {
    return question.type === "confirm" || (factor !== null && TYPED_FACTORS.includes(factor));
  }

  function arm(): void {
    outbox.setTimer("challenge", null, after(outbox.at, timeoutOf(question)));
  }

  function draw(): void {
    if (surface === null) return;
    const notes = [...(said === undefined ? [] : [said]), ...(note === undefined ? [] : [note])];
    const text: ChallengeText = {
      headline: headlineOf(question),
      reason: order.reason,
      phrase: person.phrase,
      lines: [...linesOf(question, offer), ...others.slice(0, 1).map(otherWay)],
      notes,
      prompt: promptOf(question, factor),
      columns: surface.columns,
      ...(order.held === undefined ? {} : { held: order.held }),
    };
    if (surface.paint !== undefined)
      surface.paint({ type: "question", answer: answerOf(question, isTypedNow()), ...text });
    else outbox.toPerson(surface.channel, drawChallenge(text));
  }

  function tellAsked(insteadOf?: Factor): void {
    const session = outbox.session;
    const { trigger } = order;
    const channel = order.subject ?? surface?.channel ?? 0;
    if (question.type === "factor" && factor !== null) {
      const attempts = question.attempts - failures;
      const chosen = insteadOf === undefined ? {} : { insteadOf };
      outbox.emit({
        type: "reauth.requested",
        data: { session, trigger, factor, attempts, channel, question: number, ...chosen },
      });
    } else if (question.type === "approval") {
      const { action, approvers, min, reason, deadlineMs } = question.asked;
      outbox.emit({
        type: "approval.requested",
        data: {
          session,
          action,
          channel,
          rule: trigger,
          reason,
          approvers,
          min,
          timeoutMs: deadlineMs,
        },
      });
    }
  }

  /** Somebody else, or another device of the person, answers. */
  function askElsewhere(): void {
    if (question.type === "confirm") return;
    asked = deps.nextRequest();
    if (question.type === "approval") {
      outbox.add({ kind: "ask-approval", request: asked, asked: question.asked });
      return;
    }
    outbox.add({
      kind: "ask-factor",
      request: asked,
      factor: factor ?? question.factor,
      trigger: order.trigger,
      reason: order.reason,
      deadlineMs: question.timeoutMs,
    });
  }

  function finish(result: ChallengeResult): ChallengeResult {
    editor.wipe();
    outbox.clearTimer("challenge", null);
    if (asked !== null && !isTypedNow() && result.type !== "passed") {
      outbox.add({ kind: "withdraw", request: asked, reason: result.type });
    }
    asked = null;
    tellEnd(result);
    return result;
  }

  function tellEnd(result: ChallengeResult): void {
    const session = outbox.session;
    if (question.type === "factor") {
      const told = {
        session,
        trigger: order.trigger,
        factor: factor ?? question.factor,
        ...(answeredBy === undefined ? {} : { by: answeredBy }),
      };
      if (result.type === "passed") {
        outbox.emit({
          type: "reauth.succeeded",
          data: { ...told, attempts: failures + 1, grace: question.graceMs },
        });
      } else {
        const reason = result.type === "failed" ? result.reason : result.type;
        outbox.emit({ type: "reauth.failed", data: { ...told, attempts: failures, reason } });
      }
    } else if (question.type === "approval") {
      const { action, approvers } = question.asked;
      outbox.emit({
        type: "approval.decided",
        data: {
          session,
          action,
          channel: order.subject ?? surface?.channel ?? 0,
          rule: order.trigger,
          approvers,
          outcome: approvalOutcome(result),
          ...("by" in result ? { by: result.by } : {}),
          ...("reason" in result ? { reason: result.reason } : {}),
        },
      });
    }
  }

  function answer(bytes: Uint8Array): ChallengeResult | null {
    const event = editor.feed(bytes);
    if (event.type === "cancelled") return finish({ type: "cancelled" });
    if (event.type === "typing") return null;
    if (question.type === "confirm") {
      const yes = event.answer.reveal(saysYes);
      event.answer.wipe();
      return finish(yes ? { type: "passed" } : { type: "cancelled" });
    }
    if (factor === null || !isTypedNow()) {
      event.answer.wipe();
      return null;
    }
    asked = deps.nextRequest();
    note = "Checking ...";
    draw();
    outbox.add({
      kind: "verify-factor",
      request: asked,
      answer: { person: person.name, factor, answer: event.answer },
      deadlineMs: VERIFY_DEADLINE_MS,
    });
    return null;
  }

  function refused(reason: string): ChallengeResult | null {
    failures += 1;
    const left = (question.type === "factor" ? question.attempts : 1) - failures;
    if (left <= 0 || reason === "locked") return finish({ type: "failed", reason });
    note = `${refusalText(reason)} ${String(left)} ${left === 1 ? "attempt" : "attempts"} left.`;
    offer = null;
    if (!isTypedNow()) askElsewhere();
    draw();
    return null;
  }

  /** The attempts that are left and the time stay what they are: choosing is no way to guess more. */
  function chooseAnother(): void {
    const next = others.shift();
    if (next === undefined || factor === null) return;
    const before = factor;
    if (asked !== null) outbox.add({ kind: "withdraw", request: asked, reason: "another-factor" });
    asked = null;
    offer = null;
    note = undefined;
    editor.wipe();
    others.push(before);
    factor = next;
    number = deps.nextNumber();
    tellAsked(before);
    if (!isTypedNow()) askElsewhere();
    draw();
  }

  function typedBytes(bytes: Uint8Array): ChallengeResult | null {
    // While the registry checks, typing is thrown away: it can not belong to an answer.
    if (asked !== null && isTypedNow()) return null;
    const tab = others.length === 0 ? -1 : bytes.indexOf(TAB);
    if (tab < 0) return answer(bytes);
    const result = answer(bytes.subarray(0, tab));
    if (result !== null) return result;
    if (asked === null || !isTypedNow()) chooseAnother();
    return typedBytes(bytes.subarray(tab + 1));
  }

  return {
    question,
    get number() {
      return number;
    },
    get takesTyped() {
      return factor !== null && isTypedNow();
    },
    typed: typedBytes,
    answered(outcome, by) {
      answeredBy = by;
      const ended =
        outcome.type === "accepted" ? finish({ type: "passed" }) : refused(outcome.reason);
      answeredBy = undefined;
      return ended;
    },
    verified(request, outcome) {
      if (request !== asked) return null;
      asked = null;
      return outcome.type === "accepted" ? finish({ type: "passed" }) : refused(outcome.reason);
    },
    decided(request, outcome) {
      if (request !== asked) return null;
      asked = null;
      switch (outcome.type) {
        case "approved":
          return finish({ type: "passed", by: outcome.by });
        case "denied":
          return finish({ type: "denied", by: outcome.by, reason: outcome.reason });
        case "unavailable":
          return finish({ type: "failed", reason: outcome.reason });
      }
    },
    offered(request, made) {
      if (request !== asked) return;
      offer = made;
      draw();
      if (surface === null) for (const line of linesOf(question, made)) order.tell?.(line);
    },
    timedOut: () => finish({ type: "timed-out" }),
    redraw: draw,
    say(text) {
      said = text;
      draw();
    },
    freeze: () => outbox.clearTimer("challenge", null),
    thaw() {
      draw();
      arm();
    },
    abandon: () => finish({ type: "abandoned" }),
  };
}

function answerOf(question: Question, typed: boolean): "yes-or-no" | "secret" | "elsewhere" {
  if (question.type === "confirm") return "yes-or-no";
  return typed ? "secret" : "elsewhere";
}

function timeoutOf(question: Question): number {
  switch (question.type) {
    case "confirm":
      return CONFIRM_TIMEOUT_MS;
    case "factor":
      return question.timeoutMs;
    case "approval":
      return question.asked.deadlineMs;
  }
}

function approvalOutcome(
  result: ChallengeResult,
): "approved" | "denied" | "timed-out" | "cancelled" | "unavailable" {
  switch (result.type) {
    case "passed":
      return "approved";
    case "denied":
    case "timed-out":
      return result.type;
    case "cancelled":
    case "abandoned":
      return "cancelled";
    case "failed":
      return "unavailable";
  }
}
