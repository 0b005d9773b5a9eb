// The formats against the vendors' own dictionaries, where these lie beside the project.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv } from "ajv";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { EVENT_TYPES, sampleEvent } from "../event-samples.testing.js";
import { nodeOf } from "../told-event.js";
import { toCef } from "./cef.js";
import { toCloudEvent } from "./cloudevents.js";
import { toEcs } from "./ecs.js";
import { toLeef } from "./leef.js";
import { toOcsf } from "./ocsf/index.js";
import { storyOf } from "./stories.js";
import { STORY_KINDS, type Story } from "./story.js";

const SIEM = "../shared/data/siem";
const OPTIONS = { version: "0.1.0" };

function dictionary(context: { skip: (reason: string) => void }, file: string): string {
  const path = join(SIEM, file);
  if (!existsSync(path)) context.skip(`${path} is not there`);
  return readFileSync(path, "utf8");
}

/** Stories of every kind, also of those that no event has yet. */
function everyStory(): readonly (readonly [ReturnType<typeof sampleEvent>, Story])[] {
  const told = EVENT_TYPES.map((type) => {
    const event = sampleEvent(type);
    return [event, storyOf(event)] as const;
  });
  const event = sampleEvent("command.entered");
  const full: Story = {
    ...storyOf(event),
    file: { path: "/srv/a.txt", bytes: 12, sha256: "0".repeat(64) },
    web: { method: "GET", url: "https://app.example/x", status: 200 },
    factor: "webauthn",
    riskScore: 42,
  };
  return [...told, ...STORY_KINDS.map((kind) => [event, { ...full, kind }] as const)];
}

interface OcsfSchema {
  readonly classes: Readonly<Record<string, { readonly uid?: number; readonly schema: object }>>;
}

describe("OCSF", () => {
  it("1.8 accepts every event, and would not accept a broken one", (context) => {
    const text = dictionary(context, "ocsf/ocsf-1.8.0-jsonschema.json");
    const schema = JSON.parse(text) as OcsfSchema; // made for this use
    const ajv = new Ajv({ strict: false });
    ajv.addSchema({ ...schema, $id: "ocsf" });
    const names = new Map(
      Object.entries(schema.classes).map(([name, { uid }]) => [uid ?? 0, name]),
    );
    for (const [event, story] of everyStory()) {
      const ocsf = toOcsf(event, story, OPTIONS);
      const name = names.get(Number(ocsf["class_uid"])) ?? "none";
      const validate = ajv.getSchema(`ocsf#/classes/${name}/schema`);
      const valid = validate?.(ocsf) === true;
      const told = { type: event.type, kind: story.kind };
      expect({ ...told, errors: valid ? [] : validate?.errors }).toEqual({ ...told, errors: [] });
      expect(validate?.({ ...ocsf, severity_id: 9 })).toBe(false);
    }
  });
});

describe("ECS", () => {
  it("9.4 knows every field and every category of every event", (context) => {
    const csv = dictionary(context, "ecs/fields-9.4.0.csv");
    const known = new Set(csv.split("\n").map((line) => line.split(",")[3] ?? ""));
    for (const [event, story] of everyStory()) {
      const fields = leaves(toEcs(event, story, OPTIONS), "").filter(
        (path) => !path.startsWith("chaperone."),
      );
      expect(fields.filter((path) => !known.has(path))).toEqual([]);
    }
  });
});

function leaves(value: unknown, path: string): readonly string[] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [path];
  return Object.entries(value).flatMap(([key, one]) =>
    leaves(one, path === "" ? key : `${path}.${key}`),
  );
}

describe("CEF", () => {
  it("has only keys of its dictionary, each once and with its label, in every event", (context) => {
    const { extensions } = parse(dictionary(context, "cef/extensions.yaml")) as {
      extensions: readonly { readonly key: string }[]; // as its SOURCE.md says
    };
    // The table leaves out the key that "special mappings" prescribes for IPv6 sources.
    const known = new Set([...extensions.map(({ key }) => key), "c6a2", "c6a2Label"]);
    for (const [event, story] of everyStory()) {
      const pairs = parseCef(toCef(event, story, OPTIONS)).pairs.map(([key]) => key);
      expect(pairs.filter((key) => !known.has(key))).toEqual([]);
      expect(pairs).toEqual([...new Set(pairs)]);
      for (const key of pairs.filter((one) => /^(?:c[sn]|c6a|flexString)\d$/.test(one))) {
        expect(pairs).toContain(`${key}Label`);
      }
    }
  });

  it("can be read back: what was escaped is what was there", () => {
    const event = sampleEvent("command.entered");
    const { header, pairs } = parseCef(toCef(event, storyOf(event), OPTIONS));
    expect(header).toHaveLength(7);
    const values = Object.fromEntries(pairs);
    expect(values["cs2"]).toContain('echo "a|b=c\\d]"');
    expect(values["dvchost"]).toBe(nodeOf(event));
  });
});

/** A reader of its own: seven header fields, then `key=value` where a key follows a blank. */
function parseCef(line: string): {
  readonly header: readonly string[];
  readonly pairs: readonly (readonly [string, string])[];
} {
  const parts = line.split(/(?<!\\)\|/);
  const extension = parts.slice(7).join("|");
  const starts = [...extension.matchAll(/(?:^| )(?<key>\w+)(?<!\\)=/g)];
  const pairs = starts.map((match, index) => {
    const from = match.index + match[0].length;
    const text = extension.slice(from, starts[index + 1]?.index ?? extension.length);
    return [match.groups?.["key"] ?? "", text.replace(/\\([\\=])/g, "$1")] as const;
  });
  return { header: parts.slice(0, 7), pairs };
}

describe("LEEF", () => {
  it("uses the keys of its dictionary for what they are for, in every event", (context) => {
    const { attributes } = parse(dictionary(context, "leef/attributes.yaml")) as {
      attributes: readonly { readonly key: string }[]; // as its SOURCE.md says
    };
    const known = new Set(attributes.map(({ key }) => key));
    for (const [event, story] of everyStory()) {
      const [header = "", ...rest] = toLeef(event, story, OPTIONS).split("\t");
      const fields = header.split("|");
      expect(fields).toHaveLength(7);
      const keys = [fields[6] ?? "", ...rest].map((pair) => pair.slice(0, pair.indexOf("=")));
      expect(keys).toEqual([...new Set(keys)]);
      for (const key of ["devTime", "cat", "sev"]) {
        expect(keys).toContain(key);
        expect(known.has(key)).toBe(true);
      }
    }
  });
});

describe("CloudEvents", () => {
  it("1.0 accepts every event", (context) => {
    const schema = JSON.parse(dictionary(context, "cloudevents/cloudevents.schema.json")) as object; // a schema
    const validate = new Ajv({ strict: false, validateFormats: false }).compile(schema);
    for (const [event] of everyStory()) {
      expect({ errors: validate(toCloudEvent(event)) ? [] : validate.errors }).toEqual({
        errors: [],
      });
    }
  });
});
