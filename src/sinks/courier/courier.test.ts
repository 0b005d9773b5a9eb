import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { fault } from "../../kernel/index.js";
import { longRun, seed } from "../../testing/index.js";
import { commandLine, eventually, MemorySource, quietLog, realClock } from "../sink-lab.testing.js";
import { eventLine, SAMPLES } from "../event-samples.testing.js";
import { EVERYTHING_TAKEN, nothingTaken, type Parcel, type Receipt, type Sink } from "../sink.js";
import { createCourier, type Courier, type CourierOptions } from "./courier.js";
import { openCursor, type Cursor } from "./cursor.js";
import { openDeadLetters } from "./dead-letters.js";

const DOWN = fault("CHP_SINK_UNAVAILABLE", "down");

/** A sink that remembers, and does what it is told with each batch. */
class ToldSink implements Sink {
  readonly got: string[] = [];
  readonly batches: number[] = [];
  answer: (parcels: readonly Parcel[]) => Receipt = () => EVERYTHING_TAKEN;
  closed = false;

  deliver(parcels: readonly Parcel[]): Promise<Receipt> {
    const receipt = this.answer(parcels);
    this.batches.push(parcels.length);
    const lost = new Set([...receipt.retry, ...receipt.refused.map(({ parcel }) => parcel)]);
    if (receipt.splitUp !== true) {
      for (const one of parcels) if (!lost.has(one)) this.got.push(one.id);
    }
    return Promise.resolve(receipt);
  }
  close(): Promise<void> {
    this.closed = true;
    return Promise.resolve();
  }
}

