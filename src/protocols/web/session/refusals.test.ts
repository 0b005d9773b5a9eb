import { describe, expect, it } from "vitest";
import { createRefusals, withMissed } from "./refusals.js";

describe("events about what is refused", () => {
  it("are told of each sender up to a number a minute, and what is left out is counted", () => {
    const refusals = createRefusals();
    const told = Array.from({ length: 130 }, (_, at) => refusals.take("10.0.0.1", at));
    expect(told.filter((one) => one !== null)).toHaveLength(100);
    expect(refusals.take("10.0.0.2", 60)).toEqual({ missed: 0 });
    expect(refusals.take("10.0.0.1", 59_999)).toBeNull();
    expect(refusals.take("10.0.0.1", 60_000)).toEqual({ missed: 31 });
    expect(refusals.take("10.0.0.1", 60_001)).toEqual({ missed: 0 });
    expect(withMissed("no HTTP", 31)).toBe("no HTTP (and 31 more that were not told)");
  });

  it("are bounded over all senders too", () => {
    const refusals = createRefusals();
    const told = Array.from({ length: 5_000 }, (_, at) => refusals.take(`s-${String(at)}`, 1));
    expect(told.filter((one) => one !== null)).toHaveLength(1_000);
    expect(refusals.take("s-1", 60_001)).not.toBeNull();
  });
});
