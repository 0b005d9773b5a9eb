import type { RuleAction, RuleRef } from "../../model/index.js";
import { compileActivityMatch, type ActivityTree } from "../matchers/activity.js";
import { compileMatch, type MatchTree } from "../matchers/match.js";
import type { CommandNeeds } from "../matchers/command.js";
import { compileScopes, type ScopeTest } from "../matchers/scope.js";
import type { ExceptionSource, OverrideSource, PackSource, RuleSource } from "../read/source.js";

/** A rule that can be asked. */
export interface CompiledRule {
  readonly ref: RuleRef;
  readonly mode: "enforce" | "shadow" | "off";
  readonly effect: RuleSource["effect"];
  readonly suppresses: readonly string[];
  readonly actions: readonly RuleAction[];
  readonly scope: ScopeTest;
  readonly match: MatchTree;
  readonly activity: ActivityTree;
  readonly exceptions: readonly CompiledException[];
  readonly onUnparsed: RuleSource["onUnparsed"];
  /** Microseconds UTC from which on the rule is off. */
  readonly expires: number;
  readonly source: RuleSource;
  /** What an override with an end replaced: it holds again from then on. */
  readonly before: { readonly until: number; readonly rule: CompiledRule } | undefined;
}

export interface CompiledException {
  readonly source: ExceptionSource;
  readonly scope: ScopeTest;
  readonly match: MatchTree | undefined;
  readonly activity: ActivityTree | undefined;
}

/** What a criticality adds to the risk of a session when the rule does not say. */
const SCORES: Readonly<Record<RuleRef["criticality"], number>> = {
  informational: 0,
  low: 5,
  medium: 15,
  high: 40,
  critical: 80,
};

export interface RuleNeeds extends CommandNeeds {
  readonly pack: PackSource;
}

export function compileRule(source: RuleSource, needs: RuleNeeds): CompiledRule {
  return {
    ref: {
      id: source.id,
      name: source.name,
      version: needs.pack.version,
      author: source.author,
      criticality: source.criticality,
      score: source.score ?? SCORES[source.criticality],
      tags: source.tags,
      ...(source.license === undefined ? {} : { license: source.license }),
      ...(source.references.length === 0 ? {} : { references: source.references }),
    },
    mode: isChosen(source, needs.pack) ? source.mode : "off",
    effect: source.effect,
    suppresses: source.suppresses.map((one) => one.text),
    actions: source.actions,
    scope: compileScopes(source.scopes),
    match: compileMatch(source.match, needs),
    activity: compileActivityMatch(source.match, needs),
    exceptions: source.exceptions.map((one) => compileException(one, needs)),
    onUnparsed: source.onUnparsed,
    expires: source.expires ?? Number.POSITIVE_INFINITY,
    source,
    before: undefined,
  };
}

/** A rule of a builtin pack that has not come far enough stays known, so that overrides can wake it. */
function isChosen({ maturity }: RuleSource, { maturities }: PackSource): boolean {
  return maturities === undefined || maturities.includes(maturity);
}

function compileException(source: ExceptionSource, needs: CommandNeeds): CompiledException {
  return {
    source,
    scope: compileScopes(source.scope === undefined ? [] : [source.scope]),
    match: source.match === undefined ? undefined : compileMatch(source.match, needs),
    activity: source.match === undefined ? undefined : compileActivityMatch(source.match, needs),
  };
}

/** The rule as an override wants it. Its match stays: an override never widens what is looked for. */
export function overrideRule(
  rule: CompiledRule,
  override: OverrideSource,
  needs: CommandNeeds,
): CompiledRule {
  const criticality = override.criticality ?? rule.ref.criticality;
  const added = override.exceptions.map((one) => compileException(one, needs));
  const scoped = override.scope === undefined ? [] : [override.scope];
  const score =
    override.score ??
    (override.criticality === undefined ? rule.ref.score : SCORES[override.criticality]);
  return {
    ...rule,
    ref: { ...rule.ref, criticality, score },
    mode: override.mode ?? rule.mode,
    actions: override.actions ?? rule.actions,
    scope: compileScopes([...rule.source.scopes, ...scoped]),
    exceptions: [...rule.exceptions, ...added],
    before: override.expires === undefined ? undefined : { until: override.expires, rule },
  };
}

/** An override with an end: behind it the rule is as its pack says. */
export function ruleAt(rule: CompiledRule, wall: number): CompiledRule {
  return rule.before !== undefined && wall >= rule.before.until
    ? ruleAt(rule.before.rule, wall)
    : rule;
}
