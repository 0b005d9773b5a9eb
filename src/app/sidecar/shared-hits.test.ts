import { describe, expect, it } from "vitest";
import { wallMicros } from "../../kernel/index.js";
import type { HitMark } from "../../rules/index.js";
import { createHitBook, createSharedHits, type SharedHits } from "./shared-hits.js";

const mark = (at: number): HitMark => ({
  key: "*a",
  at: wallMicros(at),
  value: "",
  keep: 3,
  shared: true,
});

describe("hits that are counted across sessions", () => {
  it("are known in every process, once, and in those that start later", () => {
    const processes = new Map<number, SharedHits>();
    const book = createHitBook((news) => {
      for (const one of processes.values()) one.news(news);
    });
    const start = (process: number): SharedHits => {
      const hits = createSharedHits(book.all(), { process, book: (hit) => book.take(hit) });
      processes.set(process, hits);
      return hits;
    };
    const [first, second] = [start(1), start(2)];
    first.add(mark(10));
    second.add(mark(20));
    const times = (hits: SharedHits): readonly number[] => hits.marks("*a").map(({ at }) => at);
    expect(times(first)).toEqual([10, 20]);
    expect(times(second)).toEqual([10, 20]);
    expect(times(start(3))).toEqual([10, 20]);
    for (const at of [30, 40]) first.add(mark(at));
    expect(times(second)).toEqual([20, 30, 40]);
  });

  it("are told apart from what else a process asks", () => {
    const book = createHitBook(() => undefined);
    expect(book.take({ kind: "authenticate" })).toBe(false);
    expect(book.take(null)).toBe(false);
  });
});
