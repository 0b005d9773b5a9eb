import { execFile, execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startSidecar, type RunningSidecar } from "./compose.js";
import { parseConfig, thisHost, type Config } from "./config/index.js";
import { eventually } from "../runtime/testing/eventually.testing.js";

const run = promisify(execFile);
const RULES = `apiVersion: chaperone/v1
kind: RulePack
metadata: { name: lab, version: 1.0.0 }
rules:
  - { id: no-rm, name: no rm, criticality: high, match: { command: { exec: rm } }, action: block }
`;

describe("the sidecar, put together", () => {
  let dir = "";
  let sidecar: RunningSidecar | null = null;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "chaperone-compose-"));
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", join(dir, "key")]);
    writeFileSync(join(dir, "rules.yaml"), RULES);
  });
  afterEach(async () => {
    await sidecar?.stop("test over", 0);
    sidecar = null;
    rmSync(dir, { recursive: true, force: true });
  });

  function config(more = "", port = 0): Config {
    const key = readFileSync(join(dir, "key.pub"), "utf8").trim();
    const text = `apiVersion: chaperone/v1
kind: Sidecar
site: lab
workers: 0
stateDir: ./var
listen: { ssh: { address: 127.0.0.1, port: ${port} } }
people: [ { name: alice, groups: [dba], keys: ["${key}"] } ]
login: { totp: off }
targets: [ { name: local, protocol: ssh, shell: { command: [/bin/bash], runAs: auto } } ]
rules: [ ./rules.yaml ]
events: { file: { path: ./events.ndjson } }
${more}`;
    const parsed = parseConfig({ text, file: join(dir, "chaperone.yaml"), host: thisHost() });
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.error, null, 1));
    return parsed.value;
  }

  const begin = (settings: Config) =>
    startSidecar(settings, { version: "0.0.0", env: {}, log: { level: "silent" } });

  async function start(more = ""): Promise<RunningSidecar> {
    const started = await begin(config(more));
    if (!started.ok) throw new Error(JSON.stringify(started.error));
    return (sidecar = started.value);
  }

  function ssh(command: string): Promise<{ stdout: string; stderr: string; code: number }> {
    const port = String(sidecar?.addresses.ssh.port ?? 0);
    const options = ["-F", "none", "-i", join(dir, "key"), "-o", "IdentitiesOnly=yes"];
    const trust = ["-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null"];
    return run("ssh", [
      ...options,
      ...trust,
      "-o",
      "LogLevel=ERROR",
      "-p",
      port,
      "alice@127.0.0.1",
      command,
    ]).then(
      (out) => ({ ...out, code: 0 }),
      (error: unknown) => {
        const { stdout, stderr, code } = error as { stdout: string; stderr: string; code: number };
        return { stdout, stderr, code };
      },
    );
  }

  const told = (
    file = "events.ndjson",
  ): { type: string; subject: string; sequence: number; data: Record<string, unknown> }[] =>
    readFileSync(join(dir, file), "utf8")
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as ReturnType<typeof told>[number])
      .map((event) => ({ ...event, type: event.type.replace(/^io\.chaperone\.|\.v1$/g, "") }));

  it("serves a session without any worker process, and tells it from log-in to end", async () => {
    await start();
    expect(await ssh("echo hello; exit 7")).toMatchObject({ stdout: "hello\n", code: 7 });
    await eventually(() => told().some((event) => event.type === "session.closed")).toBe(true);
    const own = told().filter((event) => !event.subject.startsWith("sidecar-"));
    expect(own.map((event) => event.sequence)).toEqual([...own.keys()]);
    expect(own.map((event) => event.type)).toEqual([
      "auth.succeeded",
      "session.opened",
      "command.entered",
      "channel.opened",
      "channel.closed",
      "session.closed",
    ]);
  });

  it("obeys rules that were changed while it runs, and keeps the good ones when they are broken", async () => {
    const running = await start();
    expect((await ssh("touch /dev/null")).code).toBe(0);
    writeFileSync(join(dir, "rules.yaml"), RULES.replace("exec: rm", "exec: touch"));
    expect(running.reloadRules().ok).toBe(true);
    expect((await ssh("touch /dev/null")).code).not.toBe(0);
    writeFileSync(join(dir, "rules.yaml"), "no: rules");
    expect(running.reloadRules().ok).toBe(false);
    expect((await ssh("touch /dev/null")).code).not.toBe(0);
    await running.stop("enough");
    expect(
      told()
        .filter((event) => event.type.startsWith("rules."))
        .map((event) => event.type),
    ).toEqual(["rules.loaded", "rules.loaded", "rules.refused"]);
  });

  it("goes on in a new event file when it hangs up after a rotation", async () => {
    const running = await start();
    await ssh("true");
    renameSync(join(dir, "events.ndjson"), join(dir, "events.ndjson.1"));
    await running.hangUp();
    await running.stop("enough");
    const all = [...told("events.ndjson.1"), ...told()].filter((event) =>
      event.subject.startsWith("sidecar-"),
    );
    expect(all.map((event) => event.sequence)).toEqual([...all.keys()]);
    expect(told().at(-1)?.type).toBe("sidecar.stopped");
  });

  it("does not start beside another one in the same folder, and says who is there", async () => {
    await start();
    const second = await begin(config());
    expect(second).toMatchObject({ ok: false, error: [{ code: "CHP_RUNTIME_STATE_LOCKED" }] });
  });

  it("leaves nothing behind when the port is taken", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const address = other.address();
    const port = typeof address === "object" ? (address?.port ?? 0) : 0;
    const first = await begin(config("", port));
    expect(first).toMatchObject({ ok: false, error: [{ code: "CHP_RUNTIME_LISTEN" }] });
    other.close();
    // The folder is free again, and no event speaks of a start that was none.
    await start();
    const starts = () => told().filter((event) => event.type === "sidecar.started").length;
    await eventually(starts).toBe(1);
  });

  it("tells every fault of a configuration that can not run, at once", async () => {
    writeFileSync(join(dir, "rules.yaml"), "no: rules");
    const started = await begin(config());
    expect(started.ok).toBe(false);
    expect(!started.ok && started.error.every((fault) => fault.code.startsWith("CHP_RULES"))).toBe(
      true,
    );
  });

  it("goes on after a flood of connections that never log in", async () => {
    await start("limits: { unauthenticated: 20, unauthenticatedPerAddress: 10 }");
    const port = sidecar?.addresses.ssh.port ?? 0;
    const sockets = Array.from({ length: 300 }, () => connect(port, "127.0.0.1"));
    let closed = 0;
    for (const socket of sockets) {
      socket.on("error", () => undefined);
      socket.on("close", () => (closed += 1));
      socket.resume();
    }
    await eventually(() => closed).toBeGreaterThanOrEqual(290);
    for (const socket of sockets) socket.destroy();
    await eventually(async () => (await ssh("echo alive")).stdout).toBe("alive\n");
  });
});
