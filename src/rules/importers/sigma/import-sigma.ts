import { stringify } from "yaml";
import { err, fault, ok, type Fault, type Place, type Result } from "../../../kernel/index.js";
import type { RuleVerb } from "../../../model/index.js";
import { createReader, type Reader, type Value } from "../../read/reader.js";
import { CRITICALITIES, ID_FORM, TAG_FORM } from "../../read/rule.js";
import type { Criticality, RuleMode } from "../../read/source.js";
import { readCorrelation, type Correlation } from "./correlation.js";
import { anyOf, readDetection, type Lost } from "./detection.js";
import { splitDocuments, type SigmaFile } from "./documents.js";
import type { LogSource, MatchData } from "./field.js";

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
  /** Files of rules below the level that was asked for. */
  readonly left: readonly string[];
  /** What could not be expressed, by file, line and name; such a rule is left out whole. */
  readonly refused: readonly Fault[];
  /** Filters and ways to hold that rules were imported without; their descriptions say so, too. */
  readonly lossy: readonly Fault[];
}

const LICENSE = "DRL-1.1";
const SOURCE = "https://github.com/SigmaHQ/sigma";

/**
 * Sigma rules for Linux commands and files (process_creation, auditd, file_event, keywords of shells) and
 * correlations of these as a pack. What has no equal here is never dropped silently: a rule that says
 * nothing without it is refused by name, a filter or one of several ways to hold is left out and told.
 * Author, licence and references go into the rule, and from there into every alert (Detection Rule
 * License 1.1).
 */
export function importSigma(files: readonly SigmaFile[], options: SigmaOptions): SigmaImport {
  const state: Importing = { rules: new Map(), refused: [], lossy: [], left: [], base: new Map() };
  const correlations: Read[] = [];
  for (const document of files.flatMap(splitDocuments)) {
    const read = readSigmaRule(document);
    if (!read.ok) state.refused.push(...read.error);
    else if (read.value.correlation !== undefined) correlations.push(read.value);
    else addRule(read.value, state, options);
  }
  // Rules that others are made of may stand behind them; what a sequence is made of has to stay.
  const isSequence = ({ correlation }: Read): number =>
    Number(correlation?.counter.kind === "sequence");
  for (const one of correlations.sort((a, b) => isSequence(a) - isSequence(b)))
    addCorrelation(one, state, options);
  const pack = {
    apiVersion: "chaperone/v1",
    kind: "RulePack",
    metadata: { name: options.name, version: "1.0.0", license: LICENSE, source: SOURCE },
    defaults: { mode: options.mode, maturity: "sandbox" },
    rules: [...state.rules.values()],
  };
  const { rules, left, refused, lossy } = state;
  return { pack: stringify(pack, YAML_STYLE), imported: rules.size, left, refused, lossy };
}

/** Selections that a condition names twice are written twice: rule files have no aliases. */
const YAML_STYLE = { lineWidth: 100, aliasDuplicateObjects: false } as const;

interface RuleData {
  readonly id: string;
  readonly [key: string]: unknown;
}

/** A rule as it was read; `match` or `correlation` says what it is about. */
interface Read {
  readonly title: string;
  readonly level: Criticality;
  readonly data: RuleData;
  /** By what correlations name it. */
  readonly names: readonly string[];
  readonly at: Place;
  readonly match?: MatchData;
  readonly lost?: readonly Lost[];
  readonly correlation?: Correlation;
}

interface Importing {
  /** What will be written, by id. */
  readonly rules: Map<string, RuleData>;
  readonly refused: Fault[];
  readonly lossy: Fault[];
  readonly left: string[];
  /** Rules that correlations may name, written or not. */
  readonly base: Map<string, Read>;
}

function refusal(name: string, why: string, at: Place): Fault {
  return fault("CHP_RULES_SIGMA", `${name}: ${why} can not be expressed`, at);
}

function addRule(read: Read, state: Importing, options: SigmaOptions): void {
  for (const name of read.names) state.base.set(name, read);
  if (isBelow(read, options)) state.left.push(read.at.file);
  else if (state.rules.has(read.data.id))
    state.refused.push(refusal(read.data.id, "an id that another rule has", read.at));
  else {
    for (const { why, at } of read.lost ?? [])
      state.lossy.push(fault("CHP_RULES_SIGMA", `${read.title}: imported without ${why}`, at));
    state.rules.set(read.data.id, { ...read.data, match: read.match, action: options.action });
  }
}

