import {
  RULED_CHANNELS,
  COUNTER_FIELDS,
  DISTINCT_FIELDS,
  FACTORS,
  FILE_OPERATIONS,
  FILE_TYPES,
  FORWARD_WAYS,
  RULE_VERBS,
  TRANSFER_WAYS,
} from "../../src/model/index.js";
import { CRITICALITIES, MODES } from "../../src/rules/read/rule.js";
import { MATURITIES, PATTERN_KINDS } from "../../src/rules/read/source.js";
import { RULE_WORDS } from "./rule-words.js";
import { keyLists } from "./rules.js";

/** The part of JSON Schema (draft 2020-12) that is used here. */
export type Schema = Readonly<Record<string, unknown>>;

/**
 * docs/reference/rules.schema.json, for editors: which words may stand where (the lists of keys of the
 * code that reads rule files), what they mean (rule-words.ts), and of which form their values are. The
 * reader is the judge; a test compares both over every rule file there is, and over broken ones.
 */
export function ruleSchema(): string {
  return `${JSON.stringify(root(), null, 1)}\n`;
}

const text: Schema = { type: ["string", "number", "boolean"] };
const texts: Schema = { anyOf: [text, { type: "array", minItems: 1, items: text }] };
const boolean: Schema = { type: "boolean" };
const id: Schema = { ...text, pattern: "^[a-z0-9][a-z0-9._-]{2,63}$" };
const ref = (name: string): Schema => ({ $ref: `#/$defs/${name}` });
const listOf = (items: Schema): Schema => ({ type: "array", items });
const oneOrMore = (items: Schema): Schema => ({
  anyOf: [items, { ...listOf(items), minItems: 1 }],
});
const oneOf = (words: readonly string[]): Schema => ({ enum: words });
const free = (values: Schema): Schema => ({ type: "object", additionalProperties: values });
const integer = (minimum: number, maximum: number): Schema => ({
  type: "integer",
  minimum,
  maximum,
});
const duration: Schema = { ...text, pattern: "^(\\d{1,9}(ms|s|m|h|d)|session)$" };
const comparison: Schema = {
  ...text,
  pattern: "^\\s*(>=|<=|>|<|==)?\\s*\\d+(\\.\\d+)?\\s*$",
};
const size: Schema = {
  ...text,
  pattern: "^\\s*(>=|<=|>|<|==)?\\s*\\d{1,12}(\\.\\d+)?\\s*(B|KB|MB|GB|TB)?\\s*$",
};
const moment: Schema = {
  ...text,
  pattern: "^\\d{4}-\\d\\d-\\d\\d(T\\d\\d:\\d\\d(:\\d\\d)?(Z|[+-]\\d\\d:\\d\\d))?$",
};

/** A mapping of the words of one list, each with its form; a word without a form is a fault. */
function mapping(
  list: string,
  forms: Readonly<Record<string, Schema>>,
  more: Readonly<Record<string, unknown>> = {},
): Schema {
  const section = RULE_WORDS.find((one) => one.list === list);
  const known = (keyLists().get(list) ?? []).filter(
    (word) => section?.refused?.includes(word) !== true,
  );
  const missing = known.filter((word) => !(word in forms));
  const invented = Object.keys(forms).filter((word) => !known.includes(word));
  if (missing.length > 0 || invented.length > 0)
    throw new Error(`${list}: no form of ${missing.join()}; forms of nothing: ${invented.join()}`);
  const properties = Object.fromEntries(
    known.map((word) => {
      const description = section?.words[word];
      return [word, { ...forms[word], ...(description === undefined ? {} : { description }) }];
    }),
  );
  return { type: "object", additionalProperties: false, properties, ...more };
}

function root(): Schema {
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "Chaperone rule file",
    ...mapping(
      "PACK_KEYS",
      {
        apiVersion: { const: "chaperone/v1" },
        kind: oneOf(["RulePack", "Policy", "Overrides", "Lists"]),
        metadata: ref("metadata"),
        lists: free({
          anyOf: [
            texts,
            {
              type: "object",
              additionalProperties: false,
              required: ["file"],
              properties: { file: text },
            },
          ],
        }),
        defaults: {
          type: "object",
          additionalProperties: false,
          properties: {
            mode: oneOf(MODES),
            criticality: oneOf(CRITICALITIES),
            maturity: oneOf(MATURITIES),
            scope: ref("scope"),
            onUnparsed: oneOf(RULE_VERBS),
            timezone: text,
          },
        },
        default: oneOf(["allow", "deny"]),
        scope: ref("scope"),
        rules: listOf(ref("rule")),
        overrides: listOf(ref("override")),
      },
      { required: ["apiVersion", "kind", "metadata"] },
    ),
    $defs: { ...packDefs(), ...matchDefs(), ...ruleDefs(), ...testDefs() },
  };
}

