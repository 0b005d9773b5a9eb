import { execFileSync, spawnSync } from "node:child_process";
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { channelId, micros, sessionId, wallMicros, type Fault } from "../kernel/index.js";
import type { RecordEntry, SessionFacts } from "../model/index.js";
import { createSeededRandom, seed } from "../testing/index.js";
import { createCastFile, type CastFile, type CastFileOptions } from "./cast-file.js";
import { createPlainFile } from "./growing-file.js";
import { mendRecordings } from "./mend.js";
import { createRecordings } from "./recordings.js";
import { eventually } from "../runtime/testing/eventually.testing.js";

const FACTS: SessionFacts = {
  id: sessionId("01-session"),
  protocol: "ssh",
  person: { name: "alice", groups: ["dba"], phrase: "green boat", factors: [] },
  account: "root",
  target: { name: "db-1", address: "127.0.0.1:22", labels: { env: "prod" }, embedded: false },
  origin: "192.0.2.1",
  clientVersion: "OpenSSH_9.9",
  authMethods: ["publickey"],
};
const WALL = wallMicros(Date.UTC(2026, 10, 20, 18, 57, 23) * 1_000 + 123_456);
const START = micros(5_000_000);
const at = (ms: number) => micros(START + ms * 1_000);

/** asciinema insists on a terminal; `raw` keeps it from changing what is printed. */
function onTerminal(command: string): string {
  return execFileSync("script", ["-q", "-E", "never", "-ec", `stty raw; ${command}`, "/dev/null"], {
    encoding: "utf8",
    timeout: 20_000,
    stdio: ["ignore", "pipe", "pipe"],
  });
}

