import type { EventData } from "../events/index.js";
import type { ChannelId } from "../kernel/index.js";
import type { RuleHit } from "../model/index.js";

/** The event about one hit; of what was typed unseen neither evidence nor message is told. */
export function ruleMatched(
  hit: RuleHit,
  told: { readonly channel: ChannelId; readonly hidden: boolean },
  session: EventData["rule.matched"]["session"],
): EventData["rule.matched"] {
  // A rule whose actions all count only later still tells that it has hit.
  const notify = [...new Set(hit.actions.flatMap((action) => action.notify ?? []))];
  const verbs = hit.actions.map((action) => action.verb).join("+") || "log";
  return {
    session,
    channel: told.channel,
    rule: hit.rule,
    mode: hit.mode,
    action: hit.mode === "shadow" ? "none" : verbs,
    ...(hit.mode === "shadow" ? { wouldHave: verbs } : {}),
    ...(hit.mode === "shadow" || notify.length === 0 ? {} : { notify }),
    evidence: told.hidden ? "typed while the echo was off" : hit.evidence,
    ...(hit.message === undefined || told.hidden ? {} : { message: hit.message }),
  };
}
