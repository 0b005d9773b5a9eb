import { describe, expect, it } from "vitest";
import { createSiteClock } from "../site-clock.js";
import { isDue, type ReportTimes } from "./schedule.js";

const HOUR_MS = 3_600_000;
const berlin = createSiteClock("Europe/Berlin");
const at = (text: string): number => Date.parse(text);
const due = (times: ReportTimes, now: string, ran: string | null): boolean =>
  isDue(times, berlin, { now: at(now), ranAt: ran === null ? null : at(ran) });

describe("a report that is made by itself", () => {
  const daily: ReportTimes = { type: "at", minute: 6 * 60 + 30, days: [0, 1, 2, 3, 4, 5, 6] };
  const mondays: ReportTimes = { type: "at", minute: 6 * 60 + 30, days: [0] };

  it("at a time of the day is due from then on, once, by the clock of the site", () => {
    // 06:30 in Berlin is 05:30 UTC in winter, 04:30 in summer.
    expect(due(daily, "2026-11-21T05:29:59Z", "2026-11-20T05:30:00Z")).toBe(false);
    expect(due(daily, "2026-11-21T05:30:00Z", "2026-11-20T05:30:00Z")).toBe(true);
    expect(due(daily, "2026-11-21T05:31:00Z", "2026-11-21T05:30:10Z")).toBe(false);
    expect(due(daily, "2026-07-21T04:30:00Z", "2026-07-20T04:30:00Z")).toBe(true);
    expect(due(daily, "2026-11-21T05:00:00Z", null)).toBe(false);
    expect(due(daily, "2026-11-21T09:00:00Z", null)).toBe(true);
  });

  it("on Mondays is made up for once when the core was away", () => {
    expect(due(mondays, "2026-11-21T12:00:00Z", "2026-11-16T05:30:05Z")).toBe(false);
    expect(due(mondays, "2026-11-24T12:00:00Z", "2026-11-16T05:30:05Z")).toBe(true);
    expect(due(mondays, "2026-11-24T12:01:00Z", "2026-11-24T12:00:05Z")).toBe(false);
    expect(due(mondays, "2026-11-24T12:00:00Z", null)).toBe(false);
    expect(due(mondays, "2026-11-23T12:00:00Z", null)).toBe(true);
  });

  it("is due again a week later to the minute", () => {
    expect(due(mondays, "2026-11-23T05:29:00Z", "2026-11-16T05:30:05Z")).toBe(false);
    expect(due(mondays, "2026-11-23T05:30:00Z", "2026-11-16T05:30:05Z")).toBe(true);
  });

  it("in even steps is due when one is over, and at once when it was never made", () => {
    const steps: ReportTimes = { type: "every", everyMs: 12 * HOUR_MS };
    expect(due(steps, "2026-11-21T12:00:00Z", null)).toBe(true);
    expect(due(steps, "2026-11-21T12:00:00Z", "2026-11-21T00:00:01Z")).toBe(false);
    expect(due(steps, "2026-11-21T12:00:00Z", "2026-11-21T00:00:00Z")).toBe(true);
  });

  it("is not silenced by a clock that was ahead", () => {
    expect(due(daily, "2026-11-21T12:00:00Z", "2099-01-01T00:00:00Z")).toBe(true);
    expect(due({ type: "every", everyMs: 1 }, "2026-11-21T12:00:00Z", "2099-01-01T00:00:00Z")).toBe(
      true,
    );
  });
});
