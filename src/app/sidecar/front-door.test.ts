import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { ok } from "../../kernel/index.js";
import type { Workforce } from "../../runtime/index.js";
import { parseConfig, thisHost, type Config } from "../config/index.js";
import { createFrontDoor, type FrontDoor } from "./front-door.js";
import { eventually } from "../../runtime/testing/eventually.testing.js";

describe("the front door", () => {
  let door: FrontDoor | null = null;
  const sockets: Socket[] = [];
  afterEach(() => {
    door?.close();
    for (const socket of sockets.splice(0)) socket.destroy();
  });

  function config(port: number): Config {
    const text = `apiVersion: chaperone/v1
kind: Sidecar
site: lab
stateDir: ./var
listen: { ssh: { address: 127.0.0.1, port: ${port} } }
limits: { unauthenticated: 3, unauthenticatedPerAddress: 3 }
people: []
targets: [ { name: local, protocol: ssh, shell: { command: [/bin/bash], runAs: auto } } ]
rules: []
`;
    const parsed = parseConfig({ text, file: "/nowhere/chaperone.yaml", host: thisHost() });
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
    return parsed.value;
  }

  async function open(over: { room?: () => boolean; takes?: boolean; port?: number } = {}) {
    const served: [number, Socket][] = [];
    const logged: unknown[] = [];
    const workforce: Workforce = {
      connections: 0,
      start: () => Promise.resolve(ok(undefined)),
      assign(connection, socket) {
        if (over.takes === false) return false;
        sockets.push(socket);
        served.push([connection.id, socket]);
        return true;
      },
      news: () => undefined,
      kill: () => undefined,
      order: () => Promise.resolve(new Map()),
      tell: () => undefined,
      views: () => Promise.resolve([]),
      stop: () => Promise.resolve(),
    };
    door = createFrontDoor({
      config: config(over.port ?? 0),
      registry: { sessions: new Map() },
      workforce,
      log: {
        info: () => undefined,
        warn: (_event, facts) => logged.push(facts),
        error: () => undefined,
      },
      roomForEvents: over.room ?? (() => true),
    });
    return { opened: await door.open(), served, logged };
  }

  async function knock(port: number): Promise<{ socket: Socket; closed: () => boolean }> {
    const socket = connect(port, "127.0.0.1");
    sockets.push(socket);
    let closed = false;
    socket.on("close", () => (closed = true));
    socket.on("error", () => undefined);
    socket.resume();
    await once(socket, "connect");
    return { socket, closed: () => closed };
  }

  it("hands connections on unread, up to the limit, and lets others in when some leave", async () => {
    const { opened, served, logged } = await open();
    if (!opened.ok) throw new Error(opened.error.message);
    const { port } = opened.value.ssh;
    for (let i = 0; i < 3; i += 1) (await knock(port)).socket.write("SSH-2.0-x\r\n");
    await eventually(() => served.length).toBe(3);
    expect(served.every(([, socket]) => socket.bytesRead === 0)).toBe(true);
    const fourth = await knock(port);
    await eventually(fourth.closed).toBe(true);
    await eventually(() => logged).toEqual([{ reason: "unauthenticated-limit", count: 1 }]);
    door?.connectionEnded(served[0]?.[0] ?? -1);
    await knock(port);
    await eventually(() => served.length).toBe(4);
  });

  it.each([
    ["events can not be kept", { room: () => false }],
    ["no worker can take them", { takes: false }],
  ])("lets nobody in while %s", async (_why, over) => {
    const { opened, served } = await open(over);
    if (!opened.ok) throw new Error(opened.error.message);
    // More than the limit: a refused connection takes no place.
    for (let i = 0; i < 5; i += 1) {
      const one = await knock(opened.value.ssh.port);
      await eventually(one.closed).toBe(true);
    }
    expect(served).toEqual([]);
  });

  it("says which address and port it could not have", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const address = other.address();
    const port = typeof address === "object" ? (address?.port ?? 0) : 0;
    const { opened } = await open({ port });
    expect(opened).toMatchObject({ error: { code: "CHP_RUNTIME_LISTEN" } });
    expect(!opened.ok && opened.error.message).toContain(`127.0.0.1:${port}`);
    other.close();
  });
});
