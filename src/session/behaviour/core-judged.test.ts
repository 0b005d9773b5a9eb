import { describe, expect, it } from "vitest";
import { DEFAULT_RISK_POLICY } from "../../behaviour/index.js";
import type { CoreSignal } from "../../model/index.js";
import { createShelf, openDay, type Workday } from "./workday.testing.js";

const odd = (detector: CoreSignal["detector"], pValue: number): CoreSignal => ({
  detector,
  pValue,
  raised: pValue <= 0.01,
  reason: `${detector} never seen, of 163 in the history`,
});

function today(mode: "enforce" | "shadow" = "enforce"): Workday {
  return openDay({ person: "alice", shelf: createShelf(), policy: DEFAULT_RISK_POLICY, mode });
}

const judge = (work: Workday, ...signals: readonly CoreSignal[]) =>
  work.step({ kind: "core-judged", signals });

describe("a session that the scoring core judges", () => {
  it("tells what is odd and what the risk is, in the core's name", () => {
    const work = today();
    judge(work, odd("origin", 0.002), odd("time", 0.5));
    expect(work.events("anomaly.detected")).toMatchObject([
      {
        detector: "origin",
        pValue: 0.002,
        warm: true,
        reasons: ["core: origin never seen, of 163 in the history"],
      },
    ]);
    expect(work.events("risk.changed")[0]?.reasons[0]).toMatch(
      /^core: origin never seen, of 163 in the history \(origin, p = 0\.0020, \d+ points\)$/,
    );
    expect(work.free()).toBe(true);
  });

  it("asks who is there when enough comes together", () => {
    const work = today();
    judge(work, odd("origin", 0.0005), odd("target", 0.0005), odd("time", 0.001));
    expect(work.free()).toBe(false);
    expect(work.events("reauth.requested")).toHaveLength(1);
    work.answer("123456", "accepted");
    expect(work.free()).toBe(true);
    expect(work.events("risk.changed").at(-1)?.score).toBe(0);
  });

  it("is told everything and asked nothing in the shadow", () => {
    const work = today("shadow");
    judge(work, odd("origin", 0.0005), odd("target", 0.0005), odd("time", 0.001));
    expect(work.free()).toBe(true);
    expect(work.events("action.taken").map(({ outcome }) => outcome)).toContain("shadow");
  });

  it("takes a bare score as a sign among others, and no anomaly", () => {
    const work = today();
    judge(work, { detector: "core", pValue: 0.006, raised: false, reason: "a risk of 40" });
    expect(work.events("anomaly.detected")).toEqual([]);
    expect(work.events("risk.changed")[0]?.score).toBeGreaterThan(35);
  });

  it("that is over hears nothing any more", () => {
    const work = today();
    work.leave();
    const before = work.effects.length;
    judge(work, odd("origin", 0.0005));
    expect(work.effects.slice(before).filter(({ kind }) => kind === "emit")).toEqual([]);
  });
});
