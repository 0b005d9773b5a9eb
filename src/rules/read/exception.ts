import { readVerb } from "./action.js";
import { readMatch } from "./match.js";
import { readMoment } from "./moment.js";
import type { Reader, Value } from "./reader.js";
import { mentions } from "./rule-keys.js";
import { readScope } from "./scope.js";
import type { ExceptionSource, ScopeSource } from "./source.js";

const EXCEPTION_KEYS = [
  "id",
  "scope",
  "match",
  "reason",
  "owner",
  "expires",
  "downgradeTo",
  "ticket",
];
const REASON_CHARS_MIN = 8;

/** A case taken out of a rule: somebody answers for it, and it ends. */
export function readException(
  reader: Reader,
  value: Value,
  timezone: string,
): ExceptionSource | undefined {
  let label: string | undefined;
  let expires: number | undefined;
  let owner: string | undefined;
  let reason: string | undefined;
  let scope: ScopeSource | undefined;
  let match: ExceptionSource["match"];
  let downgradeTo: ExceptionSource["downgradeTo"];
  for (const { key, value: inner } of reader.mapping(value, "exception", EXCEPTION_KEYS)) {
    if (key === "id") label = reader.text(inner, "exception.id");
    else if (key === "scope") scope = readScope(reader, inner, { timezone });
    else if (key === "match") match = readMatch(reader, inner);
    else if (key === "reason") reason = readReason(reader, inner);
    else if (key === "owner") owner = reader.text(inner, "exception.owner");
    else if (key === "expires") expires = readMoment(reader, inner, "exception.expires");
    else if (key === "downgradeTo") downgradeTo = readVerb(reader, inner, "exception.downgradeTo");
    else reader.text(inner, `exception.${key}`);
  }
  const at = reader.place(value);
  for (const [key, got] of Object.entries({ reason, owner, expires })) {
    if (got === undefined && !mentions(value, key))
      reader.refuse("CHP_RULES_SHAPE", `an exception needs "${key}"`, at);
  }
  if (expires === undefined || owner === undefined) return undefined;
  return { at, label: label ?? `of ${owner}`, owner, scope, match, downgradeTo, expires };
}

export function readReason(reader: Reader, value: Value): string | undefined {
  const reason = reader.text(value, "reason");
  if (reason !== undefined && reason.trim().length < REASON_CHARS_MIN)
    reader.refuse(
      "CHP_RULES_SHAPE",
      `a reason has at least ${REASON_CHARS_MIN} characters`,
      reader.place(value),
    );
  return reason;
}
