import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { aSession, startAdminLab, TOKENS, type AdminLab } from "../../../admin/lab.testing.js";
import { hearConsole } from "../console.testing.js";
import { runProgram } from "../program.js";
import { END_OF_DRAWING } from "./drawn-only.js";
import { CTL_COMMANDS } from "./index.js";

let lab: AdminLab;
let dir = "";

async function ctl(...argv: readonly string[]) {
  const console = hearConsole();
  const env = { CHAPERONE_URL: lab.url, CHAPERONE_TOKEN_FILE: join(dir, "token") };
  const program = { commands: () => Promise.resolve(CTL_COMMANDS), version: "0", console, env };
  const code = await runProgram(program, ["ctl", ...argv]);
  return { code, out: console.outText(), err: console.errText() };
}

describe("chaperone ctl", () => {
  beforeEach(async () => {
    lab = await startAdminLab();
    dir = mkdtempSync(join(tmpdir(), "chaperone-ctl-"));
    writeFileSync(join(dir, "token"), `${TOKENS.admin}\n`, { mode: 0o600 });
  });
  afterEach(async () => {
    await lab.end();
    rmSync(dir, { recursive: true, force: true });
  });

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
    lab.sessions.set(
      "s-1",
      aSession("s-1", { clientVersion: "", origin: "\u001b[2J\r\u202e\u009b2J\u007f" }),
    );
    for (const more of [[], ["--json"]]) {
      const { out } = await ctl("sessions", ...more);
      expect(out.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\u202e]/u);
    }
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

  it("says so when it locks a name that nobody has", async () => {
    expect((await ctl("lock", "alice")).out).toBe("alice  done, sessions ended: 1");
    expect((await ctl("lock", "alcie")).out).toContain("is it spelled right?");
    expect((await ctl("unlock", "alcie")).out).toContain("is it spelled right?");
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

  it("finds the sidecar by address and token too, and says so when it is not there, or knows nobody", async () => {
    const at = async (url: string, token: string) => {
      const console = hearConsole();
      const env = { CHAPERONE_TOKEN: token };
      const program = { commands: () => Promise.resolve(CTL_COMMANDS), version: "0", console, env };
      const code = await runProgram(program, ["ctl", "people", "--json", "--url", url]);
      return { code, out: console.outText(), err: console.errText() };
    };
    expect(JSON.parse((await at(lab.url, TOKENS.viewer)).out)).toMatchObject({ total: 1 });
    const wrong = await at(lab.url, "w".repeat(43));
    expect([wrong.code, wrong.err]).toEqual([1, expect.stringContaining("CHP_ADMIN_UNAUTHORIZED")]);
    const nobody = await at("http://127.0.0.1:1", TOKENS.viewer);
    expect([nobody.code, nobody.err]).toEqual([3, expect.stringContaining("ECONNREFUSED")]);
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

  it("draws a session without letting it act on the terminal that watches, and tidies up behind it", async () => {
    lab.frames = [
      { type: "observer", id: "o-1" },
      { type: "screen", channel: 3, columns: 80, rows: 24, data: "$ \u001b]52;c;ZWNobw==\u0007" },
      { type: "output", channel: 3, data: "ls\u001b[6" },
      { type: "output", channel: 4, data: "of another terminal" },
      { type: "output", channel: 3, data: "n\u001b[?1000h\u001b[?1049h" },
      { type: "end", reason: "over" },
    ];
    const written: string[] = [];
    const write = vi.spyOn(process.stdout, "write").mockImplementation((text) => {
      written.push(String(text));
      return true;
    });
    const { code, err } = await ctl("watch", "s-1").finally(() => write.mockRestore());
    expect([code, err]).toEqual([0, "chaperone ctl watch: the session is over"]);
    expect(written.join("")).toBe(`\u001b[2J\u001b[H$ ls\u001b[?1049h${END_OF_DRAWING}`);
  });

  it("takes the keyboard of a session only where there is one of its own", async () => {
    const { code, err } = await ctl("watch", "s-1", "--take", "--json");
    expect(code).toBe(2);
    expect(err).toContain("--take needs a terminal");
    expect(lab.told).toEqual([]);
  });

  it("knows a session by the beginning of its id, as long as it is the only one", async () => {
    lab.sessions.clear();
    for (const id of [
      "0192f0c1-aaaa-4000-8000-000000000001",
      "0192f0c1-bbbb-4000-8000-000000000002",
      "77777777-cccc-4000-8000-000000000003",
    ])
      lab.sessions.set(id, aSession(id));
    const killed = await ctl("kill", "77777777", "--reason", "seen enough");
    expect([killed.code, killed.out]).toEqual([0, "77777777-cccc-4000-8000-000000000003  done"]);
    const two = await ctl("message", "0192f0c1", "--text", "hello");
    expect([two.code, two.err]).toEqual([
      2,
      "chaperone ctl: 2 sessions begin with `0192f0c1`: give more of the id",
    ]);
    expect((await ctl("message", "0192f0c1-b", "--text", "hello")).code).toBe(0);
    expect(lab.orders).toMatchObject([{ session: "0192f0c1-bbbb-4000-8000-000000000002" }]);
    // Too short, or the beginning of nothing: there is no such session.
    expect((await ctl("kill", "0192")).out).toBe("0192  no-such-session");
    expect((await ctl("kill", "99999999")).out).toBe("99999999  no-such-session");
  });

  it("shows who may decide an approval, why it is asked, and who is still missing", async () => {
    const id = "0192f0c1-aaaa-4000-8000-000000000001.2";
    lab.approvals.set(id, {
      ...{ id, session: "s-1", person: "alice", account: "root", target: "db-1" },
      ...{ origin: "192.0.2.7", action: "command", held: "reboot\u001b[2J", rule: "r-1" },
      ...{ reason: "Reboots are agreed on.", approvers: ["bob", "role:admin"], needed: 2 },
      ...{ approvedBy: ["bob"], askedAt: "2026-01-01T00:00:00.000Z" },
      deadline: "2026-01-01T00:01:00.000Z",
    });
    const { out } = await ctl("approvals");
    for (const told of ["Reboots are agreed on.", "bob,role:admin", "1 of 2", "reboot\\x1b[2J"])
      expect(out).toContain(told);
    expect((await ctl("approve", "0192f0c1")).out).toBe(`${id}  approved`);
  });
});

describe("the help of chaperone ctl", () => {
  it.each(CTL_COMMANDS.map((command) => [command.words.join(" "), command] as const))(
    "%s has a summary and an example that begins like it",
    (words, command) => {
      expect(command.summary).not.toBe("");
      expect(command.examples.join("\n")).toContain(`chaperone ${words}`);
    },
  );
});
