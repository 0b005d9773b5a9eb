import type { WallMicros } from "../../kernel/index.js";
import { LINE_SCALE, type LineVerb, type RuleVerb } from "../../model/index.js";
import {
  explainLine,
  type ExplainContext,
  type CompiledRuleset,
  type Explanation,
  type RuleSubject,
} from "../../rules/index.js";
import type { Config } from "../config/index.js";

/** The rules' explanation of a line with the policy about lines that can not be understood. */
export interface ExplainedLine {
  readonly explanation: Explanation;
  /** The strictest of both scales; `alert` when nothing but an alert is raised. */
  readonly verdict: LineVerb | "alert" | "suspend" | "kill";
  /** Set when `policy.onUnparsed` had a say: says why. */
  readonly doubt?: string;
}

export interface ExplainDeps {
  readonly ruleset: CompiledRuleset;
  readonly subject: RuleSubject;
  readonly onUnparsed: Config["doubt"]["onUnparsed"];
  readonly wall: WallMicros;
  /** Who reads it; absent: a shell. */
  readonly moment?: NonNullable<ExplainContext["moment"]>;
}

/** Typed at a fresh prompt of a shell nothing is known of; weighed as in a session. */
export function explain(line: string, deps: ExplainDeps): ExplainedLine {
  const { ruleset, subject, wall, onUnparsed, moment } = deps;
  const context = { wall, ...(moment === undefined ? {} : { moment }) };
  const explanation = explainLine(ruleset, line, { subject, context });
  const possible = possibleRule(explanation);
  // A line of another language is no broken line of a shell.
  const unread =
    moment?.context !== "program" && (explanation.unparsed !== undefined || explanation.opaque);
  const doubtful = unread || possible !== undefined;
  const demand = doubtful ? onUnparsed : "allow";
  const strictest = stricter(explanation.verdict, demand === "alert" ? "allow" : demand);
  const alerts = explanation.alert || demand === "alert";
  const ofLine = strictest === "allow" && alerts ? "alert" : strictest;
  const verdict = explanation.session === "none" ? ofLine : explanation.session;
  if (!doubtful) return { explanation, verdict };
  const why =
    explanation.unparsed ??
    (possible === undefined
      ? "what runs is only known when it runs"
      : `words that can not be known in advance may be what ${possible} forbids`);
  return { explanation, verdict, doubt: `policy.onUnparsed (${onUnparsed}): ${why}` };
}

/** A rule that would act if words that only the shell knows had the right value, and is not hit anyway. */
function possibleRule({ hits, doubts }: Explanation): string | undefined {
  const certain = new Set(hits.map((hit) => hit.id));
  const acts = (verb: RuleVerb): boolean => !["allow", "log", "alert"].includes(verb);
  return doubts.find(
    (doubt) => doubt.mode === "enforce" && acts(doubt.action) && !certain.has(doubt.id),
  )?.id;
}

function stricter(a: LineVerb, b: LineVerb): LineVerb {
  return LINE_SCALE.indexOf(a) >= LINE_SCALE.indexOf(b) ? a : b;
}

/** One JSON object, the contract's form: {line, verdict, rules, invocations}, and more. */
export function explainedJson({ explanation, verdict, doubt }: ExplainedLine): string {
  const { line, hits, doubts, invocations, complete } = explanation;
  return JSON.stringify({
    line,
    verdict,
    rules: hits,
    invocations,
    complete,
    ...(doubts.length === 0 ? {} : { doubts }),
    ...(doubt === undefined ? {} : { doubt }),
  });
}
