import { isMap } from "yaml";
import { RULED_CHANNELS } from "../../model/index.js";
import { parseCidr } from "../matchers/address.js";
import { createZoneClock } from "../matchers/zone-clock.js";
import { readComparison } from "./pattern.js";
import { nearest, type Reader, type Value } from "./reader.js";
import { mentions } from "./rule-keys.js";
import type { ScopeSource, TimeSource, TimeWindow } from "./source.js";

const SCOPE_KEYS = [
  "users",
  "persons",
  "groups",
  "roles",
  "targets",
  "credentials",
  "accounts",
  "protocols",
  "channels",
  "origin",
  "time",
  "context",
  "programs",
  "ticket",
  "sessionRisk",
  "userRating",
  "not",
];
/** Files over ssh are a channel (`channels: [sftp]`), no protocol. */
export const PROTOCOLS = ["ssh", "telnet", "rdp", "vnc", "web"] as const;
const CONTEXTS = ["shell", "program", "unknown"];
const TICKETS = ["present", "absent"] as const;
const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
/** `not` inside `not` inside ... */
const SCOPE_DEPTH_MAX = 8;

type Draft = { -readonly [K in keyof ScopeSource]: ScopeSource[K] };

export interface ScopeReading {
  readonly timezone: string;
  readonly depth?: number;
}

/** Whom, where and when a rule is for. */
export function readScope(reader: Reader, value: Value, given: ScopeReading): ScopeSource {
  const draft: Draft = {};
  const depth = given.depth ?? 0;
  for (const { key, at, value: inner } of reader.mapping(value, "scope", SCOPE_KEYS)) {
    if (key === "users" || key === "persons") draft.persons = names(reader, inner, `scope.${key}`);
    else if (key === "groups" || key === "accounts")
      draft[key] = names(reader, inner, `scope.${key}`);
    else if (key === "targets") readTargets(reader, inner, draft);
    else if (key === "credentials") readCredentials(reader, inner, draft);
    else if (key === "protocols")
      draft.protocols = words(reader, inner, { what: "protocol", known: PROTOCOLS });
    else if (key === "channels")
      draft.channels = words(reader, inner, { what: "channel", known: RULED_CHANNELS });
    else if (isOfMoment(key)) readMomentKey(reader, { key, value: inner }, draft);
    else if (key === "origin") readOrigin(reader, inner, draft);
    else if (key === "time") {
      const time = readTime(reader, inner, given.timezone);
      if (time !== undefined) draft.time = time;
    } else if (key === "not" && depth < SCOPE_DEPTH_MAX)
      draft.not = readScope(reader, inner, { ...given, depth: depth + 1 });
    else
      reader.refuse("CHP_RULES_UNSUPPORTED", `scope "${key}" is not supported by this version`, at);
  }
  return draft;
}

const MOMENT_KEYS = ["context", "programs", "ticket", "sessionRisk"] as const;
type MomentKey = (typeof MOMENT_KEYS)[number];

function isOfMoment(key: string): key is MomentKey {
  return MOMENT_KEYS.some((one) => one === key);
}

/** What may change while a session lasts, and the ticket it was opened for. */
function readMomentKey(
  reader: Reader,
  { key, value }: { readonly key: MomentKey; readonly value: Value },
  draft: Draft,
): void {
  if (key === "context")
    draft.contexts = words(reader, value, { what: "context", known: CONTEXTS });
  else if (key === "programs") draft.programs = names(reader, value, "scope.programs");
  else if (key === "ticket") {
    const ticket = reader.oneOf(value, "scope.ticket", TICKETS);
    if (ticket !== undefined) draft.ticket = ticket;
  } else {
    const risk = readComparison(reader, value, "scope.sessionRisk");
    if (risk !== undefined) draft.sessionRisk = risk;
  }
}

function names(reader: Reader, value: Value, what: string): readonly string[] {
  return reader.texts(value, what).map((one) => one.text);
}

function words(
  reader: Reader,
  value: Value,
  { what, known }: { what: string; known: readonly string[] },
): readonly string[] {
  return reader.texts(value, `scope.${what}s`).flatMap(({ text, at }) => {
    if (known.includes(text)) return [text];
    const near = nearest(text, known);
    const hint = near === null ? `known: ${known.join(", ")}` : `did you mean "${near}"?`;
    reader.refuse("CHP_RULES_SHAPE", `unknown ${what} "${text}"; ${hint}`, at);
    return [];
  });
}

function cidrs(reader: Reader, value: Value, what: string): readonly string[] {
  return reader.texts(value, what).flatMap(({ text, at }) => {
    if (parseCidr(text) !== null) return [text];
    reader.refuse(
      "CHP_RULES_SHAPE",
      `"${text}" is not an address or a network like 10.0.0.0/8`,
      at,
    );
    return [];
  });
}

