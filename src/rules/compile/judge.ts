import type { RuleAction, RuleHit, RuleRef } from "../../model/index.js";
import { MAYBE, YES } from "../matchers/certainty.js";
import type { Trace } from "../matchers/command.js";
import type { MatchTree } from "../matchers/match.js";
import { compileScopes, type ScopeTest } from "../matchers/scope.js";
import { viewLine, type InvocationView, type LineView } from "../matchers/view.js";
import type { PackSource } from "../read/source.js";
import type { JudgedCommand, RuleSubject } from "../ruleset.js";
import { isBlocking, strictestVerb } from "../verdict.js";
import { createDenial, type Denial } from "./allow-list.js";
import { describeInvocation, fillMessage, firstOperand } from "./evidence.js";
import { chooseMessage } from "./message.js";
import { createHintIndex, type HintIndex } from "./hint-index.js";
import { ruleAt, type CompiledException, type CompiledRule } from "./rule.js";

export type JudgeMode = "certain" | "doubtful";
export type Judge = (
  command: JudgedCommand,
  subject: RuleSubject,
  mode: JudgeMode,
) => readonly RuleHit[];

/** One rule, one invocation, one certainty. */
interface Found {
  readonly rule: CompiledRule;
  readonly view: InvocationView;
  readonly arg: string | undefined;
}

/** Rules indexed by program name; the few that name none are tried on every invocation. */
export function createJudge(rules: readonly CompiledRule[], denials: readonly PackSource[]): Judge {
  const active = rules.filter((rule) => rule.mode !== "off" || rule.before !== undefined);
  const index = indexRules(active);
  const denied: readonly { readonly scope: ScopeTest; readonly denial: Denial }[] = denials.map(
    (pack) => ({
      scope: compileScopes(pack.scopes),
      denial: createDenial(pack),
    }),
  );
  // A command is asked about twice, for hits and for doubts: the rules are gone through once. The key
  // is weak, so nothing of a command outlives it here.
  const looked = new WeakMap<JudgedCommand, Looked>();
  return (command, subject, mode) => {
    const known =
      looked.get(command) ?? findCertain(index, viewLine(command, subject.account), command);
    looked.set(command, known);
    const { line } = known;
    const all = mode === "certain" ? known.certain : findDoubtful(index, known, command);
    const found = all.filter(
      ({ rule }) => command.wall < rule.expires && rule.scope.holds(subject, command),
    );
    const silenced = silencedPairs(found);
    const hits = weighFound(found, silenced, { command, subject });
    if (mode === "doubtful") return hits;
    if (command.analysis.unparsed !== undefined)
      hits.push(...unparsedHits(active, { command, subject, hits }));
    for (const { scope, denial } of denied) {
      if (!scope.holds(subject, command)) continue;
      hits.push(...denial(line, allowedViews(found)));
    }
    return hits;
  };
}

/** A rule, or one of the alternatives that its match names. */
interface Entry {
  readonly rule: CompiledRule;
  readonly match: MatchTree;
}

/** An entry by its number; those that hints can find have a place in the hint index. */
interface Numbered extends Entry {
  readonly number: number;
}

interface RuleIndex {
  /** Entries that name programs. */
  readonly byExec: ReadonlyMap<string, readonly Numbered[]>;
  /** Entries that name none: most of them are found by their hints. */
  readonly general: readonly Numbered[];
  readonly hints: HintIndex;
}

function indexRules(rules: readonly CompiledRule[]): RuleIndex {
  const byExec = new Map<string, Numbered[]>();
  const general: Numbered[] = [];
  const entries = rules.flatMap((rule) =>
    (rule.match.alternatives ?? [rule.match]).map((match): Entry => ({ rule, match })),
  );
  const numbered = entries.map((entry, number): Numbered => ({ ...entry, number }));
  for (const entry of numbered) {
    const { execs } = entry.match;
    if (execs === null) {
      general.push(entry);
      continue;
    }
    for (const exec of new Set(execs)) {
      const bucket = byExec.get(exec);
      if (bucket === undefined) byExec.set(exec, [entry]);
      else bucket.push(entry);
    }
  }
  return { byExec, general, hints: createHintIndex(entries.map(({ match }) => match.hints)) };
}

interface Asked {
  readonly command: JudgedCommand;
  readonly subject: RuleSubject;
}

/** What the rules say about a line, before scopes, silencing and exceptions. */
interface Looked {
  readonly line: LineView;
  readonly certain: readonly Found[];
  /** Rules that were asked, and might hold if what can not be known were known. */
  readonly maybe: readonly Found[];
}

