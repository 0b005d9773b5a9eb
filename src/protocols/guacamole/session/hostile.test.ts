import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { micros, wallMicros } from "../../../kernel/index.js";
import type { Effect, InputBody, Instruction } from "../../../model/index.js";
import { seedOf } from "../../../session/seed.testing.js";
import { checkInstruction } from "../codec/index.js";
import { createDesktopSession } from "./desktop-session.js";
import { understandDesktop } from "./understand.js";

const POLICY = {
  readOnly: false,
  copy: true,
  paste: true,
  upload: true,
  download: true,
  microphone: false,
  pipes: false,
  clipboardBytesMax: 1_000,
  fileBytesMax: 1_000,
};
const RETURN = "65293";

const number = fc.oneof(
  fc.constantFrom("0", "1", "2", "9000", "90001", "65293", "65362", "65505", "-1"),
  fc.integer({ min: -5, max: 70_000 }).map(String),
);
const text = fc.oneof(
  fc.constantFrom("text/plain", "image/png", "STDIN", "$guacd", "", "AAAA", "cm0gLXJm", "a.zip"),
  fc.string({ maxLength: 12 }),
);
const opcode = fc.constantFrom(
  ..."key mouse touch sync size ack blob end clipboard file put get body pipe argv audio video usbconnect".split(
    " ",
  ),
  ..."img cfill rect copy cursor filesystem undefine required msg name select connect ready error log".split(
    " ",
  ),
);
const instruction: fc.Arbitrary<Instruction> = fc.record({
  opcode: fc.oneof({ weight: 9, arbitrary: opcode }, fc.string({ maxLength: 9 })),
  args: fc.array(fc.oneof(number, text), { maxLength: 7 }),
});
const typed: fc.Arbitrary<readonly Instruction[]> = fc
  .constantFrom("ls", "forbidden x", "ask y", "sudo ls")
  .map((line) =>
    [...Array.from(line, (one) => String(one.codePointAt(0))), RETURN].flatMap((key) => [
      { opcode: "key", args: [key, "1"] },
      { opcode: "key", args: [key, "0"] },
    ]),
  );
const said = (from: "person" | "target", all: readonly Instruction[]): readonly InputBody[] =>
  all.flatMap((one) => {
    // What the relay lets through: forms that are good, and names that are not known without their content.
    const checked = checkInstruction(one, from);
    if (!checked.ok) return [];
    if (checked.value === "known") return [{ kind: "instruction", from, instruction: one }];
    const named = { opcode: one.opcode.slice(0, 32), args: [] };
    return from === "person" ? [{ kind: "instruction", from, instruction: named }] : [];
  });
const happening: fc.Arbitrary<readonly InputBody[]> = fc.oneof(
  fc.array(instruction, { maxLength: 6 }).map((all) => said("person", all)),
  fc.array(instruction, { maxLength: 6 }).map((all) => said("target", all)),
  typed.map((all) => said("person", all)),
  fc
    .constantFrom("challenge", "suspension", "message", "behaviour")
    .map((timer) => [{ kind: "timer", timer, channel: null } as const]),
  fc.constantFrom("suspend", "resume", "message", "reauth").map((deed) => [
    {
      kind: "command",
      command: { id: "c", do: deed, by: { kind: "operator", name: "o" }, reason: "why" },
    } as const,
  ]),
  fc
    .constantFrom<InputBody>(
      { kind: "observe", id: "o", observer: { id: "o", name: "maria", mode: "watch" } },
      { kind: "observe", id: "o", observer: null },
      { kind: "watched", observer: "o", drawn: [{ opcode: "sync", args: ["5"] }] },
      { kind: "watched", observer: "o", drawn: null },
    )
    .map((one) => [one]),
);

const RULES = `
apiVersion: chaperone/v1
kind: RulePack
metadata: { name: lab, version: 1.0.0 }
rules:
  - id: never-this
    name: Never
    criticality: high
    match: { command: { exec: forbidden } }
    action: block
  - id: who
    name: Who
    criticality: high
    match: { command: { exec: ask } }
    action: { do: reauth, factors: [totp] }
`;

describe("a desktop of somebody who sends whatever they like", () => {
  it("never fails, lets nothing unknown pass, and keeps its promises about keys and covers", () => {
    const seed = seedOf({ rules: RULES });
    fc.assert(
      fc.property(fc.array(happening, { maxLength: 25 }), (happenings) => {
        const session = createDesktopSession({
          ...seed,
          facts: { ...seed.facts, protocol: "rdp" },
          readOnly: false,
          dump: true,
          understand: (judge) => understandDesktop({ protocol: "rdp", policy: POLICY, judge }),
        });
        let at = 0;
        let sequence = 0;
        const down = new Map<string, boolean>();
        const step = (body: InputBody): readonly Effect[] => {
          at += 7_000;
          return session.step({ ...body, at: micros(at), wall: wallMicros(at) });
        };
        const bodies: readonly InputBody[] = [
          { kind: "opened" },
          ...happenings.flat(),
          { kind: "disconnected", reason: "over" },
        ];
        for (const body of bodies) {
          for (const effect of step(body)) {
            if (effect.kind === "emit") expect(effect.sequence).toBe(sequence++);
            if (effect.kind !== "instruct" || effect.to !== "target") continue;
            const { instruction: one } = effect;
            const checked = checkInstruction(one, "person");
            expect(checked.ok && checked.value).toBe("known");
            if (one.opcode !== "key") continue;
            const [key = "", pressed] = one.args;
            // A release without a press means nothing; that of a press comes before the next end.
            if (pressed === "0") expect(down.get(key)).toBe(true);
            down.set(key, pressed === "1");
          }
        }
      }),
    );
  });
});
