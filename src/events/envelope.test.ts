import { describe, expect, it } from "vitest";
import { sessionId, wallMicros } from "../kernel/index.js";
import type { EventDraft } from "./data.js";
import { encodeEvent, isoMicros, wrapEvent } from "./envelope.js";
import { PRIVACY, withoutSecrets } from "./privacy.js";

const session = {
  id: sessionId("s-1"),
  protocol: "ssh",
  person: "alice",
  account: "root",
  target: "db-1",
  origin: "127.0.0.1",
} as const;
const draft: EventDraft = {
  type: "auth.failed",
  data: { session, method: "password", reason: "wrong" },
};
const facts = {
  source: "/chaperone/lab/node-1",
  subject: "s-1",
  sequence: 17,
  wall: wallMicros(1_763_665_043_123_456),
};

describe("an event", () => {
  it("can be read in a terminal, whatever was typed", () => {
    const reason = "a\u001b[2J\u009b31m\u202eb\u007f\u2028";
    const line = encodeEvent(wrapEvent({ ...draft, data: { ...draft.data, reason } }, facts));
    expect(line.trimEnd()).not.toMatch(/[\p{Cc}\u2028-\u202e]/u);
    expect(JSON.parse(line)).toMatchObject({ data: { reason } });
  });

  it("travels as one line of CloudEvents JSON with the names of the contract", () => {
    const line = encodeEvent(wrapEvent(draft, facts));
    expect(line.endsWith("\n")).toBe(true);
    expect(line.trimEnd()).not.toContain("\n");
    expect(JSON.parse(line)).toEqual({
      specversion: "1.0",
      id: "s-1-17",
      source: "/chaperone/lab/node-1",
      type: "io.chaperone.auth.failed.v1",
      subject: "s-1",
      time: "2025-11-20T18:57:23.123456Z",
      datacontenttype: "application/json",
      sequence: 17,
      data: { session, method: "password", reason: "wrong" },
    });
  });

  it("loses every field that has no privacy class", () => {
    const smuggled = { ...draft, data: { ...draft.data, password: "hunter2" } } as EventDraft;
    expect(JSON.stringify(withoutSecrets(smuggled))).not.toContain("hunter2");
  });

  it("has a class for every field of every type", () => {
    for (const classes of Object.values(PRIVACY)) {
      for (const privacy of Object.values(classes))
        expect(["public", "sensitive", "secret"]).toContain(privacy);
    }
  });

  it("tells its time to the microsecond", () => {
    expect(isoMicros(wallMicros(1_000_000))).toBe("1970-01-01T00:00:01.000000Z");
    expect(isoMicros(wallMicros(1_000_001))).toBe("1970-01-01T00:00:01.000001Z");
  });
});
