import { unreachable, type ChannelId } from "../kernel/index.js";
import type { CommandOutcome, SessionCommand } from "../model/index.js";
import type { SessionGate } from "./gate.js";
import { factorFor } from "./outcome.js";
import type { Outbox } from "./outbox.js";
import type { QuestionDesk } from "./question-desk.js";
import type { Surface } from "./question.js";
import type { SessionSeed } from "./session.js";
import type { SuspensionDesk } from "./suspension-desk.js";

/** Carries out what operators, gateways and the scoring core order of a session. */
export interface SteeringDesk {
  command(command: SessionCommand): void;
  /** Shows a line on every terminal, without touching what is typed there. */
  message(text: string): boolean;
  /**
   * The risk of the session (or `trigger`) wants to know who is there: asked when its turn comes, if
   * `wanted` holds then. `later`: there is no terminal yet; `never`: nothing can be asked here.
   */
  askProof(reason: string, wanted: () => boolean, trigger?: string): "asked" | "later" | "never";
}

/** A terminal or desktop of the session. */
export interface MessageScreen {
  readonly id: ChannelId;
  readonly message: (text: string) => void;
}

export function createSteeringDesk(deps: {
  readonly seed: SessionSeed;
  readonly outbox: Outbox;
  readonly gate: SessionGate;
  /** Where a line can be shown. */
  readonly shown: () => Iterable<MessageScreen>;
  readonly questions: QuestionDesk;
  readonly suspension: SuspensionDesk;
  readonly surface: () => Surface | null;
  /** Absent where a session is no row of channels: then it has always begun. */
  readonly register?: { all(): Iterable<{ readonly traffic: { readonly type: string } }> };
  /** Shows the reason on every terminal, then ends the session. */
  readonly killSession: (reason: string, trigger: string) => void;
}): SteeringDesk {
  const { seed, outbox, questions, suspension } = deps;

  function command(ordered: SessionCommand): void {
    const outcome = carryOut(ordered);
    const { by, reason } = ordered;
    outbox.emit({
      type: "action.taken",
      data: {
        session: outbox.session,
        action: ordered.do,
        target: "session",
        reason,
        outcome: OUTCOME[outcome.type],
        by: `${by.kind}:${by.name}`,
      },
    });
    if (outcome.type === "done") act(ordered);
    outbox.add({ kind: "done", id: ordered.id, outcome });
  }

  /** Whether it can be done; the deed follows its event. */
  function carryOut(ordered: SessionCommand): CommandOutcome {
    switch (ordered.do) {
      case "kill":
        return { type: "done" };
      case "suspend":
        return suspension.current === null ? { type: "done" } : { type: "already" };
      case "resume":
        return suspension.current === null ? { type: "already" } : { type: "done" };
      case "reauth":
        return factor() === null
          ? {
              type: "refused",
              reason: "the person can not be asked here: no terminal, or no factor",
            }
          : { type: "done" };
      case "message":
        return deps.surface() === null
          ? { type: "refused", reason: "the session has no terminal to show it on" }
          : { type: "done" };
      default:
        return unreachable(ordered.do);
    }
  }

  function act({ do: deed, by, reason }: SessionCommand): void {
    switch (deed) {
      case "kill":
        deps.killSession(reason, by.kind);
        return;
      case "suspend":
        suspension.suspend(by, reason);
        return;
      case "resume":
        suspension.resume(by, reason);
        return;
      case "reauth":
        // Behind what is asked already, and not while the session stands still.
        deps.gate.whenOpen(() => reauth(reason, `${by.kind}:${by.name}`));
        return;
      case "message":
        message(`${by.kind} ${by.name}: ${reason}`);
        return;
      default:
        unreachable(deed);
    }
  }

  function enrolled(): SessionSeed["stepUp"]["factors"] {
    return seed.stepUp.factors.filter((one) => seed.facts.person.factors.includes(one));
  }

  function factor(): ReturnType<typeof factorFor> {
    return factorFor(enrolled(), { surface: deps.surface() !== null });
  }

  function askProof(
    reason: string,
    wanted: () => boolean,
    trigger = "risk",
  ): "asked" | "later" | "never" {
    if (factor() === null) {
      const idle = deps.register !== undefined && [...deps.register.all()].every(isIdle);
      return enrolled().length > 0 && idle ? "later" : "never";
    }
    deps.gate.whenOpen(() => {
      if (wanted()) reauth(reason, trigger);
    });
    return "asked";
  }

  /** Nothing is held that could be dropped: who does not pass is not left at work. */
  function reauth(reason: string, trigger: string): void {
    const asked = factor();
    if (asked === null) {
      suspension.suspend({ kind: "policy", name: trigger }, NOT_PROVED);
      return;
    }
    const { attempts, timeoutMs } = seed.stepUp;
    questions.ask({
      subject: null,
      surface: deps.surface(),
      questions: [{ type: "factor", factor: asked, attempts, timeoutMs, graceMs: 0 }],
      trigger,
      reason,
      then(result) {
        if (result.type === "passed") return;
        const { onFail, onTimeout } = seed.stepUp;
        const outcome = result.type === "timed-out" ? onTimeout : onFail;
        if (outcome === "kill" || outcome === "lock-user") deps.killSession(NOT_PROVED, trigger);
        else suspension.suspend({ kind: "policy", name: trigger }, NOT_PROVED);
      },
    });
  }

  function message(text: string): boolean {
    if (suspension.say(text)) return true;
    const asked: ChannelId | null = questions.channel;
    if (asked !== null) questions.say(text);
    for (const screen of deps.shown()) if (screen.id !== asked) screen.message(text);
    return true;
  }

  return { command, message, askProof };
}

function isIdle({ traffic }: { readonly traffic: { readonly type: string } }): boolean {
  return traffic.type === "idle";
}

const NOT_PROVED = "It was asked who you are, and not answered.";

const OUTCOME: Readonly<Record<CommandOutcome["type"], string>> = {
  done: "done",
  already: "already",
  refused: "refused",
  "no-such-session": "refused",
  timeout: "refused",
};
