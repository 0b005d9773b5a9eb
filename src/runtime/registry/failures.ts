import { LRUCache } from "lru-cache";

/** Counts failed proofs and says who has to wait. Times are in ms and come from outside. */
export interface Failures {
  /** Until when `key` is locked; null when it is not. */
  lockedUntil(key: string, nowMs: number): number | null;
  /** One more failure; answers the end of the lock when this one was too many. */
  failed(key: string, nowMs: number, max: number): number | null;
  /** The person has proved who they are. */
  forget(key: string): void;
}

export interface FailurePolicy {
  /** Failures are counted over this long. */
  readonly windowMs: number;
  readonly lockMs: number;
}

/** People and addresses that are remembered; who fails longest ago is forgotten first. */
const KEYS_MAX = 100_000;

interface Count {
  readonly sinceMs: number;
  failures: number;
}

/** `locks` is shared with what is remembered across restarts. */
export function createFailures(policy: FailurePolicy, locks: Map<string, number>): Failures {
  const counts = new LRUCache<string, Count>({ max: KEYS_MAX });

  return {
    lockedUntil(key, nowMs) {
      const until = locks.get(key);
      if (until === undefined) return null;
      if (until > nowMs) return until;
      locks.delete(key);
      return null;
    },
    failed(key, nowMs, max) {
      const known = counts.get(key);
      const count =
        known !== undefined && nowMs - known.sinceMs < policy.windowMs
          ? known
          : { sinceMs: nowMs, failures: 0 };
      count.failures += 1;
      if (count.failures < max) {
        counts.set(key, count);
        return null;
      }
      counts.delete(key);
      return nowMs + policy.lockMs;
    },
    forget(key) {
      counts.delete(key);
    },
  };
}
