import { RISK_STEPS, scoreAtFalseAlarms, type RiskPolicy } from "../../behaviour/index.js";
import { durationMs as ms } from "./duration.js";
import type { ResolveDeps } from "./resolve-deps.js";
import { shareOf, type StepEntry } from "./risk-schema.js";
import type { ConfigFile } from "./schema.js";

/** How behaviour is watched. */
export interface RiskConfig {
  readonly mode: "enforce" | "shadow";
  readonly policy: RiskPolicy;
}

/** A step that a milder one can not reach before is a mistake: it would be passed over. */
export function resolveRisk(
  entry: ConfigFile["risk"],
  deps: Pick<ResolveDeps, "complain">,
): RiskConfig | undefined {
  if (entry === undefined) return undefined;
  const { steps } = entry;
  const policy: RiskPolicy = {
    steps: {
      notify: scoreOf(steps.notify),
      warn: scoreOf(steps.warn),
      reauth: scoreOf(steps.reauth),
      suspend: scoreOf(steps.suspend),
      kill: scoreOf(steps.kill),
    },
    hysteresis: entry.hysteresis,
    halfLifeMs: ms(entry.halfLife),
    graceMs: ms(entry.grace),
  };
  let below = 0;
  for (const step of RISK_STEPS) {
    const from = policy.steps[step];
    if (from === null) continue;
    if (from < below) {
      deps.complain(
        ["risk", "steps", step],
        `is taken from ${String(from)}, before a milder step, which is taken from ${String(below)}`,
      );
    }
    below = Math.max(below, from);
  }
  return { mode: entry.mode, policy };
}

function scoreOf(step: StepEntry): number | null {
  if (step === "never") return null;
  return typeof step === "number" ? step : scoreAtFalseAlarms(shareOf(step.falseAlarms));
}
