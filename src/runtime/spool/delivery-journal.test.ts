import { appendFileSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { sessionId, wallMicros } from "../../kernel/index.js";
import {
  openDeliveryJournal,
  readDeliveryJournal,
  writtenRecord,
  type DeliveryRecord,
} from "./delivery-journal.js";
import { createOpenSessions, type OpenSession } from "./open-sessions.js";
import { emptyTally } from "./session-tally.js";
import { parseSpooledEvent } from "./spooled-event.js";

const ref = {
  id: sessionId("s"),
  protocol: "ssh" as const,
  person: "alice",
  account: "root",
  target: "db-1",
  origin: "",
};
const session = (sequence: number): OpenSession => ({
  ref,
  openedAt: wallMicros(1),
  stream: "w0",
  sequence,
  tally: emptyTally(),
});
const record = (size: number, more: Partial<DeliveryRecord> = {}): DeliveryRecord => ({
  file: { inode: "7", size },
  offsets: {},
  sessions: {},
  ...more,
});

describe("the delivery's cursor", () => {
  let dir = "";
  beforeEach(() => (dir = mkdtempSync(join(tmpdir(), "chaperone-cursor-"))));
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  it("is the sum of its records, and unknown before the first", () => {
    expect(readDeliveryJournal(dir)).toBeNull();
    const journal = openDeliveryJournal(dir);
    journal.append(
      writtenRecord(
        record(10, { offsets: { a: 5, b: 1 }, sessions: { s: session(1), t: session(1) } }),
      ),
    );
    journal.append(
      writtenRecord(record(20, { offsets: { a: 9 }, sessions: { s: session(2), t: null } })),
    );
    journal.close();
    expect(readDeliveryJournal(dir)).toEqual(
      record(20, { offsets: { a: 9, b: 1 }, sessions: { s: session(2), t: null } }),
    );
  });

  it("goes on after a record that a crash has torn", () => {
    const journal = openDeliveryJournal(dir);
    journal.append(writtenRecord(record(10)));
    journal.close();
    appendFileSync(join(dir, "delivery.journal"), '{"file":{"inode":"7","si');
    expect(readDeliveryJournal(dir)?.file.size).toBe(10);
    const again = openDeliveryJournal(dir);
    again.append(writtenRecord(record(30)));
    again.close();
    expect(readDeliveryJournal(dir)?.file.size).toBe(30);
  });

  it("is replaced as a whole when it has grown large", () => {
    const journal = openDeliveryJournal(dir);
    const name = "x".repeat(100_000);
    for (let size = 0; !journal.large; size += 1)
      journal.append(writtenRecord(record(size, { offsets: { [name]: size } })));
    journal.replace(writtenRecord(record(99)));
    expect(journal.large).toBe(false);
    journal.append(writtenRecord(record(100)));
    journal.close();
    expect(readDeliveryJournal(dir)).toEqual(record(100));
    expect(statSync(join(dir, "delivery.journal")).size).toBeLessThan(200);
  });
});

describe("the open sessions", () => {
  const event = (type: string, sequence: number, data: object) =>
    parseSpooledEvent(
      Buffer.from(
        JSON.stringify({
          subject: "s",
          sequence,
          type: `io.chaperone.${type}.v1`,
          time: "2026-11-20T18:57:23.123456Z",
          data: { session: ref, ...data },
        }),
      ),
    );

  it("are known with their last number and their counts, until they are closed", () => {
    const open = createOpenSessions();
    const feed = (type: string, sequence: number, data: object = {}) => {
      const read = event(type, sequence, data);
      if (read !== null) open.observe(read, "w0");
    };
    feed("auth.succeeded", 0);
    expect(open.all.size).toBe(0);
    feed("session.opened", 1);
    feed("command.entered", 2, { decision: "blocked" });
    feed("channel.closed", 3, { bytes: { toTarget: 3, toPerson: 4 } });
    expect(open.all.get("s")).toMatchObject({
      sequence: 3,
      openedAt: Date.UTC(2026, 10, 20, 18, 57, 23) * 1_000 + 123_456,
      tally: { commands: 1, blocked: 1, toTarget: 3, toPerson: 4 },
    });
    expect([...open.takeChanges().keys()]).toEqual(["s"]);
    expect(open.takeChanges().size).toBe(0);
    feed("session.closed", 4);
    expect(open.all.size).toBe(0);
    expect([...open.takeChanges()]).toEqual([["s", null]]);
  });

  it.each(["", "{}", "\0\0\0\0", '{"subject":"s","sequence":1.5}', "[1]", "null"])(
    "take no fact from what is no event: %j",
    (line) => expect(parseSpooledEvent(Buffer.from(line))).toBeNull(),
  );
});
