import { after, type ChannelId, type RequestId } from "../kernel/index.js";
import type { Factor, FactorOutcome } from "../model/index.js";
import { createAnswerEditor, type AnswerEditor } from "./answer-editor.js";
import { drawChallenge } from "./challenge-screen.js";
import type { Outbox } from "./outbox.js";

/** What a challenge asks, and on whose behalf. */
export interface ChallengeOrder {
  readonly channel: ChannelId;
  readonly question: Question;
  /** Rule or policy that asked. */
  readonly trigger: string;
  readonly held?: string;
  readonly reason: string;
  readonly columns: number;
}

export type Question =
  | { readonly type: "confirm" }
  | {
      readonly type: "factor";
      readonly factor: Factor;
      readonly attempts: number;
      readonly graceMs: number;
    };

/** How a challenge ended. */
export type ChallengeResult =
  | { readonly type: "passed" }
  | { readonly type: "failed"; readonly reason: string }
  | { readonly type: "timed-out" }
  | { readonly type: "cancelled" };

/**
 * One question to the person, drawn on one terminal. At most one is open in a session; while it is,
 * every channel of the session is gated.
 */
export interface Challenge {
  readonly order: ChallengeOrder;
  /** Bytes the person typed. Answers the result once there is one. */
  typed(bytes: Uint8Array): ChallengeResult | null;
  verified(request: RequestId, outcome: FactorOutcome): ChallengeResult | null;
  timedOut(): ChallengeResult;
  redraw(columns: number): void;
  /** Nobody can answer any more: wipes what was typed and tells. */
  abandon(): void;
}

/** The registry may have to hash a password behind others. */
const VERIFY_DEADLINE_MS = 10_000;

export interface ChallengeDeps {
  readonly outbox: Outbox;
  readonly person: { readonly name: string; readonly phrase: string };
  readonly timeoutMs: number;
  readonly nextRequest: () => RequestId;
}

export function openChallenge(order: ChallengeOrder, deps: ChallengeDeps): Challenge {
  const { outbox, person } = deps;
  const editor: AnswerEditor = createAnswerEditor();
  const question = order.question;
  let columns = order.columns;
  let failures = 0;
  let asked: RequestId | null = null;
  let note: string | undefined;

  draw();
  outbox.setTimer("challenge", order.channel, after(outbox.at, deps.timeoutMs));
  if (question.type === "factor") {
    outbox.emit({
      type: "reauth.requested",
      data: {
        session: outbox.session,
        trigger: order.trigger,
        factor: question.factor,
        attempts: question.attempts,
        channel: order.channel,
      },
    });
  }

  function draw(): void {
    const text = {
      headline:
        question.type === "factor" ? "Chaperone asks: is it you?" : "Chaperone asks: are you sure?",
      reason: order.reason,
      phrase: person.phrase,
      prompt: promptOf(question),
      columns,
      ...(order.held === undefined ? {} : { held: order.held }),
      ...(note === undefined ? {} : { note }),
    };
    outbox.toPerson(order.channel, drawChallenge(text));
  }

  function finish(result: ChallengeResult): ChallengeResult {
    editor.wipe();
    outbox.clearTimer("challenge", order.channel);
    if (question.type === "factor") tell(result, question);
    return result;
  }

  function tell(result: ChallengeResult, factor: Question & { type: "factor" }): void {
    const common = { session: outbox.session, trigger: order.trigger, factor: factor.factor };
    if (result.type === "passed") {
      outbox.emit({
        type: "reauth.succeeded",
        data: { ...common, attempts: failures + 1, grace: factor.graceMs },
      });
    } else {
      const reason = result.type === "failed" ? result.reason : result.type;
      outbox.emit({ type: "reauth.failed", data: { ...common, attempts: failures, reason } });
    }
  }

  function answer(bytes: Uint8Array): ChallengeResult | null {
    const event = editor.feed(bytes);
    if (event.type === "cancelled") return finish({ type: "cancelled" });
    if (event.type === "typing") return null;
    if (question.type === "confirm") {
      const yes = event.answer.reveal(isYes);
      event.answer.wipe();
      return finish(yes ? { type: "passed" } : { type: "cancelled" });
    }
    asked = deps.nextRequest();
    note = "Checking ...";
    draw();
    outbox.add({
      kind: "verify-factor",
      request: asked,
      answer: { person: person.name, factor: question.factor, answer: event.answer },
      deadlineMs: VERIFY_DEADLINE_MS,
    });
    return null;
  }

  function refused(reason: string): ChallengeResult | null {
    failures += 1;
    const left = (question.type === "factor" ? question.attempts : 1) - failures;
    if (left <= 0 || reason === "locked") return finish({ type: "failed", reason });
    note = `${refusalText(reason)} ${String(left)} ${left === 1 ? "attempt" : "attempts"} left.`;
    draw();
    return null;
  }

  return {
    order,
    typed(bytes) {
      // While the registry checks, typing is thrown away: it can not belong to an answer.
      return asked === null ? answer(bytes) : null;
    },
    verified(request, outcome) {
      if (request !== asked) return null;
      asked = null;
      return outcome.type === "accepted" ? finish({ type: "passed" }) : refused(outcome.reason);
    },
    timedOut: () => finish({ type: "timed-out" }),
    redraw(width) {
      columns = width;
      draw();
    },
    abandon() {
      finish({ type: "failed", reason: "abandoned" });
    },
  };
}

function promptOf(question: Question): string {
  if (question.type === "confirm") return "Type yes to run it, anything else to drop it:";
  switch (question.factor) {
    case "totp":
      return "Verification code (not shown while you type):";
    case "password":
      return "Password (not shown while you type):";
  }
}

function refusalText(reason: string): string {
  switch (reason) {
    case "reused":
      return "This code was used before: wait for the next one.";
    case "unavailable":
    case "timeout":
      return "The check could not be made just now.";
    default:
      return "That was not right.";
  }
}

function isYes(bytes: Uint8Array): boolean {
  const text = String.fromCharCode(...bytes)
    .trim()
    .toLowerCase();
  return text === "yes" || text === "y";
}
