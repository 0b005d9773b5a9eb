import { describe, expect, it } from "vitest";
import { err, fault, micros, ok, wallMicros } from "../../kernel/index.js";
import { createTeller } from "./teller.js";

describe("what the parent tells", () => {
  it("is numbered without gaps, and what can not be kept is said to be lost", () => {
    const lines: string[] = [];
    let full = false;
    const teller = createTeller(
      {
        clock: { now: () => micros(0), wall: () => wallMicros(1_000_000) },
        spool: {
          stream: "parent",
          segment: 0,
          append(line) {
            if (full) return err(fault("CHP_RUNTIME_SPOOL_WRITE", "no space left"));
            lines.push(line);
            return ok(undefined);
          },
          sync: () => ok(undefined),
          close: () => undefined,
        },
        delivery: { sessions: new Map() } as never, // nothing else of it is asked
        log: { info: () => undefined, warn: () => undefined, error: () => undefined },
      },
      { source: "/chaperone/lab/node-1", subject: "sidecar-1" },
    );
    const event = { type: "sidecar.stopped", data: { reason: "test", openSessions: 0 } } as const;
    expect(teller.tell(event)).toBe(true);
    full = true;
    expect(teller.tell(event)).toBe(false);
    full = false;
    expect(teller.tell(event)).toBe(true);
    expect(lines.map((line) => (JSON.parse(line) as { sequence: number }).sequence)).toEqual([
      0, 1,
    ]);
  });
});
