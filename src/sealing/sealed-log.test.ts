import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  closeSync,
  ftruncateSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import type { Fault, Result } from "../kernel/index.js";
import { longRun, seed } from "../testing/index.js";
import { keyIdOfEvent, showPrivate, type LoggedEvent } from "./private-fields.js";
import { logged } from "./logged.testing.js";
import { openSealedLog, type SealedLog, type SealedLogOptions } from "./sealed-log.js";
import { listSegments } from "./segments.js";
import { eraseSessionKeys, readSessionKeys } from "./session-keys.js";
import { verifyLog, type LogReport } from "./verify-log.js";

const dirs: string[] = [];
afterEach(() => {
  for (const dir of dirs.splice(0)) rmSync(dir, { recursive: true, force: true });
});

function folder(): string {
  const dir = mkdtempSync(join(tmpdir(), "chaperone-sealed-"));
  dirs.push(dir);
  return join(dir, "audit");
}

const SENSITIVE: Readonly<Record<string, readonly string[]>> = {
  "command.entered": ["session", "text"],
};

function open(dir: string, options: Partial<SealedLogOptions> = {}): SealedLog {
  return value(
    openSealedLog({
      dir,
      sensitive: (type) => SENSITIVE[type] ?? [],
      now: () => "2026-11-21T12:00:00Z",
      ...options,
    }),
  );
}

function value<T>(result: Result<T, Fault>): T {
  if (!result.ok) throw new Error(`${result.error.code} ${result.error.message}`);
  return result.value;
}

function command(n: number, text = `ls ${String(n)}`, person = "alice"): LoggedEvent {
  return {
    specversion: "1.0",
    id: `event-${String(n)}`,
    type: "io.chaperone.command.entered.v1",
    subject: `s-${person}`,
    data: { session: { id: `s-${person}`, person }, text, decision: "allowed" },
  };
}

const commands = (from: number, to: number): LoggedEvent[] =>
  Array.from({ length: to - from }, (_, i) => command(from + i));

/** A closed log of twenty events in several segments. */
async function twenty(): Promise<string> {
  const dir = folder();
  const log = open(dir, { segmentBytesMax: 2_000 });
  for (const event of commands(0, 20)) value(log.append([event].map(logged)));
  value(await log.close());
  return dir;
}

/** A closed log of one segment in which every kind of record stands. */
async function rotated(): Promise<string> {
  const dir = folder();
  const log = open(dir);
  value(log.append(commands(0, 1).map(logged)));
  value(log.rotateKey());
  value(log.append(commands(1, 2).map(logged)));
  value(await log.close());
  return dir;
}

const verified = (dir: string, options: Parameters<typeof verifyLog>[1] = {}): LogReport =>
  value(verifyLog(dir, options));

function lines(dir: string, segment: number): string[] {
  const file = listSegments(dir)[segment]?.file ?? "";
  return readFileSync(join(dir, file), "latin1").split("\n").slice(0, -1);
}

function rewrite(
  dir: string,
  segment: number,
  change: (lines: string[]) => readonly string[],
): void {
  const file = join(dir, listSegments(dir)[segment]?.file ?? "");
  writeFileSync(file, `${change(lines(dir, segment)).join("\n")}\n`, "latin1");
}

