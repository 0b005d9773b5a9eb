import type { CourierClock, CourierLog, CourierNews } from "./ports.js";

/** Tells, once, that a sink does not take events, and once that it does again. */
export interface Health {
  readonly degraded: boolean;
  /** `failures` in a row. */
  failed(failures: number, reason: string): void;
  refused(events: number, reason: string): void;
  dropped(events: number): void;
  succeeded(): void;
}

export interface HealthDeps {
  readonly clock: CourierClock;
  readonly log: CourierLog;
  readonly news: CourierNews;
}

/** One failure is the network's breath; from the second in a row on it is told. */
const FAILURES_TOLD_FROM = 2;
/**
 * A sink that refuses single events is called well again only after so long without a refusal: else
 * each refused event would make two more.
 */
const REFUSAL_QUIET_MS = 60_000;

export function createHealth({ clock, log, news }: HealthDeps, sink: string): Health {
  let sinceMs: number | null = null;
  let refusedMs = -Infinity;
  let dropped = 0;

  function degrade(reason: string): void {
    if (sinceMs !== null) return;
    sinceMs = clock.nowMs();
    log.warn("sink-degraded", { sink, reason });
    news.degraded(sink, reason);
  }

  return {
    get degraded() {
      return sinceMs !== null;
    },
    failed(failures, reason) {
      if (failures >= FAILURES_TOLD_FROM) degrade(reason);
    },
    refused(events, reason) {
      refusedMs = clock.nowMs();
      log.error("sink-refused-events", { sink, events, reason });
      degrade(`events were refused and set aside: ${reason}`);
    },
    dropped(events) {
      dropped += events;
      degrade("what waits for it exceeds the outbox: the oldest events are dropped");
    },
    succeeded() {
      if (sinceMs === null || clock.nowMs() - refusedMs < REFUSAL_QUIET_MS) return;
      const facts = { degradedMs: Math.round(clock.nowMs() - sinceMs), dropped };
      sinceMs = null;
      dropped = 0;
      log.info("sink-recovered", { sink, ...facts });
      news.recovered(sink, facts);
    },
  };
}
