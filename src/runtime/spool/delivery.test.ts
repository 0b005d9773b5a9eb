import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  appendFileSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { encodeEvent, wrapEvent, type EventDraft } from "../../events/index.js";
import { err, fault, sessionId, wallMicros } from "../../kernel/index.js";
import { openEventFile } from "../../sinks/file/event-file.js";
import { longRun, seed } from "../../testing/index.js";
import { openOutbox } from "../outbox/index.js";
import { createDelivery, type Delivery } from "./delivery.js";
import type { EventFile, RuntimeLog } from "./ports.js";
import { segmentFile } from "./segment-name.js";
import { createSpoolWriter } from "./spool-writer.js";
import { eventually } from "../testing/eventually.testing.js";

const silent: RuntimeLog = { info: () => undefined, warn: () => undefined, error: () => undefined };

function line(id: string, sequence: number, event: EventDraft): string {
  const facts = { source: "/chaperone/lab/n", subject: id, sequence, wall: wallMicros(1e15 + 7) };
  return encodeEvent(wrapEvent(event, facts));
}

function ref(id: string) {
  return {
    id: sessionId(id),
    protocol: "ssh" as const,
    person: "alice",
    account: "root",
    target: "db-1",
    origin: "127.0.0.1",
  };
}

function opened(id: string): EventDraft {
  const data = {
    session: ref(id),
    groups: [],
    clientVersion: "",
    authMethods: [],
    targetLabels: {},
    rulesDigest: "",
  };
  return { type: "session.opened", data };
}

function channelOpened(id: string, channel: number): EventDraft {
  return { type: "channel.opened", data: { session: ref(id), channel, kind: "shell" } };
}

