// Everything an SSH connection can carry besides a shell: refused unless the administrator allowed it.
import { existsSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { connect } from "node:net";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { startAgent } from "./lab/agent.js";
import { freePort } from "./lab/free-port.js";
import { startLab, textOf, type Lab } from "./lab/lab.js";
import { run, start } from "./lab/program.js";
import { sshdThere, stopped } from "./lab/sshd.js";
import { eventually } from "./lab/wait.js";

const GREETING = "the page behind the forward";

let page: Server;
let pagePort: number;

beforeAll(async () => {
  page = createServer((_request, response) => response.end(GREETING));
  pagePort = await freePort();
  await new Promise<void>((resolve) => page.listen(pagePort, "127.0.0.1", resolve));
});
afterAll(() => page.close());

describe.skipIf(!sshdThere)("as configured by default (needs sshd)", () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await startLab();
  });
  afterAll(() => lab.end());

  it("-L carries nothing, and the session is told why in an event", async () => {
    const port = await freePort();
    const forward = start("ssh", [
      ...lab.sshArgs("via"),
      "-N",
      "-L",
      `127.0.0.1:${port}:127.0.0.1:${pagePort}`,
      "via",
    ]);
    await eventually("the forward to listen", () => opens(port));
    expect(await fetchText(port)).toBe("");
    const told = await lab.sidecar.told("channel.refused", (data) => data.kind === "localForward");
    expect(told.data.request).toContain(String(pagePort));
    await stopped(forward);
  });

  it("-R is refused", async () => {
    const port = await freePort();
    const finished = await lab.ssh("via", ["true"], {
      options: ["-o", "ExitOnForwardFailure=yes", "-R", `${port}:127.0.0.1:${pagePort}`],
    });
    expect(finished.code).toBe(255);
    await lab.sidecar.told("channel.refused", (data) => data.kind === "remoteForward");
  });

  it("-A brings no agent to the target", async () => {
    const agent = await startAgent(lab.folder);
    const finished = await lab.ssh("via", ['echo "agent:$SSH_AUTH_SOCK"'], {
      options: ["-A", "-o", "IdentityAgent=SSH_AUTH_SOCK"],
      env: { SSH_AUTH_SOCK: agent.socket },
    });
    expect(textOf("ssh", finished)).toBe("agent:\n");
    await lab.sidecar.told("channel.refused", (data) => data.kind === "agent");
    await agent.stop();
  });

  it("a forwarded unix socket is refused", async () => {
    const socket = join(lab.folder, "forwarded.sock");
    const forward = start("ssh", [
      ...lab.sshArgs("via"),
      "-N",
      "-L",
      `${socket}:/var/run/anything.sock`,
      "via",
    ]);
    await eventually("the forward to listen", () => existsSync(socket));
    connect(socket).on("error", () => undefined);
    await lab.sidecar.told("channel.refused", (data) => data.kind === "streamlocal");
    await stopped(forward);
  });

  it("an unknown subsystem is refused", async () => {
    const finished = await run("ssh", [...lab.sshArgs("via"), "-s", "via", "netconf"]);
    expect(finished.code).not.toBe(0);
    await lab.sidecar.told("channel.refused", (data) => data.kind === "subsystem");
  });
});

describe.skipIf(!sshdThere)("where the administrator allows it (needs sshd)", () => {
  let lab: Lab;
  beforeAll(async () => {
    const allow = [
      "shell",
      "exec",
      "sftp",
      "localForward",
      "remoteForward",
      "agent",
      "streamlocal",
    ];
    const channels = Object.fromEntries(allow.map((kind) => [kind, "allow"]));
    lab = await startLab({ config: { channels } });
  });
  afterAll(() => lab.end());

  it("-L reaches what the target can reach", async () => {
    const port = await freePort();
    const forward = start("ssh", [
      ...lab.sshArgs("via"),
      "-N",
      "-L",
      `127.0.0.1:${port}:127.0.0.1:${pagePort}`,
      "via",
    ]);
    await eventually("the forward to listen", () => opens(port));
    expect(await fetchText(port)).toBe(GREETING);
    await stopped(forward);
    const closed = await lab.sidecar.told(
      "channel.closed",
      (data) => data.kind === "localForward" && (data.bytes?.toPerson ?? 0) > GREETING.length,
    );
    expect(closed.data.request).toContain(`127.0.0.1:${pagePort}`);
  });

  it("-R lets the target reach us", async () => {
    const port = await freePort();
    const finished = await lab.ssh(
      "via",
      [`exec 3<>/dev/tcp/127.0.0.1/${port}; printf 'GET / HTTP/1.0\\r\\n\\r\\n' >&3; cat <&3`],
      {
        options: ["-o", "ExitOnForwardFailure=yes", "-R", `${port}:127.0.0.1:${pagePort}`],
      },
    );
    expect(textOf("ssh", finished)).toContain(GREETING);
  });

  it("-D serves as a SOCKS proxy", async () => {
    const port = await freePort();
    const forward = start("ssh", [...lab.sshArgs("via"), "-N", "-D", `127.0.0.1:${port}`, "via"]);
    await eventually("the proxy to listen", () => opens(port));
    const fetched = await run("curl", [
      "-s",
      "--socks5",
      `127.0.0.1:${port}`,
      `http://127.0.0.1:${pagePort}/`,
    ]);
    expect(textOf("curl", fetched)).toBe(GREETING);
    await stopped(forward);
  });

  it("-A brings the agent with its keys", async () => {
    const agent = await startAgent(lab.folder);
    const finished = await lab.ssh("via", ["ssh-add -l"], {
      options: ["-A", "-o", "IdentityAgent=SSH_AUTH_SOCK"],
      env: { SSH_AUTH_SOCK: agent.socket },
    });
    expect(textOf("ssh", finished)).toContain("ED25519");
    await agent.stop();
  });

  it("a unix socket on the target is reached by -L", async () => {
    const socket = join(lab.folder, "page.sock");
    const served = createServer((_request, response) => response.end(GREETING));
    await new Promise<void>((resolve) => served.listen(socket, resolve));
    const port = await freePort();
    const forward = start("ssh", [
      ...lab.sshArgs("via"),
      "-N",
      "-L",
      `127.0.0.1:${port}:${socket}`,
      "via",
    ]);
    await eventually("the forward to listen", () => opens(port));
    expect(await fetchText(port)).toBe(GREETING);
    await stopped(forward);
    served.close();
  });
});

function opens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port });
    socket.on("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => resolve(false));
  });
}

/** The body that a GET answers; empty when the connection brings nothing. */
async function fetchText(port: number): Promise<string> {
  const fetched = await run("curl", ["-s", "--max-time", "20", `http://127.0.0.1:${port}/`]);
  return fetched.stdout.toString();
}
