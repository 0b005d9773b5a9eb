import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { micros, type Micros } from "../../kernel/index.js";
import { seed } from "../../testing/index.js";
import {
  createRiskLadder,
  DEFAULT_RISK_POLICY,
  RISK_DETECTORS,
  RISK_STEPS,
  type RiskDetector,
  type RiskSignal,
  type RiskState,
} from "./index.js";

const minute = (minutes: number): Micros => micros(minutes * 60_000_000);

function signal(detector: RiskDetector, pValue: number, minutes = 0): RiskSignal {
  return { detector, pValue, at: minute(minutes), reason: `${detector} is odd` };
}

describe("one odd signal alone", () => {
  it.each(RISK_DETECTORS)("%s never suspends a session", (detector) => {
    const ladder = createRiskLadder();
    for (let i = 0; i < 50; i += 1) {
      const reading = ladder.observe(signal(detector, 1e-9, i / 10));
      expect(["suspend", "kill"]).not.toContain(reading.step);
    }
  });

  it("that happens in twenty sessions of a person's own counts nothing", () => {
    expect(createRiskLadder().observe(signal("origin", 0.05)).score).toBe(0);
  });

  it("of keystrokes may ask who is there", () => {
    expect(createRiskLadder().observe(signal("keystroke", 1e-5)).due).toBe("reauth");
  });
});

describe("the ladder", () => {
  it("asks, is answered wrongly, and suspends; the reasons stay", () => {
    const ladder = createRiskLadder();
    ladder.observe(signal("origin", 0.008));
    const asked = ladder.observe(signal("keystroke", 1e-5, 1));
    expect(asked.due).toBe("reauth");
    const failed = ladder.observe(signal("reauth", 1e-4, 2));
    expect(failed.due).toBe("suspend");
    expect(failed.reasons.map((one) => one.detector)).toEqual(["reauth", "keystroke", "origin"]);
    expect(failed.reasons[1]?.reason).toBe("keystroke is odd");
  });

  it("takes each step once", () => {
    const ladder = createRiskLadder();
    const dues = [0, 1, 2, 3].map((i) => ladder.observe(signal("keystroke", 1e-5, i / 100)).due);
    expect(dues).toEqual(["reauth", null, null, null]);
  });

  it("starts at the bottom again after a passed question, and context keeps quiet", () => {
    const ladder = createRiskLadder();
    ladder.observe(signal("origin", 0.001));
    ladder.observe(signal("keystroke", 1e-5, 1));
    expect(ladder.answered(minute(2)).score).toBe(0);
    expect(ladder.observe(signal("origin", 0.001, 3)).score).toBe(0);
    // A change of typist is not excused by an earlier answer.
    expect(ladder.observe(signal("keystroke", 1e-5, 4)).due).toBe("reauth");
    expect(ladder.observe(signal("origin", 0.001, 40)).score).toBeGreaterThan(0);
  });

  it("forgets what is not seen again, but not where the person came from", () => {
    const ladder = createRiskLadder();
    ladder.observe(signal("origin", 0.001));
    const high = ladder.observe(signal("sequence", 1e-5)).score;
    const later = ladder.read(minute(60));
    expect(later.score).toBeLessThan(high - 15);
    expect(later.reasons[0]?.detector).toBe("origin");
  });

  it("does not leave a step and take it again while the score trembles at its edge", () => {
    const ladder = createRiskLadder();
    const dues: unknown[] = [];
    for (let i = 0; i < 40; i += 1) {
      dues.push(ladder.observe(signal("sequence", 1e-5, i * 1.2)).due);
      dues.push(ladder.read(minute(i * 1.2 + 1)).due);
    }
    expect(dues.filter((due) => due !== null)).toEqual(["reauth"]);
  });

  it("kills only where the policy says so", () => {
    const flood = [signal("keystroke", 0), signal("sequence", 0), signal("reauth", 0)];
    const kind = createRiskLadder();
    const hard = createRiskLadder({
      ...DEFAULT_RISK_POLICY,
      steps: { ...DEFAULT_RISK_POLICY.steps, kill: 95 },
    });
    for (const one of flood) {
      kind.observe(one);
      hard.observe(one);
    }
    expect(kind.read(minute(0)).step).toBe("suspend");
    expect(hard.read(minute(0)).step).toBe("kill");
  });
});

const anySignal = fc.record({
  detector: fc.constantFrom(...RISK_DETECTORS),
  pValue: fc.double({ min: 0, max: 1, noNaN: true }),
  at: fc.integer({ min: -1e12, max: 1e12 }).map(micros),
  reason: fc.constant("odd"),
});

describe("whatever is told", () => {
  it("the score stays within 0..100 and a due step is the step", () => {
    fc.assert(
      fc.property(fc.array(anySignal, { maxLength: 60 }), (signals) => {
        const ladder = createRiskLadder();
        for (const one of signals) {
          const reading = ladder.observe(one);
          expect(reading.score).toBeGreaterThanOrEqual(0);
          expect(reading.score).toBeLessThanOrEqual(100);
          if (reading.due !== null) expect(reading.due).toBe(reading.step);
          if (reading.step !== null) expect(RISK_STEPS).toContain(reading.step);
        }
      }),
      { seed },
    );
  });

  it("a restart in between changes nothing", () => {
    fc.assert(
      fc.property(fc.array(anySignal, { maxLength: 30 }), fc.nat(30), (signals, cut) => {
        const whole = createRiskLadder();
        let halves = createRiskLadder();
        for (const [index, one] of signals.entries()) {
          if (index === cut) {
            halves = createRiskLadder(DEFAULT_RISK_POLICY, structured(halves.state()));
          }
          expect(halves.observe(one)).toEqual(whole.observe(one));
        }
      }),
      { seed },
    );
  });
});

function structured(state: RiskState): RiskState {
  return JSON.parse(JSON.stringify(state)) as RiskState; // what state() gave, through JSON
}