describe("the delivery", () => {
  let root = "";
  let dir = "";
  let path = "";
  const running: Delivery[] = [];
  beforeEach(() => fresh());
  afterEach(async () => {
    for (const delivery of running.splice(0)) await delivery.stop();
    rmSync(root, { recursive: true, force: true });
  });

  function fresh(): void {
    root = mkdtempSync(join(tmpdir(), "chaperone-delivery-"));
    dir = join(root, "spool");
    path = join(root, "events.ndjson");
    mkdirSync(dir);
  }

  function openFile(): EventFile {
    const file = openEventFile(path);
    if (!file.ok) throw new Error(file.error.message);
    return file.value;
  }

  function start(
    file = openFile(),
    over: Partial<Parameters<typeof createDelivery>[0]> = {},
  ): Delivery {
    const delivery = createDelivery({ dir, file, log: silent, drained: () => undefined, ...over });
    running.push(delivery);
    return delivery;
  }

  const delivered = (): string[] =>
    readFileSync(path, "utf8")
      .split("\n")
      .filter((text) => text !== "")
      .map((text) => (JSON.parse(text) as { id: string }).id);

  it("carries what a process left behind, and gives its segments back", async () => {
    writeFileSync(join(dir, segmentFile("w0-9-9-a", 0)), line("s", 0, opened("s")));
    writeFileSync(join(dir, segmentFile("w0-9-9-a", 1)), line("s", 1, channelOpened("s", 1)));
    const delivery = start();
    await delivery.flush();
    expect(delivered()).toEqual(["s-0", "s-1"]);
    expect(readdirSync(dir)).toEqual(["delivery.journal"]);
    expect(delivery.sessions.get("s")).toMatchObject({ sequence: 1, tally: { channels: 1 } });
  });

  it("drops the line that a killed process did not finish", async () => {
    writeFileSync(join(dir, segmentFile("w0-9-9-a", 0)), `${line("s", 0, opened("s"))}{"specvers`);
    const torn: unknown[] = [];
    const log = { ...silent, warn: (event: string) => torn.push(event) };
    await start(openFile(), { log }).flush();
    expect(delivered()).toEqual(["s-0"]);
    expect(torn).toEqual(["spool-line-torn"]);
  });

  it("tells nothing that the disk has changed, and says how much is lost", async () => {
    const stream = "w0-9-9-a";
    const spool = createSpoolWriter({ dir, stream });
    spool.append(line("s", 0, opened("s")));
    for (let n = 1; n < 4; n += 1) spool.append(line("s", n, channelOpened("s", n)));
    spool.close();
    const segment = join(dir, segmentFile(stream, 0));
    writeFileSync(segment, readFileSync(segment, "latin1").replace('"channel":2', '"channel":3'));
    const damaged: number[] = [];
    const made = openOutbox({ dir: join(root, "outbox"), bytesMax: 1_000_000 });
    if (!made.ok) throw new Error(made.error.message);
    const outbox = made.value;
    const delivery = start(openFile(), { outbox, damaged: (events) => damaged.push(events) });
    await delivery.flush();
    expect(delivered()).toEqual(["s-0", "s-1", "s-3"]);
    expect([...outbox.linesAfter(null)].map(String).join("")).toBe(readFileSync(path, "utf8"));
    expect(damaged).toEqual([1]);
    for (const one of running.splice(0)) await one.stop();
    outbox.close();
  });

  it("waits for the rest of a line that is being written", async () => {
    const delivery = start();
    delivery.streamStarted("w0-1-1-a");
    const text = line("s", 0, opened("s"));
    const segment = join(dir, segmentFile("w0-1-1-a", 0));
    appendFileSync(segment, text.slice(0, 40));
    await delivery.flush();
    expect(delivered()).toEqual([]);
    appendFileSync(segment, text.slice(40));
    await delivery.flush();
    expect(delivered()).toEqual(["s-0"]);
  });

  it("takes lines that are longer than what it reads at once", async () => {
    const text = "x".repeat(3 * 1024 * 1024);
    const long: EventDraft = {
      type: "session.failed",
      data: { session: ref("s"), reason: text, by: "sidecar" },
    };
    writeFileSync(
      join(dir, segmentFile("w0-9-9-a", 0)),
      line("s", 0, opened("s")) + line("s", 1, long),
    );
    await start().flush();
    expect(delivered()).toEqual(["s-0", "s-1"]);
  });

  it("keeps events in the spool while the event file can not be written, and goes on when it can", async () => {
    const file = openFile();
    let broken = true;
    const flaky: EventFile = {
      ...file,
      get position() {
        return file.position;
      },
      append: (lines, events) =>
        broken
          ? err(fault("CHP_RUNTIME_EVENT_FILE", "no space left on device"))
          : file.append(lines, events),
    };
    const told: string[] = [];
    const log = { ...silent, error: (event: string) => told.push(event) };
    const delivery = start(flaky, { log });
    delivery.streamStarted("w0-1-1-a");
    writeFileSync(join(dir, segmentFile("w0-1-1-a", 0)), line("s", 0, opened("s")));
    delivery.drain();
    expect(delivered()).toEqual([]);
    expect(told).toEqual(["event-file-failed"]);
    expect(delivery.backlog()).toBeGreaterThan(0);
    broken = false;
    await eventually(delivered).toEqual(["s-0"]);
  });

  it("tells which sessions are left when their process is dead, after the last of its events", () => {
    const left: string[][] = [];
    const delivery = start(openFile(), {
      drained(live) {
        left.push([...delivery.sessions].filter(([, s]) => !live.has(s.stream)).map(([id]) => id));
      },
    });
    delivery.streamStarted("w0-1-1-a");
    delivery.streamStarted("w1-2-2-a");
    writeFileSync(join(dir, segmentFile("w0-1-1-a", 0)), line("s", 0, opened("s")));
    writeFileSync(join(dir, segmentFile("w1-2-2-a", 0)), line("t", 0, opened("t")));
    delivery.drain();
    expect(left.at(-1)).toEqual([]);
    delivery.streamEnded("w0-1-1-a");
    delivery.drain();
    expect(left.at(-1)).toEqual(["s"]);
  });

  it("leaves what is told behind its stop to the next start, also when its folder is gone", async () => {
    const delivery = start();
    await delivery.stop();
    writeFileSync(join(dir, segmentFile("w0-1-1-a", 0)), line("s", 0, opened("s")));
    delivery.drain();
    expect(delivered()).toEqual([]);
    const next = start();
    next.drain();
    expect(delivered()).toEqual(["s-0"]);
    await next.stop();
    running.length = 0;
    rmSync(dir, { recursive: true });
    next.drain();
  });

  it("follows the event file when it is renamed, and splits no session's row of numbers", async () => {
    const delivery = start();
    delivery.streamStarted("w0-1-1-a");
    const spool = createSpoolWriter({ dir, stream: "w0-1-1-a" });
    spool.append(line("s", 0, opened("s")));
    await delivery.flush();
    renameSync(path, `${path}.1`);
    spool.append(line("s", 1, channelOpened("s", 1)));
    await delivery.reopenFile();
    spool.append(line("s", 2, channelOpened("s", 2)));
    await delivery.flush();
    expect(delivered()).toEqual(["s-2"]);
    expect(readFileSync(`${path}.1`, "utf8").split("\n")).toHaveLength(3);
    spool.close();
  });

  /** What may happen between two events of a life. */
  const happening = fc.oneof(
    {
      weight: 8,
      arbitrary: fc.record({
        kind: fc.constant("append" as const),
        lines: fc.integer({ min: 1, max: 5 }),
      }),
    },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant("drain" as const) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant("flush" as const) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("rotate" as const) }) },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant("crash" as const),
        tornSegment: fc.integer({ min: 0, max: 60 }),
        tornFile: fc.integer({ min: 0, max: 200 }),
        lostJournal: fc.integer({ min: 0, max: 80 }),
      }),
    },
  );

  it("delivers every event once and in order, whatever is cut off wherever", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(happening, { minLength: 1, maxLength: 40 }), async (story) => {
        fresh();
        let life = 0;
        let sequence = 0;
        const files = new Set([path]);
        const born = () => {
          life += 1;
          const stream = `w0-${life}-1-a`;
          const delivery = createDelivery({
            dir,
            file: openFile(),
            log: silent,
            drained: () => undefined,
          });
          delivery.streamStarted(stream);
          return {
            delivery,
            spool: createSpoolWriter({ dir, stream, segmentBytesMax: 2_000 }),
            stream,
          };
        };
        let now = born();
        for (const step of story) {
          switch (step.kind) {
            case "append":
              for (let i = 0; i < step.lines; i += 1) {
                const event = sequence === 0 ? opened("s") : channelOpened("s", sequence);
                now.spool.append(line("s", sequence++, event));
              }
              break;
            case "drain":
              now.delivery.drain();
              break;
            case "flush":
              await now.delivery.flush();
              break;
            case "rotate": {
              const name = `${path}.${files.size}`;
              renameSync(path, name);
              files.add(name);
              await now.delivery.reopenFile();
              break;
            }
            case "crash": {
              // The cursor on the disk is what the last sync wrote; the files may end torn.
              cutLine(
                join(dir, segmentFile(now.stream, Math.max(0, now.spool.segment))),
                step.tornSegment,
              );
              const journal = join(dir, "delivery.journal");
              const kept = readFileSync(journal);
              await now.delivery.stop();
              writeFileSync(journal, kept.subarray(0, Math.max(0, kept.length - step.lostJournal)));
              appendFileSync(path, '{"specversion":"1.0","torn'.slice(0, step.tornFile));
              now = born();
            }
          }
        }
        await now.delivery.stop();
        const last = createDelivery({
          dir,
          file: openFile(),
          log: silent,
          drained: () => undefined,
        });
        await last.flush();
        await last.stop();
        const sequences = [...files]
          .flatMap((file) => readFileSync(file, "utf8").split("\n"))
          .filter((text) => text !== "")
          .map((text) => (JSON.parse(text) as { sequence: number }).sequence);
        expect(sequences.toSorted((a, b) => a - b)).toEqual([...Array(sequence).keys()]);
        rmSync(root, { recursive: true, force: true });
      }),
      { seed, numRuns: longRun ? 1_000 : 60 },
    );
  }, 120_000);
});

/** Adds the beginning of a line that its writer did not finish. */
function cutLine(segment: string, bytes: number): void {
  if (bytes === 0) return;
  appendFileSync(
    segment,
    `{"specversion":"1.0","id":"s-99","source":"/chaperone/lab/n"`.slice(0, bytes),
  );
}
