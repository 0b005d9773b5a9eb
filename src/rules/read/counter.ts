import {
  COUNTER_FIELDS,
  DISTINCT_FIELDS,
  type Counter,
  type CounterField,
} from "../../model/index.js";
import { readDuration } from "./duration.js";
import { nearest, type Reader, type Value } from "./reader.js";
import { mentions } from "./rule-keys.js";
import type { SequenceSource } from "./source.js";

const COUNTER_KEYS = ["count", "within", "by", "distinct"];
const SEQUENCE_KEYS = ["rules", "within", "by", "ordered"];
/** Every occurrence up to the count is remembered: more would be a leak with a name. */
const COUNT_MAX = 1_000;
const STEPS_MAX = 16;

/** `{ count: 3, within: 10m, by: [person], distinct: target }`: from the n-th occurrence on. */
export function readCounter(reader: Reader, value: Value, what: string): Counter | undefined {
  let count: number | undefined;
  let withinMs: number | undefined;
  let distinct: Counter["distinct"];
  let by: readonly CounterField[] = ["session"];
  for (const { key, value: inner } of reader.mapping(value, what, COUNTER_KEYS)) {
    if (key === "count") count = reader.integer(inner, `${what}.count`, { min: 1, max: COUNT_MAX });
    else if (key === "within") withinMs = readDuration(reader, inner, `${what}.within`);
    else if (key === "by") by = readBy(reader, inner, what);
    else distinct = reader.oneOf(inner, `${what}.distinct`, DISTINCT_FIELDS);
  }
  refuseEndless(reader, value, { what, by, withinMs });
  if (count === undefined) {
    if (!mentions(value, "count"))
      reader.refuse("CHP_RULES_SHAPE", `${what} needs "count"`, reader.place(value));
    return undefined;
  }
  return {
    count,
    by,
    ...(withinMs === undefined ? {} : { withinMs }),
    ...(distinct === undefined ? {} : { distinct }),
  };
}

/** `{ rules: [a, b], within: 10m, by: [session], ordered: true }` */
export function readSequence(reader: Reader, value: Value): SequenceSource | undefined {
  let rules: SequenceSource["rules"] = [];
  let withinMs: number | undefined;
  let by: readonly CounterField[] = ["session"];
  let ordered = true;
  for (const { key, value: inner } of reader.mapping(value, "sequence", SEQUENCE_KEYS)) {
    if (key === "rules") rules = reader.texts(inner, "sequence.rules");
    else if (key === "within") withinMs = readDuration(reader, inner, "sequence.within");
    else if (key === "by") by = readBy(reader, inner, "sequence");
    else ordered = reader.boolean(inner, "sequence.ordered") ?? true;
  }
  const at = reader.place(value);
  const names = rules.map((rule) => rule.text);
  if (rules.length < 2 || rules.length > STEPS_MAX)
    reader.refuse("CHP_RULES_SHAPE", `sequence.rules names 2 to ${STEPS_MAX} rules`, at);
  else if (new Set(names).size < names.length)
    reader.refuse("CHP_RULES_SHAPE", "sequence.rules names a rule twice: use a threshold", at);
  if (withinMs === undefined && !mentions(value, "within"))
    reader.refuse("CHP_RULES_SHAPE", 'sequence needs "within"', at);
  return withinMs === undefined ? undefined : { rules, withinMs, by, ordered };
}

/** What people of other products call them. */
const SAME_FIELDS: Readonly<Record<string, readonly CounterField[]>> = {
  user: ["person"],
  credential: ["account"],
  "user-target": ["person", "target"],
};

function readBy(reader: Reader, value: Value, what: string): readonly CounterField[] {
  const fields = reader.texts(value, `${what}.by`).flatMap(({ text, at }) => {
    const field = COUNTER_FIELDS.find((one) => one === text);
    if (field !== undefined) return [field];
    const same = SAME_FIELDS[text];
    if (same !== undefined) return same;
    reader.refuse(
      "CHP_RULES_SHAPE",
      `${what}.by "${text}" is none of ${COUNTER_FIELDS.join(", ")}${hintFor(text)}`,
      at,
    );
    return [];
  });
  return fields.length === 0 ? ["session"] : fields;
}

function hintFor(text: string): string {
  const near = nearest(text, [...COUNTER_FIELDS, ...Object.keys(SAME_FIELDS)]);
  return near === null ? "" : ` (did you mean "${near}"?)`;
}

/** What is counted across sessions has no end of its own. */
function refuseEndless(
  reader: Reader,
  value: Value,
  counter: {
    readonly what: string;
    readonly by: readonly CounterField[];
    readonly withinMs: number | undefined;
  },
): void {
  if (counter.withinMs !== undefined || counter.by.includes("session")) return;
  if (mentions(value, "within")) return;
  reader.refuse(
    "CHP_RULES_SHAPE",
    `${counter.what} by ${counter.by.join(", ")} needs "within": it goes on over sessions`,
    reader.place(value),
  );
}
