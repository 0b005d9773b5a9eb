/** Doubles from the first pause to the longest; the receiver's own wish is never undercut. */
export interface BackoffOptions {
  readonly firstMs: number;
  readonly mostMs: number;
  /** 0 to 1; spreads the senders that one outage has stopped at the same moment. */
  readonly random: () => number;
}

/** `attempt` counts failures in a row, from 1. Between half of the pause and all of it. */
export function pauseMs(attempt: number, options: BackoffOptions, askedMs = 0): number {
  const whole = Math.min(options.mostMs, options.firstMs * 2 ** Math.min(attempt - 1, 30));
  const pause = whole / 2 + (whole / 2) * options.random();
  return Math.max(pause, Math.min(askedMs, ASKED_MS_MAX));
}

/** A receiver that asks for more than this is asked again anyway. */
const ASKED_MS_MAX = 5 * 60_000;
