import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { wallMicros } from "../kernel/index.js";
import { seed } from "../testing/index.js";
import {
  closeKeystrokeProfile,
  createCommandCrowd,
  createContextDetector,
  createCrowd,
  createKeystrokeDetector,
  createSequenceDetector,
  joinProfiles,
  learnSample,
  openKeystrokeProfile,
  parseBehaviourProfile,
  type BehaviourProfile,
} from "./index.js";
import { createTypist } from "./typist.testing.js";

function profile(): BehaviourProfile {
  const typing = openKeystrokeProfile();
  const typist = createTypist(1, 1);
  learnSample(typing, { phrase: null, presses: typist.type(300) });
  learnSample(typing, { phrase: "login", presses: typist.phrase("staple") });
  const commands = createSequenceDetector({ person: "a", crowd: createCommandCrowd([]) });
  for (const word of ["ls", "cd", "ls"]) commands.command(word);
  commands.settle();
  const context = createContextDetector();
  context.learn(
    { wall: wallMicros(1_700_000_000_000_000), origin: "::1", target: "db", credential: "root" },
    { durationMs: 1, commandWindows: [2], bytes: 3 },
  );
  return {
    version: 1,
    keystroke: closeKeystrokeProfile(typing),
    sequence: commands.profile(),
    context: context.profile(),
  };
}

describe("a stored profile", () => {
  it("is read as it was written", () => {
    const read = parseBehaviourProfile(JSON.stringify(profile()));
    expect(read.ok ? read.value : read.error).toEqual(profile());
  });

  it.each([
    "",
    "null",
    "[]",
    "{}",
    '{"version":2}',
    '{"version":1,"keystroke":{}}',
    '{"version":1,"sequence":{"version":1,"evidence":0,"counts":{"commands":[["ls","x"]],"pairs":[]},"usual":{}}}',
    '{"version":1,"sequence":{"version":1,"evidence":0,"judged":"x","counts":{"commands":[],"pairs":[]},"usual":{"stretches":0,"mean":0,"square":0}}}',
    '{"version":1,"sequence":{"version":1,"evidence":0,"counts":{"commands":[],"pairs":[],"lately":5},"usual":{"stretches":0,"mean":0,"square":0}}}',
    '{"version":1,"context":{"version":1,"sessions":-1}}',
    " ".repeat(200 * 1024),
  ])("that is none is refused: %.40s", (text) => {
    const read = parseBehaviourProfile(text);
    expect(read.ok ? "taken" : read.error.code).toBe("CHP_BEHAVIOUR_PROFILE");
  });

  it("that was altered is refused or read, and never breaks a detector", () => {
    const text = JSON.stringify(profile());
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.string({ maxLength: 3 }), (at, other) => {
        const read = parseBehaviourProfile(text.slice(0, at) + other + text.slice(at + 1));
        if (!read.ok) return;
        const { keystroke, sequence, context } = read.value;
        const typing = createKeystrokeDetector(
          { person: "a", crowd: createCrowd([]) },
          keystroke === undefined ? {} : { profile: keystroke },
        );
        for (const press of createTypist(1, 2).type(20)) typing.press(press);
        createSequenceDetector(
          { person: "a", crowd: createCommandCrowd([]) },
          {},
          sequence === undefined ? {} : { profile: sequence },
        ).command("ls");
        createContextDetector(context).progress({ durationMs: 1, commandWindows: [], bytes: 1 });
      }),
      { seed, numRuns: 200 },
    );
  });
});

describe("two sessions of one person at the same time", () => {
  const suspected = (evidence: number, judged: number): BehaviourProfile => {
    const { sequence } = profile();
    if (sequence === undefined) throw new Error("there is one, made above");
    return { version: 1, sequence: { ...sequence, evidence, judged } };
  };

  it.each([
    [suspected(80, 40), suspected(-3, 1)],
    [suspected(-3, 1), suspected(80, 40)],
  ])("do not wash the suspicion of either", (stored, brought) => {
    const { sequence } = joinProfiles(stored, brought, true);
    expect(sequence).toMatchObject({ evidence: 80, judged: 40 });
  });

  it("one after the other, the later one says how much suspicion is left", () => {
    const { sequence } = joinProfiles(suspected(80, 40), suspected(-3, 1), false);
    expect(sequence?.evidence).toBe(-3);
  });
});
