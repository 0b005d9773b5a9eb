import { appendFileSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openOutbox, type Outbox } from "./outbox.js";

const never = new AbortController().signal;

describe("the outbox", () => {
  let dir = "";
  const opened: Outbox[] = [];
  beforeEach(() => {
    dir = join(mkdtempSync(join(tmpdir(), "chaperone-outbox-")), "outbox");
  });
  afterEach(() => {
    for (const outbox of opened.splice(0)) outbox.close();
    rmSync(join(dir, ".."), { recursive: true, force: true });
  });

  function open(bytesMax = 1_000_000, segmentBytesMax = 64): Outbox {
    const outbox = openOutbox({ dir, bytesMax, segmentBytesMax });
    if (!outbox.ok) throw new Error(outbox.error.message);
    opened.push(outbox.value);
    return outbox.value;
  }

  function append(outbox: Outbox, ...lines: readonly string[]): void {
    for (const line of lines) {
      const appended = outbox.append(Buffer.from(`${line}\n`));
      if (!appended.ok) throw new Error(appended.error.message);
    }
  }

  async function readAll(outbox: Outbox, from = outbox.start): Promise<string> {
    let text = "";
    for (let position = from; position < outbox.end;) {
      const chunk = await outbox.read(position);
      if (!chunk.ok) throw new Error(chunk.error.message);
      text += chunk.value.lines.toString("utf8");
      position = chunk.value.next;
    }
    return text;
  }

  const numbered = (from: number, to: number) =>
    Array.from({ length: to - from + 1 }, (_, n) => `line ${from + n}`);

  it("gives back what was put in, in order, over any number of segments, and after a restart", async () => {
    const outbox = open();
    append(outbox, ...numbered(1, 50));
    expect(await readAll(outbox)).toBe(numbered(1, 50).join("\n") + "\n");
    expect(readdirSync(dir).length).toBeGreaterThan(5);
    const again = open();
    expect([again.start, again.end]).toEqual([outbox.start, outbox.end]);
    append(again, "line 51");
    expect(await readAll(again)).toBe(numbered(1, 51).join("\n") + "\n");
  });

  it("is for its owner alone", () => {
    append(open(), "x");
    expect(statSync(dir).mode & 0o777).toBe(0o700);
    for (const file of readdirSync(dir)) expect(statSync(join(dir, file)).mode & 0o777).toBe(0o600);
  });

  it("cuts off a line that a crash left unfinished", async () => {
    append(open(), "whole");
    const [file = ""] = readdirSync(dir);
    appendFileSync(join(dir, file), "half a li");
    const again = open();
    append(again, "next");
    expect(await readAll(again)).toBe("whole\nnext\n");
  });

  it("forgets what is taken back in the same turn, also across a new segment", async () => {
    const outbox = open();
    append(outbox, "kept");
    const before = outbox.end;
    append(outbox, "x".repeat(80));
    outbox.takeBack(before);
    expect(outbox.end).toBe(before);
    append(outbox, "after");
    expect(await readAll(outbox)).toBe("kept\nafter\n");
    expect(await readAll(open())).toBe("kept\nafter\n");
  });

  it("takes as much as its limit, and not a byte more", () => {
    const outbox = open(20);
    expect(outbox.append(Buffer.alloc(20, "x"))).toMatchObject({ ok: true });
    expect(outbox.append(Buffer.from("y"))).toMatchObject({
      ok: false,
      error: { code: "CHP_RUNTIME_OUTBOX_FULL" },
    });
  });

  it("gives segments back once everybody is past them, and then has room again", async () => {
    const outbox = open(200);
    append(outbox, ...numbered(1, 20));
    const files = readdirSync(dir).length;
    outbox.release(outbox.end);
    expect(readdirSync(dir).length).toBeLessThan(files);
    expect(outbox.start).toBeGreaterThan(0);
    append(outbox, ...numbered(21, 30));
    expect((await readAll(outbox)).endsWith("line 30\n")).toBe(true);
    const again = open(200);
    expect([again.start, again.end]).toEqual([outbox.start, outbox.end]);
  });

  it("never gives back what somebody still needs", async () => {
    const outbox = open();
    append(outbox, ...numbered(1, 30));
    const third = numbered(1, 3).join("\n").length + 1;
    outbox.release(third);
    expect(outbox.start).toBeLessThanOrEqual(third);
    expect((await readAll(outbox, third)).startsWith("line 4\n")).toBe(true);
  });

  it("wakes whoever waits, when something comes and when they are told to stop", async () => {
    const outbox = open();
    const stop = new AbortController();
    const waiting = outbox.more(outbox.end, never);
    const stopped = outbox.more(outbox.end + 100, stop.signal);
    append(outbox, "x");
    await waiting;
    stop.abort();
    await stopped;
    await outbox.more(0, never);
  });

  it("knows what stands after a position", () => {
    const outbox = open();
    append(outbox, ...numbered(1, 20));
    const position = outbox.end;
    append(outbox, "a", "b");
    const after = [...outbox.linesAfter(position)].map((line) => line.toString("utf8"));
    expect(after).toEqual(["a\n", "b\n"]);
    expect([...outbox.linesAfter(null)]).toHaveLength(22);
  });

  it("reads whole lines from any of them, however long they are", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 400_000 }), { minLength: 1, maxLength: 6 }),
        async (lengths) => {
          rmSync(dir, { recursive: true, force: true });
          const outbox = open(10_000_000, 300_000);
          append(outbox, ...lengths.map((length, n) => String(n).repeat(length)));
          const text = await readAll(outbox);
          expect(
            text
              .split("\n")
              .slice(0, -1)
              .map((line) => line.length),
          ).toEqual(lengths);
        },
      ),
      { numRuns: 20 },
    );
  });
});
