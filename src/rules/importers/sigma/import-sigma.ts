import { parseAllDocuments, stringify } from "yaml";
import { err, fault, ok, type Fault, type Place, type Result } from "../../../kernel/index.js";
import type { RuleVerb } from "../../../model/index.js";
import { createReader, type Reader, type Value } from "../../read/reader.js";
import { CRITICALITIES, ID_FORM, TAG_FORM } from "../../read/rule.js";
import type { Criticality, RuleMode } from "../../read/source.js";
import { readDetection } from "./detection.js";
import type { LogSource, MatchData } from "./field.js";

export interface SigmaFile {
  readonly file: string;
  readonly text: string;
}

export interface SigmaOptions {
  /** Name and version of the pack that is made. */
  readonly name: string;
  readonly mode: RuleMode;
  readonly action: RuleVerb;
  /** Rules below this level are left out, which is counted. */
  readonly minLevel: Criticality;
}

export interface SigmaImport {
  /** A rule pack as YAML. */
  readonly pack: string;
  readonly imported: number;
  /** Ids of rules below the level that was asked for. */
  readonly left: readonly string[];
  /** What could not be expressed, by file, line and name; such a rule is left out whole. */
  readonly refused: readonly Fault[];
}

const LICENSE = "DRL-1.1";
const SOURCE = "https://github.com/SigmaHQ/sigma";

/**
 * Sigma rules for Linux commands (process_creation, auditd EXECVE, keywords of shells) as a pack. A rule
 * is taken whole or refused by name: a part that has no equal here is never dropped. Author, licence
 * and references go into the rule, and from there into every alert (Detection Rule License 1.1).
 */
export function importSigma(files: readonly SigmaFile[], options: SigmaOptions): SigmaImport {
  const rules: RuleData[] = [];
  const refused: Fault[] = [];
  const left: string[] = [];
  const ids = new Set<string>();
  for (const file of files) {
    const rule = readSigmaRule(file, options);
    if (!rule.ok) refused.push(...rule.error);
    else if (rule.value === null) left.push(file.file);
    else if (ids.has(rule.value.id))
      refused.push(
        refusal(rule.value.id, "an id that another rule has", {
          file: file.file,
          line: 1,
          column: 1,
        }),
      );
    else {
      ids.add(rule.value.id);
      rules.push(rule.value);
    }
  }
  const pack = {
    apiVersion: "chaperone/v1",
    kind: "RulePack",
    metadata: { name: options.name, version: "1.0.0", license: LICENSE, source: SOURCE },
    defaults: { mode: options.mode, maturity: "sandbox" },
    rules,
  };
  return { pack: stringify(pack, YAML_STYLE), imported: rules.length, left, refused };
}

/** Selections that a condition names twice are written twice: rule files have no aliases. */
const YAML_STYLE = { lineWidth: 100, aliasDuplicateObjects: false } as const;

interface RuleData {
  readonly id: string;
  readonly match: MatchData;
  readonly [key: string]: unknown;
}

function refusal(name: string, why: string, at: Place): Fault {
  return fault("CHP_RULES_SIGMA", `${name}: ${why} can not be expressed`, at);
}

/** One rule; null when it is below the level. */
function readSigmaRule(
  { file, text }: SigmaFile,
  options: SigmaOptions,
): Result<RuleData | null, readonly Fault[]> {
  const start = { file, line: 1, column: 1 };
  if (documentsOf(text) > 1) return err([refusal(file, "several documents in one file", start)]);
  const reader = createReader(file, text);
  if (reader.faults.length > 0) return err(reader.faults);
  const entries = new Map(reader.entries(reader.root, "rule").map((one) => [one.key, one.value]));
  if (reader.faults.length > 0) return err(reader.faults);
  const title = scalar(reader, entries.get("title")) ?? file;
  const faults: Fault[] = [];
  const refuse = (why: string, at: Place): void => {
    faults.push(refusal(title, why, at));
  };
  if (entries.has("correlation")) return err([refusal(title, "a correlation of rules", start)]);
  const level = criticalityOf(scalar(reader, entries.get("level")));
  if (CRITICALITIES.indexOf(level) < CRITICALITIES.indexOf(options.minLevel)) return ok(null);
  const source = readLogSource(reader, entries.get("logsource"), refuse);
  if (source === null) return err(faults);
  const match = readDetection(entries.get("detection"), { reader, source, refuse });
  if (match === undefined || faults.length > 0)
    return err(faults.length > 0 ? faults : [refusal(title, "the detection", start)]);
  return ok(ruleData({ reader, entries, title, level, match }, options));
}

