import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";
import type { MetricFacts, Metrics } from "./metric-facts.js";
import { registerSinkMetrics } from "./sink-metrics.js";
import { numberField, textField } from "./told-event.js";

const CALL_SECONDS = [0.001, 0.005, 0.025, 0.1, 0.5, 2.5];

/**
 * The one door to prom-client. No label holds what people choose: every set of label values is bounded by the code (event types,
 * decisions, verbs, operations) or by the configuration (sinks), never by names of people, addresses or
 * texts.
 */
export function createMetrics(facts: MetricFacts): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  gauges(facts, registers);
  registerSinkMetrics(facts.sinks, registers);
  const events = new Counter({
    name: "chaperone_events_total",
    help: "Events in the event file, by type",
    labelNames: ["type"],
    registers,
  });
  const commands = new Counter({
    name: "chaperone_commands_total",
    help: "Commands, by what was decided about them",
    labelNames: ["decision"],
    registers,
  });
  const hits = new Counter({
    name: "chaperone_rule_hits_total",
    help: "Rules that held, by mode and action",
    labelNames: ["mode", "action"],
    registers,
  });
  const anomalies = new Counter({
    name: "chaperone_anomalies_total",
    help: "Behaviour unlike the person's, by detector",
    labelNames: ["detector"],
    registers,
  });
  const risk = new Counter({
    name: "chaperone_risk_steps_total",
    help: "Moves of a session's risk to a higher score, by the step it then stands on",
    labelNames: ["step"],
    registers,
  });
  const bytes = new Counter({
    name: "chaperone_session_bytes_total",
    help: "Bytes of sessions that have ended, by direction",
    labelNames: ["direction"],
    registers,
  });
  const calls = new Histogram({
    name: "chaperone_admin_call_seconds",
    help: "Calls of the control API, by operation and HTTP status",
    labelNames: ["operation", "status"],
    buckets: CALL_SECONDS,
    registers,
  });

  function countBytes(moved: unknown): void {
    if (typeof moved !== "object" || moved === null) return;
    const counts = moved as Readonly<Record<string, unknown>>; // an object; fields are checked
    bytes.inc({ direction: "to-target" }, numberField(counts, "toTarget"));
    bytes.inc({ direction: "to-person" }, numberField(counts, "toPerson"));
  }

  return {
    observe(event) {
      const { type } = event;
      events.inc({ type });
      // Asked for last: of most events the data is never parsed.
      switch (type) {
        case "command.entered":
          commands.inc({ decision: textField(event.data, "decision") });
          return;
        case "rule.matched":
          hits.inc({
            mode: textField(event.data, "mode"),
            action: textField(event.data, "action"),
          });
          return;
        case "anomaly.detected":
          anomalies.inc({ detector: textField(event.data, "detector") });
          return;
        case "risk.changed":
          if (numberField(event.data, "score") > numberField(event.data, "previous"))
            risk.inc({ step: textField(event.data, "step") || "none" });
          return;
        case "session.closed":
          countBytes(event.data["bytes"]);
          return;
        default:
          return;
      }
    },
    answered: (operation, status, seconds) => calls.observe({ operation, status }, seconds),
    async expose() {
      return { type: registry.contentType, text: await registry.metrics() };
    },
  };
}

function gauges(facts: MetricFacts, registers: Registry[]): void {
  const asked = (name: string, help: string, ask: () => number): void => {
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(ask());
      },
    });
  };
  asked("chaperone_sessions", "Sessions that run", facts.sessions);
  asked("chaperone_connections", "Connections that are open, log-ins included", facts.connections);
  asked("chaperone_spool_bytes", "Events that wait for the event file", facts.spoolBytes);
  asked("chaperone_rules", "Rules in force", facts.rules);
  new Gauge({
    name: "chaperone_info",
    help: "Which sidecar this is",
    labelNames: ["version", "node"],
    registers,
  }).set({ version: facts.version, node: facts.node }, 1);
}
