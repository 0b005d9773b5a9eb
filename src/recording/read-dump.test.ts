import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { micros, sessionId, wallMicros } from "../kernel/index.js";
import type { Instruction, SessionFacts } from "../model/index.js";
import { encodeDumpEntry, encodeDumpHeader } from "./guacamole-dump.js";
import { readDump } from "./read-dump.js";

const FACTS: SessionFacts = {
  id: sessionId("s-1"),
  protocol: "vnc",
  person: { name: "zoë", groups: ["dba"], phrase: "", factors: [] },
  account: "root",
  target: { name: "desk", address: "192.0.2.1:5900", labels: { env: "prod" }, embedded: false },
  origin: "127.0.0.1",
  clientVersion: "guacd client",
  authMethods: [],
};
const at = micros(0);
const START = { type: "start", at, columns: 0, rows: 0, term: "guacamole" } as const;
const header = encodeDumpHeader(START, {
  session: FACTS,
  channel: 0,
  wall: wallMicros(Date.UTC(2026, 10, 2, 9) * 1_000),
});
const write = (instruction: Instruction): string =>
  encodeDumpEntry({ type: "instruction", at, instruction });

/** Characters of one and of two UTF-16 units, and the protocol's own signs. */
const text = fc
  .array(fc.constantFrom("a", "é", "😀", ".", ",", ";", "1", "\n"), { maxLength: 12 })
  .map((all) => all.join(""));
const instruction: fc.Arbitrary<Instruction> = fc.record({
  opcode: fc.constantFrom("cfill", "blob", "log", "size"),
  args: fc.array(text, { maxLength: 4 }),
});

describe("the recording of a desktop", () => {
  it("says who it was, where and when, in signs that a player takes for bytes", () => {
    expect(header).toMatch(/^3\.log,\d+\.[\x20-\x7e]*;$/);
    const read = readDump("x.guac", header);
    expect(read.ok && read.value).toMatchObject({
      header: { session: "s-1", protocol: "vnc", person: "zoë", target: "desk", channel: 0 },
      entries: [],
      torn: false,
    });
  });

  it("is read as it was written, wherever it was cut off", () => {
    fc.assert(
      fc.property(fc.array(instruction, { maxLength: 6 }), fc.nat(), (all, seed) => {
        const kept = all.filter(({ opcode }) => opcode === "log" || opcode === "size");
        const whole = header + all.map(write).join("");
        const read = readDump("x.guac", whole);
        if (!read.ok) throw new Error(read.error.message);
        expect(read.value.entries.map((one) => one.instruction)).toEqual(kept);
        const cut = header.length + (seed % (whole.length - header.length + 1));
        const part = readDump("x.guac", whole.slice(0, cut));
        expect(part.ok).toBe(true);
      }),
    );
  });

  it("puts keys at the times at which they were pressed", () => {
    const all = [
      ["sync", "1000"],
      ["sync", "3000"],
      ["key", "97", "1", "1500"],
      ["key", "97", "0", "1600"],
      ["mouse", "1", "2", "0", "2000"],
    ].map(([opcode = "", ...args]) => write({ opcode, args }));
    const read = readDump("x.guac", header + all.join(""));
    expect(read.ok && read.value.entries.map(({ ms }) => ms)).toEqual([0, 500, 600, 1000, 2000]);
  });

  it("is refused when it is somebody else's, or nothing of the kind", () => {
    for (const other of [
      "",
      "4.size,1.0,1.1,1.1;",
      "3.log,2.{};",
      `${header}x`,
      `${header}1.ab;`,
    ]) {
      const read = readDump("x.guac", other);
      expect(read.ok ? "read" : read.error.code).toBe(
        other === `${header}x` ? "read" : "CHP_RECORDING_READ",
      );
    }
  });
});
