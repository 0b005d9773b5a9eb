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
  return new DialledAccess(deps);
}

class DialledAccess implements TargetAccess {
  readonly #deps: TargetAccessDeps;
  #state: State = { name: "idle" };

  constructor(deps: TargetAccessDeps) {
    this.#deps = deps;
  }

  get leg(): TargetLeg | null {
    return this.#state.name === "connected" ? this.#state.leg : null;
  }

  need(answer: (outcome: LegOutcome) => void): void {
    switch (this.#state.name) {
      case "idle":
        void this.#dial([answer]);
        return;
      case "dialling":
        this.#state.waiting.push(answer);
        return;
      case "connected":
        answer({ ok: true, leg: this.#state.leg });
        return;
      case "closed":
        answer({ ok: false, message: this.#state.reason });
    }
  }

  close(reason: string): void {
    const was: State = this.#state;
    this.#state = { name: "closed", reason };
    if (was.name === "connected") was.leg.close(reason);
    if (was.name === "dialling")
      for (const answer of was.waiting) answer({ ok: false, message: reason });
  }

  async #dial(waiting: ((outcome: LegOutcome) => void)[]): Promise<void> {
    const mine: State = { name: "dialling", waiting };
    this.#state = mine;
    const outcome = await this.#deps
      .dial({ channelAsked: this.#deps.channelAsked, lost: (reason) => this.#lost(reason) })
      .catch((cause: unknown) => ({ ok: false as const, error: cause }));
    if (this.#state !== mine) {
      if (outcome.ok) outcome.value.close("the session is over");
      return;
    }
    if (outcome.ok) {
      this.#state = { name: "connected", leg: outcome.value };
      for (const answer of waiting) answer({ ok: true, leg: outcome.value });
      return;
    }
    // The next channel may try again: a target that restarts comes back.
    this.#state = { name: "idle" };
    const message = describeFailure(outcome.error);
    this.#deps.failed(message);
    for (const answer of waiting) answer({ ok: false, message });
  }

  #lost(reason: string): void {
    if (this.#state.name !== "connected") return;
    this.#state = { name: "idle" };
    this.#deps.failed(reason);
  }
}

function describeFailure(error: unknown): string {
  if (error instanceof Error) return error.message;
  return describeFault(error as Fault); // the only other thing that a dial answers
}
