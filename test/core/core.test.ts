// `chaperone core` as a process of its own: real sidecars tell it over TLS what real ssh sessions do,
// whatever is killed meanwhile, and it answers with reports.
import { readdirSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { BehaviourProfile } from "../../src/behaviour/index.js";
import { openProfileStore } from "../../src/runtime/index.js";
import { shortType, type ToldEvent } from "../e2e/lab/events.js";
import { succeeded } from "../e2e/lab/program.js";
import { sshdThere } from "../e2e/lab/sshd.js";
import { eventually } from "../e2e/lab/wait.js";
import type { Sidecar } from "../e2e/lab/sidecar.js";
import { startCoreLab, type CoreLab } from "./core-lab.js";

const RULES = `apiVersion: chaperone/v1
kind: RulePack
metadata: { name: lab, version: 1.0.0 }
rules:
  - id: lab-forbidden
    name: The forbidden file
    criticality: high
    match: { command: { exec: touch, args: { any: { glob: "*forbidden*" } } } }
    action: block
`;

let core: CoreLab;
/** A sidecar tries a core that was away again after half a minute at most. */
const RECONNECTED_MS = 90_000;
const isOwed = (file: string): boolean => file.endsWith(".owed");

/** Sessions of alice in the profile that a sidecar has of her. */
function learntIn(stateDir: string): number {
  const store = openProfileStore(stateDir, Date.now);
  const read = store.ok ? store.value.read("alice") : store;
  if (!read.ok || read.value === null) return 0;
  const profile = JSON.parse(read.value.text) as BehaviourProfile; // written by the sidecar
  return profile.context?.sessions ?? 0;
}

/** What the sidecars have told of a person: sessions that are over, and commands. */
function toldOf(person: string, sidecars: readonly Sidecar[]) {
  const events = sidecars
    .flatMap((one) => one.events())
    .filter(({ data }: ToldEvent) => data.session?.person === person);
  const count = (type: string) => events.filter((one) => shortType(one) === type).length;
  return { sessions: count("session.closed"), commands: count("command.entered") };
}

/** What the core knows of a person: of sessions that are over, and of all. */
async function knownOf(person: string) {
  const [row] = await core.rows(
    `SELECT COUNT(ended) AS sessions, COALESCE(SUM(commands), 0) AS commands FROM session
     WHERE person = ?`,
    [person],
  );
  return { sessions: Number(row?.["sessions"]), commands: Number(row?.["commands"]) };
}

/** The core agrees with the event files, to the last command. */
async function agrees(person: string, sidecars: readonly Sidecar[]): Promise<void> {
  let seen: unknown;
  await eventually(
    `the core to know everything of ${person}`,
    async () => {
      const [known, told] = [await knownOf(person), toldOf(person, sidecars)];
      seen = { known, told };
      return known.sessions === told.sessions && known.commands === told.commands;
    },
    { patienceMs: RECONNECTED_MS, instead: () => JSON.stringify(seen) },
  );
}

async function visit(person: "alice" | "bob", options: readonly string[] = []): Promise<void> {
  const stdin = "echo one\necho two\nexit\n";
  const done = await core.lab.ssh("via", [], { person, stdin, options: ["-T", ...options] });
  succeeded("a visit", done);
}

const closed = (sidecar: Sidecar, person: string, sessions: number) =>
  eventually("the sessions to be over", () => toldOf(person, [sidecar]).sessions >= sessions);

describe.skipIf(!sshdThere)("a core as a process of its own (needs sshd)", () => {
  beforeAll(async () => {
    // Behaviour is watched and nothing is done: what is learnt travels.
    core = await startCoreLab({ rules: RULES, config: { risk: { mode: "shadow" } } });
  });
  afterAll(() => core.end());

  it("is told what people do, and reports it", async () => {
    await Promise.all([visit("alice"), visit("bob")]);
    await core.lab.ssh("via", ["touch", core.lab.inHome("forbidden")], { person: "bob" });
    await closed(core.lab.sidecar, "bob", 2);
    await agrees("alice", [core.lab.sidecar]);
    await agrees("bob", [core.lab.sidecar]);
    const ratings = await core.report("users-rating");
    expect(ratings.sections[0]?.rows.map(({ person, rating }) => [person, rating])).toEqual([
      ["bob", 4],
      ["alice", 5],
    ]);
    const hits = await core.rows("SELECT rule, action FROM rule_hit WHERE person = 'bob'", []);
    expect(hits).toEqual([{ rule: "lab-forbidden", action: "block" }]);
  });

  it("that is killed misses nothing and counts nothing twice; sessions do not wait for it", async () => {
    const before = toldOf("alice", [core.lab.sidecar]).sessions;
    const visiting = [visit("alice"), visit("alice")];
    await core.core.kill();
    await Promise.all(visiting);
    await visit("alice");
    await closed(core.lab.sidecar, "alice", before + 3);
    await core.core.start();
    await agrees("alice", [core.lab.sidecar]);
  });

  it("hears several sidecars, and knows the person of all of them", async () => {
    // What was learnt while the core was away has been told by now.
    const owed = join(core.lab.stateDir, "profiles");
    await eventually("the profiles to be told", () => !readdirSync(owed).some(isOwed), {
      patienceMs: RECONNECTED_MS,
    });
    const { sidecar, sshArgs } = await core.second();
    await visit("alice", sshArgs);
    await closed(sidecar, "alice", 1);
    await agrees("alice", [core.lab.sidecar, sidecar]);
    // How she behaves came with her: as she came, or, where the core was slow, when her visit was told.
    const sessions = learntIn(core.lab.stateDir);
    expect(sessions).toBeGreaterThan(2);
    await eventually("her profile at the second sidecar", () => {
      return learntIn(join(core.lab.folder, "var2")) >= sessions;
    });
    const [kept] = await core.rows("SELECT sealed FROM profile WHERE person = 'alice'", []);
    const bytes = Buffer.from(String(kept?.["sealed"]), "base64").toString("latin1");
    expect(bytes.startsWith("CHPPROF1")).toBe(true);
    expect(bytes).not.toMatch(/alice|sessions|127\.0\.0\.1/);
  });

  it("tells a session what is unusual about it, and the session's ladder counts it", async () => {
    const days = Array.from(
      { length: 120 },
      (_, index) => Date.now() - (index % 60) * DAY_MS - HOUR_MS,
    );
    await core.push(days.sort((a, b) => a - b).flatMap(pastVisit));
    const terminal = core.lab.terminal("via", { person: "carol" });
    await terminal.ready();
    const byCore = (reason: string): boolean => reason.startsWith("core: ");
    const told = await core.lab.sidecar.told("anomaly.detected", ({ session, reasons = [] }) => {
      return session?.person === "carol" && reasons.some(byCore);
    });
    expect(told.data.reasons?.[0]).toMatch(/^core: .* of 120 in the history/);
    const risk = await core.lab.sidecar.told("risk.changed", ({ session, reasons = [] }) => {
      return session?.person === "carol" && reasons.some(byCore);
    });
    expect(risk.data.score).toBeGreaterThan(20);
    terminal.close();
  });
});

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** A session of carol's, elsewhere and long ago. */
function pastVisit(at: number, index: number): readonly unknown[] {
  const id = `past-${index}`;
  const session = {
    id,
    protocol: "ssh",
    person: "carol",
    account: "carol",
    target: "db-1",
    origin: "10.1.1.1",
  };
  const told = { specversion: "1.0", source: "/chaperone/lab/old", subject: id };
  return ["session.opened", "session.closed"].map((type, sequence) => ({
    ...told,
    id: `${id}-${sequence}`,
    type: `io.chaperone.${type}.v1`,
    time: new Date(at + sequence * 60_000).toISOString(),
    sequence,
    data: { session, durationMs: 60_000 },
  }));
}
