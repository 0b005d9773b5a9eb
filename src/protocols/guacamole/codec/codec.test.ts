import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeUtf8 } from "../../../kernel/index.js";
import { serializeInstruction, type Instruction } from "../../../model/index.js";
import { createSeededRandom } from "../../../testing/index.js";
import { FIXTURES, fixturesAreThere, readFixture } from "../fixtures.testing.js";
import {
  checkInstruction,
  createInstructionParser,
  ELEMENTS_MAX,
  INSTRUCTION_BYTES_MAX,
} from "./index.js";

interface Read {
  readonly instructions: readonly Instruction[];
  readonly fault: string | null;
}

function read(pieces: readonly Uint8Array[]): Read {
  const parser = createInstructionParser();
  const instructions: Instruction[] = [];
  for (const piece of pieces) {
    const fed = parser.feed(piece, (one) => instructions.push(one) > 0);
    if (!fed.ok) return { instructions, fault: fed.error.code };
  }
  return { instructions, fault: null };
}

const whole = (text: string): Read => read([encodeUtf8(text)]);

const character = fc.constantFrom(
  "a",
  ",",
  ";",
  ".",
  "0",
  "é",
  "ã",
  "€",
  "😀",
  "\u{10ffff}",
  "\ufeff",
);
const value = fc.array(character, { maxLength: 40 }).map((all) => all.join(""));
const instruction = fc
  .tuple(value, fc.array(value, { maxLength: 8 }))
  .map(([opcode, args]) => ({ opcode, args }));

