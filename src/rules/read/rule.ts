import { isMap } from "yaml";
import type { RuleAction } from "../../model/index.js";
import { readActions } from "./action.js";
import { readCounter, readSequence } from "./counter.js";
import { readException } from "./exception.js";
import { readMatch } from "./match.js";
import { readMessage } from "./message.js";
import { readMoment } from "./moment.js";
import { mentions } from "./rule-keys.js";
import type { Entry, Reader, Value } from "./reader.js";
import { readScope } from "./scope.js";
import { readTests } from "./test.js";
import {
  MATURITIES,
  type Criticality,
  type Maturity,
  type RuleMode,
  type RuleSource,
  type ScopeSource,
} from "./source.js";

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
  readonly maturity: Maturity;
  /** All hold, the rule's own beside them. */
  readonly scopes: readonly ScopeSource[];
  readonly onUnparsed: RuleSource["onUnparsed"];
  readonly timezone: string;
  readonly author: readonly string[];
  readonly license: string | undefined;
  readonly references: readonly string[];
}

const RULE_KEYS = [
  "id",
  "name",
  "description",
  "status",
  "maturity",
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
export const TAG_FORM = /^[a-z0-9_-]+(\.[a-z0-9_.-]+)?$/;
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
  for (const entry of reader.mapping(value, "rule", RULE_KEYS)) {
    if (!readIdentity(reader, entry, draft)) readBehaviour(reader, entry, { draft, defaults });
  }
  if (!isMap(value)) return undefined;
  checkParts(reader, value, draft);
  const { id, name } = draft;
  if (id === undefined || name === undefined) return undefined;
  if (draft.match === undefined && draft.sequence === undefined) return undefined;
  return assemble({ ...draft, id, name }, { at, defaults });
}

function checkParts(reader: Reader, value: Value, draft: Draft): void {
  const at = reader.place(value);
  const allows = draft.effect === "allow";
  const sequence = mentions(value, "sequence");
  const wanted = ["id", "name", ...(sequence ? [] : ["match"]), ...(allows ? [] : ["action"])];
  for (const key of wanted) {
    if (!mentions(value, key)) reader.refuse("CHP_RULES_SHAPE", `a rule needs "${key}"`, at);
  }
  if (!sequence) return;
  for (const key of ["match", "threshold"]) {
    if (mentions(value, key))
      reader.refuse("CHP_RULES_SHAPE", `a rule with "sequence" has no "${key}"`, at);
  }
  if (allows) reader.refuse("CHP_RULES_SHAPE", "a sequence can not allow", at);
}

interface Assembly {
  readonly at: RuleSource["at"];
  readonly defaults: PackDefaults;
}

const ALLOW: readonly RuleAction[] = [{ verb: "allow" }];

function assemble(
  draft: Draft & Pick<RuleSource, "id" | "name">,
  { at, defaults }: Assembly,
): RuleSource {
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
    license: draft.license ?? defaults.license,
    references: draft.references ?? defaults.references,
    maturity: draft.maturity ?? defaults.maturity,
    scopes: [...defaults.scopes, ...(draft.scopes ?? [])],
    match: draft.match,
    sequence: draft.sequence,
    threshold: draft.threshold,
    actions: draft.actions ?? ALLOW,
    messages: draft.messages ?? [],
    exceptions: draft.exceptions ?? [],
    tests: draft.tests ?? [],
    onUnparsed: defaults.onUnparsed,
    expires: draft.expires,
  };
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
      reader.text(value, key);
      return true;
    case "license":
      assign(draft, "license", reader.text(value, key));
      return true;
    case "references":
      draft.references = reader.texts(value, key).map((one) => one.text);
      return true;
    case "falsepositives":
      reader.texts(value, key);
      return true;
    case "maturity":
      assign(draft, "maturity", reader.oneOf(value, key, MATURITIES));
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
  { key, value }: Entry,
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
  else if (key === "threshold") assign(draft, "threshold", readCounter(reader, value, key));
  else if (key === "sequence") assign(draft, "sequence", readSequence(reader, value));
  else if (key === "message") draft.messages = readMessage(reader, value);
  else if (key === "exceptions")
    draft.exceptions = reader
      .list(value, key)
      .flatMap((item) => readException(reader, item, defaults.timezone) ?? []);
  else if (key === "tests") draft.tests = readTests(reader, value);
  else assign(draft, "expires", readMoment(reader, value, key));
}

function assign<K extends keyof Draft>(draft: Draft, key: K, value: Draft[K] | undefined): void {
  if (value !== undefined) draft[key] = value;
}
