import { isMap, isSeq } from "yaml";
import {
  FACTORS,
  RULE_VERBS,
  type Factor,
  type RuleAction,
  type RuleVerb,
} from "../../model/index.js";
import { readCounter } from "./counter.js";
import { readDuration } from "./duration.js";
import { nearest, type Reader, type Value } from "./reader.js";

const LATER_FACTORS = ["push", "oidc", "radius", "ldap", "email-code"];
const ACTION_KEYS = [
  "do",
  "factors",
  "attempts",
  "timeout",
  "grace",
  "onFail",
  "onTimeout",
  "after",
  "for",
  "notify",
  "acr",
  "maxAge",
  "approvers",
  "min",
  "record",
];
/** What a rule can want in the request log of a web session. */
const RECORDED = ["bodies"] as const;
const LATER_KEYS = ["for", "acr", "maxAge"];
const GROUP = /^[A-Za-z0-9_][A-Za-z0-9_-]{0,39}$/;
/** More people than this never agree in time. */
const APPROVERS_MIN_MAX = 10;

/** `block`, `{ do: block }` or a list of these. */
export function readActions(reader: Reader, value: Value): readonly RuleAction[] {
  if (!isSeq(value)) return readAction(reader, value);
  if (value.items.length === 0)
    reader.refuse("CHP_RULES_SHAPE", "action is an empty list", reader.place(value));
  return (value.items as Value[]).flatMap((item) => readAction(reader, item)); // nodes of a parsed sequence
}

export function readVerb(reader: Reader, value: Value, what: string): RuleVerb | undefined {
  return reader.oneOf(value, what, RULE_VERBS);
}

type Draft = { -readonly [K in keyof RuleAction]: RuleAction[K] };

function readAction(reader: Reader, value: Value): readonly RuleAction[] {
  if (!isMap(value)) {
    const verb = readVerb(reader, value, "action");
    return verb === undefined ? [] : [{ verb }];
  }
  const draft: Partial<Draft> = {};
  let named = false;
  for (const { key, at, value: inner } of reader.mapping(value, "action", ACTION_KEYS)) {
    const where = `action.${key}`;
    if (LATER_KEYS.includes(key)) {
      reader.refuse(
        "CHP_RULES_UNSUPPORTED",
        `action setting "${key}" is not supported by this version`,
        at,
      );
    } else if (key === "do") {
      named = true;
      set(draft, "verb", readVerb(reader, inner, where));
    } else if (key === "factors") set(draft, "factors", readFactors(reader, inner));
    else if (key === "attempts")
      set(draft, "attempts", reader.integer(inner, where, { min: 1, max: 10 }));
    else if (key === "timeout") set(draft, "timeoutMs", readDuration(reader, inner, where));
    else if (key === "grace") set(draft, "graceMs", readDuration(reader, inner, where));
    else if (key === "onFail") set(draft, "onFail", readVerb(reader, inner, where));
    else if (key === "onTimeout") set(draft, "onTimeout", readVerb(reader, inner, where));
    else if (key === "approvers")
      set(
        draft,
        "approvers",
        reader.texts(inner, where).map((one) => one.text),
      );
    else if (key === "notify") set(draft, "notify", readGroups(reader, inner));
    else if (key === "record") set(draft, "record", reader.oneOf(inner, where, RECORDED));
    else if (key === "min")
      set(draft, "min", reader.integer(inner, where, { min: 1, max: APPROVERS_MIN_MAX }));
    else set(draft, "after", readCounter(reader, inner, where));
  }
  if (!named) reader.refuse("CHP_RULES_SHAPE", 'an action needs "do"', reader.place(value));
  const { verb, ...settings } = draft;
  return verb === undefined ? [] : [{ ...settings, verb }];
}

function set<K extends keyof Draft>(
  draft: Partial<Draft>,
  key: K,
  value: Draft[K] | undefined,
): void {
  if (value !== undefined) draft[key] = value;
}

/** Groups that `notify:` of the configuration names. */
function readGroups(reader: Reader, value: Value): readonly string[] {
  return reader.texts(value, "action.notify").flatMap(({ text, at }) => {
    if (GROUP.test(text)) return [text];
    reader.refuse("CHP_RULES_SHAPE", `"${text}" is no name of a group of \`notify\``, at);
    return [];
  });
}

function readFactors(reader: Reader, value: Value): readonly Factor[] {
  return reader.texts(value, "action.factors").flatMap(({ text, at }) => {
    const factor = FACTORS.find((one) => one === text);
    if (factor !== undefined) return [factor];
    const near = nearest(text, FACTORS);
    const hint = near === null ? `known: ${FACTORS.join(", ")}` : `did you mean "${near}"?`;
    if (LATER_FACTORS.includes(text))
      reader.refuse(
        "CHP_RULES_UNSUPPORTED",
        `factor "${text}" is not supported by this version`,
        at,
      );
    else reader.refuse("CHP_RULES_SHAPE", `unknown factor "${text}"; ${hint}`, at);
    return [];
  });
}