function packDefs(): Readonly<Record<string, Schema>> {
  return {
    metadata: mapping(
      "METADATA_KEYS",
      {
        name: id,
        version: { ...text, pattern: "^\\d+\\.\\d+\\.\\d+" },
        title: text,
        description: text,
        author: texts,
        license: text,
        source: text,
        references: texts,
      },
      { required: ["name", "version"] },
    ),
    override: mapping(
      "OVERRIDE_KEYS",
      {
        rule: text,
        mode: oneOf(MODES),
        criticality: oneOf(CRITICALITIES),
        score: integer(0, 100),
        action: ref("actions"),
        scope: ref("scope"),
        addExceptions: listOf(ref("exception")),
        reason: { ...text, minLength: 8 },
        owner: text,
        expires: moment,
      },
      { required: ["rule", "reason", "owner"] },
    ),
  };
}

function ruleDefs(): Readonly<Record<string, Schema>> {
  return {
    rule: mapping(
      "RULE_KEYS",
      {
        id,
        name: { ...text, maxLength: 120 },
        description: text,
        status: oneOf(["stable", "test", "experimental", "deprecated"]),
        maturity: oneOf(MATURITIES),
        mode: oneOf(MODES),
        effect: oneOf(["restrict", "allow"]),
        suppresses: texts,
        criticality: oneOf(CRITICALITIES),
        score: integer(0, 100),
        tags: listOf({ ...text, pattern: "^[a-z0-9_-]+(\\.[a-z0-9_.-]+)?$" }),
        author: texts,
        license: text,
        references: texts,
        falsepositives: texts,
        scope: ref("scope"),
        match: ref("match"),
        threshold: ref("counter"),
        sequence: ref("sequence"),
        action: ref("actions"),
        message: { anyOf: [text, free(text)] },
        exceptions: listOf(ref("exception")),
        tests: listOf(ref("test")),
        expires: moment,
      },
      { required: ["id", "name"] },
    ),
    counter: mapping(
      "COUNTER_KEYS",
      {
        count: integer(1, 1_000),
        within: duration,
        by: oneOrMore(oneOf([...COUNTER_FIELDS, "user", "credential", "user-target"])),
        distinct: oneOf(DISTINCT_FIELDS),
      },
      { required: ["count"] },
    ),
    sequence: mapping(
      "SEQUENCE_KEYS",
      {
        rules: { type: "array", minItems: 2, maxItems: 16, items: text },
        within: duration,
        by: oneOrMore(oneOf([...COUNTER_FIELDS, "user", "credential", "user-target"])),
        ordered: boolean,
      },
      { required: ["rules", "within"] },
    ),
    exception: mapping(
      "EXCEPTION_KEYS",
      {
        id: text,
        scope: ref("scope"),
        match: ref("match"),
        reason: { ...text, minLength: 8 },
        owner: text,
        expires: moment,
        downgradeTo: oneOf(RULE_VERBS),
        ticket: text,
      },
      { required: ["reason", "owner", "expires"] },
    ),
    actions: oneOrMore({ anyOf: [oneOf(RULE_VERBS), ref("action")] }),
    action: actionForm(),
    scope: scopeForm(),
  };
}

function actionForm(): Schema {
  const known = {
    do: oneOf(RULE_VERBS),
    factors: oneOrMore(oneOf(FACTORS)),
    attempts: integer(1, 10),
    timeout: duration,
    grace: duration,
    onFail: oneOf(RULE_VERBS),
    onTimeout: oneOf(RULE_VERBS),
    after: ref("counter"),
    approvers: texts,
    notify: texts,
    min: integer(1, 10),
    record: oneOf(["bodies"]),
    for: duration,
  };
  const later = keyLists().get("LATER_KEYS") ?? [];
  const words = (keyLists().get("ACTION_KEYS") ?? []).filter((word) => !later.includes(word));
  return {
    type: "object",
    additionalProperties: false,
    required: ["do"],
    properties: Object.fromEntries(
      words.map((word) => {
        const form = Object.entries(known).find(([key]) => key === word)?.[1];
        if (form === undefined) throw new Error(`ACTION_KEYS: no form of ${word}`);
        return [word, form];
      }),
    ),
  };
}

function scopeForm(): Schema {
  const strict = (properties: Readonly<Record<string, Schema>>): Schema => ({
    type: "object",
    additionalProperties: false,
    properties,
  });
  return mapping("SCOPE_KEYS", {
    users: texts,
    persons: texts,
    groups: texts,
    targets: {
      anyOf: [
        texts,
        strict({ names: texts, cidr: texts, labels: free(texts), criticality: texts }),
      ],
    },
    credentials: strict({ names: texts }),
    accounts: texts,
    protocols: oneOrMore(oneOf(keyLists().get("PROTOCOLS") ?? [])),
    channels: oneOrMore(oneOf(RULED_CHANNELS)),
    origin: strict({ cidr: texts }),
    time: {
      ...strict({ windows: texts, outside: boolean, timezone: text }),
      required: ["windows"],
    },
    context: oneOrMore(oneOf(["shell", "program", "unknown"])),
    programs: texts,
    ticket: oneOf(["present", "absent"]),
    sessionRisk: comparison,
    not: ref("scope"),
  });
}

