import { isMap } from "yaml";
import type { RuleAction } from "../../model/index.js";
import { readActions, readAfter, readVerb } from "./action.js";
import { readMatch } from "./match.js";
import { readMoment } from "./moment.js";
import { mentions } from "./rule-keys.js";
import type { Entry, Reader, Value } from "./reader.js";
import { readScope } from "./scope.js";
import { readTests } from "./test.js";
import type { Criticality, ExceptionSource, RuleMode, RuleSource, ScopeSource } from "./source.js";

export const CRITICALITIES: readonly Criticality[] = [
  "informational",
  "low",
  "medium",
  "high",
  "critical",
];
export const MODES: readonly RuleMode[] = ["enforce", "shadow", "off"];

/** What the pack says for all its rules. */
export interface PackDefaults {
  readonly mode: RuleMode;
  readonly criticality: Criticality;
  readonly scope: ScopeSource | undefined;
  readonly onUnparsed: RuleSource["onUnparsed"];
  readonly timezone: string;
  readonly author: readonly string[];
}

const RULE_KEYS = [
  "id",
  "name",
  "description",
  "status",
  "mode",
  "effect",
  "suppresses",
  "criticality",
  "score",
  "tags",
  "author",
  "license",
  "references",
  "falsepositives",
  "scope",
  "match",
  "threshold",
  "sequence",
  "action",
  "message",
  "exceptions",
  "tests",
  "expires",
];
const STATUSES = ["stable", "test", "experimental", "deprecated"] as const;
export const ID_FORM = /^[a-z0-9][a-z0-9._-]{2,63}$/;
const TAG_FORM = /^[a-z0-9_-]+(\.[a-z0-9_.-]+)?$/;
const NAME_CHARS_MAX = 120;

type Draft = { -readonly [K in keyof RuleSource]?: RuleSource[K] };

/** One rule; undefined when what makes it a rule is missing (which is a fault then). */
export function readRule(
  reader: Reader,
  value: Value,
  defaults: PackDefaults,
): RuleSource | undefined {
  const draft: Draft = {};
  const at = reader.place(value);
  let threshold: number | undefined;
  for (const entry of reader.mapping(value, "rule", RULE_KEYS)) {
    if (entry.key === "threshold") threshold = readAfter(reader, entry.value, "threshold");
    else if (!readIdentity(reader, entry, draft)) readBehaviour(reader, entry, { draft, defaults });
  }
  if (!isMap(value)) return undefined;
  const allows = draft.effect === "allow";
  for (const key of ["id", "name", "match", ...(allows ? [] : ["action"])]) {
    if (!mentions(value, key)) reader.refuse("CHP_RULES_SHAPE", `a rule needs "${key}"`, at);
  }
  if (draft.id === undefined || draft.name === undefined || draft.match === undefined)
    return undefined;
  return assemble(
    { ...draft, id: draft.id, name: draft.name, match: draft.match },
    { at, defaults, threshold },
  );
}

interface Assembly {
  readonly at: RuleSource["at"];
  readonly defaults: PackDefaults;
  readonly threshold: number | undefined;
}

function assemble(
  draft: Draft & Pick<RuleSource, "id" | "name" | "match">,
  { at, defaults, threshold }: Assembly,
): RuleSource {
  const actions: readonly RuleAction[] = draft.actions ?? [{ verb: "allow" }];
  return {
    id: draft.id,
    at,
    name: draft.name,
    mode: draft.mode ?? defaults.mode,
    effect: draft.effect ?? "restrict",
    suppresses: draft.suppresses ?? [],
    criticality: draft.criticality ?? defaults.criticality,
    score: draft.score,
    tags: draft.tags ?? [],
    author: draft.author ?? defaults.author,
    scopes: [defaults.scope, draft.scopes?.[0]].filter((scope) => scope !== undefined),
    match: draft.match,
    actions:
      threshold === undefined ? actions : actions.map((action) => delayed(action, threshold)),
    message: draft.message,
    exceptions: draft.exceptions ?? [],
    tests: draft.tests ?? [],
    onUnparsed: defaults.onUnparsed,
    expires: draft.expires,
  };
}