describe("a courier", () => {
  let dir = "";
  let source = new MemorySource();
  let sink = new ToldSink();
  let news: string[] = [];
  const running: Courier[] = [];
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "chaperone-courier-"));
    source = new MemorySource();
    sink = new ToldSink();
    news = [];
  });
  afterEach(async () => {
    for (const courier of running.splice(0)) await courier.stop(0);
    rmSync(dir, { recursive: true, force: true });
  });

  function start(
    options: Partial<CourierOptions> = {},
    cursor = openCursor(dir, "siem", source.end),
  ): Courier {
    const courier = createCourier(
      {
        source,
        sink,
        cursor,
        deadLetters: openDeadLetters(dir, "siem"),
        clock: realClock,
        random: () => 0,
        log: quietLog,
        news: {
          degraded: (name, reason) => news.push(`degraded ${name}: ${reason}`),
          recovered: (name, { dropped }) => news.push(`recovered ${name}, dropped ${dropped}`),
          saved: () => undefined,
        },
      },
      {
        name: "siem",
        enforced: true,
        format: "cloudevents",
        filter: {},
        batch: { eventsMax: 3, bytesMax: 1_000_000, lingerMs: 0 },
        retry: { firstMs: 1, mostMs: 4 },
        version: "1",
        ...options,
      },
    );
    running.push(courier);
    courier.start();
    return courier;
  }

  function tell(from: number, to: number, subject = "s"): void {
    for (let sequence = from; sequence <= to; sequence += 1)
      source.append(commandLine(subject, sequence));
  }

  const ids = (from: number, to: number, subject = "s") =>
    Array.from({ length: to - from + 1 }, (_, index) => `${subject}-${from + index}`);

  it("tells everything that comes, in order, in batches of the size that it is given", async () => {
    start();
    tell(0, 9);
    await eventually(() => sink.got).toEqual(ids(0, 9));
    expect(Math.max(...sink.batches)).toBeLessThanOrEqual(3);
  });

  it("tells no batch that is longer than it may be, but one event that is that alone", async () => {
    const longest: number[] = [];
    sink.answer = (parcels) => {
      const bytes = parcels.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0);
      if (parcels.length > 1) longest.push(bytes);
      return EVERYTHING_TAKEN;
    };
    const bytesMax = 4 * commandLine("s", 0).length;
    start({ batch: { eventsMax: 100, bytesMax, lingerMs: 0 } });
    tell(0, 9);
    const data = { ...SAMPLES["command.entered"], text: "x".repeat(bytesMax) };
    source.append(eventLine({ type: "command.entered", data }, "s", 10));
    tell(11, 20);
    await eventually(() => sink.got).toEqual(ids(0, 20));
    expect(Math.max(...longest)).toBeLessThanOrEqual(bytesMax);
  });

  it("begins with what happens after its first start, and after another where it stopped", async () => {
    tell(0, 3);
    const first = start();
    tell(4, 6);
    await eventually(() => sink.got).toEqual(ids(4, 6));
    await first.stop(1_000);
    tell(7, 9);
    start();
    await eventually(() => sink.got).toEqual(ids(4, 9));
  });

  it("misses nothing when it was killed before it was told anything", async () => {
    tell(0, 3);
    openCursor(dir, "siem", source.end);
    tell(4, 6);
    start();
    await eventually(() => sink.got).toEqual(ids(4, 6));
  });

  it("saves where it is one at a time, however slow the disk is, and in the end the last place", async () => {
    const places: number[] = [];
    let saving = 0;
    let most = 0;
    let disk = (): void => undefined;
    const slow: Cursor = {
      position: 0,
      async save(position) {
        saving += 1;
        most = Math.max(most, saving);
        await new Promise<void>((done) => (disk = done));
        saving -= 1;
        places.push(position);
      },
    };
    const courier = start({}, slow);
    // Meanwhile several saves fall due.
    for (let n = 0; n < 4; n += 1) {
      tell(n, n);
      await eventually(() => sink.got.length).toBe(n + 1);
      await new Promise((later) => setTimeout(later, 250));
    }
    await eventually(() => saving).toBe(1);
    const writing = setInterval(() => disk(), 1);
    await courier.stop(1_000);
    clearInterval(writing);
    expect(most).toBe(1);
    expect(places.at(-1)).toBe(source.end);
  });

  it("tells what came before a clean stop", async () => {
    const courier = start();
    tell(0, 20);
    await courier.stop(10_000);
    expect(sink.got).toEqual(ids(0, 20));
    expect(courier.position).toBe(source.end);
    expect(sink.closed).toBe(true);
  });

  it("tries again, tells once that the sink is degraded and once that it is well", async () => {
    let down = 6;
    sink.answer = (all) => (down-- > 0 ? nothingTaken(all, DOWN) : EVERYTHING_TAKEN);
    start();
    tell(0, 4);
    await eventually(() => sink.got).toEqual(ids(0, 4));
    expect(news).toEqual(["degraded siem: CHP_SINK_UNAVAILABLE down", "recovered siem, dropped 0"]);
  });

  it("says how far behind the sink is, and how often it was tried", async () => {
    sink.answer = (all) => nothingTaken(all, DOWN);
    const courier = start();
    tell(0, 4);
    await eventually(() => courier.status().failures).toBeGreaterThan(3);
    // The events of the lab are older than this test.
    expect(courier.status()).toMatchObject({ told: 0, degraded: true });
    expect(courier.status().lagMs).toBeGreaterThan(0);
    sink.answer = () => EVERYTHING_TAKEN;
    await eventually(() => courier.status()).toMatchObject({ told: 5, lagMs: 0, degraded: false });
  });

  it("tries only those again that were not taken", async () => {
    let first = true;
    sink.answer = (all) => {
      if (!first) return EVERYTHING_TAKEN;
      first = false;
      return { retry: all.slice(1, 2), refused: [], fault: DOWN };
    };
    start();
    source.append(commandLine("s", 0) + commandLine("s", 1) + commandLine("s", 2));
    await eventually(() => [...sink.got].sort()).toEqual(ids(0, 2));
    expect(sink.got).toHaveLength(3);
  });

  it("finds the one event that a receiver does not want, and keeps it as a dead letter", async () => {
    sink.answer = (all) =>
      all.some(({ id }) => id === "s-4")
        ? { ...nothingTaken(all, fault("CHP_SINK_REFUSED", "mapping")), splitUp: true }
        : EVERYTHING_TAKEN;
    const courier = start({ batch: { eventsMax: 100, bytesMax: 1e6, lingerMs: 0 } });
    source.append(Array.from({ length: 9 }, (_, n) => commandLine("s", n)).join(""));
    await eventually(() => sink.got).toEqual([...ids(0, 3), ...ids(5, 8)]);
    const letters = readFileSync(join(dir, "siem.dead-letters.ndjson"), "utf8").trim().split("\n");
    expect(letters.map((line) => JSON.parse(line) as object)).toMatchObject([
      { id: "s-4", sink: "siem", reason: "CHP_SINK_REFUSED mapping" },
    ]);
    expect(courier.status()).toMatchObject({ told: 8, refused: 1, degraded: true });
  });

  it("says of an event that was damaged on the disk that it is lost, and goes on", async () => {
    const courier = start();
    tell(0, 0);
    source.append('0badc0de {"id":"s-1"}\n');
    tell(2, 2);
    await eventually(() => sink.got).toEqual(["s-0", "s-2"]);
    expect(news).toEqual([expect.stringMatching(/^degraded siem: .*an event was damaged/)]);
    expect(courier.status()).toMatchObject({ told: 2, refused: 1 });
  });

  it("tells what its filter wants, and moves on past the rest", async () => {
    const courier = start({ filter: { types: ["sidecar.*"] } });
    tell(0, 5);
    const data = SAMPLES["sidecar.stopped"];
    source.append(eventLine({ type: "sidecar.stopped", data }, "p", 0));
    await eventually(() => sink.got).toEqual(["p-0"]);
    tell(6, 9);
    await eventually(() => courier.position).toBe(source.end);
  });

  it("waits for more where it is told to, but not with what is urgent", async () => {
    const lingerMs = 60_000;
    const urgent = { criticality: "critical" as const };
    start({ batch: { eventsMax: 100, bytesMax: 1e6, lingerMs, urgent } });
    tell(0, 3);
    const data = SAMPLES["rule.matched"];
    source.append(eventLine({ type: "rule.matched", data }, "r", 0));
    await eventually(() => sink.got).toEqual([...ids(0, 3), "r-0"]);
    expect(sink.batches.reduce((sum, one) => sum + one, 0)).toBe(5);
  });

  it("tells a flood of alerts of one rule as the first and a count", async () => {
    const counts: (number | undefined)[] = [];
    sink.answer = (all) => {
      counts.push(...all.map(({ event }) => event.grouped?.count));
      return EVERYTHING_TAKEN;
    };
    const courier = start({ groupMs: 50 });
    const data = SAMPLES["rule.matched"];
    const alert = (n: number) => eventLine({ type: "rule.matched", data }, "r", n);
    source.append(Array.from({ length: 40 }, (_, n) => alert(n)).join(""));
    await eventually(() => counts.reduce<number>((sum, one) => sum + (one ?? 1), 0)).toBe(40);
    expect(counts.length).toBeLessThan(10);
    await eventually(() => courier.position).toBe(source.end);
  });

  it("drops the oldest for a best-effort sink when it is told to, and counts them", async () => {
    sink.answer = (all) => nothingTaken(all, DOWN);
    const courier = start({ enforced: false, retry: { firstMs: 60_000, mostMs: 60_000 } });
    tell(0, 5);
    const floor = source.end;
    await eventually(() => sink.batches.length).toBeGreaterThan(0);
    sink.answer = () => EVERYTHING_TAKEN;
    tell(6, 8);
    courier.dropBefore(floor);
    await eventually(() => sink.got).toEqual(ids(6, 8));
    expect(courier.status().dropped).toBe(6);
    await eventually(() => news.at(-1)).toBe("recovered siem, dropped 6");
  });

  it("drops nothing for an enforced sink", async () => {
    const courier = start();
    tell(0, 2);
    courier.dropBefore(source.end + 1);
    tell(3, 5);
    await eventually(() => sink.got).toEqual(ids(0, 5));
    expect(courier.status().dropped).toBe(0);
  });

  it("tells every event at least once and each session in order, whatever the sink does and whenever it stops", async () => {
    const answers = fc.constantFrom("all", "none", "some", "refuse-batch");
    await fc.assert(
      fc.asyncProperty(
        fc.array(answers, { maxLength: 30 }),
        fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 1, max: 2_000 }),
        async (script, portions, chunkBytes) => {
          await Promise.all(running.splice(0).map((one) => one.stop(0)));
          rmSync(join(dir, "siem.cursor"), { force: true });
          source = new MemorySource(chunkBytes);
          sink = new ToldSink();
          const todo = [...script];
          sink.answer = (all) => {
            switch (todo.shift()) {
              case "none":
                return nothingTaken(all, DOWN);
              case "some":
                return { retry: all.slice(1), refused: [], fault: DOWN };
              case "refuse-batch":
                return all.length > 1
                  ? { ...nothingTaken(all, DOWN), splitUp: true }
                  : EVERYTHING_TAKEN;
              case "all":
              case undefined:
                return EVERYTHING_TAKEN;
            }
          };
          let sequence = 0;
          for (const portion of portions) {
            const courier = start();
            for (let n = 0; n < portion; n += 1) {
              source.append(commandLine("a", sequence) + commandLine("b", sequence));
              sequence += 1;
            }
            await courier.stop(0);
          }
          start();
          const wanted = [...ids(0, sequence - 1, "a"), ...ids(0, sequence - 1, "b")].sort();
          await eventually(() => [...new Set(sink.got)].sort()).toEqual(wanted);
          for (const subject of ["a", "b"]) {
            const first = [...new Set(sink.got.filter((id) => id.startsWith(`${subject}-`)))];
            expect(first).toEqual(ids(0, sequence - 1, subject));
          }
        },
      ),
      { seed, numRuns: longRun ? 300 : 15 },
    );
  });
});
