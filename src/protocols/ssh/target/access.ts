import {
  describeFault,
  escapeControls,
  fault,
  faultEntry,
  type Fault,
  type Result,
} from "../../../kernel/index.js";
import type { Channel, ChannelListener } from "../connection/channel.js";
import type { TargetLeg, TargetLegEvents } from "./leg.js";

export type LegOutcome = { readonly ok: true; readonly leg: TargetLeg } | NoTarget;

export interface NoTarget {
  readonly ok: false;
  /** What happened, on one line. */
  readonly message: string;
  /** What the person can do about it; absent where `message` says so. */
  readonly next?: string;
}

/** The session's way to its target: dialled when first needed, shared by all channels. */
export interface TargetAccess {
  /** Answers now or when the target has been reached or not; in the order of the calls. */
  need(answer: (outcome: LegOutcome) => void): void;
  /**
   * Opens a session channel. A target takes only so many on one connection (`MaxSessions` of sshd, 10
   * where nobody set it, one on many appliances): the next ones get a connection of their own.
   */
  openSession(opening: SessionOpening): void;
  /** The leg, if there is one. */
  readonly leg: TargetLeg | null;
  close(reason: string): void;
}

export interface SessionOpening {
  readonly windowBytes: number;
  readonly listener: ChannelListener;
  readonly opened: (outcome: SessionOutcome) => void;
}

export type SessionOutcome = { readonly ok: true; readonly channel: Channel } | NoTarget;

export interface TargetAccessDeps {
  readonly targetName: string;
  readonly dial: (events: TargetLegEvents) => Promise<Result<TargetLeg, Fault>>;
  readonly channelAsked: TargetLegEvents["channelAsked"];
  /** The connection could not be made, or ended. */
  readonly failed: (reason: string) => void;
}

/** Connections of one session to its target: enough for CHANNELS_MAX sessions at sshd's ten on each. */
export const CONNECTIONS_MAX = 8;
const NOTHING = new Uint8Array(0);

type State =
  | { readonly name: "idle" }
  | { readonly name: "dialling"; readonly waiting: ((outcome: LegOutcome) => void)[] }
  | { readonly name: "connected"; readonly leg: TargetLeg }
  | { readonly name: "closed"; readonly reason: string };

export function createTargetAccess(deps: TargetAccessDeps): TargetAccess {
  return new SharedAccess(deps);
}

class SharedAccess implements TargetAccess {
  readonly #deps: TargetAccessDeps;
  readonly #first: DialledLeg;
  /** In the order in which they are tried; forwards always go by the first. */
  readonly #all: DialledLeg[];
  /** Those that have carried a session: where they refuse one more, they are full. */
  readonly #carriers = new WeakSet<TargetLeg>();
  #closed: string | null = null;

  constructor(deps: TargetAccessDeps) {
    this.#deps = deps;
    this.#first = new DialledLeg(deps);
    this.#all = [this.#first];
  }

  get leg(): TargetLeg | null {
    return this.#first.leg;
  }

  need(answer: (outcome: LegOutcome) => void): void {
    this.#first.need(answer);
  }

  openSession(opening: SessionOpening): void {
    this.#openOn(0, opening);
  }

  close(reason: string): void {
    this.#closed = reason;
    for (const each of this.#all) each.close(reason);
  }

  #openOn(at: number, opening: SessionOpening): void {
    this.#connection(at).need((outcome) => {
      if (!outcome.ok) {
        opening.opened(outcome);
        return;
      }
      const { leg } = outcome;
      leg.open({
        type: "session",
        body: NOTHING,
        windowBytes: opening.windowBytes,
        listener: opening.listener,
        opened: (result) => {
          if (result.ok) {
            this.#carriers.add(leg);
            opening.opened(result);
          } else if (this.#carriers.has(leg) && at + 1 < CONNECTIONS_MAX) {
            this.#openOn(at + 1, opening);
          } else opening.opened(this.#refused(result.description));
        },
      });
    });
  }

  #connection(at: number): DialledLeg {
    const there = this.#all[at];
    if (there !== undefined) return there;
    const added = new DialledLeg(this.#deps);
    this.#all.push(added);
    if (this.#closed !== null) added.close(this.#closed);
    return added;
  }

  #refused(why: string): NoTarget {
    const { targetName } = this.#deps;
    return noTarget(fault("CHP_SSH_TARGET_CHANNEL", `${targetName}: ${escapeControls(why)}`));
  }
}

/** One connection to the target: dialled when first needed, and again when it was lost. */
class DialledLeg {
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
    const failure = describeFailure(outcome.error);
    this.#deps.failed(failure.message);
    for (const answer of waiting) answer(failure);
  }

  #lost(reason: string): void {
    if (this.#state.name !== "connected") return;
    this.#state = { name: "idle" };
    this.#deps.failed(reason);
  }
}

function describeFailure(error: unknown): NoTarget {
  if (error instanceof Error) return { ok: false, message: error.message };
  return noTarget(error as Fault); // the only other thing that a dial answers
}

function noTarget(why: Fault): NoTarget {
  const message = describeFault(why);
  // What it asks for is the person's to give.
  if (why.code === "CHP_RUNTIME_PASSTHROUGH") return { ok: false, message };
  const next = faultEntry(why.code).retryable
    ? "Try again later; if it stays so, show this line to the administrator of this gateway."
    : "Show this line to the administrator of this gateway.";
  return { ok: false, message, next };
}
