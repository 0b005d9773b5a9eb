// Whatever is killed, whenever: no line is torn, no fact told twice or lost, recordings play to the
// end, the host keeps its name.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, beforeEach, afterEach, describe, expect, it } from "vitest";

import { verifyLog } from "../../src/sealing/index.js";
import { createSeededRandom } from "../../src/testing/random.js";
import { longRun, seed } from "../../src/testing/seed.js";
import { sequenceFaults, shortType, type ToldEvent } from "./lab/events.js";
import { startLab, textOf, type Lab } from "./lab/lab.js";
import { childrenOf, isAlive } from "./lab/processes.js";
import { run } from "./lab/program.js";
import { played, recordingsBelow } from "./lab/recordings.js";
import { LAB_RULES } from "./lab/rules.js";
import { sshdThere } from "./lab/sshd.js";
import { eventually } from "./lab/wait.js";

let lab: Lab;

describe.skipIf(!sshdThere)("after kill -9 of the sidecar (needs sshd)", () => {
  beforeAll(async () => {
    lab = await startLab({ rules: LAB_RULES });
  });
  afterAll(() => lab.end());

  it("nothing is torn, lost or renamed, whenever it came", async () => {
    const random = createSeededRandom(seed);
    const hostKeys = await scan();
    const rounds = longRun ? 10 : 2;
    for (let round = 0; round < rounds; round += 1) {
      const workers = childrenOf(lab.sidecar.pid);
      const terminal = lab.terminal("via");
      await terminal.ready();
      const known = `certain-${round}`;
      await terminal.runs(`echo ${known}`);
      await lab.sidecar.told("command.entered", (data) => data.text === `echo ${known}`);
      await recorded(known);
      // Somewhere in the middle of typing.
      terminal.type(`echo typing-${round}; seq 1 2000\r`.slice(0, 5 + random.below(30)));
      await lab.sidecar.kill();
      await terminal.exited;
      await eventually("the workers to follow", () => workers.every((pid) => !isAlive(pid)));
      await lab.restart();

      // A client that kept the host's name connects without a question: BatchMode allows none.
      expect((await lab.ssh("via", ["true"])).code).toBe(0);
      const events = lab.sidecar.events();
      expect(sequenceFaults(events)).toEqual([]);
      const told = events.filter((event) => event.data.text === `echo ${known}`);
      expect(told).toHaveLength(1);
      const session = told[0]?.subject;
      await eventually("the end of the lost session to be told", () =>
        lab.sidecar
          .events()
          .some(
            (event) =>
              event.subject === session && /^session\.(closed|failed)$/.test(shortType(event)),
          ),
      );
      expect(toldTwice(events)).toEqual([]);
      expectSealed();
      await playable(known);
    }
    expect(await scan()).toEqual(hostKeys);
  });
});

describe.skipIf(!sshdThere)("after kill -9 of a worker (needs sshd)", () => {
  beforeEach(async () => {
    lab = await startLab({ rules: LAB_RULES, config: { workers: 2 } });
  });
  afterEach(() => lab.end());

  it("only its own sessions end, each with its event, and new ones are served", async () => {
    const first = lab.terminal("via", { person: "bob" });
    await first.ready();
    await first.runs("echo of-first");
    const second = lab.terminal("via", { person: "carol" });
    await second.ready();
    await second.runs("echo of-second");
    await lab.sidecar.told("command.entered", (data) => data.text === "echo of-second");
    await recorded("of-first");
    await recorded("of-second");
    const workers = childrenOf(lab.sidecar.pid);
    expect(workers).toHaveLength(2);
    process.kill(workers[0] ?? 0, "SIGKILL");
    const ended = await Promise.race([
      first.exited.then(() => "first" as const),
      second.exited.then(() => "second" as const),
    ]);
    const [lost, kept] = ended === "first" ? [first, second] : [second, first];
    expect((await lost.exited).code).not.toBe(0);
    await kept.runs("touch still-here");
    expect(existsSync(lab.inHome("still-here"))).toBe(true);
    const person = ended === "first" ? "bob" : "carol";
    await lab.sidecar.told("session.closed", (data) => data.session?.person === person);
    await eventually("a new worker", () => childrenOf(lab.sidecar.pid).length === 2);
    expect((await lab.ssh("via", ["true"])).code).toBe(0);
    expect(sequenceFaults(lab.sidecar.events())).toEqual([]);
    await playable(ended === "first" ? "of-first" : "of-second");
  });
});

/** Public host keys as a client sees them, in a fixed order. */
async function scan(): Promise<readonly string[]> {
  const scanned = await run("ssh-keyscan", ["-p", String(lab.port), "127.0.0.1"]);
  const lines = textOf("ssh-keyscan", scanned).split("\n").filter(Boolean).sort();
  expect(lines.length).toBeGreaterThanOrEqual(3);
  return lines;
}

/** Ids of sessions' events that stand in the file more than once. */
function toldTwice(events: readonly ToldEvent[]): readonly string[] {
  const ids = events.filter(({ subject }) => subject !== "sidecar").map(({ id }) => id);
  return ids.filter((id, index) => ids.indexOf(id) !== index);
}

/** Recordings are promised to the last second, not to the last byte. */
async function recorded(text: string): Promise<string> {
  return eventually(`a recording with ${text}`, () =>
    recordingsBelow(lab.stateDir).find((path) => readFileSync(path, "utf8").includes(text)),
  );
}

/** Some recording holds the text, is whole JSON line by line, and plays. */
async function playable(text: string): Promise<void> {
  expect((await played(await recorded(text))) ?? text).toContain(text);
}

/** Every event of the event file stands once in the sealed log, which nobody has altered. */
function expectSealed(): void {
  // Read first: the log is a moment ahead of the event file.
  const told = lab.sidecar.events().map(({ id }) => id);
  const dir = join(lab.stateDir, "audit");
  expect(verifyLog(dir)).toMatchObject({ ok: true, value: { flaw: null } });
  const sealed = readdirSync(dir)
    .filter((file) => file.startsWith("segment-"))
    .flatMap((file) => readFileSync(join(dir, file), "latin1").split("\n"))
    .flatMap((line) => /"specversion":"1.0","id":"(?<id>[^"]+)"/.exec(line)?.[1] ?? []);
  expect(new Set(sealed).size).toBe(sealed.length);
  expect(sealed).toEqual(expect.arrayContaining(told));
}
