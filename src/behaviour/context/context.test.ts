import { describe, expect, it } from "vitest";
import { wallMicros, type WallMicros } from "../../kernel/index.js";
import { createContextDetector, type ContextDetector, type OpenedFacts } from "./index.js";
import { networkOf } from "./create-context-detector.js";
import { countP, rarityP, upperTailP } from "./p-values.js";

/** Monday, 2026-11-16, 00:00 UTC. */
const MONDAY_MS = Date.UTC(2026, 10, 16);
const HOUR_MS = 3_600_000;

function at(day: number, hour: number): WallMicros {
  return wallMicros((MONDAY_MS + (24 * day + hour) * HOUR_MS) * 1_000);
}

function usual(day: number, hour = 9 + (day % 3)): OpenedFacts {
  return {
    wall: at(day, hour),
    origin: `10.0.0.${5 + (day % 2)}`,
    target: "db-1",
    credential: "root",
  };
}

/** Somebody who works on weekdays from nine to eleven, for twenty to forty minutes. */
function worker(sessions: number): ContextDetector {
  const detector = createContextDetector();
  for (let i = 0, day = 0; i < sessions; day += 1) {
    if (day % 7 > 4) continue;
    detector.learn(usual(day), {
      durationMs: (20 + ((i * 7) % 20)) * 60_000,
      commandWindows: [3 + (i % 5), 6, 2],
      bytes: 40_000 + i * 300,
    });
    i += 1;
  }
  return detector;
}

function pOf(
  readings: readonly { readonly detector: string; readonly pValue: number }[],
  detector: string,
): number {
  return readings.find((one) => one.detector === detector)?.pValue ?? Number.NaN;
}

describe("a session like the others", () => {
  it("is not odd in anything", () => {
    const detector = worker(120);
    const readings = [
      ...detector.opened(usual(700)),
      ...detector.progress({ durationMs: 25 * 60_000, commandWindows: [5], bytes: 45_000 }),
    ];
    expect(readings.filter((one) => one.pValue < 0.05)).toEqual([]);
    expect(readings.every((one) => one.warm)).toBe(true);
  });
});

describe("a session unlike the others", () => {
  const detector = worker(120);
  it("is odd in the hour of the night, with words for it", () => {
    const readings = detector.opened(usual(700, 3));
    expect(pOf(readings, "time")).toBeLessThan(0.02);
    expect(readings.find((one) => one.detector === "time")?.reason).toContain("03h");
  });

  it("is odd in origin, target and account", () => {
    const readings = detector.opened({
      wall: at(700, 9),
      origin: "203.0.113.9",
      target: "payroll",
      credential: "postgres",
    });
    for (const kind of ["origin", "target", "credential"]) {
      expect(pOf(readings, kind)).toBeLessThan(0.02);
    }
  });

  it("is less odd from a new address of a known network", () => {
    expect(pOf(detector.opened({ ...usual(700), origin: "10.0.0.77" }), "origin")).toBeGreaterThan(
      0.05,
    );
  });

  it("is odd when it lasts, works or moves more than ever, live", () => {
    const readings = detector.progress({
      durationMs: 9 * HOUR_MS,
      commandWindows: [5, 60],
      bytes: 900_000_000,
    });
    for (const kind of ["duration", "rate", "volume"]) {
      expect(pOf(readings, kind)).toBeLessThan(0.02);
    }
  });

  it("is odd as the fifth of a day", () => {
    const busy = worker(120);
    const facts = usual(703);
    const progress = { durationMs: 60_000, commandWindows: [1], bytes: 10 };
    for (let i = 0; i < 6; i += 1) busy.learn(facts, progress);
    expect(pOf(busy.opened(facts), "count")).toBeLessThan(0.05);
  });
});

describe("a newcomer", () => {
  it("is learnt, not judged, before ten sessions", () => {
    const readings = worker(9).opened({ ...usual(700, 3), origin: "203.0.113.9" });
    expect(readings.every((one) => !one.warm && one.pValue === 1)).toBe(true);
  });

  it("is judged by the group too: what colleagues do is half expected", () => {
    const group = createContextDetector();
    for (let i = 0; i < 60; i += 1) {
      group.learn(
        { ...usual(i), target: "web-1" },
        { durationMs: 1, commandWindows: [], bytes: 1 },
      );
    }
    const facts = { ...usual(700), target: "web-1" };
    const alone = createContextDetector(worker(30).profile());
    const together = createContextDetector(worker(30).profile(), [group.profile()]);
    expect(pOf(together.opened(facts), "target")).toBeGreaterThan(
      pOf(alone.opened(facts), "target"),
    );
  });
});

describe("the profile of context", () => {
  it("gives the same p-values after a restart, and stays small", () => {
    const detector = worker(400);
    for (let i = 0; i < 3_000; i += 1) {
      detector.learn(
        {
          wall: at(i, i % 24),
          origin: `198.51.${i % 250}.${i % 99}`,
          target: `t${i}`,
          credential: "x",
        },
        { durationMs: i, commandWindows: [i % 9], bytes: i },
      );
    }
    const text = JSON.stringify(detector.profile());
    const again = createContextDetector(
      JSON.parse(text) as ReturnType<ContextDetector["profile"]>, // written a line above
    );
    expect(again.opened(usual(700, 3))).toEqual(detector.opened(usual(700, 3)));
    expect(text.length).toBeLessThan(64 * 1024);
  });
});

describe("p-values", () => {
  it("of a new highest value shrink with the history", () => {
    expect(upperTailP([], 5)).toBe(1);
    expect(upperTailP([1, 2, 3], 4)).toBe(0.25);
    expect(upperTailP([1, 2, 3], 2)).toBe(0.75);
  });

  it("of something never seen are higher for who roams", () => {
    const steady = new Map([["a", 100]]);
    const roaming = new Map(Array.from({ length: 100 }, (_, i) => [`a${i}`, 1]));
    expect(rarityP(roaming, "new")).toBeGreaterThan(50 * rarityP(steady, "new"));
  });

  it("of counts fall with the count and are 1 for none", () => {
    const history = { windows: 100, sum: 500, squares: 3_000 };
    const values = [0, 1, 5, 10, 20, 60, 10_000].map((value) => countP(history, value));
    expect(values[0]).toBe(1);
    expect(values).toEqual([...values].sort((a, b) => b - a));
    expect(countP(history, 5)).toBeGreaterThan(0.3);
    expect(countP(history, 30)).toBeLessThan(0.001);
  });

  it("of counts fit a Poisson where the variance is its own", () => {
    // P(X >= 4 | mean 1) = 0.0190
    expect(countP({ windows: 1_000, sum: 1_000, squares: 2_000 }, 4)).toBeCloseTo(0.021, 2);
  });
});

describe("networks", () => {
  it.each([
    ["10.1.2.3", "10.1.2.0/24"],
    ["::ffff:10.1.2.3", "10.1.2.0/24"],
    ["2001:db8:7:9::1", "2001:db8:7::/48"],
    ["::1", "0:0:0::/48"],
    ["unix", "unix"],
  ])("%s is in %s", (address, network) => {
    expect(networkOf(address)).toBe(network);
  });
});
