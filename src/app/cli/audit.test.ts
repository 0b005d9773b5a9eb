import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openStateDir } from "../../runtime/index.js";
import { openSealedLog, type Seal } from "../../sealing/index.js";
import { createLog } from "../log.js";
import { createAuditHouse } from "../sidecar/audit-house.js";
import { loadCommands } from "./commands.js";
import { hearConsole } from "./console.testing.js";
import { runProgram } from "./program.js";

let folder: string;
let config: string;
let seal: Seal;
const segment = (): string => join(folder, "var", "audit", "segment-00000000.log");

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "chaperone-audit-"));
  config = join(folder, "chaperone.yaml");
  writeFileSync(
    config,
    `apiVersion: chaperone/v1
kind: Sidecar
people: []
targets: [ { name: local, protocol: ssh, shell: { runAs: auto } } ]
rules: []
`,
  );
  mkdirSync(join(folder, "var"));
  const log = openSealedLog({
    dir: join(folder, "var", "audit"),
    sensitive: () => ["session", "text"],
    now: () => "2026-11-21T12:00:00Z",
  });
  if (!log.ok) throw new Error(log.error.message);
  log.value.append(
    ["alice", "bob", "alice"].map((person, n) => {
      const id = `event-${String(n)}`;
      const subject = `s-${person}`;
      const data = { session: { person }, text: `ls /home/${person}`, decision: "allowed" };
      const type = "io.chaperone.command.entered.v1";
      const text = JSON.stringify({ id, type, subject, data });
      const dataAt = text.length - 1 - JSON.stringify(data).length;
      return { id, type: "command.entered", subject, text, dataAt };
    }),
  );
  const sealed = log.value.seal();
  if (!sealed.ok || sealed.value === null) throw new Error("nothing was sealed");
  seal = sealed.value;
  await log.value.close();
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

async function chaperone(...argv: readonly string[]) {
  const console = hearConsole();
  const code = await runProgram(
    { commands: loadCommands, version: "1.2.3", console, env: {} },
    argv,
  );
  return { code, out: console.outText(), err: console.errText() };
}

describe("chaperone audit verify", () => {
  it("says that a log is fine, which key signed it and where it ends", async () => {
    const { code, out } = await chaperone("audit", "verify", join(folder, "var"));
    expect(code).toBe(0);
    expect(out).toContain("fine: 5 records in 1 segments");
    expect(out).toContain(seal.key);
  });

  it("takes one segment, the head and the key", async () => {
    const known = ["--head", seal.head, "--key", seal.key];
    expect((await chaperone("audit", "verify", segment(), ...known)).code).toBe(0);
    const foreign = await chaperone("audit", "verify", segment(), "--key", "0".repeat(32));
    expect(foreign).toMatchObject({ code: 1 });
    const cut = await chaperone("audit", "verify", segment(), "--head", "0".repeat(64));
    expect(cut.out).toContain("does not contain the head");
  });

  it("names the first bad record and exits with 1", async () => {
    writeFileSync(segment(), readFileSync(segment(), "latin1").replace("allowed", "blocked"));
    const { code, out } = await chaperone("audit", "verify", join(folder, "var", "audit"));
    expect(code).toBe(1);
    expect(out).toContain("segment-00000000.log:2 record 1 ");
  });

  it("can not run where there is no log, and says what to name", async () => {
    const { code, err } = await chaperone("audit", "verify", join(folder, "nowhere"));
    expect(code).toBe(3);
    expect(err).toContain("CHP_SEALING_NO_LOG");
  });
});

describe("chaperone audit export", () => {
  it("makes evidence that verifies where there is no log", async () => {
    const out = join(folder, "evidence");
    const day = join(folder, "var", "recordings", "2026", "11", "21");
    mkdirSync(day, { recursive: true });
    writeFileSync(join(day, "s-alice-1.cast"), "recorded");
    writeFileSync(join(day, "s-bob-1.cast"), "recorded");
    const made = await chaperone("audit", "export", "s-alice", "--config", config, "--out", out);
    expect(made).toMatchObject({ code: 0 });
    expect(made.out).toContain("2 events, 1 recordings");
    renameSync(join(folder, "var"), join(folder, "gone"));
    const verified = await chaperone("audit", "verify", out);
    expect(verified).toMatchObject({ code: 0 });
    expect(verified.out).toContain("fine: 2 events of s-alice");
  });

  it("can not run for a session that is not in the log", async () => {
    const out = join(folder, "evidence");
    const made = await chaperone("audit", "export", "s-carol", "--config", config, "--out", out);
    expect(made.code).toBe(3);
    expect(existsSync(out)).toBe(false);
  });
});

