/** How much a worker has to do, as far as is known: for who gets the next connection. */
export interface WorkerLoad {
  /** A connection was given to it. */
  arrived(): void;
  /** It tells which share of its last interval it was busy, 0..1: when that has changed. */
  told(busy: number): void;
  /** In quiet sessions; `connections`: those that it has. */
  of(connections: number): number;
}

/** Moving bulk all the time weighs as much as this many quiet sessions. */
const BUSY_WEIGHT = 50;
/**
 * What a connection will do is not known before its worker has been heard of a whole interval with it.
 * Without this a worker that was busy a moment ago looks worse than one on which a copy has just begun.
 */
const NEWCOMER_WEIGHT = BUSY_WEIGHT / 2;
/**
 * Newcomers are counted by spans of this length, the running one and the one before: a worker that has
 * said nothing new by then, two of its intervals later, is as busy as it was.
 */
const SPAN_MS = 1_000;

export function createWorkerLoad(nowMs: () => number): WorkerLoad {
  let busy = 0;
  let latest = 0;
  let before = 0;
  let span = spanNow();

  function spanNow(): number {
    return Math.floor(nowMs() / SPAN_MS);
  }

  function goOn(): void {
    const now = spanNow();
    if (now === span) return;
    before = now === span + 1 ? latest : 0;
    latest = 0;
    span = now;
  }

  return {
    arrived() {
      goOn();
      latest += 1;
    },
    told(share) {
      busy = share;
    },
    of(connections) {
      goOn();
      const unknown = Math.min(latest + before, connections);
      return connections + busy * BUSY_WEIGHT + unknown * NEWCOMER_WEIGHT;
    },
  };
}
