import { describe, expect, it } from "vitest";
import { err, fault, ok, type Fault, type Result } from "../../kernel/index.js";
import { eventually } from "../testing/eventually.testing.js";
import { createTurnSpool } from "./turn-spool.js";

function bench(answer: () => Result<void, Fault> = () => ok(undefined)) {
  const deeds: string[] = [];
  const spool = createTurnSpool({
    append(lines) {
      deeds.push(`wrote ${lines}`);
      return answer();
    },
    sync() {
      deeds.push("synced");
      return ok(undefined);
    },
  });
  const put = (line: string): void =>
    spool.put(line, (kept) => deeds.push(`${line} ${kept.ok ? "kept" : "lost"}`));
  return { spool, deeds, put };
}

describe("a spool that writes once a turn", () => {
  it("writes what was put in one piece, and then lets go who waited for that", async () => {
    const { spool, deeds, put } = bench();
    put("a");
    put("b");
    spool.settled(() => deeds.push("gone on"));
    expect(deeds).toEqual([]);
    await eventually(() => deeds).toContain("gone on");
    expect(deeds).toEqual(["wrote ab", "a kept", "b kept", "gone on"]);
  });

  it("keeps nobody waiting where nothing waits", () => {
    const { spool, deeds } = bench();
    spool.settled(() => deeds.push("gone on"));
    expect(deeds).toEqual(["gone on"]);
  });

  it("writes what waits before what is appended and before it is synced", () => {
    const { spool, deeds, put } = bench();
    put("a");
    spool.append("b");
    put("c");
    spool.sync();
    expect(deeds).toEqual(["wrote a", "a kept", "wrote b", "wrote c", "c kept", "synced"]);
  });

  it("tells each of them when it could not be kept, and lets nobody wait for ever", () => {
    const { spool, deeds, put } = bench(() => err(fault("CHP_RUNTIME_SPOOL_FULL", "full")));
    put("a");
    put("b");
    spool.settled(() => deeds.push("gone on"));
    spool.flush();
    expect(deeds).toEqual(["wrote ab", "a lost", "b lost", "gone on"]);
  });

  it("lets no more wait than its bound", () => {
    const { deeds, put } = bench();
    const line = "x".repeat(128 * 1024);
    put(line);
    expect(deeds).toEqual([]);
    put(line);
    expect(deeds[0]).toBe(`wrote ${line}${line}`);
  });
});
