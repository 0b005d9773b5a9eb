import { Counter, Gauge, type Registry } from "prom-client";

/** How one sink fares, asked at each scrape. */
export interface SinkFacts {
  readonly name: string;
  /** Bytes of events that wait for it, on the disk. */
  readonly backlogBytes: number;
  /** Age of the oldest event that it was offered and has not taken; 0 when there is none. */
  readonly lagMs: number;
  readonly told: number;
  readonly dropped: number;
  /** In the file of dead letters. */
  readonly refused: number;
  readonly failures: number;
  readonly degraded: boolean;
}

/** Sinks are named as in the configuration, which bounds their number. */
export function registerSinkMetrics(
  sinks: () => readonly SinkFacts[],
  registers: Registry[],
): void {
  const shared = { labelNames: ["sink"], registers };
  const gauge = (name: string, help: string, of: (sink: SinkFacts) => number): void => {
    new Gauge({
      ...shared,
      name,
      help,
      collect() {
        for (const sink of sinks()) this.set({ sink: sink.name }, of(sink));
      },
    });
  };
  const counter = (name: string, help: string, of: (sink: SinkFacts) => number): void => {
    new Counter({
      ...shared,
      name,
      help,
      collect() {
        // The couriers count; here it is only told.
        this.reset();
        for (const sink of sinks()) this.inc({ sink: sink.name }, of(sink));
      },
    });
  };
  gauge("chaperone_sink_waiting_bytes", "Events that wait for a sink", (one) => one.backlogBytes);
  gauge(
    "chaperone_sink_lag_seconds",
    "Age of the oldest event that a sink was offered and has not taken",
    (one) => one.lagMs / 1_000,
  );
  gauge("chaperone_sink_degraded", "1 while a sink does not take events", (one) =>
    one.degraded ? 1 : 0,
  );
  counter("chaperone_sink_events_total", "Events that a sink has taken", (one) => one.told);
  counter(
    "chaperone_sink_failures_total",
    "Attempts to tell a sink that have failed",
    (one) => one.failures,
  );
  counter(
    "chaperone_sink_dead_letters_total",
    "Events that a sink has refused for good",
    (one) => one.refused,
  );
  counter(
    "chaperone_sink_dropped_total",
    "Events that a sink was not told because the outbox was full",
    (one) => one.dropped,
  );
}
