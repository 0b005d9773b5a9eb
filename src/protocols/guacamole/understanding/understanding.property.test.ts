import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { micros } from "../../../kernel/index.js";
import { createUnderstanding } from "./create-understanding.js";
import { instruction, type Direction, type Instruction } from "./instruction.js";
import type { StreamPolicy } from "./stream-facts.js";
import { KEYSYMS, OPEN_POLICY, Person, sha256Digest } from "./understanding.testing.js";

const LONG = process.env["LONG"] !== undefined;
const keysym = fc.oneof(
  fc.integer({ min: 0x20, max: 0x7e }),
  fc.constantFrom(
    ...Object.values(KEYSYMS),
    0xfe51,
    0xffb1,
    0xffb3,
    0x0d,
    0x1b3,
    0x01000000 + 0x20ac,
  ),
  fc.integer({ min: 0, max: 0x0200_0000 }),
);
const key = fc
  .tuple(keysym, fc.constantFrom("0", "1"))
  .map(([code, pressed]) => instruction("key", String(code), pressed));
const mouse = fc
  .tuple(fc.nat(2_000), fc.nat(2_000), fc.nat(31))
  .map(([x, y, buttons]) => instruction("mouse", String(x), String(y), String(buttons)));
const index = fc.constantFrom("0", "1", "2", "x", "-1");
const stream = fc.oneof(
  fc
    .tuple(fc.constantFrom("clipboard", "audio"), index)
    .map(([opcode, at]) => instruction(opcode, at, "text/plain")),
  fc
    .tuple(fc.constantFrom("file", "pipe", "argv"), index)
    .map(([opcode, at]) => instruction(opcode, at, "text/plain", "name")),
  fc
    .tuple(fc.constantFrom("put", "body"), index, index)
    .map(([opcode, object, at]) => instruction(opcode, object, at, "text/plain", "/name")),
  fc
    .tuple(index, fc.constantFrom("QUJD", "aWQKCg==", "A", ""))
    .map(([at, data]) => instruction("blob", at, data)),
  index.map((at) => instruction("end", at)),
  index.map((at) => instruction("filesystem", at, "drive")),
  index.map((at) => instruction("get", at, "/")),
  fc
    .tuple(index, fc.constantFrom("0", "771", "x"))
    .map(([at, status]) => instruction("ack", at, "", status)),
  fc
    .constantFrom("usbconnect", "usbdata", "usbdisconnect")
    .map((opcode) => instruction(opcode, "1", "x")),
);
const garbage = fc
  .tuple(
    fc.constantFrom("key", "mouse", "blob", "put", "usb", "undefine", "required", "sync", "", "x"),
    fc.array(fc.string({ maxLength: 6 }), { maxLength: 5 }),
  )
  .map(([opcode, args]) => instruction(opcode, ...args));
const direction = fc.constantFrom<Direction>("from-client", "from-client", "from-server");
const act = fc.oneof(
  fc.record({
    type: fc.constant("given" as const),
    given: fc.oneof(key, mouse, stream, garbage),
    direction,
  }),
  fc.record({ type: fc.constantFrom("release", "drop", "gate", "decide") }),
);

function protocolOf(): fc.Arbitrary<string> {
  return fc.constantFrom("rdp", "vnc", "ssh");
}