describe("a recording", () => {
  let folder = "";
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "chaperone-recordings-"))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  async function record(entries: readonly RecordEntry[]): Promise<string> {
    const lost: Fault[] = [];
    const recordings = createRecordings({
      folder,
      wallOf: (when) => wallMicros(WALL + (when - START)),
      log: { warn: () => undefined },
    });
    const session = recordings.open(FACTS, (fault) => lost.push(fault));
    for (const entry of entries) session.record(channelId(3), entry);
    session.close();
    await recordings.flush();
    expect(lost).toEqual([]);
    return path();
  }
  const path = (): string => join(folder, "2026", "11", "20", "01-session-3.cast");
  const start: RecordEntry = {
    type: "start",
    at: START,
    columns: 100,
    rows: 30,
    term: "xterm-256color",
  };
  const output = (ms: number, bytes: Uint8Array | string): RecordEntry => ({
    type: "output",
    at: at(ms),
    bytes: Buffer.from(bytes),
  });
  const eventsOf = (file: string): [number, string, string][] =>
    readFileSync(file, "utf8")
      .trim()
      .split("\n")
      .slice(1)
      .map((line) => JSON.parse(line) as [number, string, string]);

  it("says who worked where and when, in a file for its owner alone", async () => {
    const file = await record([{ ...start, command: "top" }, output(10, "hello")]);
    const [header = ""] = readFileSync(file, "utf8").split("\n");
    expect(JSON.parse(header)).toEqual({
      version: 2,
      width: 100,
      height: 30,
      timestamp: Math.floor(WALL / 1_000_000),
      title: "alice as root on db-1",
      env: { TERM: "xterm-256color" },
      command: "top",
      chaperone: {
        session: "01-session",
        protocol: "ssh",
        person: "alice",
        groups: ["dba"],
        account: "root",
        target: "db-1",
        address: "127.0.0.1:22",
        targetLabels: { env: "prod" },
        origin: "192.0.2.1",
        clientVersion: "OpenSSH_9.9",
        channel: 3,
        wall: "2026-11-20T18:57:23.123456Z",
      },
    });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(dirname(file)).mode & 0o777).toBe(0o700);
    expect(readFileSync(file, "utf8")).not.toContain("green boat");
  });

  it("keeps every kind of entry at its time, and of hidden input only that it was there", async () => {
    const file = await record([
      start,
      { type: "input", at: at(1), bytes: Buffer.from("l") },
      output(2, "l"),
      { type: "hidden", at: at(3) },
      { type: "resize", at: at(4.5), columns: 132, rows: 50 },
      { type: "mark", at: at(1_000), label: "blocked rm-root" },
      { type: "end", at: at(2_000) },
    ]);
    expect(eventsOf(file)).toEqual([
      [0.001, "i", "l"],
      [0.002, "o", "l"],
      [0.003, "m", "input hidden"],
      [0.0045, "r", "132x50"],
      [1, "m", "blocked rm-root"],
    ]);
  });

  it("has the same text, however the network cuts the bytes", async () => {
    const random = createSeededRandom(seed);
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "grapheme", maxLength: 60 }), async (text) => {
        rmSync(folder, { recursive: true, force: true });
        const pieces = random.cut(Buffer.from(text), 3);
        const file = await record([
          start,
          ...pieces.map((piece, i) => output(i, piece)),
          { type: "end", at: at(99) },
        ]);
        const data = eventsOf(file).map(([, , piece]) => piece);
        expect(data.join("")).toBe(text);
      }),
      { seed, numRuns: 30 },
    );
  });

  it("is valid UTF-8 whatever a program writes to its terminal", async () => {
    const bytes = createSeededRandom(seed).bytes(5_000);
    const file = await record([
      start,
      output(1, bytes.subarray(0, 2_501)),
      output(2, bytes.subarray(2_501)),
      { type: "end", at: at(3) },
    ]);
    const content = readFileSync(file);
    expect(Buffer.from(content.toString("utf8"), "utf8").equals(content)).toBe(true);
    expect(
      eventsOf(file)
        .map(([, , text]) => text)
        .join(""),
    ).toBe(Buffer.from(bytes).toString("utf8"));
  });

  it("gives clients that name no size one that players can show", async () => {
    const file = await record([{ ...start, columns: 0, rows: 0 }]);
    expect(readFileSync(file, "utf8")).toContain('"width":80,"height":24');
  });

  it("is played by asciinema", async (context) => {
    if (spawnSync("asciinema", ["--version"]).status !== 0) context.skip("needs asciinema");
    const file = await record([
      start,
      output(1, "\u001b[31mred\u001b[0m gr\u00fc\u00df"),
      { type: "hidden", at: at(2) },
      { type: "resize", at: at(3), columns: 90, rows: 40 },
      { type: "input", at: at(4), bytes: Buffer.from("secretless") },
      { type: "mark", at: at(5), label: "a mark" },
      output(6, "e \u{1f600}\r\n"),
      { type: "end", at: at(7) },
    ]);
    const shown = onTerminal(`asciinema cat ${file}`);
    expect(shown).toBe("\u001b[31mred\u001b[0m gr\u00fc\u00dfe \u{1f600}\r\n");
    // Faster than any of its pauses, and it must end by itself.
    expect(onTerminal(`asciinema play -s 100 ${file}`)).toContain("gr\u00fc\u00df");
  });

  it("is readable up to the last line that was written, after a kill in the middle of a line", async (context) => {
    const file = await record([start, output(1, "one"), output(2, "two")]);
    appendFileSync(file, '[0.003000, "o", "thr');
    const unfinished = file.replace(/3\.cast$/, "4.cast.tail.age.new");
    writeFileSync(unfinished, "a part");
    const mended = mendRecordings(folder, {
      session: "01-session",
      openedAt: wallMicros(WALL - 5 * 3_600_000_000),
      now: WALL,
    });
    expect(mended).toEqual([file]);
    expect(readdirSync(dirname(file))).toEqual([basename(file)]);
    expect(eventsOf(file).map(([, , text]) => text)).toEqual(["one", "two"]);
    const again = { session: "01-session", openedAt: WALL, now: WALL };
    expect(mendRecordings(folder, again)).toEqual([]);
    if (spawnSync("asciinema", ["--version"]).status !== 0) context.skip("needs asciinema");
    expect(onTerminal(`asciinema cat ${file}`)).toBe("onetwo");
  });

  it("that can not be started is told once, and the session may go on", async () => {
    writeFileSync(join(folder, "2026"), "not a folder");
    const lost: Fault[] = [];
    const recordings = createRecordings({
      folder,
      wallOf: () => WALL,
      log: { warn: () => undefined },
    });
    const session = recordings.open(FACTS, (fault) => lost.push(fault));
    session.record(channelId(3), start);
    session.record(channelId(3), output(1, "x"));
    session.record(channelId(4), start);
    session.close();
    await recordings.flush();
    expect(lost.map((fault) => fault.code)).toEqual(["CHP_RECORDING_WRITE"]);
  });

  it("marks the place where the disk did not keep up, and goes on after it", async () => {
    const lost: Fault[] = [];
    const recordings = createRecordings({
      folder,
      wallOf: () => WALL,
      log: { warn: () => undefined },
    });
    const session = recordings.open(FACTS, (fault) => lost.push(fault));
    session.record(channelId(3), start);
    // All in one turn of the event loop: the disk has no chance.
    const piece = "x".repeat(100_000);
    for (let i = 0; i < 14; i += 1) session.record(channelId(3), output(i, piece));
    expect(lost.map((fault) => fault.code)).toEqual(["CHP_RECORDING_OVERFLOW"]);
    await eventually(() =>
      readdirSync(folder).length === 0 ? 0 : statSync(path()).size,
    ).toBeGreaterThan(900_000);
    session.record(channelId(3), output(100, "after"));
    session.close();
    await recordings.flush();
    const events = eventsOf(path());
    const gap = events.findIndex(([, code]) => code === "m");
    expect(events[gap]?.[2]).toBe(`recording gap: ${14 - gap} entries`);
    expect(events[gap + 1]?.[2]).toBe("after");
  });
});

