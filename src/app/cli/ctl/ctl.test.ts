import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { aSession, startAdminLab, TOKENS, type AdminLab } from "../../../admin/lab.testing.js";
import { hearConsole } from "../console.testing.js";
import { runProgram } from "../program.js";
import { CTL_COMMANDS } from "./index.js";

let lab: AdminLab;
let dir = "";
beforeEach(async () => {
  lab = await startAdminLab();
  dir = mkdtempSync(join(tmpdir(), "chaperone-ctl-"));
  writeFileSync(join(dir, "token"), `${TOKENS.admin}\n`, { mode: 0o600 });
});
afterEach(async () => {
  await lab.end();
  rmSync(dir, { recursive: true, force: true });
});

async function ctl(...argv: readonly string[]) {
  const console = hearConsole();
  const env = { CHAPERONE_URL: lab.url, CHAPERONE_TOKEN_FILE: join(dir, "token") };
  const program = { commands: () => Promise.resolve(CTL_COMMANDS), version: "0", console, env };
  const code = await runProgram(program, ["ctl", ...argv]);
  return { code, out: console.outText(), err: console.errText() };
}

describe("chaperone ctl", () => {
  it("lists what there is as a table, or as it came", async () => {
    const { code, out } = await ctl("sessions");
    expect(code).toBe(0);
    expect(out.split("\n")).toEqual([
      "ID   PERSON  ACCOUNT  TARGET  ORIGIN     STATE  SINCE                     COMMANDS",
      "s-1  alice   root     db-1    192.0.2.7  open   2026-01-01T00:00:00.000Z  3",
    ]);
    expect(JSON.parse((await ctl("sessions", "--json")).out)).toMatchObject({ total: 1 });
    expect((await ctl("approvals")).out).toBe("no approvals");
  });

  it("lets nothing that others have chosen move the cursor", async () => {
    lab.sessions.set("s-1", aSession("s-1", { clientVersion: "", origin: "\u001b[2J\r\u202e" }));
    const { out } = await ctl("sessions");
    expect(out).not.toContain("\u001b");
    expect(out).not.toContain("\r");
  });

  it("gives orders, and says what became of each", async () => {
    const killed = await ctl("kill", "s-1", "s-9", "--reason", "seen enough");
    expect([killed.code, killed.out]).toEqual([1, "s-1  done\ns-9  no-such-session"]);
    expect((await ctl("suspend", "--person", "alice")).code).toBe(0);
    expect((await ctl("message", "s-1", "--text", "hello")).out).toBe("s-1  done");
    expect(lab.orders).toMatchObject([{ do: "message", text: "hello", by: { name: "lab-admin" } }]);
  });

  it("never takes an order to nobody for one to everybody", async () => {
    for (const verb of ["kill", "suspend", "resume", "reauth"]) {
      expect((await ctl(verb)).code).toBe(2);
    }
    expect(lab.told).toEqual([]);
  });

  it("keeps names apart from paths", async () => {
    const { code, err } = await ctl("lock", "../sessions/s-1/kill");
    expect(code).toBe(1);
    expect(err).toContain("CHP_ADMIN_BAD_REQUEST");
    expect(lab.orders).toEqual([]);
  });

  it("says what was refused and how to mend it", async () => {
    writeFileSync(join(dir, "token"), TOKENS.viewer);
    const { code, err } = await ctl("rules", "reload");
    expect(code).toBe(1);
    expect(err).toContain("CHP_ADMIN_FORBIDDEN reloadRules needs the role admin");
    expect(err).toContain("mend:");
  });

  it("judges rule files by the sidecar that runs", async () => {
    const file = join(dir, "my rules.yaml");
    writeFileSync(file, "good");
    expect((await ctl("rules", "validate", file)).code).toBe(0);
    writeFileSync(file, "bad");
    expect((await ctl("rules", "validate", file)).code).toBe(1);
  });

  it("saves a recording for the owner's eyes, and overwrites none", async () => {
    const to = join(dir, "a.cast");
    expect((await ctl("download", "s-1-0", "--to", to)).code).toBe(0);
    expect((await ctl("download", "s-1-0", "--to", to)).code).toBe(3);
    expect((await ctl("download", "s-9-0")).code).toBe(1);
  });

  it("tells a one-time user name as the line to type", async () => {
    const { out } = await ctl("token", "alice", "db-1", "--ttl", "2m");
    expect(out).toBe("ssh -p 2222 chp-of-the-lab@127.0.0.1");
    expect((await ctl("token", "alice", "db-1", "--ttl", "long")).code).toBe(2);
  });

  it("shows a session frame by frame until it ends", async () => {
    lab.frames = [
      { type: "screen", channel: 0, columns: 80, rows: 24, data: "$ " },
      { type: "end", reason: "over" },
    ];
    const { code, out } = await ctl("watch", "s-1", "--json");
    expect(code).toBe(0);
    expect(out.split("\n").map((line) => (JSON.parse(line) as { type: string }).type)).toEqual([
      "screen",
      "end",
    ]);
  });

  it.each(CTL_COMMANDS.map((command) => [command.words.join(" "), command] as const))(
    "%s has a summary and an example that begins like it",
    (words, command) => {
      expect(command.summary).not.toBe("");
      expect(command.examples.join("\n")).toContain(`chaperone ${words}`);
    },
  );
});