describe("the Guacamole codec", () => {
  it("reads what it writes, however the network cuts it", () => {
    fc.assert(
      fc.property(fc.array(instruction, { maxLength: 6 }), fc.nat(), (all, seed) => {
        const bytes = encodeUtf8(all.map(serializeInstruction).join(""));
        const pieces = createSeededRandom(seed).cut(bytes, 1 + (seed % 7));
        expect(read(pieces)).toEqual({ instructions: all, fault: null });
      }),
    );
  });

  it("says the same about hostile bytes, however they are cut", () => {
    const hostile = fc.array(
      fc.oneof(
        fc.constantFrom(..."0123456789.,;".split("")).map((one) => encodeUtf8(one)),
        fc.uint8Array({ minLength: 1, maxLength: 3 }),
        instruction.map((one) => encodeUtf8(serializeInstruction(one))),
      ),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(hostile, fc.nat(), (parts, seed) => {
        const bytes = Uint8Array.from(parts.flatMap((part) => [...part]));
        const pieces = createSeededRandom(seed).cut(bytes, 1 + (seed % 5));
        expect(read(pieces)).toEqual(read([bytes]));
      }),
    );
  });

  it("understands nothing that it would not write itself", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(..."012.,;a é€".split(""))), (characters) => {
        const text = characters.join("");
        const { instructions, fault } = whole(text);
        const again = instructions.map(serializeInstruction).join("");
        expect(text.startsWith(again)).toBe(true);
        if (fault === null && text.endsWith(";")) expect(again).toBe(text);
      }),
    );
  });

  it.each([
    ["a length with a leading zero", "03.nop;"],
    ["a blank before a length", " 3.nop;"],
    ["a sign before a length", "+3.nop;"],
    ["a length with letters behind it", "3x.nop;"],
    ["no length at all", ".nop;"],
    ["a value that is longer than its length", "3.nops;"],
    ["a value that is shorter than its length", "3.no;3.nop;"],
    ["a length of six digits", "100000.x"],
    ["another separator", "3.nop:"],
    ["a byte order mark before everything", "\ufeff3.nop;"],
  ])("refuses %s", (_, text) => {
    const result = whole(text);
    expect(result.fault).toBe("CHP_GUACAMOLE_SYNTAX");
    expect(result.instructions).toEqual([]);
  });

  it.each([
    ["a continuation byte alone", [0x31, 0x2e, 0x80, 0x3b, 0x3b]],
    ["an overlong form", [0x31, 0x2e, 0xc0, 0xaf, 0x3b]],
    ["half a surrogate pair", [0x31, 0x2e, 0xed, 0xa0, 0x80, 0x3b]],
    ["a character beyond Unicode", [0x31, 0x2e, 0xf5, 0x80, 0x80, 0x80, 0x3b]],
    ["one continuation byte too many", [0x31, 0x2e, 0xc3, 0xa9, 0xa9, 0x3b]],
  ])("refuses %s", (_, bytes) => {
    expect(read([Uint8Array.from(bytes)]).fault).toBe("CHP_GUACAMOLE_SYNTAX");
  });

  it("counts code points, as guacd does: not bytes and not UTF-16 units", () => {
    expect(serializeInstruction({ opcode: "x", args: ["é", "😀"] })).toBe("1.x,1.é,1.😀;");
    expect(whole("1.x,2.é😀;").instructions).toEqual([{ opcode: "x", args: ["é😀"] }]);
  });

  it("takes instructions of exactly the size that guacd takes, and none of a byte more", () => {
    const sized = (bytes: number): string => {
      const blob = bytes - "4.blob,1.0,0000.;".length;
      return `4.blob,1.0,${String(blob)}.${"A".repeat(blob)};`;
    };
    expect(sized(INSTRUCTION_BYTES_MAX)).toHaveLength(INSTRUCTION_BYTES_MAX);
    expect(whole(sized(INSTRUCTION_BYTES_MAX)).instructions).toHaveLength(1);
    for (const pieces of [1, 100, 8_193]) {
      const cut = createSeededRandom(pieces).cut(
        encodeUtf8(sized(INSTRUCTION_BYTES_MAX + 1)),
        pieces,
      );
      expect(read(cut)).toEqual({ instructions: [], fault: "CHP_GUACAMOLE_TOO_LONG" });
    }
  });

  it("takes as many elements as guacd takes, and not one more", () => {
    const many = (elements: number): string => `${Array(elements).fill("1.a").join(",")};`;
    expect(whole(many(ELEMENTS_MAX)).instructions[0]?.args).toHaveLength(ELEMENTS_MAX - 1);
    expect(whole(many(ELEMENTS_MAX + 1)).fault).toBe("CHP_GUACAMOLE_SYNTAX");
  });

  it("gives nothing to anybody after a fault, or once nobody wants more", () => {
    const parser = createInstructionParser();
    const seen: string[] = [];
    const take = ({ opcode }: Instruction): boolean => seen.push(opcode) > 0 && opcode !== "b";
    expect(parser.feed(encodeUtf8("1.a;1.b;1.c;"), take).ok).toBe(true);
    expect(parser.feed(encodeUtf8("1.d;"), take).ok).toBe(true);
    expect(seen).toEqual(["a", "b"]);
    const broken = createInstructionParser();
    expect(broken.feed(encodeUtf8("x"), take).ok).toBe(false);
    expect(broken.feed(encodeUtf8("1.e;"), take).ok).toBe(false);
    expect(seen).toEqual(["a", "b"]);
  });

  describe.each([
    ["key", ["65", "1"], "known"],
    ["key", ["65"], "refused"],
    ["key", [" 65x", "1"], "refused"],
    ["key", ["065", "1"], "refused"],
    ["key", ["-0", "1"], "refused"],
    ["mouse", ["10", "20", "0"], "known"],
    ["touch", ["1", "10", "20", "3", "4", "0.5", "1"], "known"],
    ["usbdata", ["1", "x"], "unknown"],
    ["", ["ping", "1"], "unknown"],
    ["select", ["$2a7b4275"], "unknown"],
    ["connect", [], "unknown"],
  ] as const)("told `%s` with %j by a person", (opcode, args, expected) => {
    it(`takes it for ${expected}`, () => {
      const checked = checkInstruction({ opcode, args }, "person");
      expect(checked.ok ? checked.value : "refused").toBe(expected);
    });
  });

  describe.skipIf(!fixturesAreThere())("on recordings of real sessions", () => {
    it.each(FIXTURES)("reads %s the same in random pieces, and writes the same bytes", (name) => {
      for (const from of ["person", "target"] as const) {
        const all = readFixture(name).filter((one) => one.from === from);
        const bytes = encodeUtf8(all.map((one) => serializeInstruction(one.instruction)).join(""));
        const { instructions, fault } = read(createSeededRandom(7).cut(bytes, 3_000));
        expect(fault).toBe(null);
        expect(instructions).toEqual(all.map((one) => one.instruction));
      }
    });

    it.each(FIXTURES)("knows every instruction of %s", (name) => {
      const handshake = new Set([
        "select",
        "args",
        "connect",
        "ready",
        "video",
        "image",
        "timezone",
      ]);
      const unknown = readFixture(name).flatMap(({ instruction: one, from }, index) => {
        if (index < 12 && (handshake.has(one.opcode) || one.opcode === "audio")) return [];
        const checked = checkInstruction(one, from);
        return checked.ok && checked.value === "known"
          ? []
          : [`${from} ${one.opcode} ${one.args.join()}`];
      });
      expect(unknown.filter((one) => !one.startsWith("person  ping"))).toEqual([]);
    });
  });
});