describe("a file that is written behind the data path", () => {
  let folder = "";
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "chaperone-cast-"))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function castFile(options: Partial<CastFileOptions>): CastFile {
    const path = join(folder, "a.cast");
    return createCastFile({
      path,
      file: createPlainFile(path),
      failed: () => undefined,
      ...options,
    });
  }

  it("is on the disk within a moment, without anybody asking", async () => {
    const file = castFile({});
    file.append("one\n");
    await eventually(() => readdirSync(folder).length).toBe(1);
    await eventually(() => readFileSync(join(folder, "a.cast"), "utf8")).toBe("one\n");
    await file.end();
  });

  it("takes what fits and refuses what does not, whole lines in both cases", () => {
    const file = castFile({ bufferBytesMax: 10 });
    expect([
      file.append("12345\n"),
      file.append("123456789\n"),
      file.append("123\n"),
      file.append("1\n"),
    ]).toEqual([true, false, true, false]);
  });

  it("overwrites what a failed write has left, once the disk has room again", async (context) => {
    try {
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", folder], {
        stdio: "ignore",
      });
    } catch {
      context.skip("needs the right to mount a small tmpfs");
    }
    try {
      writeFileSync(join(folder, "ballast"), Buffer.alloc(50_000));
      let failures = 0;
      const path = join(folder, "a.cast");
      const file = castFile({ failed: () => (failures += 1) });
      const line = `${"x".repeat(999)}\n`;
      file.append(line.repeat(40));
      await eventually(() => failures).toBeGreaterThan(0);
      rmSync(join(folder, "ballast"));
      await eventually(() => readFileSync(path, "utf8").length).toBe(40_000);
      await file.end();
      expect(readFileSync(path, "utf8")).toBe(line.repeat(40));
    } finally {
      execFileSync("umount", [folder]);
    }
  });

  it("never writes into a file that is there already", async () => {
    const path = join(folder, "a.cast");
    writeFileSync(path, "somebody else's");
    mkdirSync(join(folder, "x"));
    chmodSync(path, 0o600);
    const failures: Fault[] = [];
    const file = castFile({ failed: (fault) => failures.push(fault) });
    file.append("one\n");
    await file.end();
    expect(failures[0]?.code).toBe("CHP_RECORDING_WRITE");
    expect(readFileSync(path, "utf8")).toBe("somebody else's");
  });
});
