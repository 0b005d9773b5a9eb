import { describe, expect, it } from "vitest";
import { createByteQueue } from "./byte-queue.js";

describe("a bounded queue of bytes", () => {
  it("takes bytes up to its limit and not one more", () => {
    const queue = createByteQueue(4);
    expect(queue.push(Uint8Array.of(1, 2, 3))).toBe(true);
    expect(queue.push(Uint8Array.of(4, 5))).toBe(false);
    expect(queue.bytes).toBe(3);
    expect(queue.push(Uint8Array.of(4))).toBe(true);
  });

  it("gives back what it took, in order, and is empty then", () => {
    const queue = createByteQueue(10);
    queue.push(Uint8Array.of(1, 2));
    queue.push(Uint8Array.of(3));
    expect(queue.drain().flatMap((chunk) => [...chunk])).toEqual([1, 2, 3]);
    expect(queue.bytes).toBe(0);
    expect(queue.push(new Uint8Array(10))).toBe(true);
  });

  it("overwrites what it held when it is wiped", () => {
    const queue = createByteQueue(10);
    const typed = Uint8Array.of(115, 51);
    queue.push(typed);
    queue.wipe();
    expect([...typed]).toEqual([0, 0]);
    expect(queue.drain()).toEqual([]);
  });
});
