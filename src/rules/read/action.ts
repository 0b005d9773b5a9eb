import { isMap, isSeq } from "yaml";
import { RULE_VERBS, type Factor, type RuleAction, type RuleVerb } from "../../model/index.js";
import type { Reader, Value } from "./reader.js";

const FACTORS: readonly Factor[] = ["totp", "password"];
const LATER_FACTORS = ["webauthn", "push", "oidc", "radius", "ldap", "webhook", "email-code"];
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
];
const LATER_KEYS = ["for", "notify", "acr", "maxAge", "approvers", "min"];

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
    else set(draft, "afterCount", readAfter(reader, inner, where));
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

function readFactors(reader: Reader, value: Value): readonly Factor[] {
  return reader.texts(value, "action.factors").flatMap(({ text, at }) => {
    const factor = FACTORS.find((one) => one === text);
    if (factor !== undefined) return [factor];
    const later = LATER_FACTORS.includes(text);
    reader.refuse(
      later ? "CHP_RULES_UNSUPPORTED" : "CHP_RULES_SHAPE",
      later ? `factor "${text}" is not supported by this version` : `unknown factor "${text}"`,
      at,
    );
    return [];
  });
}

/** Number of hits in the session from which on the action counts. */
export function readAfter(reader: Reader, value: Value, what: string): number | undefined {
  let count: number | undefined;
  for (const { key, at, value: inner } of reader.mapping(value, what, [
    "count",
    "by",
    "within",
    "distinct",
  ])) {
    if (key === "count") count = reader.integer(inner, `${what}.count`, { min: 1, max: 10_000 });
    else if (key === "by") {
      for (const by of reader.texts(inner, `${what}.by`)) {
        if (by.text !== "session")
          reader.refuse(
            "CHP_RULES_UNSUPPORTED",
            `counting by "${by.text}" is not supported by this version`,
            by.at,
          );
      }
    } else
      reader.refuse(
        "CHP_RULES_UNSUPPORTED",
        `"${key}" of a count is not supported by this version`,
        at,
      );
  }
  if (count === undefined)
    reader.refuse("CHP_RULES_SHAPE", `${what} needs "count"`, reader.place(value));
  return count;
}

const UNIT_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** `500ms`, `30s`, `5m`, `2h`, `1d`; `session` lasts as long as any session. */
export function readDuration(reader: Reader, value: Value, what: string): number | undefined {
  const text = reader.text(value, what);
  if (text === undefined) return undefined;
  if (text === "session") return Number.MAX_SAFE_INTEGER / 1_000_000;
  const match = /^(\d{1,9})(ms|s|m|h|d)$/.exec(text);
  const unit = UNIT_MS[match?.[2] ?? ""];
  if (match === null || unit === undefined) {
    reader.refuse(
      "CHP_RULES_SHAPE",
      `${what} must be a duration like 30s, 5m or 2h`,
      reader.place(value),
    );
    return undefined;
  }
  return Number(match[1]) * unit;
}
