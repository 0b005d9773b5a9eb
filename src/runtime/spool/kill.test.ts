import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createSeededRandom, longRun, seed } from "../../testing/index.js";
import { compiled } from "../testing/compiled.testing.js";

const LIVES = longRun ? 80 : 8;

describe("whenever the processes of the sidecar are killed", () => {
  let dir = "";
  let module = "";
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), "chaperone-kill-"));
    module = compiled("runtime/testing/toy-sidecar.testing.js").pathname;
  });
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  const eventPath = (): string => join(dir, "events", "events.ndjson");

  async function start(): Promise<ChildProcess> {
    const child = spawn(process.execPath, [module, join(dir, "state"), eventPath()], {
      stdio: ["ignore", "pipe", "inherit"],
      detached: true,
    });
    await Promise.race([
      once(child.stdout, "data"),
      once(child, "exit").then(() => Promise.reject(new Error("the sidecar did not start"))),
    ]);
    return child;
  }

  async function end(child: ChildProcess, kill: () => void): Promise<void> {
    const exited = once(child, "exit");
    kill();
    await exited;
  }

  function workersOf(child: ChildProcess): number[] {
    const children = `/proc/${child.pid}/task/${child.pid}/children`;
    return readFileSync(children, "utf8").trim().split(" ").filter(Boolean).map(Number);
  }

  async function live(random: ReturnType<typeof createSeededRandom>): Promise<void> {
    const child = await start();
    await sleep(random.below(250));
    const death = random.pick([
      "parent",
      "worker",
      "workers, then parent",
      "all",
      "stop",
      "rotate",
    ]);
    switch (death) {
      case "parent":
        return end(child, () => child.kill("SIGKILL"));
      case "worker":
      case "workers, then parent":
        for (const pid of workersOf(child).slice(death === "worker" ? 1 : 0)) {
          process.kill(pid, "SIGKILL");
        }
        await sleep(random.below(100));
        return end(child, () => child.kill("SIGKILL"));
      case "all":
        return end(child, () => process.kill(-child.pid!, "SIGKILL"));
      case "rotate":
        renameSync(eventPath(), `${eventPath()}.${random.below(1e9)}`);
        await sleep(random.below(1_500));
        return end(child, () => process.kill(-child.pid!, "SIGKILL"));
      default:
        return end(child, () => child.kill("SIGTERM"));
    }
  }

  it("the event file has every event once, in order, whole, and every session ends", async () => {
    const random = createSeededRandom(seed);
    for (let i = 0; i < LIVES; i += 1) await live(random);
    const last = await start();
    await end(last, () => last.kill("SIGTERM"));

    const events = readEvents(join(dir, "events"));
    expect(faultsIn(events)).toEqual([]);
    expect(lostEffects(readFileSync(join(dir, "state", "effects"), "utf8"), events)).toEqual([]);
    expect(events.length).toBeGreaterThan(LIVES * 10);
    expect(
      readdirSync(join(dir, "state", "spool")).filter((f) => f.endsWith(".ndjson")),
    ).toHaveLength(1); // the parent's own: everything else is delivered and given back
  }, 240_000);
});

interface ReadEvent {
  readonly id: string;
  readonly subject: string;
  readonly sequence: number;
  readonly type: string;
}

/** Rotated files first, in the order of their last change; a line that is no JSON throws. */
function readEvents(dir: string): ReadEvent[] {
  const texts = readdirSync(dir).map((file) => readFileSync(join(dir, file), "utf8"));
  return texts.flatMap((text) => {
    expect(text.endsWith("\n") || text === "").toBe(true);
    return text
      .split("\n")
      .slice(0, -1)
      .map((line) => JSON.parse(line) as ReadEvent);
  });
}

function faultsIn(events: readonly ReadEvent[]): string[] {
  const faults: string[] = [];
  for (const [subject, own] of bySubject(events)) {
    // Within one file the order is that of the sequence; across rotated files it is restored here.
    const sequences = own.map((event) => event.sequence).sort((a, b) => a - b);
    if (sequences.some((sequence, index) => sequence !== index)) {
      faults.push(`${subject}: ${sequences.join(",")}`);
    }
    if (subject.startsWith("sidecar-")) continue;
    const types = own.toSorted((a, b) => a.sequence - b.sequence).map((event) => event.type);
    const closed = types.filter((type) => type === "io.chaperone.session.closed.v1").length;
    if (closed !== 1 || types.at(-1) !== "io.chaperone.session.closed.v1") {
      faults.push(`${subject} does not end: ${types.slice(-3).join(", ")}`);
    }
  }
  return faults;
}

/** Commands that were passed on and of which the event file knows nothing. */
function lostEffects(text: string, events: readonly ReadEvent[]): string[] {
  const known = new Set(events.map((event) => `${event.subject} ${event.sequence}`));
  return text
    .split("\n")
    .slice(0, -1)
    .filter((line) => !known.has(line));
}

function bySubject(events: readonly ReadEvent[]): Map<string, ReadEvent[]> {
  const subjects = new Map<string, ReadEvent[]>();
  for (const event of events) {
    const own = subjects.get(event.subject);
    if (own === undefined) subjects.set(event.subject, [event]);
    else own.push(event);
  }
  return subjects;
}