describe("whatever arrives", () => {
  it("is read without a throw, and every press towards the server has one release", () => {
    fc.assert(
      fc.property(protocolOf(), fc.array(act, { maxLength: 150 }), (protocol, acts) => {
        const understanding = createUnderstanding({
          protocol,
          policy: OPEN_POLICY,
          createDigest: sha256Digest,
          pieces: true,
        });
        const sent: Instruction[] = [];
        let now = 0;
        for (const one of acts) {
          now += 30_000;
          const at = micros(now);
          if (one.type === "given") {
            const { given, direction: from } = one as { given: Instruction; direction: Direction }; // the union is told apart by `type`
            const { forward, answer } = understanding.read(given, from, at);
            sent.push(...(from === "from-client" ? forward : answer));
          } else if (one.type === "release") sent.push(...understanding.releaseLine(at).forward);
          else if (one.type === "drop") sent.push(...understanding.dropLine(at).forward);
          else if (one.type === "gate") sent.push(...understanding.letGo(at));
          else understanding.decideStream(1, { type: "allowed" });
        }
        sent.push(...understanding.letGo(micros(now)));
        expectBalance(sent);
        understanding.end(micros(now));
      }),
      { numRuns: LONG ? 10_000 : 300 },
    );
  });

  it("of streams passes only with what opened it, while policy lets it", () => {
    const closed: StreamPolicy = {
      ...OPEN_POLICY,
      upload: { allowed: false, bytesMax: 0 },
      clipboard: {
        upload: { allowed: false, bytesMax: 0 },
        download: { allowed: false, bytesMax: 0 },
      },
      pipe: { upload: false, download: false },
      microphone: false,
      usb: false,
    };
    fc.assert(
      fc.property(fc.array(stream, { maxLength: 80 }), (all) => {
        const person = new Person({ policy: closed });
        for (const one of all) person.client(one);
        const passed = new Set(person.toServer.map(({ opcode }) => opcode));
        for (const opcode of ["clipboard", "file", "put", "pipe", "audio", "blob", "end"])
          expect(passed).not.toContain(opcode);
      }),
      { numRuns: LONG ? 5_000 : 150 },
    );
  });
});

function expectBalance(sent: readonly Instruction[]): void {
  const down = new Set<string>();
  for (const { opcode, args } of sent) {
    if (opcode !== "key") continue;
    const [code = "", pressed] = args;
    if (pressed === "1") down.add(code);
    else expect(down.delete(code)).toBe(true);
  }
  expect([...down]).toEqual([]);
}

const strokes = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.integer({ min: 0x61, max: 0x7a }) },
    fc.constantFrom(
      KEYSYMS.Backspace,
      KEYSYMS.Left,
      KEYSYMS.Home,
      KEYSYMS.End,
      KEYSYMS.Delete,
      KEYSYMS.Enter,
      KEYSYMS.Tab,
      KEYSYMS.Escape,
    ),
  ),
  { maxLength: 60 },
);

describe("however the verdicts are late", () => {
  it("the same keys give the same lines, and reach the server in the same order", () => {
    fc.assert(
      fc.property(
        protocolOf(),
        strokes,
        fc.array(fc.nat(6), { maxLength: 60 }),
        (protocol, keys, delays) => {
          const prompt = new Person({ protocol });
          for (const code of keys) prompt.press(code);
          const late = new Person({ protocol });
          late.verdict = () => "wait";
          for (const [at, code] of keys.entries()) {
            late.press(code);
            for (let i = 0; i < (delays[at] ?? 0); i++)
              if (late.understanding.lineHeld) late.answer("release");
          }
          while (late.understanding.lineHeld) late.answer("release");
          expect(
            late.lines.map(({ text, candidates, hidden }) => [text, candidates, hidden]),
          ).toEqual(prompt.lines.map(({ text, candidates, hidden }) => [text, candidates, hidden]));
          expect(late.pressed).toEqual(prompt.pressed);
        },
      ),
      { numRuns: LONG ? 5_000 : 200 },
    );
  });

  it("no Return of a line passes before its verdict", () => {
    fc.assert(
      fc.property(protocolOf(), strokes, (protocol, keys) => {
        const person = new Person({ protocol });
        person.verdict = () => "drop";
        let typed = false;
        for (const code of keys) {
          person.press(code);
          typed ||= code >= 0x61 && code <= 0x7a;
          const text = person.lines.at(-1)?.text ?? "";
          if (text !== "") expect(typed).toBe(true);
        }
        const returns = person.pressed.filter((code) => code === KEYSYMS.Enter).length;
        const empty = keys.filter((code) => code === KEYSYMS.Enter).length - person.lines.length;
        expect(returns).toBe(empty);
      }),
      { numRuns: LONG ? 5_000 : 200 },
    );
  });
});