function documentsOf(text: string): number {
  const documents = parseAllDocuments(text);
  return Array.isArray(documents) ? documents.length : 1;
}

function readLogSource(
  reader: Reader,
  value: Value,
  refuse: (why: string, at: Place) => void,
): LogSource | null {
  const parts = Object.fromEntries(
    reader.entries(value, "logsource").map(({ key, value: inner }) => [key, scalar(reader, inner)]),
  );
  const { product, category, service } = parts;
  if (product === "linux" || product === undefined) {
    if (category === "process_creation") return "process";
    if (service === "auditd" && category === undefined) return "execve";
    if (product === "linux" && category === undefined && service === undefined) return "keywords";
  }
  const words = [product, category, service].filter((word) => word !== undefined).join("/");
  refuse(`log source ${words === "" ? "of nothing" : words}`, reader.place(value));
  return null;
}

interface SigmaRule {
  readonly reader: Reader;
  readonly entries: ReadonlyMap<string, Value>;
  readonly title: string;
  readonly level: Criticality;
  readonly match: MatchData;
}

const NAME_CHARS_MAX = 120;

function ruleData(
  { reader, entries, title, level, match }: SigmaRule,
  options: SigmaOptions,
): RuleData {
  const text = (key: string): string | undefined => scalar(reader, entries.get(key));
  const uuid = text("id") ?? "";
  const id = ID_FORM.test(`sigma-${uuid}`) ? `sigma-${uuid}` : `sigma-${slug(title)}`;
  const author = (text("author") ?? "Sigma")
    .split(/,(?![^(]*\))/)
    .map((one) => one.trim())
    .filter((one) => one !== "");
  const tags = list(reader, entries.get("tags")).filter((tag) => TAG_FORM.test(tag));
  const references = list(reader, entries.get("references"));
  const status = STATUSES[text("status") ?? ""];
  return {
    id,
    name: title.length > NAME_CHARS_MAX ? `${title.slice(0, NAME_CHARS_MAX - 3)}...` : title,
    ...(text("description") === undefined ? {} : { description: text("description") }),
    ...(status === undefined ? {} : { status }),
    criticality: level,
    ...(tags.length === 0 ? {} : { tags }),
    author,
    license: text("license") ?? LICENSE,
    references: [...references, `${SOURCE} ${uuid}`.trim()],
    match,
    action: options.action,
  };
}

const STATUSES: Readonly<Record<string, string>> = {
  stable: "stable",
  test: "test",
  experimental: "experimental",
  deprecated: "deprecated",
  unsupported: "deprecated",
};

function slug(title: string): string {
  const plain = title.toLowerCase().replace(/[^a-z0-9]+/g, "-");
  return plain.replace(/^-+|-+$/g, "").slice(0, 56) || "rule";
}

function criticalityOf(level: string | undefined): Criticality {
  return CRITICALITIES.find((one) => one === level) ?? "medium";
}

function scalar(reader: Reader, value: Value): string | undefined {
  return value === undefined || value === null ? undefined : reader.text(value, "value")?.trim();
}

function list(reader: Reader, value: Value): readonly string[] {
  return value === undefined || value === null
    ? []
    : reader.texts(value, "list").map((one) => one.text.trim());
}
