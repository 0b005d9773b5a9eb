import { describe, expect, it } from "vitest";
import { RecentMap } from "./recent-map.js";

describe("a map of what is recent", () => {
  it("forgets what was put into it first when it is full, and nothing before", () => {
    const map = new RecentMap<string, number>(2);
    map.set("a", 1);
    map.set("b", 2);
    map.set("a", 3);
    expect([map.get("a"), map.get("b")]).toEqual([3, 2]);
    map.set("c", 4);
    expect([map.has("a"), map.has("b"), map.has("c")]).toEqual([false, true, true]);
    map.delete("b");
    map.set("d", 5);
    expect([map.get("b"), map.get("c"), map.get("d")]).toEqual([undefined, 4, 5]);
  });
});
