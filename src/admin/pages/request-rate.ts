/** Counts what one address asks for: people click, floods do not get far. */
export interface RequestRate {
  /** False: this address has asked too often within the last window. */
  allows(address: string, nowMs: number): boolean;
}

/** A ceremony is about ten requests; behind a proxy or NAT many people share an address. */
export const REQUESTS_PER_WINDOW_MAX = 600;
export const RATE_WINDOW_MS = 60_000;
const ADDRESSES_MAX = 10_000;

export function createRequestRate(): RequestRate {
  const windows = new Map<string, { startedMs: number; count: number }>();
  return {
    allows(address, nowMs) {
      const known = windows.get(address);
      const ageMs = known === undefined ? Infinity : nowMs - known.startedMs;
      // A clock that was set back begins anew.
      const window =
        known === undefined || ageMs < 0 || ageMs >= RATE_WINDOW_MS
          ? { startedMs: nowMs, count: 0 }
          : known;
      window.count += 1;
      windows.delete(address);
      windows.set(address, window);
      if (windows.size > ADDRESSES_MAX) forgetOldest(windows);
      return window.count <= REQUESTS_PER_WINDOW_MAX;
    },
  };
}

function forgetOldest(windows: Map<string, unknown>): void {
  for (const key of windows.keys()) {
    windows.delete(key);
    return;
  }
}
