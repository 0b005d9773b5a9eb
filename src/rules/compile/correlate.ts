import { MICROS_PER_MS } from "../../kernel/index.js";
import type { Counter, CounterField, RuleHit } from "../../model/index.js";
import { sharedKey, type HitMark, type HitMemory } from "../hit-memory.js";
import type { Correlated, Past } from "../ruleset.js";
import { chooseMessage } from "./message.js";
import type { CompiledRule } from "./rule.js";

/** Hits in the light of what came before them; reads the memory, never writes it. */
export type Correlate = (hits: readonly RuleHit[], past: Past) => Correlated;

export function createCorrelate(rules: readonly CompiledRule[]): Correlate {
  const sequences = rules.flatMap((rule) => sequenceOf(rule) ?? []);
  const steps = stepsOf(sequences);
  return (hits, past) => {
    const marks: HitMark[] = [];
    const reached: RuleHit[] = [];
    for (const hit of hits) {
      const counters = countersOf(hit);
      for (const counter of counters) marks.push(markOf(hit, counter, past));
      if (hit.threshold !== undefined && !isReached(hit, hit.threshold, past)) continue;
      reached.push(inForce(hit, past));
      for (const by of steps.get(hit.rule.id) ?? [])
        marks.push(markOf(hit, { count: SEQUENCE_MARKS, by }, past));
    }
    const now = new Set(reached.map((hit) => hit.rule.id));
    for (const sequence of sequences) {
      const hit = completed(sequence, now, past);
      if (hit === null) continue;
      for (const counter of countersOf(hit)) marks.push(markOf(hit, counter, past));
      reached.push(inForce(hit, past));
    }
    return { hits: reached, marks };
  };
}

/** Of a rule that a sequence is made of, this many of its last hits are remembered. */
const SEQUENCE_MARKS = 16;
/** Counted values are compared, not shown: a prefix this long tells them apart. */
const VALUE_CHARS_MAX = 200;

function countersOf({ threshold, actions }: RuleHit): readonly Counter[] {
  const own = threshold === undefined ? [] : [threshold];
  return [...own, ...actions.flatMap(({ after }) => after ?? [])];
}

/** The hit with the actions that count by now; what is left out is remembered by its marks. */
function inForce(hit: RuleHit, past: Past): RuleHit {
  if (hit.actions.every((action) => action.after === undefined)) return hit;
  const actions = hit.actions.filter(
    ({ after }) => after === undefined || isReached(hit, after, past),
  );
  return { ...hit, actions };
}

function isReached(hit: RuleHit, counter: Counter, past: Past): boolean {
  const { key, value } = markOf(hit, counter, past);
  const recent = recentMarks(past.memory, key, since(counter.withinMs, past));
  if (counter.distinct === undefined) return recent.length + 1 >= counter.count;
  return new Set([...recent.map((mark) => mark.value), value]).size >= counter.count;
}

function since(withinMs: number | undefined, { moment }: Past): number {
  return withinMs === undefined ? Number.NEGATIVE_INFINITY : moment.wall - withinMs * MICROS_PER_MS;
}

function recentMarks(memory: HitMemory, key: string, from: number): ReturnType<HitMemory["marks"]> {
  const marks = memory.marks(key);
  return from === Number.NEGATIVE_INFINITY ? marks : marks.filter(({ at }) => at > from);
}

function markOf(hit: RuleHit, counter: Counter, past: Past): HitMark {
  const { distinct } = counter;
  const shared = !counter.by.includes("session");
  const key = keyOf(hit.rule.id, counter, past);
  return {
    key: shared ? sharedKey(key) : key,
    at: past.moment.wall,
    value: distinct === undefined ? "" : valueOf(hit, distinct, past).slice(0, VALUE_CHARS_MAX),
    keep: counter.count,
    shared,
  };
}

function keyOf(rule: string, { by, distinct }: Pick<Counter, "by" | "distinct">, past: Past) {
  const values = by.map((field) => `${field}=${fieldOf(field, past)}`).sort();
  return JSON.stringify([rule, distinct ?? "", ...values]);
}

function fieldOf(field: CounterField, { session }: Past): string {
  switch (field) {
    case "session":
      return "";
    case "person":
      return session.person.name;
    case "account":
      return session.account;
    case "target":
      return session.target.name;
    case "origin":
      return session.origin;
  }
}

function valueOf(hit: RuleHit, field: NonNullable<Counter["distinct"]>, past: Past): string {
  switch (field) {
    case "target":
    case "account":
    case "origin":
      return fieldOf(field, past);
    case "exec":
    case "arg":
    case "line":
      return hit.values?.[field] ?? "";
  }
}

interface Sequence {
  readonly rule: CompiledRule;
  readonly steps: readonly string[];
  readonly source: NonNullable<CompiledRule["source"]["sequence"]>;
}

function sequenceOf(rule: CompiledRule): Sequence | undefined {
  const { sequence: source } = rule.source;
  if (source === undefined || rule.mode === "off") return undefined;
  return { rule, source, steps: source.rules.map((one) => one.text) };
}

/** Under which values the hits of a rule are remembered for sequences. */
function stepsOf(
  sequences: readonly Sequence[],
): ReadonlyMap<string, readonly (readonly CounterField[])[]> {
  const out = new Map<string, Map<string, readonly CounterField[]>>();
  for (const { steps, source } of sequences) {
    for (const step of steps) {
      const all = out.get(step) ?? new Map<string, readonly CounterField[]>();
      all.set([...source.by].sort().join(), source.by);
      out.set(step, all);
    }
  }
  return new Map([...out].map(([rule, all]) => [rule, [...all.values()]]));
}

/** The sequence is complete with a hit of this very line; null when it is not. */
function completed(
  { rule, steps, source }: Sequence,
  now: ReadonlySet<string>,
  past: Past,
): RuleHit | null {
  const { moment, session } = past;
  const last = steps.at(-1) ?? "";
  if (source.ordered ? !now.has(last) : !steps.some((step) => now.has(step))) return null;
  if (moment.wall >= rule.expires || !rule.scope.holds(session, moment)) return null;
  const from = since(source.withinMs, past);
  let until = Number.POSITIVE_INFINITY;
  for (const step of [...steps].reverse()) {
    if (now.has(step)) continue;
    const key = keyOf(step, { by: source.by }, past);
    const marks = recentMarks(past.memory, isSharedBy(source.by) ? sharedKey(key) : key, from);
    const fitting = source.ordered ? marks.filter(({ at }) => at <= until) : marks;
    const latest = fitting.at(-1);
    if (latest === undefined) return null;
    until = latest.at;
  }
  const message = chooseMessage(rule.source.messages, session.person.language);
  return {
    rule: rule.ref,
    mode: rule.mode === "shadow" ? "shadow" : "enforce",
    actions: rule.actions,
    evidence: `${source.ordered ? "one after the other" : "together"}: ${steps.join(", ")}`,
    ...(message === undefined ? {} : { message }),
  };
}

function isSharedBy(by: readonly CounterField[]): boolean {
  return !by.includes("session");
}
