import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sessionId, wallMicros } from "../kernel/index.js";
import { seed } from "../testing/index.js";
import { encodeEvent, wrapEvent } from "./envelope.js";
import { readEnvelope } from "./envelope-text.js";

const text = fc.string({ unit: "binary" });

describe("the envelope of an event", () => {
  it("is read without a parser as a parser reads it, or left to one", () => {
    fc.assert(
      fc.property(
        fc.record({ subject: text, source: text, reason: text, person: text }),
        fc.nat(),
        ({ subject, source, reason, person }, sequence) => {
          const session = {
            id: sessionId(subject),
            protocol: "ssh",
            person,
            account: "root",
            target: "db-1",
            origin: "127.0.0.1",
          } as const;
          const event = wrapEvent(
            { type: "auth.failed", data: { session, method: "password", reason } },
            { source, subject, sequence, wall: wallMicros(1_763_665_043_123_456) },
          );
          const json = encodeEvent(event).slice(0, -1);
          const read = readEnvelope(json);
          if (read === null) {
            expect(JSON.stringify([subject, source])).toMatch(/\\/);
            return;
          }
          expect(read).toMatchObject({ subject, sequence, id: `${subject}-${sequence}` });
          expect(read).toMatchObject({ type: "auth.failed", time: event.time, text: json });
          expect(JSON.parse(json)).toEqual({
            ...event,
            data: JSON.parse(json.slice(read.dataAt, -1)) as object,
          });
        },
      ),
      { seed, numRuns: 300 },
    );
  });

  it.each(["", "{}", '{"specversion":"1.0"}', "\0\0"])("is not there in %j", (line) =>
    expect(readEnvelope(line)).toBeNull(),
  );
});
