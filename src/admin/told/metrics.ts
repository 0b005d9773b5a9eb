import type { MetricFacts, Metrics } from "./metric-facts.js";

/** Loads the library only where there is a control API that is asked for metrics. */
export async function openMetrics(facts: MetricFacts): Promise<Metrics> {
  const { createMetrics } = await import("./prometheus.js");
  return createMetrics(facts);
}
