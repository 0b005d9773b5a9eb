import { unreachable, type ChannelId } from "../kernel/index.js";
import type { CommandOutcome, ProofOwed, SessionCommand } from "../model/index.js";
import type { SessionGate } from "./gate.js";
import { terminalNotice } from "./notice.js";
import { factorsFor } from "./outcome.js";
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
  askProof(reason: string, wanted: () => boolean, more?: ProofAsking): "asked" | "later" | "never";
}

/** More about a proof that is asked for; by itself the risk of the session wants it. */
export interface ProofAsking {
  readonly trigger: string;
  /** It has been answered, or nobody will. */
  readonly over?: () => void;
  /** A terminal on which nothing runs yet; absent: one of the session's. */
  readonly on?: () => Surface;
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
  /** The scoring core wants a proof, now or as soon as it can be asked for; absent: like an operator's. */
  readonly demand?: (owed: ProofOwed) => void;
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
    if (seed.facts.onlyTold === true && ordered.do !== "kill") return ONLY_TOLD;
    switch (ordered.do) {
      case "kill":
        return { type: "done" };
      case "suspend":
        return suspension.current === null ? { type: "done" } : { type: "already" };
      case "resume":
        return suspension.current === null ? { type: "already" } : { type: "done" };
      case "reauth":
        return possible(deps.surface() !== null).length === 0 && !counted(ordered)
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
        if (by.kind === "core" && deps.demand !== undefined) {
          deps.demand({ trigger: `${by.kind}:${by.name}`, reason });
          return;
        }
        // Behind what is asked already, and not while the session stands still.
        deps.gate.whenOpen(() => reauth(reason, { trigger: `${by.kind}:${by.name}` }));
        return;
      case "message":
        message(`${by.kind} ${by.name}: ${reason}`);
        return;
      default:
        unreachable(deed);
    }
  }

  /** Whoever counts does not ask twice: the session sees to it that the question is put. */
  function counted({ by }: SessionCommand): boolean {
    return by.kind === "core" && deps.demand !== undefined;
  }

  function enrolled(): SessionSeed["stepUp"]["factors"] {
    return seed.stepUp.factors.filter((one) => seed.facts.person.factors.includes(one));
  }

  function possible(surface: boolean): ReturnType<typeof factorsFor> {
    return factorsFor(enrolled(), {
      surface,
      relayed: seed.facts.answeredByGateway === true,
    });
  }

  function askProof(
    reason: string,
    wanted: () => boolean,
    more: ProofAsking = { trigger: "risk" },
  ): "asked" | "later" | "never" {
    if (possible(more.on !== undefined || deps.surface() !== null).length === 0) {
      const idle = deps.register !== undefined && [...deps.register.all()].every(isIdle);
      return enrolled().length > 0 && idle ? "later" : "never";
    }
    deps.gate.whenOpen(() => {
      if (wanted()) reauth(reason, more);
    });
    return "asked";
  }

  /** Nothing is held that could be dropped: who does not pass is not left at work. */
  function reauth(reason: string, { trigger, over, on }: ProofAsking): void {
    const surface = on?.() ?? deps.surface();
    const [factor, ...others] = possible(surface !== null);
    if (factor === undefined) {
      over?.();
      suspension.suspend({ kind: "policy", name: trigger }, NOT_PROVED);
      return;
    }
    const { attempts, timeoutMs } = seed.stepUp;
    questions.ask({
      subject: null,
      surface,
      questions: [{ type: "factor", factor, others, attempts, timeoutMs, graceMs: 0 }],
      trigger,
      reason,
      then(result) {
        over?.();
        if (result.type === "passed") return;
        const { onFail, onTimeout } = seed.stepUp;
        const outcome = result.type === "timed-out" ? onTimeout : onFail;
        const why = result.type === "failed" ? PROVED_WRONGLY : NOT_PROVED;
        if (on !== undefined && surface !== null) {
          outbox.toPerson(surface.channel, unprovedNotice(why));
        }
        if (outcome === "kill" || outcome === "lock-user") deps.killSession(why, trigger);
        else suspension.suspend({ kind: "policy", name: trigger }, why);
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

const ONLY_TOLD: CommandOutcome = {
  type: "refused",
  reason: "the gateway of this session only tells of it: nothing of it can be held here",
};
const NOT_PROVED = "It was asked who you are, and not answered.";
const PROVED_WRONGLY = "It was asked who you are, and no answer was right.";

/** Where nothing runs yet, no terminal shows why nothing begins. */
function unprovedNotice(reason: string): Uint8Array {
  return terminalNotice({
    headline: "Chaperone holds this session.",
    reason,
    next: "Ask the administrator of this gateway.",
  });
}

const OUTCOME: Readonly<Record<CommandOutcome["type"], string>> = {
  done: "done",
  already: "already",
  refused: "refused",
  "no-such-session": "refused",
  timeout: "refused",
};
