import type { Criticality } from "../../events/index.js";
import { CRITICALITIES, type Story } from "../format/index.js";
import type { ToldEvent } from "../told-event.js";

/** Which events a sink is told; what is absent lets everything through. All parts must agree. */
export interface SinkFilter {
  /** Names of event types; `*` stands for any text: `session.*`. */
  readonly types?: readonly string[];
  /** At least this critical; events without a rule have the criticality of their story. */
  readonly criticality?: Criticality;
  /** Ids of rules, with `*`: only events in which one of them had a part. */
  readonly rules?: readonly string[];
  /** Only hits of rules that notify one of these groups. */
  readonly notify?: readonly string[];
  /** Or else these. */
  readonly or?: SinkFilter;
}

/** Whether an event of this type can be wanted at all: asked before anything of it is parsed. */
export function createTypeFilter(filter: SinkFilter): (type: string) => boolean {
  const wanted = filter.types === undefined ? () => true : globs(filter.types);
  const or = filter.or === undefined ? null : createTypeFilter(filter.or);
  return or === null ? wanted : (type) => wanted(type) || or(type);
}

export type Wanted = (event: ToldEvent, story: Story) => boolean;

export function createFilter(filter: SinkFilter): Wanted {
  const type = filter.types === undefined ? null : globs(filter.types);
  const rule = filter.rules === undefined ? null : globs(filter.rules);
  const least = CRITICALITIES.indexOf(filter.criticality ?? "informational");
  const { notify } = filter;
  const or = filter.or === undefined ? null : createFilter(filter.or);
  const wanted: Wanted = (event, story) =>
    (type === null || type(event.type)) &&
    CRITICALITIES.indexOf(story.severity) >= least &&
    (rule === null || rulesOf(event, story).some(rule)) &&
    (notify === undefined || notifiedBy(event).some((group) => notify.includes(group)));
  return or === null ? wanted : (event, story) => wanted(event, story) || or(event, story);
}

function notifiedBy(event: ToldEvent): readonly string[] {
  return event.type === "rule.matched" ? (event.data.notify ?? []) : [];
}

function rulesOf(event: ToldEvent, story: Story): readonly string[] {
  if (event.type === "command.entered") return event.data.rules;
  return story.rule === undefined ? [] : [story.rule.id];
}

function globs(patterns: readonly string[]): (text: string) => boolean {
  const parts = patterns.map((pattern) => pattern.split("*"));
  return (text) => parts.some((literals) => matches(literals, text));
}

/** Linear: each literal is looked for once, from where the one before it ended. */
function matches(literals: readonly string[], text: string): boolean {
  const [first = "", ...rest] = literals;
  if (rest.length === 0) return text === first;
  if (!text.startsWith(first)) return false;
  const last = rest.pop() ?? "";
  let from = first.length;
  for (const literal of rest) {
    const at = text.indexOf(literal, from);
    if (at < 0) return false;
    from = at + literal.length;
  }
  return text.length - last.length >= from && text.endsWith(last);
}
