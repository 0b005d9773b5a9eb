import { describe, expect, it } from "vitest";
import { createWorkerLoad } from "./worker-load.js";

describe("the load of a worker", () => {
  it("is worse with a connection of which nothing is known than after a little work", () => {
    const typing = createWorkerLoad();
    typing.told(0.3);
    const copying = createWorkerLoad();
    copying.arrived();
    expect(copying.of(1)).toBeGreaterThan(typing.of(0));
  });

  it("counts a newcomer as unknown until a whole interval with it has been told", () => {
    const load = createWorkerLoad();
    load.arrived();
    const unknown = load.of(1);
    load.told(0);
    expect(load.of(1)).toBe(unknown);
    load.told(0);
    expect(load.of(1)).toBe(1);
    load.told(1);
    expect(load.of(1)).toBeGreaterThan(unknown);
  });

  it("forgets newcomers that are gone", () => {
    const load = createWorkerLoad();
    for (let connection = 0; connection < 10; connection += 1) load.arrived();
    expect(load.of(0)).toBe(0);
  });
});
