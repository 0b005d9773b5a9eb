import { describe, expect, it } from "vitest";
import { createClock } from "./clock.js";
import { createIds } from "./ids.js";

describe("the clock", () => {
  it("tells the wall time in microseconds, near the system's clock", () => {
    const clock = createClock();
    const before = Date.now();
    const walls = Array.from({ length: 2_000 }, () => clock.wall());
    const after = Date.now();
    for (const wall of walls) {
      expect(wall).toBeGreaterThanOrEqual((before - 3) * 1_000);
      expect(wall).toBeLessThanOrEqual((after + 3) * 1_000);
    }
    expect(walls.some((wall) => wall % 1_000 !== 0)).toBe(true);
  });

  it("never runs backwards", () => {
    const clock = createClock();
    let last = clock.now();
    for (let i = 0; i < 2_000; i += 1) {
      const now = clock.now();
      expect(now).toBeGreaterThanOrEqual(last);
      last = now;
    }
  });
});

describe("session ids", () => {
  it("are version 7 UUIDs that sort by the time at which they were made", () => {
    let now = Date.UTC(2026, 0, 1);
    const ids = createIds(() => now);
    const made = Array.from({ length: 20_000 }, (_, index) => {
      if (index % 5_000 === 0) now += 1;
      return ids.next();
    });
    expect(new Set(made).size).toBe(made.length);
    expect(made.toSorted()).toEqual(made);
    for (const id of made.slice(0, 100)) {
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    }
  });

  it("go on rising when the system's clock is set back", () => {
    let now = Date.UTC(2026, 0, 2);
    const ids = createIds(() => now);
    const first = ids.next();
    now = Date.UTC(2026, 0, 1);
    expect(ids.next() > first).toBe(true);
  });
});
