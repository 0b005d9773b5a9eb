import { readActions, readVerb } from "./action.js";
import { readMoment } from "./moment.js";
import { mentions } from "./rule-keys.js";
import { CRITICALITIES, ID_FORM, MODES, readRule, type PackDefaults } from "./rule.js";
import { readException, readReason } from "./exception.js";
import { readLists, type ReadText } from "./list.js";
import { createReader, type Reader, type Value } from "./reader.js";
import { readScope, readTimezone } from "./scope.js";
import {
  MATURITIES,
  type ExceptionSource,
  type Maturity,
  type OverrideSource,
  type PackSource,
  type RuleSource,
  type ScopeSource,
} from "./source.js";
import type { Fault } from "../../kernel/index.js";

const PACK_KEYS = [
  "apiVersion",
  "kind",
  "metadata",
  "includes",
  "lists",
  "defaults",
  "default",
  "scope",
  "rules",
  "overrides",
];
const KINDS = ["RulePack", "Policy", "Overrides", "Lists"] as const;
const METADATA_KEYS = [
  "name",
  "version",
  "title",
  "description",
  "author",
  "license",
  "source",
  "references",
];

export interface PackReading {
  readonly pack: PackSource;
  readonly faults: readonly Fault[];
}

/** One rule file as it was found, and which maturities of its rules are in force (all when absent). */
export interface PackFile {
  readonly file: string;
  readonly text: string;
  readonly maturities?: readonly Maturity[];
}

/** Reads one rule file; whatever is wrong with it is told, with its place. */
export function readPack(
  { file, text, maturities }: PackFile,
  readText: ReadText | undefined,
): PackReading {
  const reader = createReader(file, text);
  const draft = emptyPack(file, maturities);
  if (reader.root === null || reader.root === undefined) {
    if (reader.faults.length === 0)
      reader.refuse("CHP_RULES_SHAPE", "the file is empty", { file, line: 1, column: 1 });
    return { pack: draft, faults: reader.faults };
  }
  const entries = reader.mapping(reader.root, "rule file", PACK_KEYS);
  const valueOf = (key: string): Value => entries.find((entry) => entry.key === key)?.value;
  for (const key of ["apiVersion", "kind", "metadata"]) {
    if (!mentions(reader.root, key))
      reader.refuse("CHP_RULES_SHAPE", `a rule file needs "${key}"`, reader.place(reader.root));
  }
  if (mentions(reader.root, "apiVersion"))
    reader.oneOf(valueOf("apiVersion"), "apiVersion", ["chaperone/v1"]);
  if (mentions(reader.root, "kind"))
    draft.kind = reader.oneOf(valueOf("kind"), "kind", KINDS) ?? "RulePack";
  if (mentions(reader.root, "metadata")) readMetadata(reader, valueOf("metadata"), draft);
  const general = readDefaults(reader, valueOf("defaults"), draft);
  // A scope beside the rules holds for each of them, wherever in the file it stands.
  const scope = mentions(reader.root, "scope")
    ? [readScope(reader, valueOf("scope"), { timezone: general.timezone })]
    : [];
  const defaults = { ...general, scopes: [...general.scopes, ...scope] };
  draft.scopes = defaults.scopes;
  draft.denyMode = defaults.mode;
  for (const { key, at, value } of entries) {
    if (key === "includes")
      reader.refuse(
        "CHP_RULES_UNSUPPORTED",
        '"includes" is not supported by this version; list the files under `rules:` of the configuration',
        at,
      );
    else if (key === "lists") draft.lists = readLists(reader, value, readText);
    else if (key === "default") {
      const word = reader.oneOf(value, "default", ["allow", "deny"]);
      if (draft.kind !== "Policy")
        reader.refuse("CHP_RULES_SHAPE", '"default" belongs to kind: Policy', at);
      else draft.deny = word === "deny";
    } else if (key === "rules")
      draft.rules = reader
        .list(value, "rules")
        .flatMap((item) => readRule(reader, item, defaults) ?? []);
    else if (key === "overrides")
      draft.overrides = reader
        .list(value, "overrides")
        .flatMap((item) => readOverride(reader, item, defaults.timezone) ?? []);
  }
  refuseMisplaced(reader, draft);
  return { pack: draft, faults: reader.faults };
}

type Draft = { -readonly [K in keyof PackSource]: PackSource[K] };

function emptyPack(file: string, maturities: PackFile["maturities"]): Draft {
  return {
    file,
    kind: "RulePack",
    name: "",
    version: "",
    author: [],
    license: undefined,
    references: [],
    lists: new Map(),
    rules: [],
    overrides: [],
    deny: false,
    denyMode: "enforce",
    scopes: [],
    maturities,
  };
}