/** A threshold of the rule holds for every action that does not set a later one. */
function delayed(action: RuleAction, count: number | undefined): RuleAction {
  return { ...action, afterCount: Math.max(action.afterCount ?? 1, count ?? 1) };
}

function readIdentity(reader: Reader, { key, at, value }: Entry, draft: Draft): boolean {
  switch (key) {
    case "id": {
      const id = reader.text(value, "id");
      if (id === undefined) return true;
      if (ID_FORM.test(id)) draft.id = id;
      else
        reader.refuse(
          "CHP_RULES_SHAPE",
          `id "${id}" must be 3 to 64 of a-z 0-9 . _ -`,
          reader.place(value),
        );
      return true;
    }
    case "name": {
      const name = reader.text(value, "name");
      if (name !== undefined && name.length > NAME_CHARS_MAX)
        reader.refuse("CHP_RULES_SHAPE", `name is longer than ${NAME_CHARS_MAX} characters`, at);
      if (name !== undefined) draft.name = name;
      return true;
    }
    case "description":
    case "license":
      reader.text(value, key);
      return true;
    case "references":
    case "falsepositives":
      reader.texts(value, key);
      return true;
    case "status":
      reader.oneOf(value, key, STATUSES);
      return true;
    case "author":
      draft.author = reader.texts(value, key).map((one) => one.text);
      return true;
    case "tags":
      draft.tags = readTags(reader, value);
      return true;
    default:
      return false;
  }
}

function readTags(reader: Reader, value: Value): readonly string[] {
  return reader.list(value, "tags").flatMap((item) => {
    const tag = reader.text(item, "tag");
    if (tag === undefined) return [];
    if (!TAG_FORM.test(tag))
      reader.refuse(
        "CHP_RULES_SHAPE",
        `tag "${tag}" must look like attack.t1485`,
        reader.place(item),
      );
    return [tag];
  });
}

function readBehaviour(
  reader: Reader,
  { key, at, value }: Entry,
  { draft, defaults }: { draft: Draft; defaults: PackDefaults },
): void {
  if (key === "mode") assign(draft, "mode", reader.oneOf(value, key, MODES));
  else if (key === "effect")
    assign(draft, "effect", reader.oneOf(value, key, ["restrict", "allow"]));
  else if (key === "suppresses") draft.suppresses = reader.texts(value, key);
  else if (key === "criticality")
    assign(draft, "criticality", reader.oneOf(value, key, CRITICALITIES));
  else if (key === "score")
    assign(draft, "score", reader.integer(value, key, { min: 0, max: 100 }));
  else if (key === "scope")
    draft.scopes = [readScope(reader, value, { timezone: defaults.timezone })];
  else if (key === "match") assign(draft, "match", readMatch(reader, value));
  else if (key === "action") draft.actions = readActions(reader, value);
  else if (key === "message") assign(draft, "message", readMessage(reader, value));
  else if (key === "exceptions")
    draft.exceptions = reader
      .list(value, key)
      .flatMap((item) => readException(reader, item, defaults.timezone) ?? []);
  else if (key === "tests") draft.tests = readTests(reader, value);
  else if (key === "expires") assign(draft, "expires", readMoment(reader, value, key));
  else reader.refuse("CHP_RULES_UNSUPPORTED", `"${key}" is not supported by this version`, at);
}

function assign<K extends keyof Draft>(draft: Draft, key: K, value: Draft[K] | undefined): void {
  if (value !== undefined) draft[key] = value;
}

/** A text, or one a language; English wins, else the first. */
function readMessage(reader: Reader, value: Value): string | undefined {
  if (!isMap(value)) return reader.text(value, "message");
  const texts = reader
    .entries(value, "message")
    .map(({ key, value: inner }) => ({ key, text: reader.text(inner, `message.${key}`) }));
  return texts.find((one) => one.key === "en")?.text ?? texts[0]?.text;
}

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
  if (expires === undefined) return undefined;
  return { at, label: label ?? `of ${owner ?? "nobody"}`, scope, match, downgradeTo, expires };
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
