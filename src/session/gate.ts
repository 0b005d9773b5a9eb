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

export function createSessionGate(deps: {
  /** The valves of streams have to be turned. */
  readonly turned: (state: ValveState) => void;
  /** Nothing holds any more: what waited on channels may go on. */
  readonly opened: () => void;
}): SessionGate {
  const holds = new Set<Hold>();
  let waiting: (() => void)[] = [];
  let state: ValveState = "open";

  function turn(): void {
    const wanted = holds.has("suspension") ? "shut" : holds.size > 0 ? "held" : "open";
    if (wanted === state) return;
    state = wanted;
    deps.turned(state);
  }

  // Asked through a function: a deed or a resumed channel may have closed the gate again.
  const isOpen = (): boolean => holds.size === 0;

  return {
    get open() {
      return isOpen();
    },
    get valve() {
      return state;
    },
    hold(by) {
      holds.add(by);
      turn();
    },
    release(by) {
      if (!holds.delete(by)) return;
      turn();
      if (!isOpen()) return;
      deps.opened();
      const deeds = waiting;
      waiting = [];
      for (const deed of deeds) {
        if (isOpen()) deed();
        else waiting.push(deed);
      }
    },
    whenOpen(deed) {
      if (isOpen() && waiting.length === 0) deed();
      else if (waiting.length >= WAITING_DEEDS_MAX) return false;
      else waiting.push(deed);
      return true;
    },
  };
}