function refuseMisplaced(reader: Reader, draft: Draft): void {
  const at = reader.place(reader.root);
  if (draft.rules.length > 0 && (draft.kind === "Lists" || draft.kind === "Overrides"))
    reader.refuse("CHP_RULES_SHAPE", `kind: ${draft.kind} holds no rules`, at);
  if (draft.overrides.length > 0 && draft.kind !== "Overrides")
    reader.refuse("CHP_RULES_SHAPE", '"overrides" belongs to kind: Overrides', at);
}

function readMetadata(reader: Reader, value: Value, draft: Draft): void {
  for (const { key, value: inner } of reader.mapping(value, "metadata", METADATA_KEYS)) {
    if (key === "name") {
      draft.name = reader.text(inner, "metadata.name") ?? "";
      if (!ID_FORM.test(draft.name))
        reader.refuse(
          "CHP_RULES_SHAPE",
          "metadata.name must be 3 to 64 of a-z 0-9 . _ -",
          reader.place(inner),
        );
    } else if (key === "version") {
      draft.version = reader.text(inner, "metadata.version") ?? "";
      if (!/^\d+\.\d+\.\d+/.test(draft.version))
        reader.refuse(
          "CHP_RULES_SHAPE",
          "metadata.version must look like 1.0.0",
          reader.place(inner),
        );
    } else if (key === "author") draft.author = reader.texts(inner, key).map((one) => one.text);
    else if (key === "references")
      draft.references = reader.texts(inner, key).map((one) => one.text);
    else if (key === "license") draft.license = reader.text(inner, "metadata.license");
    else reader.text(inner, `metadata.${key}`);
  }
  for (const key of ["name", "version"]) {
    if (!mentions(value, key))
      reader.refuse("CHP_RULES_SHAPE", `metadata needs "${key}"`, reader.place(value));
  }
}

function readDefaults(
  reader: Reader,
  value: Value,
  { author, license, references }: Draft,
): PackDefaults {
  let mode: PackDefaults["mode"] = "enforce";
  let criticality: PackDefaults["criticality"] = "medium";
  let maturity: PackDefaults["maturity"] = "stable";
  let scopeValue: Value;
  let onUnparsed: PackDefaults["onUnparsed"];
  let timezone = "UTC";
  const known = ["mode", "criticality", "maturity", "scope", "onUnparsed", "timezone"];
  if (value !== undefined && value !== null) {
    for (const { key, value: inner } of reader.mapping(value, "defaults", known)) {
      if (key === "mode") mode = reader.oneOf(inner, "defaults.mode", MODES) ?? mode;
      else if (key === "criticality")
        criticality = reader.oneOf(inner, "defaults.criticality", CRITICALITIES) ?? criticality;
      else if (key === "maturity")
        maturity = reader.oneOf(inner, "defaults.maturity", MATURITIES) ?? maturity;
      else if (key === "onUnparsed") onUnparsed = readVerb(reader, inner, "defaults.onUnparsed");
      else if (key === "timezone") timezone = readTimezone(reader, inner, timezone);
      else scopeValue = inner;
    }
  }
  const scopes = scopeValue === undefined ? [] : [readScope(reader, scopeValue, { timezone })];
  return { mode, criticality, maturity, scopes, onUnparsed, timezone, author, license, references };
}

const OVERRIDE_KEYS = [
  "rule",
  "mode",
  "criticality",
  "score",
  "action",
  "scope",
  "addExceptions",
  "reason",
  "owner",
  "expires",
];

function readOverride(reader: Reader, value: Value, timezone: string): OverrideSource | undefined {
  const at = reader.place(value);
  let rule: string | undefined;
  let exceptions: readonly ExceptionSource[] = [];
  let scope: ScopeSource | undefined;
  let actions: RuleSource["actions"] | undefined;
  let mode: OverrideSource["mode"];
  let criticality: OverrideSource["criticality"];
  let score: number | undefined;
  let expires: number | undefined;
  for (const { key, value: inner } of reader.mapping(value, "override", OVERRIDE_KEYS)) {
    if (key === "rule") rule = reader.text(inner, "override.rule");
    else if (key === "mode") mode = reader.oneOf(inner, "override.mode", MODES);
    else if (key === "criticality")
      criticality = reader.oneOf(inner, "override.criticality", CRITICALITIES);
    else if (key === "score") score = reader.integer(inner, "override.score", { min: 0, max: 100 });
    else if (key === "action") actions = readActions(reader, inner);
    else if (key === "scope") scope = readScope(reader, inner, { timezone });
    else if (key === "addExceptions")
      exceptions = reader
        .list(inner, key)
        .flatMap((item) => readException(reader, item, timezone) ?? []);
    else if (key === "reason") readReason(reader, inner);
    else if (key === "owner") reader.text(inner, "override.owner");
    else expires = readMoment(reader, inner, "override.expires");
  }
  for (const key of ["rule", "reason", "owner"]) {
    if (!mentions(value, key)) reader.refuse("CHP_RULES_SHAPE", `an override needs "${key}"`, at);
  }
  if (rule === undefined) return undefined;
  return { rule, at, mode, criticality, score, actions, scope, exceptions, expires };
}
