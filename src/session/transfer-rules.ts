import type { ChannelId } from "../kernel/index.js";
import type { SessionVerb, TransferActivity } from "../model/index.js";
import { resolveVerdict, type HitMemory } from "../rules/index.js";
import type { Outbox } from "./outbox.js";
import { ruleMatched } from "./rule-told.js";
import type { SessionSeed } from "./session.js";

/** What rules say about a file that passes beside a screen. */
export interface TransferRules {
  /**
   * Judges and tells. What would have to be asked first is refused: nobody can be asked about a stream
   * that is on its way.
   */
  judge(activity: TransferActivity): TransferRuling;
}

export interface TransferRuling {
  /** Null: it may pass. */
  readonly refused: { readonly reason: string; readonly trigger: string } | null;
  readonly session: SessionVerb;
}

const PASSES: TransferRuling = { refused: null, session: "none" };
const FAULT = { reason: "what was asked for could not be inspected", trigger: "policy.onFault" };

export function createTransferRules(deps: {
  readonly seed: SessionSeed;
  readonly outbox: Outbox;
  readonly channel: ChannelId;
  readonly memory: HitMemory;
}): TransferRules {
  const { seed, outbox, channel, memory } = deps;
  const session = seed.facts;

  function ruled(activity: TransferActivity): TransferRuling {
    const ruleset = seed.rules.current();
    const moment = { channelKind: "desktop", wall: outbox.wall } as const;
    const found = ruleset.judgeActivity(activity, moment, session);
    const { hits, marks } = ruleset.correlate(found, { memory, session, moment });
    for (const mark of marks) memory.add(mark);
    for (const hit of hits) {
      const data = ruleMatched(hit, { channel, hidden: false }, outbox.session);
      outbox.emit({ type: "rule.matched", data });
    }
    const verdict = resolveVerdict(hits);
    if (verdict.session === "none" && MILD.has(verdict.line)) return PASSES;
    const wanted: readonly string[] =
      verdict.session === "none" ? [verdict.line] : [verdict.session, "lock-user"];
    const hit = verdict.reasons.find(({ verbs }) => verbs.some((one) => wanted.includes(one)))?.hit;
    const reason = hit?.message ?? hit?.rule.name ?? "a rule";
    return { refused: { reason, trigger: hit?.rule.id ?? "" }, session: verdict.session };
  }

  return {
    judge(activity) {
      try {
        return ruled(activity);
      } catch {
        // A bug in an inspector must not become a way past it: policy decides, by default block.
        return seed.doubt.onFault === "block" ? { refused: FAULT, session: "none" } : PASSES;
      }
    },
  };
}

/** Nobody has to be asked; a warning is told as `rule.matched`. */
const MILD: ReadonlySet<string> = new Set(["allow", "warn"]);
