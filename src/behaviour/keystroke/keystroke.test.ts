import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { micros, type Micros } from "../../kernel/index.js";
import { seed } from "../../testing/index.js";
import { createTypist } from "../typist.testing.js";
import {
  createCrowd,
  createKeystrokeDetector,
  createSampleScorer,
  openKeystrokeProfile,
  closeKeystrokeProfile,
  learnSample,
  type Crowd,
  type KeyPress,
  type KeystrokeDetector,
  type KeystrokeProfile,
  type KeystrokeState,
} from "./index.js";

const ALICE = 1;
const enrolled = new Map<number, KeystrokeProfile>();
for (let person = 1; person <= 8; person += 1) {
  const profile = openKeystrokeProfile();
  learnSample(profile, { phrase: null, presses: createTypist(person, 1).type(2_000) });
  enrolled.set(person, closeKeystrokeProfile(profile));
}
const crowd = crowdOf(1, 2, 3, 4, 5, 6);

function crowdOf(...people: number[]): Crowd {
  return createCrowd(
    people.map((person) => ({
      person: String(person),
      ...openKeystrokeProfile(enrolled.get(person)),
    })),
  );
}

function aliceDetector(state?: Partial<KeystrokeState>): KeystrokeDetector {
  const profile = enrolled.get(ALICE);
  if (profile === undefined) throw new Error("alice is enrolled above");
  return createKeystrokeDetector({ person: String(ALICE), crowd }, state ?? { profile });
}

function readAll(detector: KeystrokeDetector, presses: readonly KeyPress[]) {
  return presses.map((press) => detector.press(press));
}

describe("a change of typist", () => {
  it("is not found while the person types", () => {
    const readings = readAll(aliceDetector(), createTypist(ALICE, 2).type(1_500));
    expect(readings.filter((one) => one.change === "found")).toEqual([]);
    expect(readings.at(-1)?.unlike).toBeLessThan(0);
  });

  it("is found when a colleague takes over in the middle of the session", () => {
    const detector = aliceDetector();
    readAll(detector, createTypist(ALICE, 2).type(500));
    const readings = readAll(detector, createTypist(2, 2).type(300));
    const found = readings.findIndex((one) => one.change === "found");
    expect(found).toBeGreaterThan(0);
    expect(found).toBeLessThan(200);
    expect(readings[found]?.pValue).toBeLessThan(0.05);
  });

  it("is found when it is somebody whom nobody here knows", () => {
    const readings = readAll(aliceDetector(), createTypist(8, 2).type(400));
    expect(readings.some((one) => one.change === "found")).toBe(true);
  });

  it("is found without knowing anybody else, later", () => {
    const profile = enrolled.get(ALICE);
    if (profile === undefined) throw new Error("alice is enrolled above");
    const alone = createKeystrokeDetector({ person: "1", crowd: createCrowd([]) }, { profile });
    expect(readAll(alone, createTypist(2, 2).type(800)).some((one) => one.change === "found")).toBe(
      true,
    );
  });

  it("is not spoken of while the profile is cold", () => {
    const detector = createKeystrokeDetector({ person: "9", crowd });
    const readings = readAll(detector, createTypist(3, 2).type(150));
    expect(readings.every((one) => !one.warm && one.pValue === 1 && one.change === "none")).toBe(
      true,
    );
  });
});

describe("transport", () => {
  it("of OpenSSH, keys on a grid of 20 ms, raises no alarm for the person", () => {
    const presses = createTypist(ALICE, 3).type(1_000).map(onGrid);
    const readings = readAll(aliceDetector(), presses);
    expect(readings.filter((one) => one.change === "found")).toEqual([]);
  });

  it("that brings many keys at once is a paste, about which nothing is said", () => {
    const detector = aliceDetector();
    readAll(detector, createTypist(ALICE, 2).type(100));
    const before = detector.state().comparison;
    const pasted = Array.from("curl https://example.org/install.sh", (key) => ({
      key,
      at: micros(900_000_000),
      packetKeys: 35,
    }));
    const readings = readAll(detector, pasted);
    expect(readings.every((one) => one.abstained === "burst")).toBe(true);
    expect(detector.state().comparison).toEqual(before);
  });

  it("with a key held down says nothing from its third repetition on", () => {
    const held = Array.from({ length: 20 }, (_, i) => ({ key: "x", at: micros(i * 33_000) }));
    const readings = readAll(aliceDetector(), held);
    expect(readings.slice(2).every((one) => one.abstained === "repeat")).toBe(true);
  });

  it("tells a paste between its marks, a pause and a clock that runs back apart", () => {
    const at = (ms: number): Micros => micros(ms * 1_000);
    const readings = readAll(aliceDetector(), [
      { key: "a", at: at(0) },
      { key: "b", at: at(100), pasted: true },
      { key: "c", at: at(200) },
      { key: "d", at: at(60_000) },
      { key: "e", at: at(50) },
      { key: "f", at: at(150) },
    ]);
    expect(readings.map((one) => one.abstained)).toEqual([
      "first",
      "pasted",
      "first",
      "pause",
      "clock",
      null,
    ]);
  });
});

