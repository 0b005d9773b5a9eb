import type { ValveState } from "../model/index.js";

/**
 * The gate of one session: while anything holds it, nothing passes to the target on any channel. A
 * question holds what goes to the target; a suspension holds both directions.
 */
export interface SessionGate {
  readonly open: boolean;
  /** What the valves of streams have to show now. */
  readonly valve: ValveState;
  hold(by: Hold): void;
  release(by: Hold): void;
  /** Does the deed now, or when the gate opens; false when too much waits already. */
  whenOpen(deed: () => void): boolean;
}

export type Hold = "question" | "suspension";

/** Requests that arrive while the gate is closed wait for it; more than this are refused. */
const WAITING_DEEDS_MAX = 64;

interface SessionGateDeps {
  /** The valves of streams have to be turned. */
  readonly turned: (state: ValveState) => void;
  /** Nothing holds any more: what waited on channels may go on. */
  readonly opened: () => void;
}

export function createSessionGate(deps: SessionGateDeps): SessionGate {
  return new CountedGate(deps);
}

class CountedGate implements SessionGate {
  readonly #deps: SessionGateDeps;
  readonly #holds = new Set<Hold>();
  #waiting: (() => void)[] = [];
  #state: ValveState = "open";

  constructor(deps: SessionGateDeps) {
    this.#deps = deps;
  }

  get open(): boolean {
    return this.#isOpen();
  }

  get valve(): ValveState {
    return this.#state;
  }

  hold(by: Hold): void {
    this.#holds.add(by);
    this.#turn();
  }

  release(by: Hold): void {
    if (!this.#holds.delete(by)) return;
    this.#turn();
    if (!this.#isOpen()) return;
    this.#deps.opened();
    const deeds = this.#waiting;
    this.#waiting = [];
    for (const deed of deeds) {
      if (this.#isOpen()) deed();
      else this.#waiting.push(deed);
    }
  }

  whenOpen(deed: () => void): boolean {
    if (this.#isOpen() && this.#waiting.length === 0) deed();
    else if (this.#waiting.length >= WAITING_DEEDS_MAX) return false;
    else this.#waiting.push(deed);
    return true;
  }

  #turn(): void {
    const wanted = this.#holds.has("suspension") ? "shut" : this.#holds.size > 0 ? "held" : "open";
    if (wanted === this.#state) return;
    this.#state = wanted;
    this.#deps.turned(this.#state);
  }

  // Asked through a function: a deed or a resumed channel may have closed the gate again.
  #isOpen(): boolean {
    return this.#holds.size === 0;
  }
}