function findCertain(index: RuleIndex, line: LineView, { wall }: JudgedCommand): Looked {
  const certain: Found[] = [];
  const maybe: Found[] = [];
  forEachPair(index, line, (entry, view, may) => {
    // Without what it looks for among the words that are known, it can not be certain.
    if (may(entry.number, false)) ask(entry, { view, wall, certain, maybe });
  });
  return { line, certain, maybe };
}

/** Those, and the rules that only a word which can not be known would let hold. */
function findDoubtful(
  index: RuleIndex,
  { line, maybe }: Looked,
  command: JudgedCommand,
): readonly Found[] {
  const found = [...maybe];
  const { wall, analysis } = command;
  if (line.views.some((view) => view.unknown))
    forEachPair(index, line, (entry, view, may) => {
      if (view.unknown && !may(entry.number, false) && may(entry.number, true))
        ask(entry, { view, wall, certain: found, maybe: found });
    });
  if (analysis.supposed === undefined) return found;
  // Nothing says that it runs: what would be certain of it is as possible as the rest.
  const supposed = viewLine(
    { ...command, analysis: { ...analysis, invocations: analysis.supposed } },
    line.account,
  );
  forEachPair(index, supposed, (entry, view, may) => {
    if (may(entry.number, view.unknown)) ask(entry, { view, wall, certain: found, maybe: found });
  });
  return found;
}

type May = ReturnType<HintIndex["open"]>;

/** Every entry with every invocation that it could be about: by the program's name, or by no name. */
function forEachPair(
  index: RuleIndex,
  line: LineView,
  visit: (entry: Numbered, view: InvocationView, may: May) => void,
): void {
  const may = index.hints.open(line.haystack());
  const pass = (entry: Numbered, view: InvocationView): void => {
    if (!entry.match.deletes || view.invocation.deletes !== undefined) visit(entry, view, may);
  };
  for (const view of line.views) {
    const { exec } = view.invocation;
    const bucket = exec === null ? undefined : index.byExec.get(exec);
    if (bucket !== undefined) for (const entry of bucket) pass(entry, view);
  }
  if (index.general.length === 0) return;
  const views = line.views.length > 0 ? line.views : [emptyView(line)];
  const anyUnknown = views.some((view) => view.unknown);
  for (const entry of index.general) {
    if (!may(entry.number, anyUnknown)) continue;
    for (const view of views) pass(entry, view);
  }
}

function ask(
  { rule, match }: Numbered,
  {
    view,
    wall,
    certain,
    maybe,
  }: { view: InvocationView; wall: number; certain: Found[]; maybe: Found[] },
): void {
  const trace: Trace = {};
  const answer = match.test(view, trace);
  if (answer !== YES && answer !== MAYBE) return;
  const found = { rule: ruleAt(rule, wall), view, arg: trace.arg };
  (answer === YES ? certain : maybe).push(found);
}

/** A comment, an empty or an unreadable line: rules over the raw text still see it. */
function emptyView(line: LineView): InvocationView {
  const empty = viewLine({
    analysis: {
      ...line.analysis,
      invocations: [
        {
          argv: [],
          exec: null,
          via: [],
          redirects: [],
          context: "top",
          assignments: [],
          dynamic: false,
        },
      ],
    },
  });
  return empty.views[0] ?? emptyView(line);
}

/** `effect: allow` silences the rules it names, on the very invocations that it matches. */
function silencedPairs(found: readonly Found[]): ReadonlySet<string> {
  const out = new Set<string>();
  for (const { rule, view } of found) {
    if (rule.effect !== "allow" || rule.mode !== "enforce") continue;
    for (const id of rule.suppresses) out.add(`${view.index} ${id}`);
  }
  return out;
}

function allowedViews(found: readonly Found[]): ReadonlySet<number> {
  return new Set(
    found
      .filter(({ rule }) => rule.effect === "allow" && rule.mode === "enforce")
      .map(({ view }) => view.index),
  );
}

/** One hit a rule: the strictest of its invocations, with exceptions applied to each. */
function weighFound(
  found: readonly Found[],
  silenced: ReadonlySet<string>,
  { command, subject }: Asked,
): RuleHit[] {
  const hits = new Map<string, { hit: RuleHit; rank: number }>();
  for (const { rule, view, arg } of found) {
    if (rule.mode === "off" || rule.effect === "allow") continue;
    if (silenced.has(`${view.index} ${rule.ref.id}`)) continue;
    const exception = rule.exceptions.find((one) => applies(one, view, { command, subject }));
    if (exception !== undefined && exception.source.downgradeTo === undefined) continue;
    const rank = exception === undefined ? 1 : 0;
    const before = hits.get(rule.ref.id);
    if (before !== undefined && before.rank >= rank) continue;
    hits.set(rule.ref.id, { hit: hitOf(rule, exception, { view, arg, subject }), rank });
  }
  return [...hits.values()].map((one) => one.hit);
}

