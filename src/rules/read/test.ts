import { isScalar, isSeq } from "yaml";
import {
  RULED_CHANNELS,
  RULE_VERBS,
  type RuledActivity,
  type RuleVerb,
} from "../../model/index.js";
import { readDuration } from "./duration.js";
import { readMoment } from "./moment.js";
import { mentions } from "./rule-keys.js";
import type { Reader, Value } from "./reader.js";
import { PROTOCOLS } from "./scope.js";
import type { TestContext, TestSource } from "./source.js";

import { readTestActivity } from "./test-activity.js";

const TEST_KEYS = ["line", "lines", "event", "context", "expect", "name"];
const CONTEXT_KEYS = [
  "person",
  "user",
  "groups",
  "target",
  "labels",
  "address",
  "account",
  "origin",
  "channel",
  "protocol",
  "time",
  "cwd",
  "home",
  "repeat",
  "every",
  "context",
  "program",
  "ticket",
  "risk",
  "language",
];
const CONTEXTS = ["shell", "program", "unknown"] as const;
const RISK_MAX = 100;
/** Times that a test may repeat its line. */
const REPEAT_MAX = 100;

/** The tests inside a rule: a line or lines, who types them, and what is expected. */
export function readTests(reader: Reader, value: Value): readonly TestSource[] {
  return reader.list(value, "tests").flatMap((item) => readTest(reader, item) ?? []);
}

function readTest(reader: Reader, value: Value): TestSource | undefined {
  let name: string | undefined;
  let lines: readonly string[] = [];
  let expect: boolean | RuleVerb | undefined;
  let context: TestContext = {};
  const at = reader.place(value);
  let activity: RuledActivity | undefined;
  for (const { key, value: inner } of reader.mapping(value, "test", TEST_KEYS)) {
    if (key === "name") name = reader.text(inner, "test.name");
    else if (key === "line") {
      const line = reader.text(inner, "test.line");
      if (line !== undefined) lines = [line];
    } else if (key === "lines")
      lines = reader
        .list(inner, "test.lines")
        .flatMap((one) => reader.text(one, "test.lines") ?? []);
    else if (key === "context") context = readContext(reader, inner);
    else if (key === "expect") expect = readExpect(reader, inner);
    else activity = readTestActivity(reader, inner);
  }
  if (expect === undefined && !mentions(value, "expect"))
    reader.refuse("CHP_RULES_SHAPE", 'a test needs "expect"', at);
  if (lines.length === 0 && !mentions(value, "event"))
    reader.refuse("CHP_RULES_SHAPE", 'a test needs "line", "lines" or "event"', at);
  if (lines.length > 0 && activity !== undefined)
    reader.refuse("CHP_RULES_SHAPE", "a test has lines or an event, not both", at);
  return expect === undefined || (lines.length === 0 && activity === undefined)
    ? undefined
    : { at, name, lines, activity, expect, context };
}

function readExpect(reader: Reader, value: Value): boolean | RuleVerb | undefined {
  if (isScalar(value) && typeof value.value === "boolean") return value.value;
  return reader.oneOf(value, "test.expect", RULE_VERBS);
}

type Draft = { -readonly [K in keyof TestContext]: TestContext[K] };

function readContext(reader: Reader, value: Value): TestContext {
  const draft: Draft = {};
  for (const { key, value: inner } of reader.mapping(value, "test.context", CONTEXT_KEYS)) {
    const where = `test.context.${key}`;
    if (key === "groups") draft.groups = readGroups(reader, inner, where);
    else if (key === "labels")
      draft.labels = Object.fromEntries(
        reader
          .entries(inner, where)
          .map((label) => [label.key, reader.text(label.value, where) ?? ""]),
      );
    else if (key === "channel")
      assign(draft, "channel", reader.oneOf(inner, where, RULED_CHANNELS));
    else if (key === "protocol") assign(draft, "protocol", reader.oneOf(inner, where, PROTOCOLS));
    else if (key === "time") assign(draft, "time", readMoment(reader, inner, where));
    else if (key === "repeat")
      assign(draft, "repeat", reader.integer(inner, where, { min: 1, max: REPEAT_MAX }));
    else if (key === "every") assign(draft, "everyMs", readDuration(reader, inner, where));
    else if (key === "context") assign(draft, "context", reader.oneOf(inner, where, CONTEXTS));
    else if (key === "risk")
      assign(draft, "risk", reader.integer(inner, where, { min: 0, max: RISK_MAX }));
    else {
      const name = key === "user" ? "person" : TEXT_KEYS.find((one) => one === key);
      if (name !== undefined) assign(draft, name, reader.text(inner, where));
    }
  }
  return draft;
}

/** `[]` says that the person is in none. */
function readGroups(reader: Reader, value: Value, what: string): readonly string[] {
  if (isSeq(value) && value.items.length === 0) return [];
  return reader.texts(value, what).map((one) => one.text);
}

const TEXT_KEYS = [
  "person",
  "target",
  "address",
  "account",
  "origin",
  "cwd",
  "home",
  "program",
  "ticket",
  "language",
] as const;

function assign<K extends keyof Draft>(draft: Draft, key: K, value: Draft[K] | undefined): void {
  if (value !== undefined) draft[key] = value;
}
