import { describe, expect, it } from "vitest";
import { micros, type Micros } from "../../kernel/index.js";
import { createRiskLadder, pValueOfPoints, type RiskDetector, type RiskSignal } from "./index.js";

const minute = (minutes: number): Micros => micros(minutes * 60_000_000);

function own(detector: RiskDetector, pValue: number, minutes = 0): RiskSignal {
  return { detector, pValue, at: minute(minutes), reason: `${detector} is odd` };
}

function core(detector: RiskDetector, pValue: number, minutes = 0): RiskSignal {
  return { ...own(detector, pValue, minutes), from: "core" };
}

describe("what the scoring core says of a session", () => {
  it("brings points in its own name", () => {
    const ladder = createRiskLadder();
    ladder.observe(core("origin", 0.002));
    const reading = ladder.observe(core("time", 0.004));
    expect(reading.score).toBeGreaterThan(40);
    expect(reading.reasons.map(({ reason }) => reason)).toEqual([
      "core: origin is odd",
      "core: time is odd",
    ]);
  });

  it("stands for what the sidecar found of the same thing: two looks are no two signs", () => {
    const alone = createRiskLadder();
    alone.observe(core("origin", 0.002));
    const both = createRiskLadder();
    both.observe(own("origin", 0.002));
    both.observe(core("origin", 0.002));
    both.observe(own("origin", 0.001, 1));
    expect(both.read(minute(1)).score).toBe(alone.read(minute(1)).score);
  });

  it("that nothing is odd takes back what was odd to the sidecar alone", () => {
    const ladder = createRiskLadder();
    expect(ladder.observe(own("origin", 0.001)).score).toBeGreaterThan(0);
    expect(ladder.observe(core("origin", 0.8)).score).toBe(0);
    expect(ladder.observe(own("origin", 0.001, 1)).score).toBe(0);
  });

  it("does not touch what only the sidecar sees", () => {
    const ladder = createRiskLadder();
    ladder.observe(own("keystroke", 0.001));
    ladder.observe(core("time", 1));
    expect(ladder.read(minute(0)).reasons.map(({ detector }) => detector)).toEqual(["keystroke"]);
  });

  it("counts nothing of the context while a passed proof is young", () => {
    const ladder = createRiskLadder();
    ladder.answered(minute(0));
    expect(ladder.observe(core("origin", 0.001, 1)).score).toBe(0);
  });

  it("survives a restart: what is settled stays settled", () => {
    const first = createRiskLadder();
    first.observe(core("target", 0.9));
    const second = createRiskLadder(undefined, first.state());
    expect(second.observe(own("target", 0.001)).score).toBe(0);
  });

  it.each([10, 25, 40])("as a bare score of %i brings as many points", (points) => {
    const pValue = pValueOfPoints(points);
    expect(createRiskLadder().observe(core("core", pValue)).score).toBe(points);
  });

  it("as a bare score alone suspends nobody", () => {
    const reading = createRiskLadder().observe(core("core", pValueOfPoints(100)));
    expect(reading.score).toBe(50);
    expect(["reauth", "suspend", "kill"]).not.toContain(reading.step);
  });
});
