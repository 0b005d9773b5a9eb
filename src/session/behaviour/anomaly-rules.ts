import type { WatchReading } from "../../behaviour/index.js";
import { ANOMALY_DETECTORS, type AnomalyDetector, type RuleHit } from "../../model/index.js";
import { resolveVerdict, type HitMemory } from "../../rules/index.js";
import type { Outbox } from "../outbox.js";
import { ruleMatched } from "../rule-told.js";
import type { SessionSeed } from "../session.js";

/** What rules about anomalies demand, as a deed to the session: no command is held by them. */
export type AnomalyDemand = "none" | "warn" | "reauth" | "suspend" | "kill";

export interface AnomalyVerdict {
  readonly demand: AnomalyDemand;
  readonly trigger: string;
  readonly reason: string;
}

type AnomalyDeps = Parameters<typeof judged>[1];

/** A bug in an inspector must not become a way past it: policy decides, by default the session stands. */
export function judgeAnomaly(reading: WatchReading, deps: AnomalyDeps): AnomalyVerdict {
  try {
    return judged(reading, deps);
  } catch {
    return deps.seed.doubt.onFault === "block" ? FAULT : NOTHING;
  }
}

const FAULT: AnomalyVerdict = {
  demand: "suspend",
  trigger: "policy.onFault",
  reason: "what is unusual here could not be judged",
};

/**
 * Asks the rules about something that a detector told, and tells their hits. `block` and `approve` hold
 * nothing here that could be dropped or waited for: the session stands still until somebody resumes it.
 */
function judged(
  { detector, pValue, warm }: WatchReading,
  deps: {
    readonly seed: SessionSeed;
    readonly outbox: Outbox;
    readonly memory: HitMemory;
    readonly risk: number;
  },
): AnomalyVerdict {
  const { seed, outbox, memory } = deps;
  if (!isAnomaly(detector)) return NOTHING;
  const ruleset = seed.rules.current();
  const moment = { channelKind: "shell", wall: outbox.wall, risk: deps.risk } as const;
  const session = seed.facts;
  const found = ruleset.judgeActivity(
    { kind: "anomaly", detector, score: 1 - pValue, warm },
    moment,
    session,
  );
  const { hits, marks } = ruleset.correlate(found, { memory, session, moment });
  for (const mark of marks) memory.add(mark);
  for (const hit of hits) {
    // An anomaly belongs to the session, not to a channel.
    const told = { channel: NO_CHANNEL, hidden: false } as const;
    outbox.emit({ type: "rule.matched", data: ruleMatched(hit, told, outbox.session) });
  }
  return demandOf(hits, outbox);
}

function demandOf(hits: readonly RuleHit[], outbox: Outbox): AnomalyVerdict {
  const verdict = resolveVerdict(hits);
  const first = verdict.reasons.find(({ verbs }) => verbs.length > 0)?.hit;
  if (first === undefined) return NOTHING;
  const why = { trigger: first.rule.id, reason: first.message ?? first.rule.name };
  if (verdict.lockPerson) {
    outbox.add({ kind: "lock-person", rule: why.trigger, reason: why.reason });
  }
  if (verdict.session !== "none") return { demand: verdict.session, ...why };
  switch (verdict.line) {
    case "allow":
      return NOTHING;
    case "warn":
    case "reauth":
      return { demand: verdict.line, ...why };
    case "approve":
    case "block":
      return { demand: "suspend", ...why };
  }
}

const NOTHING: AnomalyVerdict = { demand: "none", trigger: "", reason: "" };
const NO_CHANNEL = 0 as Parameters<typeof ruleMatched>[1]["channel"]; // no channel has this number

function isAnomaly(detector: string): detector is AnomalyDetector {
  return ANOMALY_DETECTORS.some((one) => one === detector);
}