describe("a sealed log as it was written", () => {
  it("verifies, over several segments and restarts", async () => {
    const dir = await twenty();
    const log = open(dir, { segmentBytesMax: 2_000 });
    value(log.append(commands(20, 30).map(logged)));
    value(await log.close());
    const report = verified(dir);
    expect(report.flaw).toBeNull();
    expect(report.segments).toBeGreaterThan(3);
    expect(report.position.unsealedFrom).toBe(report.position.next);
  });

  it("can be verified segment by segment, when older ones were archived", async () => {
    const dir = await twenty();
    const [first, second] = listSegments(dir);
    expect(verified(join(dir, second?.file ?? "")).flaw).toBeNull();
    unlinkSync(join(dir, first?.file ?? ""));
    const report = verified(dir);
    expect(report.flaw).toBeNull();
    expect(report.position.first).toBeGreaterThan(0);
  });

  it("takes every event once, also those that delivery brings again after a crash", async () => {
    const dir = await twenty();
    const log = open(dir);
    value(log.append(commands(10, 25).map(logged)));
    value(await log.close());
    const ids = listSegments(dir).flatMap((_, segment) =>
      lines(dir, segment).flatMap((line) => /"id":"event-(\d+)"/.exec(line)?.[1] ?? []),
    );
    expect(ids).toEqual(Array.from({ length: 25 }, (_, n) => String(n)));
  });

  it("goes on behind a line that a crash has torn, and tells it", async () => {
    const dir = await twenty();
    const newest = listSegments(dir).at(-1)?.file ?? "";
    appendFileSync(join(dir, newest), "0123 torn");
    const torn: number[] = [];
    const log = open(dir, { mended: (_, bytes) => torn.push(bytes) });
    value(log.append([command(99)].map(logged)));
    value(await log.close());
    expect(torn).toEqual([9]);
    expect(verified(dir).flaw).toBeNull();
  });

  it("goes on when a crash came before the first record of a segment", async () => {
    const dir = await twenty();
    const next = (listSegments(dir).at(-1)?.number ?? 0) + 1;
    writeFileSync(join(dir, `segment-${String(next).padStart(8, "0")}.log`), "");
    const log = open(dir);
    value(log.append([command(99)].map(logged)));
    value(await log.close());
    expect(verified(dir).flaw).toBeNull();
  });

  it("changes its key in a way that can be followed", async () => {
    const dir = folder();
    const log = open(dir);
    value(log.append([command(1)].map(logged)));
    const before = value(log.seal());
    value(log.rotateKey());
    value(log.append([command(2)].map(logged)));
    const after = value(log.seal());
    value(await log.close());
    expect(after?.key).not.toBe(before?.key);
    expect(verified(dir, { trusted: [before?.key ?? ""] }).flaw).toBeNull();
    const again = open(dir);
    value(again.append([command(3)].map(logged)));
    value(await again.close());
    expect(verified(dir).flaw).toBeNull();
  });

  it("holds texts of every script", async () => {
    const dir = folder();
    const log = open(dir);
    const text = "echo 'naïve 日本 😀 \u0000 \u2028'";
    value(log.append([{ ...command(1), extra: text }].map(logged)));
    value(await log.close());
    expect(verified(dir).flaw).toBeNull();
    const payload = lines(dir, 0)[1]?.slice(65) ?? "";
    expect(JSON.parse(payload)).toMatchObject({ event: { extra: text } });
  });
});

describe("a sealed log with a very long event", () => {
  // The spool takes events of up to 16 MiB; what is told apart as a line must not end before they do.
  it.each([
    ["of ASCII", command(1, "x".repeat(3 * 1024 * 1024))],
    ["of signs that take six bytes each", { ...command(1), extra: "é".repeat(512 * 1024) }],
  ])("%s goes on behind it, and keeps everything", async (_, long) => {
    const dir = folder();
    for (const event of [command(0), long, command(2)]) {
      const mended: string[] = [];
      const log = open(dir, { mended: (file) => mended.push(file) });
      value(log.append([event].map(logged)));
      value(await log.close());
      expect(mended).toEqual([]);
    }
    expect(verified(dir)).toMatchObject({ flaw: null });
    expect(lines(dir, 0).filter((line) => line.includes('"kind":"event"'))).toHaveLength(3);
  });
});

