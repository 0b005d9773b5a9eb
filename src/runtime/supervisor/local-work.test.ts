import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { ok, Secret } from "../../kernel/index.js";
import type { ParentLink, WorkerWorld } from "../worker/index.js";
import { createLocalWork, type LocalWorkDeps } from "./local-work.js";
import { eventually } from "../testing/eventually.testing.js";

function lab(
  over: Partial<WorkerWorld> = {},
  answer: LocalWorkDeps["answer"] = () => Promise.resolve("yes"),
) {
  const deeds: string[] = [];
  const ended: number[] = [];
  let link: ParentLink | null = null;
  const world: WorkerWorld = {
    serve: (_connection, socket) => void socket.resume(),
    news: (news) => deeds.push(`news ${String(news)}`),
    kill: (session, reason) => deeds.push(`kill ${session ?? "all"} ${reason}`),
    order: (sessions) => Promise.resolve(sessions.map((id) => [id, { type: "done" }])),
    tell: (session, input) => deeds.push(`tell ${session} ${input.kind}`),
    views: () => [],
    close: () => {
      deeds.push("close");
      return Promise.resolve();
    },
    ...over,
  };
  const work = createLocalWork(
    {
      spool: {
        stream: "parent-1-1-a",
        segment: 0,
        append: () => ok(undefined),
        sync: () => ok(undefined),
        close: () => undefined,
      },
      create: (settings, given) => {
        deeds.push(`create ${String(settings)}`);
        link = given;
        return Promise.resolve(world);
      },
      answer,
      connectionEnded: (connection) => ended.push(connection),
      sessionEnded: () => undefined,
      workerDied: () => undefined,
      observed: () => undefined,
    },
    () => "settings",
  );
  return { work, deeds, ended, link: () => link };
}

async function socketPair(): Promise<[Socket, Socket]> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const client = connect(typeof address === "object" ? (address?.port ?? 0) : 0, "127.0.0.1");
  const [socket] = (await once(server, "connection")) as [Socket];
  server.close();
  return [client, socket];
}

describe("sessions in the parent itself", () => {
  it("are served once it has started, and counted until their sockets close", async () => {
    const { work, ended } = lab();
    const [client, socket] = await socketPair();
    expect(work.assign({ id: 7, address: "", port: 1 }, socket)).toBe(false);
    expect(await work.start()).toMatchObject({ ok: true });
    expect(work.assign({ id: 7, address: "", port: 1 }, socket)).toBe(true);
    expect(work.connections).toBe(1);
    client.end();
    await eventually(() => ended).toEqual([7]);
    expect(work.connections).toBe(0);
  });

  it("are told to end before the door is closed, and nobody is taken after that", async () => {
    const { work, deeds } = lab();
    await work.start();
    work.news("rules");
    await work.stop("shutdown", 1_000);
    expect(deeds).toEqual(["create settings", "news rules", "kill all shutdown", "close"]);
    const [client, socket] = await socketPair();
    expect(work.assign({ id: 1, address: "", port: 1 }, socket)).toBe(false);
    client.destroy();
    socket.destroy();
  });

  it("are waited for only as long as was said", async () => {
    const { work } = lab({ close: () => new Promise(() => undefined) });
    await work.start();
    await work.stop("shutdown", 10);
  });

  it("ask the registry directly, get nothing when it is late, and their secrets are wiped", async () => {
    const bytes = Buffer.from("hunter2");
    const quick = lab();
    await quick.work.start();
    expect(await quick.link()?.ask({ password: new Secret(bytes) }, 1_000)).toBe("yes");
    expect(bytes.every((byte) => byte === 0)).toBe(true);
    const slow = lab({}, () => new Promise(() => undefined));
    await slow.work.start();
    expect(await slow.link()?.ask({}, 10)).toBeNull();
  });
});
