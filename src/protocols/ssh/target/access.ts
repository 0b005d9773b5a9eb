import { describeFault, type Fault, type Result } from "../../../kernel/index.js";
import type { TargetLeg, TargetLegEvents } from "./leg.js";

export type LegOutcome =
  { readonly ok: true; readonly leg: TargetLeg } | { readonly ok: false; readonly message: string };

/** The session's one way to its target: dialled when first needed, shared by all channels. */
export interface TargetAccess {
  /** Answers now or when the target has been reached or not; in the order of the calls. */
  need(answer: (outcome: LegOutcome) => void): void;
  /** The leg, if there is one. */
  readonly leg: TargetLeg | null;
  close(reason: string): void;
}

export interface TargetAccessDeps {
  readonly dial: (events: TargetLegEvents) => Promise<Result<TargetLeg, Fault>>;
  readonly channelAsked: TargetLegEvents["channelAsked"];
  /** The connection could not be made, or ended. */
  readonly failed: (reason: string) => void;
}

type State =
  | { readonly name: "idle" }
  | { readonly name: "dialling"; readonly waiting: ((outcome: LegOutcome) => void)[] }
  | { readonly name: "connected"; readonly leg: TargetLeg }
  | { readonly name: "closed"; readonly reason: string };

export function createTargetAccess(deps: TargetAccessDeps): TargetAccess {
  let state: State = { name: "idle" };

  async function dial(waiting: ((outcome: LegOutcome) => void)[]): Promise<void> {
    const mine: State = { name: "dialling", waiting };
    state = mine;
    const outcome = await deps
      .dial({ channelAsked: deps.channelAsked, lost: (reason) => lost(reason) })
      .catch((cause: unknown) => ({ ok: false as const, error: cause }));
    if (state !== mine) {
      if (outcome.ok) outcome.value.close("the session is over");
      return;
    }
    if (outcome.ok) {
      state = { name: "connected", leg: outcome.value };
      for (const answer of waiting) answer({ ok: true, leg: outcome.value });
      return;
    }
    // The next channel may try again: a target that restarts comes back.
    state = { name: "idle" };
    const message = describeFailure(outcome.error);
    deps.failed(message);
    for (const answer of waiting) answer({ ok: false, message });
  }

  function lost(reason: string): void {
    if (state.name !== "connected") return;
    state = { name: "idle" };
    deps.failed(reason);
  }

  return {
    get leg() {
      return state.name === "connected" ? state.leg : null;
    },
    need(answer) {
      switch (state.name) {
        case "idle":
          void dial([answer]);
          return;
        case "dialling":
          state.waiting.push(answer);
          return;
        case "connected":
          answer({ ok: true, leg: state.leg });
          return;
        case "closed":
          answer({ ok: false, message: state.reason });
      }
    },
    close(reason) {
      const was: State = state;
      state = { name: "closed", reason };
      if (was.name === "connected") was.leg.close(reason);
      if (was.name === "dialling")
        for (const answer of was.waiting) answer({ ok: false, message: reason });
    },
  };
}

function describeFailure(error: unknown): string {
  if (error instanceof Error) return error.message;
  return describeFault(error as Fault); // the only other thing that a dial answers
}
