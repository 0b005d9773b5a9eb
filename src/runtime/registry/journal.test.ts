import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { seed } from "../../testing/index.js";
import { openJournal, type Journal } from "./journal.js";
import { applyEntry, emptyMemory, type Entry } from "./memory.js";

const name = fc.string({ minLength: 1, maxLength: 12 });
const entry: fc.Arbitrary<Entry> = fc.oneof(
  fc.record({ kind: fc.constant("step" as const), person: name, step: fc.nat(1_000) }),
  fc.record({
    kind: fc.constant("lock" as const),
    key: name,
    untilMs: fc.integer({ min: 1, max: 2_000 }),
  }),
  fc.record({
    kind: fc.constant("host-key" as const),
    target: name,
    algorithm: name,
    blob: fc.base64String({ minLength: 4, maxLength: 40 }),
  }),
);

describe("the registry's journal", () => {
  let dir = "";
  let path = "";
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "chaperone-journal-"));
    path = join(dir, "registry.journal");
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  function open(nowMs = 0): Journal {
    const journal = openJournal(path, nowMs);
    if (!journal.ok) throw new Error(journal.error.message);
    return journal.value;
  }

  it("remembers everything across restarts, whatever is noted and wherever a crash cuts it", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(entry, { maxLength: 30 }), fc.nat(200), async (entries, cut) => {
        rmSync(path, { force: true });
        const journal = open();
        const noted = await Promise.all(entries.map((one) => journal.note(one)));
        expect(noted.every((result) => result.ok)).toBe(true);
        journal.close();
        const whole = readFileSync(path);
        const again = open();
        expect(again.memory).toEqual(journal.memory);
        again.close();

        const torn = whole.subarray(0, Math.max(0, whole.length - cut));
        writeFileSync(path, torn);
        const kept = torn.toString("utf8").split("\n").length - 1;
        const expected = emptyMemory();
        for (const one of entries.slice(0, kept)) applyEntry(expected, one);
        const after = open();
        // A cut that takes only the last newline leaves an entry that is whole.
        const alsoLast = emptyMemory();
        for (const one of entries.slice(0, kept + 1)) applyEntry(alsoLast, one);
        expect([expected, alsoLast]).toContainEqual(after.memory);
        after.close();
      }),
      { seed, numRuns: 60 },
    );
  });

  it("is written anew at start, without locks that are over, for its owner alone", async () => {
    const journal = open();
    await journal.note({ kind: "lock", key: "person:alice", untilMs: 100 });
    await journal.note({ kind: "lock", key: "person:bob", untilMs: 300 });
    for (let step = 0; step < 50; step += 1) {
      await journal.note({ kind: "step", person: "alice", step });
    }
    journal.close();
    const later = open(200);
    expect([...later.memory.locks.keys()]).toEqual(["person:bob"]);
    expect(readFileSync(path, "utf8").trim().split("\n")).toHaveLength(2);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(existsSync(`${path}.new`)).toBe(false);
    later.close();
  });

  it("confirms nothing when it can not be written", async () => {
    const journal = open();
    journal.close();
    // The file is closed under it: every write fails, as on a broken disk.
    const noted = await journal.note({ kind: "step", person: "alice", step: 1 });
    expect(noted).toMatchObject({ ok: false });
  });
});