describe("a sealed log on a disk that fills up", () => {
  it("is whole again when there is room, wherever the write stopped, and goes on after a restart", async (context) => {
    const mount = folder();
    mkdirSync(mount);
    try {
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", mount], { stdio: "ignore" });
    } catch {
      context.skip("needs the right to mount a small tmpfs");
    }
    try {
      const dir = join(mount, "audit");
      const filler = join(mount, "filler");
      const log = open(dir, { segmentBytesMax: 3_000 });
      let n = 0;
      for (let round = 0; round < 4; round += 1) {
        writeFileSync(filler, "");
        fill(filler);
        while (log.append([command(n, "x".repeat(300))].map(logged)).ok) n += 1;
        rmSync(filler);
        value(log.append([command(n, "x".repeat(300))].map(logged)));
        n += 1;
        expect(verified(dir).flaw).toBeNull();
      }
      value(await log.close());
      const again = open(dir, { segmentBytesMax: 3_000 });
      value(again.append([command(n)].map(logged)));
      value(await again.close());
      expect(verified(dir)).toMatchObject({ flaw: null });
      for (const { file } of listSegments(dir)) expect(verified(join(dir, file)).flaw).toBeNull();
    } finally {
      execFileSync("umount", ["--lazy", mount]);
    }
  });

  /** Takes all the room but a page or two, so that the log itself meets the end. */
  function fill(path: string): void {
    const fd = openSync(path, "a");
    try {
      for (;;) writeSync(fd, Buffer.alloc(1_024));
    } catch {
      ftruncateSync(fd, Math.max(0, statSync(path).size - 5_000));
    } finally {
      closeSync(fd);
    }
  }
});

describe("a sealed log that somebody has touched", () => {
  it("shows and locates every single flipped bit", async () => {
    const dir = await rotated();
    const [segment] = listSegments(dir);
    const file = join(dir, segment?.file ?? "");
    const intact = readFileSync(file);
    const flip = (at: number): void => {
      const byte = Math.floor(at / 8);
      const bytes = Buffer.from(intact);
      bytes[byte] = (bytes[byte] ?? 0) ^ (1 << (at % 8));
      writeFileSync(file, bytes);
      const line = intact.subarray(0, byte).filter((b) => b === 0x0a).length + 1;
      const { flaw } = verified(dir);
      // A newline that is none any more spoils the line that it ended, or the one that it now begins.
      if (flaw?.file !== segment?.file || (flaw?.line !== line && flaw?.line !== line + 1)) {
        throw new Error(`bit ${String(at)}, in line ${String(line)}: ${JSON.stringify(flaw)}`);
      }
    };
    const bits = intact.length * 8;
    if (longRun) for (let at = 0; at < bits; at += 1) flip(at);
    else fc.assert(fc.property(fc.nat({ max: bits - 1 }), flip), { seed, numRuns: 150 });
    writeFileSync(file, intact);
    expect(verified(dir).flaw).toBeNull();
  }, 1_200_000);

  it.each([
    [
      "a changed record",
      (all: string[]) => all.map((l, i) => (i === 2 ? l.replace("allowed", "blocked") : l)),
      "changed",
      3,
    ],
    ["a deleted record", (all: string[]) => all.filter((_, i) => i !== 2), "missing", 3],
    ["two records in another order", (all: string[]) => swapped(all, 1, 2), "missing", 2],
    [
      "a record that is there twice",
      (all: string[]) => [...all.slice(0, 3), all[2] ?? "", ...all.slice(3)],
      "out-of-place",
      4,
    ],
    [
      "a line put between",
      (all: string[]) => [...all.slice(0, 2), "hello", ...all.slice(2)],
      "unreadable",
      3,
    ],
  ] as const)("shows %s", async (_, change, what, line) => {
    const dir = await twenty();
    rewrite(dir, 1, change);
    expect(verified(dir).flaw).toMatchObject({ what, line });
  });

  it("shows a chain that was made anew without the key", async () => {
    const dir = await twenty();
    const { chainHash, payloadDigest } = await import("./chain.js");
    let head = lines(dir, 0).at(-1)?.slice(0, 64) ?? "";
    rewrite(dir, 1, (all) =>
      all.map((line) => {
        const payload = line.slice(65).replace("allowed", "blocked");
        head = chainHash(head, payloadDigest(payload));
        return `${head} ${payload}`;
      }),
    );
    expect(verified(dir).flaw).toMatchObject({ what: "bad-signature" });
  });

  it("shows a whole log that was made anew, to who knows the key or the head", async () => {
    const real = folder();
    const log = open(real);
    value(log.append([command(1)].map(logged)));
    const seal = value(log.seal());
    value(await log.close());
    const forged = await twenty();
    expect(verified(forged, { trusted: [seal?.key ?? ""] }).flaw?.what).toBe("unknown-key");
    expect(verified(forged, { head: seal?.head ?? "" }).flaw?.what).toBe("cut");
    expect(verified(real, { head: seal?.head ?? "" }).flaw).toBeNull();
  });

  it("shows a missing segment", async () => {
    const dir = await twenty();
    unlinkSync(join(dir, listSegments(dir)[1]?.file ?? ""));
    expect(verified(dir).flaw).toMatchObject({ what: "missing" });
  });

  it("shows a cut tail, in the middle of a line, at its end, and as a whole segment", async () => {
    for (const cut of ["line", "record", "segment"] as const) {
      const dir = await twenty();
      const last = join(dir, listSegments(dir).at(-1)?.file ?? "");
      const bytes = readFileSync(last);
      if (cut === "line") truncateSync(last, bytes.length - 7);
      else if (cut === "segment") unlinkSync(last);
      else truncateSync(last, bytes.lastIndexOf(0x0a, bytes.length - 2) + 1);
      expect(verified(dir).flaw?.what).toBe(cut === "line" ? "torn" : "cut");
    }
  });

  it("is not written on behind the place", async () => {
    const dir = await twenty();
    rewrite(dir, listSegments(dir).length - 1, (all) =>
      all.map((l) => l.replace("12:00:00", "13:00:00")),
    );
    const opened = openSealedLog({ dir, sensitive: () => [], now: () => "" });
    expect(opened).toMatchObject({ ok: false, error: { code: "CHP_SEALING_BROKEN" } });
  });
});

