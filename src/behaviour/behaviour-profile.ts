import { err, fault, ok, type Fault, type Result } from "../kernel/index.js";
import type { ContextProfile } from "./context/index.js";
import type { KeystrokeProfile } from "./keystroke/index.js";
import type { SequenceProfile } from "./sequence/index.js";

/**
 * All that is kept of how a person behaves. Each part is absent until something was learnt. It travels
 * between sidecar and core and is erased as a whole.
 */
export interface BehaviourProfile {
  readonly version: 1;
  readonly keystroke?: KeystrokeProfile;
  readonly sequence?: SequenceProfile;
  readonly context?: ContextProfile;
}

/** Three parts of less than 64 KiB each. */
const PROFILE_CHARACTERS_MAX = 192 * 1024;

/** A profile from where it is stored (JSON). Whatever is not one is refused as a whole. */
export function parseBehaviourProfile(text: string): Result<BehaviourProfile, Fault> {
  if (text.length > PROFILE_CHARACTERS_MAX) return refused("is too long");
  const value = parseJson(text);
  if (!isRecord(value) || value["version"] !== 1) return refused("has no known version");
  const { keystroke, sequence, context } = value;
  if (keystroke !== undefined && !isKeystroke(keystroke)) return refused("has a broken rhythm");
  if (sequence !== undefined && !isSequence(sequence)) return refused("has broken commands");
  if (context !== undefined && !isContext(context)) return refused("has a broken context");
  return ok({
    version: 1,
    ...(keystroke === undefined ? {} : { keystroke }),
    ...(sequence === undefined ? {} : { sequence }),
    ...(context === undefined ? {} : { context }),
  });
}

function refused(what: string): Result<never, Fault> {
  return err(fault("CHP_BEHAVIOUR_PROFILE", `the stored profile ${what}`));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON: refused by the caller.
    return null;
  }
}

function isKeystroke(value: unknown): value is KeystrokeProfile {
  if (!isRecord(value) || value["version"] !== 1) return false;
  const { timings, phrases } = value;
  return (
    isRecord(timings) &&
    isNumber(timings["learnt"]) &&
    isList(timings["features"], (one) => isTuple(one, [isText, isText])) &&
    isRecord(phrases) &&
    isList(
      phrases["phrases"],
      (one) =>
        isRecord(one) &&
        isText(one["name"]) &&
        isNumber(one["keys"]) &&
        isList(one["samples"], isText),
    )
  );
}

function isSequence(value: unknown): value is SequenceProfile {
  if (!isRecord(value) || value["version"] !== 1 || !isNumber(value["evidence"])) return false;
  const { counts, usual, judged } = value;
  return (
    (judged === undefined || isCount(judged)) &&
    isRecord(counts) &&
    (counts["lately"] === undefined || isList(counts["lately"], isCount)) &&
    isList(counts["commands"], (one) => isTuple(one, [isText, isCount])) &&
    isList(counts["pairs"], (one) => isTuple(one, [isCount, isCount, isCount])) &&
    isRecord(usual) &&
    ["stretches", "mean", "square"].every((key) => isNumber(usual[key]))
  );
}

function isContext(value: unknown): value is ContextProfile {
  if (!isRecord(value) || value["version"] !== 1 || !isCount(value["sessions"])) return false;
  const named = ["origins", "networks", "targets", "credentials"].every((key) =>
    isList(value[key], (one) => isTuple(one, [isText, isCount])),
  );
  const numbers = ["hours", "durations", "volumes"].every((key) => isList(value[key], isNumber));
  const histories = ["commands", "days"].every((key) => {
    const history = value[key];
    return (
      isRecord(history) && ["windows", "sum", "squares"].every((part) => isNumber(history[part]))
    );
  });
  return named && numbers && histories && isTuple(value["today"], [isNumber, isCount]);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
function isText(value: unknown): value is string {
  return typeof value === "string";
}
function isNumber(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value);
}
function isCount(value: unknown): value is number {
  return isNumber(value) && value >= 0;
}
function isList(value: unknown, each: (one: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(each);
}
function isTuple(value: unknown, parts: readonly ((one: unknown) => boolean)[]): boolean {
  return (
    Array.isArray(value) &&
    value.length === parts.length &&
    parts.every((holds, index) => holds(value[index]))
  );
}
