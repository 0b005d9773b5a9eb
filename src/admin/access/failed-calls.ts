/** Counts calls that proved nobody, by address, so that guessing is slow and floods are silent. */
export interface FailedCalls {
  /** Counts one; `until` when this address is to wait (ms, wall), and whether that begins with this one. */
  failed(address: string, nowMs: number): FailedCall;
}

export interface FailedCall {
  readonly waitMs: number;
  /** True for those that are told as events: a flood must not fill the log. */
  readonly worthTelling: boolean;
}

export const FAILED_CALLS_MAX = 10;
export const FAILED_WINDOW_MS = 60_000;
/** Many addresses at once: the oldest is forgotten, and the sum of what is told stays bounded. */
const ADDRESSES_MAX = 10_000;
const TOLD_PER_WINDOW_MAX = 100;

interface Window {
  startedMs: number;
  count: number;
}

export function createFailedCalls(): FailedCalls {
  const windows = new Map<string, Window>();
  const told: Window = { startedMs: 0, count: 0 };

  return {
    failed(address, nowMs) {
      const window = current(windows.get(address), nowMs);
      window.count += 1;
      windows.delete(address);
      windows.set(address, window);
      forgetOldest(windows);
      const over = window.count - FAILED_CALLS_MAX;
      const waitMs = over > 0 ? window.startedMs + FAILED_WINDOW_MS - nowMs : 0;
      // The first one over the limit is told, as the reason why the next ones are not.
      return { waitMs, worthTelling: over <= 1 && withinSum(told, nowMs) };
    },
  };
}

function current(window: Window | undefined, nowMs: number): Window {
  // A clock that was set back must not keep anybody waiting for longer than a window.
  if (window === undefined || nowMs < window.startedMs) return { startedMs: nowMs, count: 0 };
  return nowMs - window.startedMs >= FAILED_WINDOW_MS ? { startedMs: nowMs, count: 0 } : window;
}

function withinSum(sum: Window, nowMs: number): boolean {
  if (nowMs < sum.startedMs || nowMs - sum.startedMs >= FAILED_WINDOW_MS) {
    sum.startedMs = nowMs;
    sum.count = 0;
  }
  sum.count += 1;
  return sum.count <= TOLD_PER_WINDOW_MAX;
}

function forgetOldest(windows: Map<string, Window>): void {
  if (windows.size <= ADDRESSES_MAX) return;
  for (const address of windows.keys()) {
    windows.delete(address);
    return;
  }
}