describe("a program that types", () => {
  it.each([
    ["evenly", (i: number) => i * 120_000],
    ["at machine speed", (i: number) => i * 15_000 + (i % 3) * 4_000],
  ])("%s is told from a hand", (_, timeOf) => {
    const readings = readAll(
      aliceDetector(),
      createTypist(ALICE, 4)
        .type(60)
        .map(({ key }, i) => ({ key, at: micros(timeOf(i)) })),
    );
    expect(readings.at(-1)?.automation.pValue).toBeLessThan(0.05);
    expect(readings.at(-1)?.automation.reason).toContain("ms");
  });

  it("is not seen in a hand, on the grid or off it", () => {
    for (let person = 1; person <= 8; person += 1) {
      const typed = createTypist(person, 5).type(600);
      for (const presses of [typed, typed.map(onGrid)]) {
        const readings = readAll(aliceDetector(), presses);
        expect(readings.every((one) => one.automation.pValue === 1)).toBe(true);
      }
    }
  });
});

describe("the profile", () => {
  it("does not learn an attacker's keys", () => {
    const detector = aliceDetector();
    const attack = createTypist(2, 6).type(1_500);
    const readings = readAll(detector, attack);
    const found = readings.findIndex((one) => one.change === "found");
    expect(found).toBeLessThan(200);
    // Nothing typed before the alarm had proved itself yet, nothing after it was accepted.
    detector.reject();
    expect(detector.profile()).toEqual(enrolled.get(ALICE));
  });

  it("learns what waits when the person proves who they are", () => {
    const detector = aliceDetector();
    readAll(detector, createTypist(2, 6).type(300));
    const before = detector.profile().timings.learnt;
    detector.confirm();
    expect(detector.profile().timings.learnt).toBeGreaterThan(before + 200);
    const reading = detector.press({ key: "a", at: micros(10_000_000_000) });
    expect(reading.evidence).toBe(0);
  });

  it("follows the person's own typing, a window behind", () => {
    const detector = aliceDetector();
    const before = detector.profile().timings.learnt;
    readAll(detector, createTypist(ALICE, 7).type(1_000));
    expect(detector.profile().timings.learnt).toBeGreaterThan(before + 500);
  });

  it("learns a short session at its end, and nothing of somebody else's", () => {
    const grownBy = (person: number): number => {
      const detector = aliceDetector();
      const before = detector.profile().timings.learnt;
      readAll(detector, createTypist(person, 11).type(80));
      detector.settle();
      return detector.profile().timings.learnt - before;
    };
    expect(grownBy(ALICE)).toBeGreaterThan(60);
    expect(grownBy(2)).toBe(0);
  });

  it("of a new person fills from short sessions until it can be compared with", () => {
    let state: Partial<KeystrokeState> = {};
    for (let session = 0; session < 12; session += 1) {
      const detector = createKeystrokeDetector({ person: "9", crowd }, state);
      readAll(detector, createTypist(9, session).type(60));
      detector.settle();
      state = { profile: detector.profile() };
    }
    const next = createKeystrokeDetector({ person: "9", crowd }, state);
    expect(next.press({ key: "a", at: micros(0) }).warm).toBe(true);
  });

  it("stays below 64 KiB, whatever is typed", () => {
    const detector = createKeystrokeDetector({ person: "9", crowd });
    for (let i = 0; i < 16_000; i += 1) {
      detector.press({
        key: String.fromCodePoint(33 + ((i * i * 31 + i) % 4_000)),
        at: micros(i * 130_000 + (i % 7) * 9_000),
        up: micros(i * 130_000 + 70_000),
      });
    }
    detector.confirm();
    const profile = openKeystrokeProfile(detector.profile());
    for (let name = 0; name < 20; name += 1) {
      const typist = createTypist(ALICE, name);
      for (let i = 0; i < 120; i += 1) {
        learnSample(profile, {
          phrase: `phrase ${name}`,
          presses: typist.phrase("correct horse battery staple"),
        });
      }
    }
    const text = JSON.stringify(closeKeystrokeProfile(profile));
    expect(new TextEncoder().encode(text).length).toBeLessThan(64 * 1024);
  }, 60_000);

  it("has no text that was typed but names of keys", () => {
    const profile = enrolled.get(ALICE);
    expect(profile?.timings.features.every(([feature]) => feature.length <= 3)).toBe(true);
  });
});

