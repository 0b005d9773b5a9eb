import { describe, expect, it } from "vitest";
import { parseMoment } from "./read/moment.js";
import { wallMicros } from "../kernel/index.js";
import type { CompiledRuleset, JudgedCommand, RuleSubject } from "./index.js";
import { commandFor, compileForTest, faultsOf, packOf, someSubject } from "./rules.testing.js";

function scoped(scope: string): CompiledRuleset {
  return compileForTest(
    packOf(
      `  - { id: rule-a, name: A, scope: ${scope}, match: { command: { exec: ls } }, action: block }`,
    ),
  );
}

function holds(
  ruleset: CompiledRuleset,
  moment: Partial<JudgedCommand> = {},
  subject: Partial<RuleSubject> = {},
): boolean {
  return ruleset.judge(commandFor("ls", {}, moment), someSubject(subject)).length > 0;
}

/** Microseconds of a moment that is written as people write it. */
function at(text: string): { wall: JudgedCommand["wall"] } {
  const moment = parseMoment(text);
  if (moment === null) throw new Error(text);
  return { wall: wallMicros(moment) };
}

describe("a time window", () => {
  it("holds in its zone, summer and winter", () => {
    const office = scoped(
      '{ time: { windows: ["mon-fri 08:00-18:00"], timezone: Europe/Berlin } }',
    );
    // 08:00 in Berlin is 07:00 UTC in winter and 06:00 UTC in summer.
    expect(holds(office, at("2026-01-07T07:00Z"))).toBe(true);
    expect(holds(office, at("2026-01-07T06:59Z"))).toBe(false);
    expect(holds(office, at("2026-07-08T06:00Z"))).toBe(true);
    expect(holds(office, at("2026-07-08T05:59Z"))).toBe(false);
    expect(holds(office, at("2026-07-11T10:00Z"))).toBe(false);
  });

  it("on the day the clock changes", () => {
    // 2026-03-29: 02:00 in Berlin becomes 03:00; 2026-10-25: 03:00 becomes 02:00 again.
    const night = scoped('{ time: { windows: ["sun 02:00-03:00"], timezone: Europe/Berlin } }');
    expect(holds(night, at("2026-03-29T01:00Z"))).toBe(false);
    expect(holds(night, at("2026-10-25T00:30Z"))).toBe(true);
    expect(holds(night, at("2026-10-25T01:30Z"))).toBe(true);
    expect(holds(night, at("2026-10-25T02:00Z"))).toBe(false);
  });

  it("over midnight belongs to the day it begins on", () => {
    const night = scoped('{ time: { windows: ["fri 22:00-06:00"], timezone: UTC } }');
    expect(holds(night, at("2026-01-09T23:00Z"))).toBe(true);
    expect(holds(night, at("2026-01-10T05:59Z"))).toBe(true);
    expect(holds(night, at("2026-01-10T06:00Z"))).toBe(false);
    expect(holds(night, at("2026-01-09T05:00Z"))).toBe(false);
  });

  it.each(["mon-fri 08:00-24:30", "mon 25:00-26:00", "08:00-18:00", "mon-fri 8-18"])(
    "that no clock shows is refused: %s",
    (window) => {
      const faults = faultsOf(
        packOf(
          `  - { id: rule-a, name: A, scope: { time: { windows: ["${window}"] } }, match: { command: { exec: ls } }, action: block }`,
        ),
      );
      expect(faults.map(({ code }) => code)).toContain("CHP_RULES_SHAPE");
    },
  );

  it("ends with its day at 24:00", () => {
    const evening = scoped('{ time: { windows: ["mon-sun 20:00-24:00"] } }');
    expect(holds(evening, at("2026-01-07T23:59Z"))).toBe(true);
    expect(holds(evening, at("2026-01-08T00:00Z"))).toBe(false);
  });

  it("can be turned around", () => {
    const outside = scoped('{ time: { windows: ["mon-fri 08:00-18:00"], outside: true } }');
    expect(holds(outside, at("2026-01-07T12:00Z"))).toBe(false);
    expect(holds(outside, at("2026-01-10T12:00Z"))).toBe(true);
  });
});