function matchDefs(): Readonly<Record<string, Schema>> {
  const quantified: Schema = {
    type: "object",
    additionalProperties: false,
    minProperties: 1,
    properties: {
      any: ref("patterns"),
      all: ref("patterns"),
      none: ref("patterns"),
      count: comparison,
    },
  };
  const quant: Schema = { anyOf: [ref("patterns"), quantified] };
  const patternForm = Object.fromEntries(
    PATTERN_KINDS.map((kind) => [kind, kind === "num" ? comparison : texts]),
  );
  return {
    match: oneOrMore({
      type: "object",
      additionalProperties: false,
      minProperties: 1,
      properties: {
        all: ref("match"),
        any: ref("match"),
        not: ref("match"),
        command: ref("command"),
        transfer: ref("transfer"),
        forward: ref("forward"),
        http: ref("http"),
        clipboard: ref("clipboard"),
      },
    }),
    command: mapping(
      "COMMAND_KEYS",
      {
        exec: ref("patterns"),
        path: ref("patterns"),
        argv: texts,
        position: free(ref("patterns")),
        flags: {
          anyOf: [
            texts,
            {
              type: "object",
              additionalProperties: false,
              properties: { all: texts, any: texts, none: texts },
            },
          ],
        },
        opts: free(ref("patterns")),
        args: quant,
        env: free(ref("patterns")),
        via: ref("patterns"),
        runas: ref("patterns"),
        account: ref("patterns"),
        cwd: ref("patterns"),
        deletes: mapping(
          "DELETES_KEYS",
          { path: ref("patterns"), recursive: boolean },
          { minProperties: 1 },
        ),
        redirect: {
          type: "object",
          additionalProperties: false,
          properties: { op: texts, target: ref("patterns") },
        },
        stdin: ref("patterns"),
        pipeFrom: ref("command"),
        pipeTo: ref("command"),
        normalized: quant,
        raw: quant,
        context: oneOrMore(oneOf(keyLists().get("COMMAND_CONTEXTS") ?? [])),
        unparsed: boolean,
      },
      { minProperties: 1 },
    ),
    transfer: mapping(
      "TRANSFER_KEYS",
      {
        direction: oneOf(["upload", "download", "any"]),
        operation: oneOrMore(oneOf(FILE_OPERATIONS)),
        via: oneOrMore(oneOf(TRANSFER_WAYS)),
        path: ref("patterns"),
        size,
        sha256: ref("patterns"),
        type: oneOrMore(oneOf(FILE_TYPES)),
        content: ref("patterns"),
      },
      { minProperties: 1 },
    ),
    forward: mapping(
      "FORWARD_KEYS",
      {
        kind: oneOrMore(oneOf(FORWARD_WAYS)),
        host: ref("patterns"),
        port: texts,
        path: ref("patterns"),
      },
      { minProperties: 1 },
    ),
    http: mapping(
      "HTTP_KEYS",
      {
        method: texts,
        host: ref("patterns"),
        path: ref("patterns"),
        query: { anyOf: [texts, free(ref("patterns"))] },
        body: { anyOf: [texts, free(ref("patterns"))] },
        operation: ref("patterns"),
        upgrade: ref("patterns"),
        status: comparison,
        responseSize: size,
        contentType: ref("patterns"),
      },
      { minProperties: 1 },
    ),
    clipboard: mapping(
      "CLIPBOARD_KEYS",
      {
        direction: oneOf(["upload", "download", "any"]),
        mimetype: ref("patterns"),
        size,
        sha256: ref("patterns"),
        content: ref("patterns"),
      },
      { minProperties: 1 },
    ),
    patterns: oneOrMore({
      anyOf: [
        text,
        {
          type: "object",
          additionalProperties: false,
          minProperties: 1,
          properties: { ...patternForm, case: boolean },
        },
      ],
    }),
  };
}

function testDefs(): Readonly<Record<string, Schema>> {
  return {
    test: mapping(
      "TEST_KEYS",
      {
        line: text,
        lines: listOf(text),
        event: { type: "object", required: ["type"] },
        context: ref("testContext"),
        expect: { anyOf: [boolean, oneOf(RULE_VERBS)] },
        name: text,
      },
      { required: ["expect"] },
    ),
    testContext: mapping("CONTEXT_KEYS", {
      person: text,
      user: text,
      groups: { anyOf: [texts, listOf(text)] },
      target: text,
      labels: free(text),
      address: text,
      account: text,
      origin: text,
      channel: oneOf(RULED_CHANNELS),
      protocol: oneOf(keyLists().get("PROTOCOLS") ?? []),
      time: moment,
      cwd: text,
      home: text,
      repeat: integer(1, 100),
      every: duration,
      context: oneOf(["shell", "program", "unknown"]),
      program: text,
      ticket: text,
      risk: integer(0, 100),
      language: text,
    }),
  };
}