describe("a restart", () => {
  it("at any key changes no reading", () => {
    const presses = [...createTypist(ALICE, 8).type(250), ...createTypist(2, 8).type(150)];
    const whole = readAll(aliceDetector(), presses);
    fc.assert(
      fc.property(fc.array(fc.nat(presses.length - 1), { maxLength: 4 }), (cuts) => {
        let detector = aliceDetector();
        const readings = presses.map((press, index) => {
          if (cuts.includes(index)) {
            const text = JSON.stringify(detector.state());
            detector = aliceDetector(JSON.parse(text) as KeystrokeState); // written a line above
          }
          return detector.press(press);
        });
        expect(readings).toEqual(whole);
      }),
      { seed, numRuns: 12 },
    );
  });
});

describe("hostile times", () => {
  it("throw nothing and give numbers", () => {
    const wild = fc.oneof(
      fc.integer(),
      fc.constant(Number.MAX_SAFE_INTEGER),
      fc.constant(-Number.MAX_SAFE_INTEGER),
      fc.constant(Infinity),
      fc.constant(-Infinity),
    );
    fc.assert(
      fc.property(
        fc.array(fc.record({ key: fc.string(), at: wild, up: fc.option(wild) }), {
          maxLength: 200,
        }),
        (presses) => {
          const detector = aliceDetector();
          for (const { key, at, up } of presses) {
            const reading = detector.press({
              key,
              at: micros(at),
              up: up === null ? null : micros(up),
            });
            expect(reading.evidence).toBeGreaterThanOrEqual(0);
            expect(reading.pValue).toBeGreaterThanOrEqual(0);
            expect(Number.isNaN(reading.unlike)).toBe(false);
          }
        },
      ),
      { seed, numRuns: 50 },
    );
  });
});

describe("a phrase", () => {
  const TEXT = "staple horse";
  function scorerFor(others: readonly number[]) {
    const opened = new Map(
      [ALICE, ...others].map((person) => {
        const profile = openKeystrokeProfile();
        const typist = createTypist(person, 1);
        for (let i = 0; i < 60; i += 1) {
          learnSample(profile, { phrase: "login", presses: typist.phrase(TEXT) });
        }
        return [person, profile] as const;
      }),
    );
    const members = [...opened].map(([person, profile]) => ({
      person: String(person),
      ...profile,
    }));
    const profile = opened.get(ALICE) ?? openKeystrokeProfile();
    return createSampleScorer(String(ALICE), createCrowd(members), profile);
  }

  it.each([
    ["alone", []],
    ["among colleagues", [2, 3, 4, 5]],
  ])("typed by somebody else scores above the person's own, %s", (_, others) => {
    const scorer = scorerFor(others);
    const own = scoresOf(ALICE);
    const foreign = scoresOf(7);
    expect(Math.min(...foreign)).toBeGreaterThan(median(own));
    expect(median(foreign)).toBeGreaterThan(Math.max(...own));

    function scoresOf(person: number): number[] {
      const typist = createTypist(person, 9);
      return Array.from({ length: 20 }, () => {
        const scored = scorer.score({ phrase: "login", presses: typist.phrase(TEXT) });
        expect(scored.by).toBe("phrase");
        return scored.score ?? Number.NaN;
      });
    }
  });

  it("of somebody else is not accepted to learn from, most of the person's own are", () => {
    const scorer = scorerFor([2, 3, 4, 5]);
    const accepted = (person: number): number => {
      const typist = createTypist(person, 9);
      return Array.from({ length: 20 }, () => ({
        phrase: "login",
        presses: typist.phrase(TEXT),
      })).filter((sample) => scorer.accepts(sample, scorer.score(sample))).length;
    };
    expect(accepted(ALICE)).toBeGreaterThan(10);
    expect(accepted(7)).toBe(0);
  });
});

function onGrid({ key, at }: KeyPress): KeyPress {
  return { key, at: micros(Math.ceil(at / 20_000) * 20_000) };
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}
