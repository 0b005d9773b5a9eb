// What people do all day, with the clients they do it with. Every row runs with recording on and off.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { createSeededRandom } from "../../src/testing/random.js";
import { longRun, seed } from "../../src/testing/seed.js";
import { sequenceFaults, shortType } from "./lab/events.js";
import { startLab, textOf, type Lab } from "./lab/lab.js";
import { programThere, run, start, succeeded } from "./lab/program.js";
import { played, recordingsBelow } from "./lab/recordings.js";
import { LAB_RULES } from "./lab/rules.js";
import { sshdThere, stopped } from "./lab/sshd.js";
import { eventually } from "./lab/wait.js";

const MIB = 1024 * 1024;
const BULK_BYTES = 64 * MIB;

describe.skipIf(!sshdThere).each([
  { recording: "on", config: {} },
  { recording: "off", config: { recording: { terminal: "off" } } },
])("with recording $recording (needs sshd)", ({ recording, config }) => {
  let lab: Lab;
  let bulk: Buffer;
  let bulkFile: string;

  beforeAll(async () => {
    lab = await startLab({ rules: LAB_RULES, config });
    bulk = randomBulk();
    bulkFile = join(lab.folder, "bulk");
    writeFileSync(bulkFile, bulk);
  });
  afterAll(() => lab.end());

  describe("ssh", () => {
    it.each([0, 1, 3, 42, 126, 127, 255])("passes exit code %i on", async (code) => {
      const finished = await lab.ssh("via", [`exit ${code}`]);
      expect(finished.code).toBe(code);
    });

    it.each(["TERM", "KILL", "INT", "HUP"])(
      "tells of a death by SIG%s as without a proxy",
      async (signal) => {
        const [direct, through] = await Promise.all([
          lab.ssh("direct", [`kill -${signal} $$`]),
          lab.ssh("via", [`kill -${signal} $$`]),
        ]);
        expect({ code: through.code, signal: through.signal }).toEqual({
          code: direct.code,
          signal: direct.signal,
        });
        const told = await lab.sidecar.told(
          "channel.closed",
          (data) => data.request?.includes(`kill -${signal}`) === true,
        );
        expect(told.data.exit?.signal).toBe(signal);
      },
    );

    it("keeps stdout and stderr apart and whole", async () => {
      const finished = await lab.ssh("via", ["seq 1 20000; seq 1 20000 | tac >&2"]);
      const lines = Array.from({ length: 20_000 }, (_, index) => `${index + 1}\n`);
      expect(finished.stdout.toString()).toBe(lines.join(""));
      expect(finished.stderr).toBe([...lines].reverse().join(""));
      expect(finished.code).toBe(0);
    });

    it("passes the end of input on, and output that comes after it", async () => {
      const finished = await lab.ssh("via", ["wc -c; sleep 0.2; echo after"], {
        stdin: Buffer.alloc(100_000),
      });
      expect(finished.stdout.toString().split("\n")).toEqual(["100000", "after", ""]);
    });

    it("works with input that ended before the command began", async () => {
      const finished = await lab.ssh("via", ["cat; echo done"], { stdin: "" });
      expect(textOf("ssh", finished)).toBe("done\n");
    });

    it("brings 64 MB there and back with the same hash", async () => {
      const finished = succeeded("ssh cat", await lab.ssh("via", ["cat"], { stdin: bulk }));
      expect(finished.stdout.length).toBe(bulk.length);
      expect(sha256(finished.stdout)).toBe(sha256(bulk));
    });

    it("lets only listed environment variables pass", async () => {
      const finished = await lab.ssh("via", ['echo "$LC_LAB|$LAB_SECRET|$BASH_ENV"'], {
        options: ["-o", "SendEnv=LC_LAB LAB_SECRET BASH_ENV"],
        env: { LC_LAB: "passes", LAB_SECRET: "does-not", BASH_ENV: "/nonexistent" },
      });
      expect(textOf("ssh", finished)).toBe("passes||\n");
    });

    it("tells the shell about a new window size", async () => {
      const terminal = lab.terminal("via", { columns: 100, rows: 30 });
      await terminal.ready();
      await terminal.runs("stty size");
      expect(terminal.screen()).toContain("30 100");
      terminal.resize(132, 43);
      // The size travels on its own way: it is asked for until it has arrived.
      await eventually(
        "the new size",
        async () => {
          await terminal.runs("stty size");
          return terminal.screen().includes("43 132");
        },
        { instead: () => terminal.screen() },
      );
    });

    it("ends a terminal with the exit code of the shell", async () => {
      const terminal = lab.terminal("via");
      await terminal.ready();
      terminal.type("exit 7\r");
      expect((await terminal.exited).code).toBe(7);
    });

    it("carries twenty sessions at once on one connection, and says what each said", async () => {
      const control = join(lab.folder, `control-${recording}`);
      const shared = ["-o", `ControlPath=${control}`];
      const master = start("ssh", [...lab.sshArgs("via"), ...shared, "-M", "-N", "via"]);
      await eventually("the control socket", () => existsSync(control));
      const count = longRun ? 20 : 10;
      const finished = await Promise.all(
        Array.from({ length: count }, (_, index) =>
          lab.ssh("via", [`cat; echo session ${index}; exit ${index}`], {
            options: shared,
            stdin: `input ${index}\n`,
          }),
        ),
      );
      expect(finished.map(({ code }) => code)).toEqual([...finished.keys()]);
      expect(finished.map(({ stdout }) => stdout.toString())).toEqual(
        finished.map((_, index) => `input ${index}\nsession ${index}\n`),
      );
      await stopped(master);
    });
  });

  describe("files", () => {
    it.each([
      { mode: "as sftp", options: [] },
      { mode: "as scp always was", options: ["-O"] },
    ])("go and come by scp, $mode, unchanged", async ({ mode, options }) => {
      const there = lab.inHome(`scp-${options.length}`);
      const back = join(lab.folder, `back-${options.length}`);
      const scp = ["-q", ...options, ...lab.sshArgs("via")];
      succeeded(`scp ${mode}`, await run("scp", [...scp, bulkFile, `via:${there}`]));
      expect(sha256(readFileSync(there))).toBe(sha256(bulk));
      succeeded(`scp ${mode}`, await run("scp", [...scp, `via:${there}`, back]));
      expect(sha256(readFileSync(back))).toBe(sha256(bulk));
    });

    it("go by sftp, are listed, renamed, fetched and removed", async () => {
      const back = join(lab.folder, "sftp-back");
      const batch = [
        "mkdir sftp-folder",
        "cd sftp-folder",
        `put ${bulkFile} first`,
        "rename first second",
        "chmod 600 second",
        "ls -l",
        `get second ${back}`,
        "rm second",
        "cd ..",
        "rmdir sftp-folder",
      ].join("\n");
      const finished = await run("sftp", ["-q", ...lab.sshArgs("via"), "-b", "-", "via"], {
        stdin: batch,
      });
      expect(textOf("sftp", finished)).toMatch(/-rw------- .* 67108864 .* second/);
      expect(sha256(readFileSync(back))).toBe(sha256(bulk));
      expect(existsSync(lab.inHome("sftp-folder"))).toBe(false);
    });

    it.skipIf(!programThere("rsync"))("are kept in step by rsync, both ways", async () => {
      const source = join(lab.folder, "tree");
      makeTree(source);
      const target = lab.inHome("tree");
      const rsync = ["-a", "--delete", "-e", `ssh ${lab.sshArgs("via").join(" ")}`];
      succeeded("rsync up", await run("rsync", [...rsync, `${source}/`, `via:${target}/`]));
      expect(readFileSync(join(target, "deep/er/file-7"), "utf8")).toBe("content 7\n");
      writeFileSync(join(target, "new"), "from there\n");
      succeeded("rsync down", await run("rsync", [...rsync, `via:${target}/`, `${source}/`]));
      expect(readFileSync(join(source, "new"), "utf8")).toBe("from there\n");
    });

    it.skipIf(!programThere("git"))("are cloned and pushed by git", async () => {
      const bare = lab.inHome("project.git");
      const work = join(lab.folder, "project");
      const env = {
        GIT_SSH_COMMAND: `ssh ${lab.sshArgs("via").join(" ")}`,
        GIT_CONFIG_GLOBAL: "/dev/null",
        GIT_AUTHOR_NAME: "A",
        GIT_AUTHOR_EMAIL: "a@example.org",
        GIT_COMMITTER_NAME: "A",
        GIT_COMMITTER_EMAIL: "a@example.org",
      };
      succeeded("git init", await run("git", ["init", "-q", "--bare", bare]));
      succeeded("git clone", await run("git", ["clone", "-q", `via:${bare}`, work], { env }));
      makeTree(join(work, "tree"));
      succeeded("git add", await run("git", ["add", "."], { cwd: work, env }));
      succeeded("git commit", await run("git", ["commit", "-q", "-m", "x"], { cwd: work, env }));
      succeeded("git push", await run("git", ["push", "-q", "origin", "HEAD"], { cwd: work, env }));
      const again = join(lab.folder, "project-again");
      succeeded("git clone", await run("git", ["clone", "-q", `via:${bare}`, again], { env }));
      expect(readFileSync(join(again, "tree/deep/er/file-7"), "utf8")).toBe("content 7\n");
    });
  });

  describe("the telling", () => {
    it("has no gap in any session", async () => {
      const finished = await lab.ssh("via", ["true"]);
      expect(finished.code).toBe(0);
      await lab.sidecar.told("channel.closed", (data) => data.request === "true");
      expect(sequenceFaults(lab.sidecar.events())).toEqual([]);
    });

    it("counts the bytes that moved", async () => {
      await lab.ssh("via", ["head -c 12345 /dev/zero; cat >/dev/null"], { stdin: "x".repeat(777) });
      const told = await lab.sidecar.told(
        "channel.closed",
        (data) => data.request?.includes("head -c 12345") === true,
      );
      expect(told.data.bytes).toEqual({ toTarget: 777, toPerson: 12_345 });
    });

    it("names who, where and from where", async () => {
      await lab.ssh("via", ["true"]);
      const opened = await lab.sidecar.told("session.opened");
      expect(opened.data.session).toMatchObject({
        person: "alice",
        account: lab.sshd.account,
        target: "sshd",
        origin: "127.0.0.1",
        protocol: "ssh",
      });
      expect(opened.source).toBe("/chaperone/lab/test");
      const types = new Set(lab.sidecar.events().map(shortType));
      expect([...types]).toEqual(
        expect.arrayContaining(["sidecar.started", "rules.loaded", "auth.succeeded"]),
      );
    });
  });

  it("leaves recordings readable by asciinema when they are on, and none when they are off", async () => {
    const terminal = lab.terminal("via");
    await terminal.ready();
    await terminal.runs("echo recorded-$((40 + 2))");
    terminal.type("exit\r");
    await terminal.exited;
    await lab.sidecar.told("channel.closed", (data) => data.kind === "shell");
    if (recording === "off") {
      expect(recordingsBelow(lab.stateDir)).toEqual([]);
      return;
    }
    const file = await eventually("the recording of the session", () =>
      recordingsBelow(lab.stateDir).find((path) =>
        readFileSync(path, "utf8").includes("recorded-42"),
      ),
    );
    expect(statSync(file).mode & 0o077).toBe(0);
    expect((await played(file)) ?? "recorded-42").toContain("recorded-42");
  });
});

function randomBulk(): Buffer {
  // One random block, rotated: as incompressible as the wire needs, and made in no time.
  const block = Buffer.from(createSeededRandom(seed).bytes(MIB));
  return Buffer.concat(
    Array.from({ length: BULK_BYTES / MIB }, (_, index) =>
      Buffer.concat([block.subarray(index * 97), block.subarray(0, index * 97)]),
    ),
  );
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function makeTree(folder: string): void {
  mkdirSync(join(folder, "deep", "er"), { recursive: true });
  for (let index = 0; index < 50; index += 1) {
    writeFileSync(join(folder, "deep", "er", `file-${index}`), `content ${index}\n`);
  }
}
