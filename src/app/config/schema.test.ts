import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { nearestWord } from "./nearest-word.js";
import { configJsonSchema, configSchema } from "./schema.js";
import { keysAt } from "./schema-faults.js";

describe("the schema of the configuration", () => {
  it("is told to editors as JSON Schema, with every key described by its own form", () => {
    const schema = JSON.parse(JSON.stringify(configJsonSchema())) as {
      properties: Record<string, unknown>;
      additionalProperties: boolean;
      required: string[];
    };
    expect(schema.additionalProperties).toBe(false);
    expect(schema.required).toEqual(["apiVersion", "kind"]);
    expect(Object.keys(schema.properties)).toEqual(keysAt(configSchema, []));
    expect(JSON.stringify(schema)).not.toContain("__schema");
  });

  it("knows the keys of every level, through lists, defaults and alternatives", () => {
    expect(keysAt(configSchema, ["people", 3, "password"])).toContain("hash");
    expect(keysAt(configSchema, ["targets", 0, "shell", "runAs"])).toEqual(["uid", "gid"]);
    expect(keysAt(configSchema, ["policy", "reauth"])).toContain("grace");
    expect(keysAt(configSchema, ["site"])).toEqual([]);
    expect(keysAt(configSchema, ["no", "such"])).toEqual([]);
  });

  it("accepts the default configuration", () => {
    const data: unknown = parse(readFileSync("config/chaperone.yaml", "utf8"));
    expect(configSchema.safeParse(data).success).toBe(true);
  });
});

describe("the word that was meant", () => {
  it.each([
    ["recordng", "recording"],
    ["Site", "site"],
    ["polcy", "policy"],
    ["zzz", undefined],
    ["x", undefined],
  ])("by %s is %s", (word, meant) => {
    expect(nearestWord(word, ["recording", "site", "policy"])).toBe(meant);
  });
});
