import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { seed } from "../../testing/index.js";
import { EVENT_TYPES, NASTY, sampleEvent, SAMPLES } from "../event-samples.testing.js";
import { FORMATS, isJson, render, type FormatName } from "./render.js";
import { shorten } from "./shorten.js";
import { storyOf } from "./stories.js";

/** Controls but the tab (which LEEF has between attributes), and what turns the direction of writing. */
// eslint-disable-next-line no-control-regex -- what must not be there
const UNSAFE = /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/;
const GOLDEN = "fixtures/events";
const OPTIONS = { version: "0.1.0" };

function told(format: FormatName, type: (typeof EVENT_TYPES)[number]): string {
  const event = sampleEvent(type);
  return render(format, event, storyOf(event), OPTIONS);
}

/** Golden files are for readers: JSON is laid out, tabs of LEEF are shown. */
function laidOut(format: FormatName, text: string): string {
  if (isJson(format)) return `${JSON.stringify(JSON.parse(text), null, 2)}\n`;
  return `${text.replaceAll("\t", "<TAB>\n")}\n`;
}

describe.each(FORMATS)("an event in %s", (format) => {
  it.each(EVENT_TYPES)("of the type %s is told as its golden file says", (type) => {
    const folder = join(GOLDEN, format);
    const path = join(folder, `${type}.golden`);
    const text = laidOut(format, told(format, type));
    if (process.env["UPDATE"] === "1") {
      mkdirSync(folder, { recursive: true });
      writeFileSync(path, text);
    }
    expect(text).toBe(existsSync(path) ? readFileSync(path, "utf8") : "no golden file");
  });

  it("has a golden file for every type, and none besides", () => {
    const files = readdirSync(join(GOLDEN, format)).map((file) => file.replace(/\.golden$/, ""));
    expect(files.sort()).toEqual([...EVENT_TYPES].sort());
  });

  it("is one line without control characters but the tabs of LEEF", () => {
    for (const type of EVENT_TYPES) {
      expect(told(format, type)).not.toMatch(UNSAFE);
      if (format !== "leef") expect(told(format, type)).not.toContain("\t");
    }
  });

  it("stays one printable line, whatever a person types", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 200 }), (text) => {
        const event = sampleEvent("command.entered", { ...SAMPLES["command.entered"], text });
        const line = render(format, event, storyOf(event), OPTIONS);
        expect(line).not.toMatch(UNSAFE);
        if (isJson(format)) expect(() => void JSON.parse(line)).not.toThrow();
      }),
      { seed },
    );
  });

  it("tells a long command whole", () => {
    const text = `echo ${"x".repeat(3_000)} end`;
    const event = sampleEvent("command.entered", { ...SAMPLES["command.entered"], text });
    expect(render(format, event, storyOf(event), OPTIONS)).toContain(`${"x".repeat(3_000)} end`);
  });

  it("never cuts a text without saying so", () => {
    const text = `echo ${"é".repeat(30_000)}`;
    const whole = sampleEvent("command.entered", { ...SAMPLES["command.entered"], text });
    const event = shorten(whole, 1_000);
    const line = render(format, event, storyOf(event), OPTIONS);
    expect(line.length).toBeLessThan(16_000);
    expect(line).toMatch(/truncated/i);
    expect(line).toContain(String(event.cut?.untruncatedBytes));
  });

  it("says how many it stands for", () => {
    const grouped = { count: 41, firstId: "f-1", sinceMs: 1_000, untilMs: 2_000 };
    const event = { ...sampleEvent("rule.matched"), grouped };
    expect(render(format, event, storyOf(event), OPTIONS)).toMatch(/\b41\b/);
  });
});

describe("a command typed with the echo off", () => {
  it.each(FORMATS)("is told in %s without a text", (format) => {
    const { session, channel, source, confidence, context, decision, rules, rulesDigest } =
      SAMPLES["command.entered"];
    const seen = { session, channel, source, confidence, context, decision, rules, rulesDigest };
    const data = { ...seen, hidden: true, invocations: [] };
    const event = sampleEvent("command.entered", data);
    const line = render(format, event, storyOf(event), OPTIONS);
    expect(line).not.toContain("echo");
    expect(line).not.toContain(JSON.stringify(NASTY).slice(1, 20));
  });
});
