import type { WallMicros } from "../kernel/index.js";
import type { Criticality } from "./read/source.js";
import type { Invocation, LineVerb, RuleHit, RuleVerb, SessionVerb } from "../model/index.js";
import { analyseLine, isOpaque, type ShellKnowledge } from "../shell/index.js";
import type { CompiledRuleset, JudgedCommand, RuledMoment, RuleSubject } from "./ruleset.js";
import { createHitMemory } from "./hit-memory.js";
import { resolveVerdict, strictestVerb } from "./verdict.js";

/** Why a line would be treated as it would: for `chaperone rules explain` and for the curious. */
export interface Explanation {
  readonly line: string;
  readonly verdict: LineVerb;
  readonly session: SessionVerb;
  readonly alert: boolean;
  readonly hits: readonly ExplainedHit[];
  /** Rules that words which can not be known might trigger. */
  readonly doubts: readonly ExplainedHit[];
  readonly invocations: readonly Invocation[];
  readonly complete: boolean;
  readonly unparsed?: string;
  /** Something that runs can not be known from the line: `policy.onUnparsed` decides too. */
  readonly opaque: boolean;
}

export interface ExplainedHit {
  readonly id: string;
  readonly name: string;
  readonly criticality: Criticality;
  readonly mode: "enforce" | "shadow";
  /** The strictest action at the first hit in a session. */
  readonly action: RuleVerb;
  readonly evidence: string;
  readonly message?: string;
}

/** Everything about the moment that is not the line itself. */
export interface ExplainContext {
  readonly wall: WallMicros;
  readonly channelKind?: JudgedCommand["channelKind"];
  readonly knowledge?: ShellKnowledge;
  /** Who reads the line, and how risky the session is by now. */
  readonly moment?: Pick<RuledMoment, "context" | "program" | "risk">;
}

export function explainLine(
  ruleset: CompiledRuleset,
  line: string,
  { subject, context }: { readonly subject: RuleSubject; readonly context: ExplainContext },
): Explanation {
  const knowledge = context.knowledge ?? {};
  const analysis = analyseLine(line, knowledge);
  const command = judgedCommand(analysis, context);
  const past = { memory: createHitMemory(), session: subject, moment: command };
  const { hits } = ruleset.correlate(ruleset.judge(command, subject), past);
  const verdict = resolveVerdict(hits);
  const explanation = {
    line,
    verdict: verdict.line,
    session: verdict.session,
    alert: verdict.alert,
    hits: hits.map(explainHit),
    doubts: ruleset.doubts(command, subject).map(explainHit),
    invocations: analysis.invocations,
    complete: analysis.complete,
    opaque: isOpaque(analysis),
  };
  return analysis.unparsed === undefined
    ? explanation
    : { ...explanation, unparsed: analysis.unparsed };
}

export function judgedCommand(
  analysis: JudgedCommand["analysis"],
  { wall, channelKind = "shell", knowledge = {}, moment = {} }: ExplainContext,
): JudgedCommand {
  return {
    ...moment,
    analysis,
    channelKind,
    wall,
    ...(knowledge.cwd === undefined ? {} : { cwd: knowledge.cwd }),
    ...(knowledge.home === undefined ? {} : { home: knowledge.home }),
  };
}

function explainHit(hit: RuleHit): ExplainedHit {
  const explained = {
    id: hit.rule.id,
    name: hit.rule.name,
    criticality: hit.rule.criticality,
    mode: hit.mode,
    action: strictestVerb(hit.actions.map(({ verb }) => verb)),
    evidence: hit.evidence,
  };
  return hit.message === undefined ? explained : { ...explained, message: hit.message };
}
