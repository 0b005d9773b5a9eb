import type { Place } from "../../../kernel/index.js";
import type { Reader, Value } from "../../read/reader.js";

/** What a Sigma correlation asks of other rules (Sigma correlation rules specification 2.0). */
export interface Correlation {
  /** Names or ids of the rules that it is about. */
  readonly rules: readonly { readonly text: string; readonly at: Place }[];
  /** The rules as such are to be told, too. */
  readonly generate: boolean;
  readonly counter:
    | { readonly kind: "threshold"; readonly threshold: Readonly<Record<string, unknown>> }
    | { readonly kind: "sequence"; readonly ordered: boolean };
  readonly within: string;
  readonly by: readonly string[];
}

type Refuse = (why: string, at: Place) => void;

const TYPES = ["event_count", "value_count", "temporal", "temporal_ordered"] as const;
/** What events are grouped by there, and what sessions are counted by here. */
const GROUPS: Readonly<Record<string, string>> = {
  user: "account",
  targetusername: "account",
  account: "account",
  "user.name": "account",
  auid: "person",
  subjectusername: "person",
  computer: "target",
  computername: "target",
  host: "target",
  hostname: "target",
  node: "target",
  "host.name": "target",
  sourceip: "origin",
  src_ip: "origin",
  ipaddress: "origin",
  "source.ip": "origin",
  logonid: "session",
  sessionid: "session",
  ses: "session",
};
/** What different values may be counted of. */
const VALUES: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    Object.entries(GROUPS).filter(
      ([, field]) => field === "account" || field === "target" || field === "origin",
    ),
  ),
  image: "exec",
  exe: "exec",
  comm: "exec",
  a0: "exec",
  commandline: "line",
  a1: "arg",
};

/** The value of `correlation:`; undefined when something of it has no equal, which is told. */
export function readCorrelation(
  reader: Reader,
  value: Value,
  refuse: Refuse,
): Correlation | undefined {
  const at = reader.place(value);
  const parts = new Map(reader.entries(value, "correlation").map((one) => [one.key, one]));
  const placeOf = (key: string): Place => parts.get(key)?.at ?? at;
  const type = TYPES.find((one) => one === textOf(reader, parts.get("type")?.value));
  const within = textOf(reader, parts.get("timespan")?.value);
  const rules = listOf(reader, parts.get("rules")?.value);
  if (type === undefined) refuse("this type of correlation", placeOf("type"));
  if (within === undefined || !/^\d+[smhd]$/.test(within))
    refuse("a correlation without a timespan such as 5m", placeOf("timespan"));
  if (rules.length === 0) refuse("a correlation of no rules", at);
  if (parts.has("aliases")) refuse("aliases of fields", placeOf("aliases"));
  const by = groupsOf(reader, parts.get("group-by")?.value, { refuse, at });
  const generate = textOf(reader, parts.get("generate")?.value) === "true";
  if (type === undefined || within === undefined || by === undefined) return undefined;
  const counter = counterOf(reader, parts.get("condition")?.value, { type, refuse, at });
  return counter === undefined ? undefined : { rules, generate, within, by, counter };
}

/** What has to come together: rules one after the other, or one so often. */
function counterOf(
  reader: Reader,
  value: Value,
  { type, refuse, at }: Telling & { readonly type: (typeof TYPES)[number] },
): Correlation["counter"] | undefined {
  if (type === "temporal" || type === "temporal_ordered")
    return { kind: "sequence", ordered: type === "temporal_ordered" };
  const condition = readCondition(reader, value, { refuse, at });
  if (condition === undefined) return undefined;
  const { count, field = "" } = condition;
  if (type === "event_count") return { kind: "threshold", threshold: { count } };
  const distinct = VALUES[field.toLowerCase()];
  if (distinct !== undefined) return { kind: "threshold", threshold: { count, distinct } };
  refuse(`different values of "${field}"`, at);
  return undefined;
}

interface Telling {
  readonly refuse: Refuse;
  readonly at: Place;
}

function groupsOf(
  reader: Reader,
  value: Value,
  { refuse, at }: Telling,
): readonly string[] | undefined {
  const groups = listOf(reader, value);
  if (groups.length === 0) {
    refuse("a correlation that is not grouped by anything", at);
    return undefined;
  }
  const known = groups.map(({ text, at: where }) => {
    const field = GROUPS[text.toLowerCase()];
    if (field === undefined) refuse(`grouping by "${text}"`, where);
    return field;
  });
  return known.every((field) => field !== undefined) ? [...new Set(known)] : undefined;
}

function readCondition(
  reader: Reader,
  value: Value,
  { refuse, at }: Telling,
): { readonly count: number; readonly field: string | undefined } | undefined {
  let count: number | undefined;
  let field: string | undefined;
  for (const { key, at: where, value: inner } of reader.entries(value, "correlation.condition")) {
    const text = textOf(reader, inner) ?? "";
    if (key === "field") field = text;
    else if (key === "gte" || key === "gt") {
      if (/^\d{1,4}$/.test(text)) count = Number(text) + (key === "gt" ? 1 : 0);
    } else {
      refuse(`the condition "${key}" of a correlation`, where);
      return undefined;
    }
  }
  if (count === undefined || count < 1) {
    refuse("a correlation without a number to reach", at);
    return undefined;
  }
  return { count, field };
}

function textOf(reader: Reader, value: Value): string | undefined {
  return value === undefined || value === null ? undefined : reader.text(value, "value")?.trim();
}

function listOf(
  reader: Reader,
  value: Value,
): readonly { readonly text: string; readonly at: Place }[] {
  return value === undefined || value === null ? [] : reader.texts(value, "list");
}