function isBelow({ level }: Read, { minLevel }: SigmaOptions): boolean {
  return CRITICALITIES.indexOf(level) < CRITICALITIES.indexOf(minLevel);
}

function addCorrelation(read: Read, state: Importing, options: SigmaOptions): void {
  const { correlation, title } = read;
  if (correlation === undefined) return;
  if (isBelow(read, options)) {
    state.left.push(read.at.file);
    return;
  }
  const parts = correlation.rules.map(({ text, at }) => {
    const base = state.base.get(text);
    if (base === undefined)
      state.refused.push(refusal(title, `rule "${text}", which is not among the files,`, at));
    return base;
  });
  if (!parts.every((part) => part !== undefined)) return;
  const written = correlated(parts, correlation, read);
  for (const part of parts) keepPart(part, correlation, { state, options });
  state.rules.set(read.data.id, { ...written, action: options.action });
}

function correlated(
  parts: readonly Read[],
  { counter, within, by }: Correlation,
  read: Read,
): RuleData {
  if (counter.kind === "threshold") {
    const match = anyOf(parts.flatMap((part) => part.match ?? []));
    return { ...read.data, match, threshold: { ...counter.threshold, within, by } };
  }
  const rules = parts.map((part) => part.data.id);
  return { ...read.data, sequence: { rules, within, by, ordered: counter.ordered } };
}

/** A rule that a correlation names is not told for itself unless the correlation says so. */
function keepPart(
  part: Read,
  { generate, counter }: Correlation,
  { state, options }: { readonly state: Importing; readonly options: SigmaOptions },
): void {
  const { id } = part.data;
  if (generate) return;
  if (counter.kind === "threshold") state.rules.delete(id);
  else
    state.rules.set(id, {
      ...part.data,
      criticality: "informational",
      match: part.match,
      action: options.action === "allow" ? "allow" : "log",
    });
}

/** One document as a rule. */
function readSigmaRule({ file, text }: SigmaFile): Result<Read, readonly Fault[]> {
  const reader = createReader(file, text);
  if (reader.faults.length > 0) return err(reader.faults);
  const entries = new Map(reader.entries(reader.root, "rule").map((one) => [one.key, one.value]));
  if (reader.faults.length > 0) return err(reader.faults);
  const at = reader.place(reader.root);
  const title = scalar(reader, entries.get("title")) ?? file;
  const faults: Fault[] = [];
  const refuse = (why: string, where: Place): void => {
    faults.push(refusal(title, why, where));
  };
  const level = criticalityOf(scalar(reader, entries.get("level")));
  const rule = { reader, entries, title, level, at };
  if (entries.has("correlation")) {
    const correlation = readCorrelation(reader, entries.get("correlation"), refuse);
    if (correlation === undefined || faults.length > 0)
      return err(faults.length > 0 ? faults : [refusal(title, "the correlation", at)]);
    return ok({ ...described(rule, []), correlation });
  }
  const source = readLogSource(reader, entries.get("logsource"), refuse);
  if (source === null) return err(faults);
  const { match, lost } = readDetection(entries.get("detection"), { reader, source, refuse });
  if (match === undefined || faults.length > 0)
    return err(faults.length > 0 ? faults : [refusal(title, "the detection", at)]);
  return ok({ ...described(rule, lost), match, lost });
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
    if (category === "file_event") return "file";
    if (service === "auditd" && category === undefined) return "audit";
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
  readonly at: Place;
}

const NAME_CHARS_MAX = 120;

/** Everything but what it matches and does. */
function described({ reader, entries, title, level, at }: SigmaRule, lost: readonly Lost[]): Read {
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
  const missing = lost.map(({ why }) => why).join(", ");
  const description = [
    ...(text("description") === undefined ? [] : [text("description")]),
    ...(missing === "" ? [] : [`Imported without: ${missing}.`]),
  ].join(" ");
  const data = {
    id,
    name: title.length > NAME_CHARS_MAX ? `${title.slice(0, NAME_CHARS_MAX - 3)}...` : title,
    ...(description === "" ? {} : { description }),
    ...(status === undefined ? {} : { status }),
    criticality: level,
    ...(tags.length === 0 ? {} : { tags }),
    author,
    license: text("license") ?? LICENSE,
    references: [...references, `${SOURCE} ${uuid}`.trim()],
  };
  const names = [uuid, text("name") ?? ""].filter((name) => name !== "");
  return { title, level, data, names, at };
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