export function hitExtras(
  { source }: CompiledRule,
  exception: CompiledException | undefined,
): Pick<RuleHit, "threshold" | "exception"> {
  return {
    ...(source.threshold === undefined ? {} : { threshold: source.threshold }),
    ...(exception === undefined
      ? {}
      : { exception: { id: exception.source.label, owner: exception.source.owner } }),
  };
}

function applies(
  { source, scope, match }: CompiledException,
  view: InvocationView,
  { command, subject }: Asked,
): boolean {
  if (command.wall >= source.expires || !scope.holds(subject, command)) return false;
  return match === undefined || match.test(view, {}) === YES;
}

export function downgraded(
  actions: readonly RuleAction[],
  exception: CompiledException | undefined,
): readonly RuleAction[] {
  const verb = exception?.source.downgradeTo;
  if (verb === undefined) return actions;
  // A downgrade never makes a rule stricter than it was.
  const strictest = strictestVerb(actions.map((action) => action.verb));
  return strictestVerb([strictest, verb]) === strictest ? [{ verb }] : actions;
}

function hitOf(
  rule: CompiledRule,
  exception: CompiledException | undefined,
  { view, arg, subject }: { view: InvocationView; arg: string | undefined; subject: RuleSubject },
): RuleHit {
  const text = chooseMessage(rule.source.messages, subject.person.language);
  const message =
    text === undefined
      ? undefined
      : fillMessage(text, { view, arg, line: view.line.analysis.line });
  const { exec } = view.invocation;
  const named = arg ?? (counts(rule) ? firstOperand(view) : undefined);
  const hit: RuleHit = {
    rule: rule.ref,
    mode: rule.mode === "shadow" ? "shadow" : "enforce",
    actions: downgraded(rule.actions, exception),
    evidence: describeInvocation(view, arg),
    ...hitExtras(rule, exception),
    ...(counts(rule)
      ? {
          values: {
            line: view.line.analysis.line,
            ...(exec === null ? {} : { exec }),
            ...(named === undefined ? {} : { arg: named }),
          },
        }
      : {}),
  };
  return message === undefined ? hit : { ...hit, message };
}

/** Counters of different values need the values. */
function counts({ source, actions }: CompiledRule): boolean {
  return (
    source.threshold?.distinct !== undefined ||
    actions.some(({ after }) => after?.distinct !== undefined)
  );
}

/**
 * A line that could not be read: structural rules may have missed what runs. Every rule that would
 * block and whose program or text occurs in it hits.
 */
function unparsedHits(
  rules: readonly CompiledRule[],
  { command, subject, hits }: Asked & { hits: readonly RuleHit[] },
): readonly RuleHit[] {
  const { tokens, line, unparsed = "" } = command.analysis;
  const names = new Set(tokens.map((token) => token.slice(token.lastIndexOf("/") + 1)));
  const told = new Set(hits.map((hit) => hit.rule.id));
  const out: RuleHit[] = [];
  for (const original of rules) {
    const rule = ruleAt(original, command.wall);
    if (rule.mode === "off" || rule.effect === "allow" || told.has(rule.ref.id)) continue;
    if (command.wall >= rule.expires || !rule.scope.holds(subject, command)) continue;
    const blocking = isBlocking(rule.actions);
    if (!blocking && rule.onUnparsed === undefined) continue;
    const at = { cwd: undefined, home: undefined };
    const seen =
      rule.match.suspects.find((exec) => names.has(exec)) ??
      (rule.match.raw.some((pattern) => pattern.matches(line, at)) ? "text" : undefined);
    if (seen === undefined) continue;
    const actions = blocking ? rule.actions : [{ verb: rule.onUnparsed ?? "alert" }];
    out.push(unparsedHit(rule.ref, actions, { mode: rule.mode, seen, unparsed }));
  }
  return out;
}

function unparsedHit(
  rule: RuleRef,
  actions: readonly RuleAction[],
  { mode, seen, unparsed }: { mode: "enforce" | "shadow"; seen: string; unparsed: string },
): RuleHit {
  return {
    rule,
    mode,
    actions,
    evidence: `unparsed: the line could not be read (${unparsed}) and holds "${seen}"`,
    message: `This line can not be understood (${unparsed}) and holds ${seen}: ${rule.name}.`,
  };
}
