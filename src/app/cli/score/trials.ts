import { err, ok, type Result } from "../../../kernel/index.js";

/** Offline trials as `chaperone score` reads them: one JSON object a line. Times in ms. */
export interface TypedKeys {
  readonly k: readonly string[];
  readonly t: readonly number[];
  readonly up?: readonly (number | null)[];
}

export type TrialId = string | number;

export interface KeystrokeTarget {
  readonly id: string;
  readonly enrol: readonly TypedKeys[];
  readonly tests: readonly TrialId[];
}

export interface KeystrokeTrials {
  readonly samples: ReadonlyMap<string, TypedKeys>;
  readonly targets: readonly KeystrokeTarget[];
}

export interface SequenceTarget {
  readonly id: string;
  /** Groups the person is in, for comparison with peers; optional. */
  readonly groups: readonly string[];
  readonly train: readonly string[];
  readonly blocks: readonly (readonly string[])[];
}

/** A line that is no trial: which one, and what is wrong with it. */
export interface BadLine {
  readonly line: number;
  readonly problem: string;
}

/** Empty lines are skipped. A sample may stand after the target that names it. */
export function readKeystrokeTrials(lines: readonly string[]): Result<KeystrokeTrials, BadLine> {
  const samples = new Map<string, TypedKeys>();
  const targets: KeystrokeTarget[] = [];
  const places: number[] = [];
  for (const [index, text] of lines.entries()) {
    if (text.trim() === "") continue;
    const line = index + 1;
    const value = parseObject(text);
    if (value === null) return err({ line, problem: "is no JSON object" });
    const problem =
      value["type"] === "sample"
        ? takeSample(value, samples)
        : value["type"] === "target"
          ? takeKeystrokeTarget(value, targets)
          : '"type" is neither "sample" nor "target"';
    if (problem !== null) return err({ line, problem });
    if (value["type"] === "target") places.push(line);
  }
  for (const [index, target] of targets.entries()) {
    const missing = target.tests.find((id) => !samples.has(String(id)));
    if (missing !== undefined) {
      const problem = `"tests" names sample ${JSON.stringify(missing)}, which is nowhere`;
      return err({ line: places[index] ?? 0, problem });
    }
  }
  return ok({ samples, targets });
}

export function readSequenceTrials(
  lines: readonly string[],
): Result<readonly SequenceTarget[], BadLine> {
  const targets: SequenceTarget[] = [];
  for (const [index, text] of lines.entries()) {
    if (text.trim() === "") continue;
    const line = index + 1;
    const value = parseObject(text);
    if (value === null) return err({ line, problem: "is no JSON object" });
    const problem = takeSequenceTarget(value, targets);
    if (problem !== null) return err({ line, problem });
  }
  return ok(targets);
}

type Json = Readonly<Record<string, unknown>>;

function parseObject(text: string): Json | null {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : null;
  } catch {
    // Not JSON: the caller says where.
    return null;
  }
}

function takeSample(value: Json, samples: Map<string, TypedKeys>): string | null {
  const id = value["id"];
  if (!isId(id)) return '"id" is neither a number nor a string';
  if (samples.has(String(id))) return `sample ${JSON.stringify(id)} is there twice`;
  const keys = readTypedKeys(value);
  if (typeof keys === "string") return keys;
  samples.set(String(id), keys);
  return null;
}

function takeKeystrokeTarget(value: Json, targets: KeystrokeTarget[]): string | null {
  const { id, enrol, tests } = value;
  if (!isId(id)) return '"id" is neither a number nor a string';
  if (targets.some((one) => one.id === String(id))) return `target ${String(id)} is there twice`;
  if (!Array.isArray(enrol)) return '"enrol" is no list of samples';
  if (!Array.isArray(tests) || !tests.every(isId)) return '"tests" is no list of sample ids';
  const read: TypedKeys[] = [];
  for (const [index, one] of enrol.entries()) {
    const keys = isObject(one) ? readTypedKeys(one) : "is no object";
    if (typeof keys === "string") return `"enrol"[${index}]: ${keys}`;
    read.push(keys);
  }
  targets.push({ id: String(id), enrol: read, tests });
  return null;
}

function takeSequenceTarget(value: Json, targets: SequenceTarget[]): string | null {
  const { type, id, train, blocks, groups = [] } = value;
  if (type !== "target") return '"type" is not "target"';
  if (!isId(id)) return '"id" is neither a number nor a string';
  if (targets.some((one) => one.id === String(id))) return `target ${String(id)} is there twice`;
  if (!isTexts(train)) return '"train" is no list of strings';
  if (!Array.isArray(blocks) || !blocks.every(isTexts)) {
    return '"blocks" is no list of lists of strings';
  }
  if (!isTexts(groups)) return '"groups" is no list of strings';
  targets.push({ id: String(id), train, blocks, groups });
  return null;
}

/** The keys, or what is wrong with them. */
function readTypedKeys({ k, t, up }: Json): TypedKeys | string {
  if (!isTexts(k)) return '"k" is no list of strings';
  if (!Array.isArray(t) || !t.every(isTime)) return '"t" is no list of times in ms';
  if (t.length !== k.length) return `"t" has ${t.length} times for ${k.length} keys`;
  if (up === undefined || up === null) return { k, t };
  if (!Array.isArray(up) || !up.every(isTimeOrNull)) return '"up" is no list of times or nulls';
  if (up.length !== k.length) return `"up" has ${up.length} times for ${k.length} keys`;
  return { k, t, up };
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
function isId(value: unknown): value is TrialId {
  return typeof value === "string" || typeof value === "number";
}
function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((one) => typeof one === "string");
}
function isTime(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value);
}
function isTimeOrNull(value: unknown): value is number | null {
  return value === null || isTime(value);
}