describe("chaperone audit erase", () => {
  const erase = (...more: readonly string[]) =>
    chaperone("audit", "erase", "--config", config, "--person", "alice", ...more);

  it("does nothing without --yes", async () => {
    expect((await erase()).code).toBe(2);
    expect((await erase("--yes")).out).toBe("1 keys destroyed");
  });

  it("leaves a log that verifies, in which the person's fields can not be read", async () => {
    await erase("--yes");
    expect((await chaperone("audit", "verify", join(folder, "var"))).code).toBe(0);
    const out = join(folder, "evidence");
    const made = await chaperone("audit", "export", "s-alice", "--config", config, "--out", out);
    expect(made.out).toContain("2 events can not be read: they were erased");
    expect(readFileSync(join(out, "events.ndjson"), "utf8")).toBe("");
  });

  it("deletes the recordings of the person's sessions where it is told to, and no others", async () => {
    const day = join(folder, "var", "recordings", "2026", "11", "21");
    mkdirSync(day, { recursive: true });
    const others = ["s-alice-2-1.cast", "s-bob-1.cast"];
    const hers = ["s-alice-1.cast", "s-alice-2.guac", "s-alice-3.cast.age"];
    hers.push("s-alice-3.cast.tail.age", "s-alice-3.input.cast.age");
    for (const file of [...others, ...hers]) writeFileSync(join(day, file), "recorded");
    expect((await erase("--recordings", "--yes")).out).toBe(
      "1 keys destroyed, 5 files of recordings deleted",
    );
    expect(readdirSync(day)).toEqual(others);
  });

  it("can not run while the sidecar writes the log", async () => {
    const state = openStateDir(join(folder, "var"));
    if (!state.ok) throw new Error(state.error.message);
    expect(await erase("--yes")).toMatchObject({ code: 3 });
    state.value.release();
    expect((await erase("--yes")).code).toBe(0);
  });

  it("wants to know whom", async () => {
    expect((await chaperone("audit", "erase", "--yes")).code).toBe(2);
  });
});

describe("chaperone audit rotate-key", () => {
  const rotate = () => chaperone("audit", "rotate-key", "--config", config);
  const verify = () => chaperone("audit", "verify", join(folder, "var"), "--key", seal.key);

  it("changes the key of a log that nobody writes, which verifies with the key that began it", async () => {
    expect(await rotate()).toMatchObject({ code: 0 });
    const { code, out } = await verify();
    expect(code).toBe(0);
    expect(out).toContain(`key:  ${seal.key}`);
    expect(out).toMatch(/signs now: [0-9a-f]{32}/);
  });

  it("asks the sidecar that runs, and waits until it is done", async () => {
    const dir = join(folder, "var", "audit");
    const state = openStateDir(join(folder, "var"));
    const log = openSealedLog({ dir, sensitive: () => [], now: () => "2026-11-21T13:00:00Z" });
    if (!state.ok || !log.ok) throw new Error("it was not closed");
    const house = createAuditHouse(log.value, createLog({ level: "silent", role: "parent" }), {
      dir,
    });
    const told: string[] = [];
    house.start((event) => told.push(event.type));
    expect(await rotate()).toMatchObject({ code: 0 });
    await house.close();
    state.value.release();
    expect(told).toEqual(["audit.sealed"]);
    expect((await verify()).out).toContain("signs now");
  });

  it("says so where there is no log", async () => {
    rmSync(join(folder, "var", "audit"), { recursive: true });
    const { code, err } = await rotate();
    expect(code).toBe(3);
    expect(err).toContain("CHP_SEALING_NO_LOG");
  });
});
