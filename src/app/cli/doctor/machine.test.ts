import { createServer, type AddressInfo } from "node:net";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parseConfig, thisHost, type Config } from "../../config/index.js";
import { examineListeners } from "./listening.js";
import { clock, examineMachine, nodeVersion } from "./machine.js";
import { examineStateFolder } from "./state-folder.js";
import { examineTargets } from "./targets.js";

function config(folder: string, more: { port?: number; target?: string } = {}): Config {
  const target = more.target ?? "{ name: local, protocol: ssh, shell: { runAs: auto } }";
  const read = parseConfig({
    text: `apiVersion: chaperone/v1
kind: Sidecar
listen: { ssh: { port: ${more.port ?? 0} } }
targets: [ ${target} ]
`,
    file: join(folder, "chaperone.yaml"),
    host: thisHost(),
  });
  if (!read.ok) throw new Error(read.error[0]?.message);
  return read.value;
}

describe("the doctor", () => {
  it.each([
    ["18.20.0", "bad"],
    ["20.18.3", "bad"],
    ["20.19.0", "warn"],
    ["22.0.0", "fine"],
    ["24.1.0", "fine"],
  ])("finds Node %s %s", (version, state) => {
    expect(nodeVersion(version).state).toBe(state);
  });

  it("finds a clock bad that is before the installation", () => {
    expect(clock(0).state).toBe("bad");
    expect(clock(Date.now()).state).not.toBe("bad");
  });

  it("finds the parts that are installed here", async () => {
    const findings = await examineMachine();
    expect(findings.filter((one) => one.state === "bad")).toEqual([]);
    expect(findings.map((one) => one.subject)).toContain("ssh crypto");
  });

  it("finds a port taken that somebody listens on, and free again afterwards", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo; // a TCP server has one
    const [taken] = await examineListeners(config(tmpdir(), { port }));
    expect(taken?.state).toBe("bad");
    expect(taken?.detail).toContain("in use");
    await new Promise((resolve) => server.close(resolve));
    const [free] = await examineListeners(config(tmpdir(), { port }));
    expect(free?.state).toBe("fine");
  });

  it("finds a stateDir that others can look into, and makes nothing itself", () => {
    const folder = mkdtempSync(join(tmpdir(), "chaperone-doctor-"));
    try {
      const [missing] = examineStateFolder(config(folder));
      expect(missing?.detail).toContain("will be made");
      const [state] = examineStateFolder({ ...config(folder), stateDir: tmpdir() });
      expect(state?.state).toBe("warn");
      expect(state?.mend).toContain("chmod 700");
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("finds targets that are down, that are no SSH servers, and that answer", async () => {
    const ssh = createServer((socket) => socket.end("SSH-2.0-Test_1\r\n"));
    const web = createServer((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n"));
    const listen = (server: typeof ssh) =>
      new Promise<number>((resolve) =>
        server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port)),
      );
    const [sshPort, webPort] = [await listen(ssh), await listen(web)];
    const gone = createServer();
    const down = await listen(gone);
    await new Promise((resolve) => gone.close(resolve));
    const row = (name: string, port: number) =>
      `{ name: ${name}, protocol: ssh, address: "127.0.0.1:${port}", hostKey: { knownHosts: ./none }, accounts: [{ name: a, passthrough: true }] }`;
    const found = await examineTargets(
      config(tmpdir(), {
        target: [row("up", sshPort), row("web", webPort), row("down", down)].join(", "),
      }),
      thisHost(),
    );
    expect(found.map((one) => [one.subject, one.state])).toEqual([
      ["target up", "fine"],
      ["host key of up", "bad"],
      ["target web", "bad"],
      ["host key of web", "bad"],
      ["target down", "bad"],
      ["host key of down", "bad"],
    ]);
    await Promise.all([ssh, web].map((s) => new Promise((resolve) => s.close(resolve))));
  });

  it("finds an embedded target whose shell is not there", async () => {
    const [found] = await examineTargets(
      config(tmpdir(), {
        target: "{ name: local, protocol: ssh, shell: { command: [/no/such/shell], runAs: auto } }",
      }),
      thisHost(),
    );
    expect(found?.state).toBe("bad");
  });
});