function readTargets(reader: Reader, value: Value, draft: Draft): void {
  if (!isMap(value)) {
    draft.targets = { names: names(reader, value, "scope.targets") };
    return;
  }
  const out: {
    -readonly [K in keyof NonNullable<ScopeSource["targets"]>]: NonNullable<
      ScopeSource["targets"]
    >[K];
  } = {};
  const known = ["names", "cidr", "labels", "criticality"];
  for (const { key, value: inner } of reader.mapping(value, "scope.targets", known)) {
    if (key === "names") out.names = names(reader, inner, "scope.targets.names");
    else if (key === "cidr") out.cidr = cidrs(reader, inner, "scope.targets.cidr");
    else if (key === "criticality")
      out.labels = [
        ...(out.labels ?? []),
        { name: "criticality", values: names(reader, inner, "scope.targets.criticality") },
      ];
    else {
      const labels = reader.entries(inner, "scope.targets.labels").map((label) => ({
        name: label.key,
        values: names(reader, label.value, `scope.targets.labels.${label.key}`),
      }));
      out.labels = [...(out.labels ?? []), ...labels];
    }
  }
  draft.targets = out;
}

function readCredentials(reader: Reader, value: Value, draft: Draft): void {
  for (const { key, at, value: inner } of reader.mapping(value, "scope.credentials", [
    "names",
    "type",
    "privileged",
  ])) {
    if (key === "names") draft.accounts = names(reader, inner, "scope.credentials.names");
    else
      reader.refuse(
        "CHP_RULES_UNSUPPORTED",
        `scope.credentials.${key} is not supported by this version; name the accounts: \`accounts: [root]\``,
        at,
      );
  }
}

function readOrigin(reader: Reader, value: Value, draft: Draft): void {
  for (const { key, at, value: inner } of reader.mapping(value, "scope.origin", [
    "cidr",
    "countries",
    "devices",
  ])) {
    if (key === "cidr") draft.originCidr = cidrs(reader, inner, "scope.origin.cidr");
    else
      reader.refuse(
        "CHP_RULES_UNSUPPORTED",
        `scope.origin.${key} is not supported by this version`,
        at,
      );
  }
}

function readTime(reader: Reader, value: Value, fallbackZone: string): TimeSource | undefined {
  let windows: readonly TimeWindow[] = [];
  let outside = false;
  let timezone = fallbackZone;
  for (const { key, value: inner } of reader.mapping(value, "scope.time", [
    "windows",
    "outside",
    "timezone",
  ])) {
    if (key === "outside") outside = reader.boolean(inner, "scope.time.outside") ?? false;
    else if (key === "timezone") timezone = readTimezone(reader, inner, timezone);
    else
      windows = reader.texts(inner, "scope.time.windows").flatMap(({ text, at }) => {
        const window = parseWindow(text);
        if (window !== null) return [window];
        reader.refuse("CHP_RULES_SHAPE", `"${text}" must look like "mon-fri 08:00-18:00"`, at);
        return [];
      });
  }
  if (windows.length === 0) {
    // One that is there and can not be read has been told already.
    if (!mentions(value, "windows"))
      reader.refuse("CHP_RULES_SHAPE", 'scope.time needs "windows"', reader.place(value));
    return undefined;
  }
  return { windows, outside, timezone };
}

export function readTimezone(reader: Reader, value: Value, fallback: string): string {
  const zone = reader.text(value, "timezone");
  if (zone === undefined) return fallback;
  if (createZoneClock(zone) !== null) return zone;
  reader.refuse(
    "CHP_RULES_SHAPE",
    `unknown timezone "${zone}"; a name such as Europe/Lisbon is`,
    reader.place(value),
  );
  return fallback;
}

function parseWindow(text: string): TimeWindow | null {
  const match =
    /^(mon|tue|wed|thu|fri|sat|sun)(?:-(mon|tue|wed|thu|fri|sat|sun))? ([01]\d|2[0-3]):([0-5]\d)-(?:([01]\d|2[0-3]):([0-5]\d)|(24):(00))$/.exec(
      text,
    );
  if (match === null) return null;
  const first = DAYS.indexOf(match[1] ?? "");
  const last = match[2] === undefined ? first : DAYS.indexOf(match[2]);
  const count = ((last - first + 7) % 7) + 1;
  return {
    days: Array.from({ length: count }, (_, i) => (first + i) % 7),
    fromMinute: Number(match[3]) * 60 + Number(match[4]),
    untilMinute: Number(match[5] ?? match[7]) * 60 + Number(match[6] ?? match[8]),
  };
}
