import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sessionId, wallMicros } from "../kernel/index.js";
import type { EventDraft } from "./data.js";
import { encodeEvent, wrapEvent } from "./envelope.js";
import { createEventEncoder } from "./event-encoder.js";

const session = {
  id: sessionId("s-1"),
  protocol: "web",
  person: 'al"ice\u009b',
  account: "root",
  target: "wiki",
  origin: "127.0.0.1",
} as const;

const texts = fc.string({ unit: "binary", maxLength: 20 });
const drafts: fc.Arbitrary<EventDraft> = fc.oneof(
  fc.record({ reason: texts, method: texts }).map(({ reason, method }): EventDraft => ({
    type: "auth.failed",
    data: { session, method, reason },
  })),
  fc
    .record({
      request: fc.nat(),
      method: texts,
      url: texts,
      rules: fc.array(texts, { maxLength: 3 }),
      fields: fc.option(fc.array(texts, { maxLength: 3 }), { nil: undefined }),
      smuggled: texts,
    })
    .map(
      ({ fields, ...rest }): EventDraft => ({
        type: "web.requested",
        data: {
          session: { ...session },
          ...rest,
          status: 200,
          bytes: { toTarget: 0, toPerson: 2_012 },
          durationMs: 3,
          decision: "allowed",
          rulesDigest: "d",
          ...(fields === undefined ? {} : { fields }),
        },
      }), // with a field that the catalog does not know
    ),
);

describe("the lines of one subject's events", () => {
  it("are those that every event has", () => {
    const encoder = createEventEncoder({ source: '/chaperone/"lab"\u0085', subject: "s-1\u2028" });
    const facts = { source: '/chaperone/"lab"\u0085', subject: "s-1\u2028" };
    fc.assert(
      fc.property(
        drafts,
        fc.nat(),
        fc.integer({ min: 0, max: 9e15 }),
        (draft, sequence, micros) => {
          const wall = wallMicros(micros);
          expect(encoder.encode(draft, sequence, wall)).toBe(
            encodeEvent(wrapEvent(draft, { ...facts, sequence, wall })),
          );
        },
      ),
    );
  });
});
