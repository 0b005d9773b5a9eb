/** How much a worker has to do, as far as is known: for who gets the next connection. */
export interface WorkerLoad {
  /** A connection was given to it. */
  arrived(): void;
  /** It tells which share of its last interval it was busy, 0..1. */
  told(busy: number): void;
  /** In quiet sessions; `connections`: those that it has. */
  of(connections: number): number;
}

/** Moving bulk all the time weighs as much as this many quiet sessions. */
const BUSY_WEIGHT = 50;
/**
 * What a connection will do is not known before its worker has told of a whole interval with it. Without
 * this a worker that was busy a moment ago looks worse than one on which a copy has just begun.
 */
const NEWCOMER_WEIGHT = BUSY_WEIGHT / 2;

export function createWorkerLoad(): WorkerLoad {
  let busy = 0;
  let latest = 0;
  let before = 0;
  return {
    arrived() {
      latest += 1;
    },
    told(share) {
      busy = share;
      // Those of the interval that is just over were not there for the whole of it.
      before = latest;
      latest = 0;
    },
    of(connections) {
      const unknown = Math.min(latest + before, connections);
      return connections + busy * BUSY_WEIGHT + unknown * NEWCOMER_WEIGHT;
    },
  };
}
