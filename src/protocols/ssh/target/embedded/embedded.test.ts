import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startLab, until, type Lab } from "../../ssh-lab.testing.js";
import type { DialPlan } from "../../ports.js";

const isRoot = process.getuid?.() === 0;

describe("an embedded target", () => {
  let lab: Lab;
  let home: string;
  beforeAll(async () => {
    home = mkdtempSync(path.join(tmpdir(), "chaperone-home-"));
    chmodSync(home, 0o777);
    lab = await startLab({
      plan: (): DialPlan => ({
        type: "embedded",
        command: ["/bin/bash", "--norc"],
        cwd: home,
        ...(isRoot ? { runAs: { uid: 65534, gid: 65534 } } : {}),
      }),
    });
  });
  afterAll(async () => {
    await lab.close();
    rmSync(home, { recursive: true, force: true });
  });

  it("runs a command on pipes with separate errors and its exit code", async () => {
    const result = await lab.ssh(["echo out; echo err >&2; exit 7"]);
    expect({ ...result, stdout: result.stdout.toString() }).toMatchObject({
      code: 7,
      stdout: "out\n",
      stderr: "err\n",
    });
  });

  it("gives a command its input to the end, 8 MB of it", async () => {
    const input = Buffer.alloc(8 * 1024 * 1024, "abcdefg\n");
    const result = await lab.ssh(["cat"], { stdin: input });
    expect(result.stdout.equals(input)).toBe(true);
  });

  it("keeps the exit code when the input ends at once", async () => {
    expect(await lab.ssh(["cat; exit 5"], { stdin: null })).toMatchObject({ code: 5 });
  });

  it("builds the environment anew", async () => {
    const result = await lab.ssh(["env | cut -d= -f1 | sort | tr '\\n' ' '"], {});
    expect(result.stdout.toString().trim().split(" ").sort()).toEqual(
      ["HOME", "LOGNAME", "PATH", "PWD", "SHELL", "SHLVL", "USER", "_"].sort(),
    );
  });

  it.skipIf(!isRoot)("runs as the account of the plan, without root's groups", async () => {
    for (const flags of [[], ["-tt"]]) {
      const result = await lab.ssh([...flags, "id -u; id -g; id -G"]);
      expect(result.stdout.toString().replaceAll("\r", "")).toBe("65534\n65534\n65534\n");
    }
  });

  it("has a terminal with a name of its own, a size and a type", async () => {
    // `script` gives ssh a terminal; what it shows itself may lack its end (util-linux, under load).
    const shown = path.join(lab.folder, "shown");
    const result = await lab.run(
      "script",
      [
        "-qec",
        `stty rows 44 cols 120; ssh ${lab.clientOptions().join(" ")} -p ${lab.proxy.port} -tt root@127.0.0.1 'stty size; echo $TERM; test -w "$(tty)" && echo mine; exit 3' > ${shown}`,
        "/dev/null",
      ],
      { env: { HOME: lab.folder, TERM: "screen" } },
    );
    // At the end of its own input `script` types a NUL, which a terminal echoes as ^@.
    const said = readFileSync(shown, "utf8").replaceAll("^@", "");
    expect(said).toBe("44 120\r\nscreen\r\nmine\r\n");
    expect(result.code).toBe(3);
  });

  it("runs a shell that a person types into", async () => {
    const result = await lab.ssh(["-tt"], { stdin: "echo typed-$((40+2)); exit 6\n" });
    expect(result.stdout.toString()).toContain("typed-42\r\n");
    expect(result.code).toBe(6);
  });

  it("loses nothing of 2 MB that a program writes just before it ends, 20 times", async () => {
    for (let round = 0; round < 20; round += 1) {
      const result = await lab.ssh(["-tt", "head -c 2000000 /dev/zero | tr '\\0' x; exit 2"]);
      expect({ round, bytes: result.stdout.length, code: result.code }).toEqual({
        round,
        bytes: 2_000_000,
        code: 2,
      });
    }
  });

  it("tells that a program died by a signal", async () => {
    const [pipes, terminal] = [
      await lab.ssh(["kill -KILL $$"]),
      await lab.ssh(["-tt", "kill -TERM $$"]),
    ];
    expect([pipes.code, terminal.code]).toEqual([255, 255]);
    expect(lab.proxy.inputs).toContainEqual(
      expect.objectContaining({
        kind: "target-exited",
        exit: { type: "signal", signal: "KILL", coreDumped: false, message: "" },
      }),
    );
  });

  it("hangs up what runs when the person's client is killed", async () => {
    const file = path.join(home, "pid");
    for (const flags of [[], ["-tt"]]) {
      rmSync(file, { force: true });
      const result = await lab.ssh([...flags, `echo $$ > ${file}; exec sleep 600`], {
        started: (child) => {
          const timer = setInterval(() => {
            if (!existsSync(file) || readFileSync(file, "utf8") === "") return;
            clearInterval(timer);
            child.kill("SIGKILL");
          }, 20);
        },
      });
      expect(result.signal).toBe("SIGKILL");
      const pid = Number(readFileSync(file, "utf8"));
      await until("the program is gone", () => !isRunning(pid));
    }
  });

  it("serves sftp where there is an sftp-server", async () => {
    const file = path.join(home, "uploaded");
    const source = path.join(lab.folder, "source");
    writeFileSync(source, Buffer.alloc(3_000_000, 5));
    mkdirSync(home, { recursive: true });
    const result = await lab.run("scp", [
      "-q",
      ...lab.clientOptions(),
      "-P",
      String(lab.proxy.port),
      source,
      `root@127.0.0.1:${file}`,
    ]);
    expect(result).toMatchObject({ code: 0, stderr: "" });
    expect(readFileSync(file).equals(readFileSync(source))).toBe(true);
  });

  it.each([
    { how: "on pipes", flags: [] },
    { how: "in a terminal", flags: ["-tt"] },
  ])("says why a program can not be started $how", async ({ flags }) => {
    const gone = await startLab({
      plan: (): DialPlan => ({ type: "embedded", command: ["/no/such/shell"] }),
    });
    const result = await gone.ssh([...flags, "true"]);
    await gone.close();
    const told = flags.length === 0 ? result.stderr : result.stdout.toString();
    expect(told).toMatch(/^CHP_SSH_EMBEDDED_SHELL \/no\/such\/shell: ENOENT.*\r?\n$/);
    expect(result.code).toBe(127);
  });

  it("refuses forwards, whatever the policy says", async () => {
    const result = await lab.ssh(["-W", "127.0.0.1:22"]);
    expect(result.code).not.toBe(0);
    const remote = await lab.ssh(["-N", "-o", "ExitOnForwardFailure=yes", "-R", "0:127.0.0.1:22"]);
    expect(remote.code).not.toBe(0);
  });
});

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
