import type { SinkFacts } from "./sink-metrics.js";
import type { ToldEvent } from "./told-event.js";

/** What the control API counts, for Prometheus. */
export interface Metrics {
  readonly observe: (event: ToldEvent) => void;
  /** A call of the control API was answered. */
  readonly answered: (operation: string, status: number, seconds: number) => void;
  readonly expose: () => Promise<{ readonly type: string; readonly text: string }>;
}

/** What is asked at each scrape. */
export interface MetricFacts {
  readonly sessions: () => number;
  readonly connections: () => number;
  readonly spoolBytes: () => number;
  readonly rules: () => number;
  readonly sinks: () => readonly SinkFacts[];
  readonly version: string;
  readonly node: string;
}
