import type { ChannelId } from "../kernel/index.js";
import type { RuledActivity, SessionVerb } from "../model/index.js";
import { resolveVerdict, type HitMemory } from "../rules/index.js";
import type { Outbox } from "./outbox.js";
import { ruleMatched } from "./rule-told.js";
import type { SessionSeed } from "./session.js";

/** What rules say about a file or a clipboard that passes beside a screen. */
export interface TransferRules {
  /**
   * Judges and tells. What would have to be asked first is refused: nobody can be asked about a stream
   * that is on its way. `told`: rules that have held for the same stream at an earlier stage and have
   * decided then; they are neither told nor counted twice.
   */
  judge(activity: RuledActivity, told: Set<string>): TransferRuling;
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

  function ruled(activity: RuledActivity, told: Set<string>): TransferRuling {
    const ruleset = seed.rules.current();
    const moment = { channelKind: "desktop", wall: outbox.wall } as const;
    const found = ruleset
      .judgeActivity(activity, moment, session)
      .filter(({ rule }) => !told.has(rule.id));
    for (const { rule } of found) told.add(rule.id);
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
    judge(activity, told) {
      try {
        return ruled(activity, told);
      } catch {
        // A bug in an inspector must not become a way past it: policy decides, by default block.
        return seed.doubt.onFault === "block" ? { refused: FAULT, session: "none" } : PASSES;
      }
    },
  };
}

/** Nobody has to be asked; a warning is told as `rule.matched`. */
const MILD: ReadonlySet<string> = new Set(["allow", "warn"]);