describe("personal fields in the sealed log", () => {
  const events = (dir: string): LoggedEvent[] =>
    lines(dir, 0).flatMap((line) => {
      const record = JSON.parse(line.slice(65)) as { event?: LoggedEvent };
      return record.event === undefined ? [] : [record.event];
    });

  it("are not readable without the key of their session, and whole with it", async () => {
    const dir = folder();
    const log = open(dir);
    value(log.append([command(1, "cat /etc/passwd")].map(logged)));
    value(await log.close());
    expect(lines(dir, 0).join("\n")).not.toMatch(/"person"|passwd/);
    const keys = value(readSessionKeys(join(dir, "keys"), "s-alice"));
    const [event] = events(dir);
    if (event === undefined) throw new Error("no event");
    const key = keys.get(keyIdOfEvent(event) ?? "");
    expect(key && showPrivate(event, key.bytes)).toEqual(command(1, "cat /etc/passwd"));
  });

  it("are gone for good when the keys of a person are destroyed, and the chain stays whole", async () => {
    const dir = folder();
    const log = open(dir);
    value(log.append([command(1), command(2, "id", "bob"), command(3)].map(logged)));
    value(await log.close());
    expect(eraseSessionKeys(join(dir, "keys"), { what: "person", person: "alice" })).toEqual({
      ok: true,
      value: 1,
    });
    const keys = value(readSessionKeys(join(dir, "keys")));
    const readable = events(dir).map((event) => keys.has(keyIdOfEvent(event) ?? ""));
    expect(readable).toEqual([false, true, false]);
    expect(verified(dir).flaw).toBeNull();
  });

  it("can not be moved to another event", async () => {
    const dir = folder();
    const log = open(dir);
    value(log.append([command(1)].map(logged)));
    value(await log.close());
    const keys = value(readSessionKeys(join(dir, "keys")));
    const [event] = events(dir);
    const key = keys.get(keyIdOfEvent(event ?? {}) ?? "");
    expect(key && showPrivate({ ...event, id: "event-2" }, key.bytes)).toBeNull();
  });
});

function swapped(all: readonly string[], a: number, b: number): readonly string[] {
  return all.map((line, i) => (i === a ? (all[b] ?? "") : i === b ? (all[a] ?? "") : line));
}