describe("a scope", () => {
  it("asks who reads the line", () => {
    const sql = scoped("{ context: program, programs: [psql, 'mysql*'] }");
    expect(holds(sql)).toBe(false);
    expect(holds(sql, { context: "program", program: "psql" })).toBe(true);
    expect(holds(sql, { context: "program", program: "mysqlsh" })).toBe(true);
    expect(holds(sql, { context: "program", program: "python3" })).toBe(false);
    expect(holds(sql, { context: "program" })).toBe(false);
  });

  it("without a word about it holds for whatever reads the line", () => {
    const any = scoped("{ persons: [alice] }");
    expect(holds(any, { context: "program", program: "psql" })).toBe(true);
    expect(holds(any, { context: "unknown" })).toBe(true);
  });

  it("asks for a ticket", () => {
    const without = scoped("{ ticket: absent }");
    expect(holds(without)).toBe(true);
    expect(holds(without, {}, { ticket: "CHG-17" })).toBe(false);
    expect(holds(scoped("{ ticket: present }"), {}, { ticket: "CHG-17" })).toBe(true);
  });

  it("asks how risky the session is by now; unscored is no risk", () => {
    const risky = scoped('{ sessionRisk: ">= 60" }');
    expect(holds(risky)).toBe(false);
    expect(holds(risky, { risk: 59 })).toBe(false);
    expect(holds(risky, { risk: 60 })).toBe(true);
  });

  it("knows every kind of channel", () => {
    const exec = scoped("{ channels: [exec, localForward] }");
    expect(holds(exec)).toBe(false);
    expect(holds(exec, { channelKind: "exec" })).toBe(true);
  });

  it("turned around by `not`, moments included", () => {
    const others = scoped("{ not: { persons: [alice], context: shell } }");
    expect(holds(others)).toBe(false);
    expect(holds(others, { context: "program" })).toBe(true);
    expect(holds(others, {}, { person: { ...someSubject().person, name: "bob" } })).toBe(true);
  });

  it.each([
    ["a context that is none", "{ context: editor }"],
    ["a zone that is none", '{ time: { windows: ["mon 08:00-09:00"], timezone: Mars/Olympus } }'],
    ["a channel that is none", "{ channels: [telnet] }"],
    ["a risk that is no number", "{ sessionRisk: high }"],
    ["a ticket that may be", "{ ticket: maybe }"],
  ])("with %s is refused", (_name, scope) => {
    const text = `  - { id: rule-a, name: A, scope: ${scope}, match: { command: { exec: ls } }, action: block }`;
    expect(faultsOf(packOf(text)).map((fault) => fault.code)).toContain("CHP_RULES_SHAPE");
  });
});

describe("messages", () => {
  const ruleset = compileForTest(
    packOf(`  - id: rule-a
    name: A
    match: { command: { exec: rm } }
    action: block
    message: { en: "No {exec}.", pt: "Sem {exec}.", pt-BR: "Nada de {exec}.", zh-Hant: "\u4e0d" }`),
  );
  const told = (language?: string): string | undefined => {
    const { person } = someSubject();
    const subject = someSubject({
      person: language === undefined ? person : { ...person, language },
    });
    return ruleset.judge(commandFor("rm x"), subject)[0]?.message;
  };

  it("come in the person's language, else in a near one, else in English", () => {
    expect(told()).toBe("No rm.");
    expect(told("pt-BR")).toBe("Nada de rm.");
    expect(told("PT-br")).toBe("Nada de rm.");
    expect(told("pt-PT")).toBe("Sem rm.");
    expect(told("zh")).toBe("\u4e0d");
    expect(told("de")).toBe("No rm.");
  });

  it("fall back to the first where there is no English", () => {
    const french = compileForTest(
      packOf(
        "  - { id: rule-a, name: A, match: { command: { exec: rm } }, action: block, message: { fr: Non, de: Nein } }",
      ),
    );
    expect(french.judge(commandFor("rm x"), someSubject())[0]?.message).toBe("Non");
  });
});
