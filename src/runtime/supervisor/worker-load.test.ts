import { describe, expect, it } from "vitest";
import { createWorkerLoad, type WorkerLoad } from "./worker-load.js";

function loadAt(): { readonly load: WorkerLoad; readonly pass: (ms: number) => void } {
  let now = 0;
  return {
    load: createWorkerLoad(() => now),
    pass(ms) {
      now += ms;
    },
  };
}

describe("the load of a worker", () => {
  it("is worse with a connection of which nothing is known than after a little work", () => {
    const typing = loadAt().load;
    typing.told(0.3);
    const copying = loadAt().load;
    copying.arrived();
    expect(copying.of(1)).toBeGreaterThan(typing.of(0));
  });

  it("counts a newcomer as unknown until its worker would have told what it does", () => {
    const { load, pass } = loadAt();
    load.arrived();
    const unknown = load.of(1);
    pass(1_000);
    expect(load.of(1)).toBe(unknown);
    load.arrived();
    expect(load.of(2)).toBeGreaterThan(unknown);
    pass(1_000);
    expect(load.of(1)).toBe(unknown);
    pass(1_000);
    expect(load.of(2)).toBe(2);
    load.told(1);
    expect(load.of(1)).toBeGreaterThan(unknown);
  });

  it("forgets newcomers after a long silence", () => {
    const { load, pass } = loadAt();
    load.arrived();
    pass(60_000);
    expect(load.of(1)).toBe(1);
  });

  it("forgets newcomers that are gone", () => {
    const { load } = loadAt();
    for (let connection = 0; connection < 10; connection += 1) load.arrived();
    expect(load.of(0)).toBe(0);
  });
});
