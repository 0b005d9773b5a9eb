import { describe, expect, it } from "vitest";
import { createChallengeBook } from "./challenge-book.js";
import { createMetrics } from "./prometheus.js";
import { createShadowBook } from "./shadow-book.js";
import type { ToldEvent } from "./told-event.js";

const START_MS = Date.UTC(2026, 0, 1);
const told = (type: string, data: ToldEvent["data"], subject = "s-1"): ToldEvent => ({
  type,
  subject,
  wall: (START_MS + 5_000) * 1_000,
  data,
});
const hit = (id: string, person: string, mode = "shadow"): ToldEvent =>
  told("rule.matched", {
    rule: { id, name: `rule ${id}` },
    session: { person },
    mode,
    wouldHave: "block",
  });

describe("the shadow report", () => {
  it("counts what rules in shadow mode would have done, most first", () => {
    const book = createShadowBook(START_MS);
    for (const person of ["alice", "bob", "alice"]) book.observe(hit("b", person));
    book.observe(hit("a", "alice"));
    book.observe(hit("c", "alice", "enforce"));
    expect(book.report()).toMatchObject({
      since: "2026-01-01T00:00:00.000Z",
      dropped: 0,
      rows: [
        { rule: "b", name: "rule b", hits: 3, persons: 2, wouldHave: { block: 3 } },
        { rule: "a", hits: 1, last: "2026-01-01T00:00:05.000Z" },
      ],
    });
  });

  it("says when there are more rules than it counts", () => {
    const book = createShadowBook(START_MS);
    for (let i = 0; i < 10_002; i += 1) book.observe(hit(`r${i}`, "alice"));
    expect(book.report().rows).toHaveLength(10_000);
    expect(book.report().dropped).toBe(2);
  });

  it("survives events that an older release has told otherwise", () => {
    const book = createShadowBook(START_MS);
    book.observe(told("rule.matched", { mode: "shadow", rule: 7, session: null }));
    expect(book.report().rows).toHaveLength(1);
  });
});

describe("open challenges", () => {
  const asked = told("reauth.requested", {
    session: { person: "alice", target: "db-1" },
    trigger: "lab",
    factor: "totp",
    attempts: 3,
    channel: 1,
  });

  it.each(["reauth.succeeded", "reauth.failed", "session.closed"])("end with %s", (end) => {
    const book = createChallengeBook();
    book.observe(asked);
    expect(book.list()).toMatchObject([{ session: "s-1", person: "alice", factor: "totp" }]);
    book.observe(told(end, {}, "s-2"));
    expect(book.list()).toHaveLength(1);
    book.observe(told(end, {}));
    expect(book.list()).toEqual([]);
  });
});

describe("metrics", () => {
  it("count events, decisions, hits and bytes, and name nobody", async () => {
    const metrics = createMetrics({
      sessions: () => 3,
      connections: () => 4,
      spoolBytes: () => 5,
      rules: () => 6,
      sinks: () => [
        {
          name: "siem",
          backlogBytes: 700,
          lagMs: 1_500,
          told: 8,
          dropped: 9,
          refused: 10,
          failures: 11,
          degraded: true,
        },
      ],
      version: "0.0.0",
      node: "node-1",
    });
    metrics.observe(told("command.entered", { decision: "blocked", text: "cat secret" }));
    metrics.observe(hit("a", "alice"));
    metrics.observe(told("session.closed", { bytes: { toTarget: 10, toPerson: 20 } }));
    metrics.observe(told("session.closed", { bytes: "many" }));
    metrics.answered("listSessions", 200, 0.002);
    const { type, text } = await metrics.expose();
    expect(type).toContain("version=0.0.4");
    expect(text).toContain('chaperone_commands_total{decision="blocked"} 1');
    expect(text).toContain('chaperone_events_total{type="session.closed"} 2');
    expect(text).toContain('chaperone_session_bytes_total{direction="to-person"} 20');
    expect(text).toMatch(/^chaperone_sessions 3$/m);
    expect(text).toContain('chaperone_sink_waiting_bytes{sink="siem"} 700');
    expect(text).toContain('chaperone_sink_lag_seconds{sink="siem"} 1.5');
    expect(text).toContain('chaperone_sink_degraded{sink="siem"} 1');
    // Asked anew, not added up.
    expect((await metrics.expose()).text).toContain('chaperone_sink_events_total{sink="siem"} 8');
    expect(text).toContain('chaperone_sink_dead_letters_total{sink="siem"} 10');
    expect(text).toContain('chaperone_sink_failures_total{sink="siem"} 11');
    expect(text).toContain('operation="listSessions",status="200"');
    expect(text).not.toMatch(/alice|secret|s-1/);
  });
});
