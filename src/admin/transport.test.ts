// Who the API listens to below the level of calls: other hosts and pages, the slow and the half gone.
import { once } from "node:events";
import { request } from "node:http";
import { connect, type Socket } from "node:net";
import { Readable } from "node:stream";
import { afterEach, describe, expect, it, vi } from "vitest";
import { startAdminLab, TOKENS, type AdminLab } from "./lab.testing.js";

let lab: AdminLab;
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await lab.end();
});

/** The status of a call with these very headers. */
function status(headers: Readonly<Record<string, string>>, port = lab.port): Promise<number> {
  return new Promise((resolve, reject) => {
    const call = request({
      host: "127.0.0.1",
      port,
      path: "/v1/sessions",
      headers: { authorization: `Bearer ${TOKENS.admin}`, ...headers },
    });
    call.on("response", (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    call.on("error", reject);
    call.end();
  });
}

async function raw(text: string): Promise<{ readonly socket: Socket; heard: () => string }> {
  const socket = connect(lab.port, "127.0.0.1");
  sockets.push(socket);
  socket.on("error", () => undefined);
  let heard = "";
  socket.on("data", (chunk: Buffer) => (heard += chunk.toString("latin1")));
  await once(socket, "connect");
  socket.write(text);
  return { socket, heard: () => heard };
}

const head = (path: string, more = ""): string =>
  `GET ${path} HTTP/1.1\r\nhost: 127.0.0.1:${lab.port}\r\nauthorization: Bearer ${TOKENS.admin}\r\n${more}\r\n`;

const PATIENT = { timeout: 15_000, interval: 20 };

describe("calls from elsewhere", () => {
  it("are refused unless `Host` is a name of the listener", async () => {
    lab = await startAdminLab({ hosts: ["pam.example", "pam.example:9000"] });
    const { port } = lab;
    for (const host of [`127.0.0.1:${port}`, `localhost:${port}`, "pam.example", "PAM.example:1"]) {
      expect(await status({ host }), host).toBe(200);
    }
    for (const host of [
      "evil.example",
      `evil.example:${port}`,
      "127.0.0.1",
      `127.0.0.1:${port + 1}`,
      `127.0.0.1.evil.example:${port}`,
      `[::1]:${port}`,
      `0.0.0.0:${port}`,
      `localhost:${port}@evil.example`,
      "pam.example.evil",
    ]) {
      expect([400, 421], host).toContain(await status({ host }));
    }
    for (const line of ["host:\r\n", `host: 127.0.0.1:${port}\r\nhost: evil.example\r\n`, ""]) {
      const odd = await raw(`GET /v1/health HTTP/1.1\r\n${line}\r\n`);
      await vi.waitFor(() => expect(odd.heard()).toMatch(/^HTTP\/1\.1 4(?:00|21) /), PATIENT);
    }
  });

  it("are refused when a page of another origin makes them", async () => {
    lab = await startAdminLab();
    const host = `127.0.0.1:${lab.port}`;
    expect(await status({ host, origin: `http://${host}` })).toBe(200);
    expect(await status({ host, "sec-fetch-site": "same-origin" })).toBe(200);
    for (const origin of [
      "http://evil.example",
      "null",
      `https://${host}`,
      `http://${host}.evil`,
    ]) {
      expect(await status({ host, origin }), origin).toBe(421);
    }
    expect(await status({ host, "sec-fetch-site": "cross-site" })).toBe(421);
    expect(await status({ host, "sec-fetch-site": "same-site" })).toBe(421);
  });

  it("get no permission for pages of other origins, not even when they ask first", async () => {
    lab = await startAdminLab();
    const response = await fetch(`${lab.url}/v1/sessions`, {
      method: "OPTIONS",
      headers: { origin: "http://evil.example", "access-control-request-method": "POST" },
    });
    expect(response.status).toBe(421);
    expect(
      [...response.headers.keys()].filter((name) => name.startsWith("access-control")),
    ).toEqual([]);
  });

  it("to open endpoints are held to the same", async () => {
    lab = await startAdminLab();
    const open = await raw("GET /v1/health HTTP/1.1\r\nhost: evil.example\r\n\r\n");
    await vi.waitFor(() => expect(open.heard()).toContain("421"), PATIENT);
  });
});

describe("slow and broken callers", () => {
  const patience = { requestMs: 150, silentMs: 300 };

  it("that never finish their request are cut off", async () => {
    lab = await startAdminLab({ patience });
    const slow = await raw(`GET /v1/sessions HTTP/1.1\r\nhost: 127.0.0.1:${lab.port}\r\nx: `);
    await once(slow.socket, "close");
    const half = await raw(
      head(
        "/v1/sessions/s-1/kill",
        "content-type: application/json\r\ncontent-length: 100\r\n",
      ).replace("GET", "POST") + '{"reason":',
    );
    await once(half.socket, "close");
    expect(lab.orders).toEqual([]);
  });

  it("that say nothing at all are cut off, and the others are served", async () => {
    lab = await startAdminLab({ patience });
    const silent = await Promise.all(Array.from({ length: 50 }, () => raw("")));
    expect(await status({})).toBe(200);
    await Promise.all(silent.map(({ socket }) => once(socket, "close")));
  });

  it("that send no HTTP, or heads without end, are cut off", async () => {
    lab = await startAdminLab();
    const noise = await raw("\u0016\u0003\u0001 hello\r\n\r\n");
    await once(noise.socket, "close");
    const long = await raw(head("/v1/sessions", `x: ${"a".repeat(9_000)}\r\n`));
    await once(long.socket, "close");
    expect(long.heard()).not.toContain("200 OK");
  });

  it("that take nothing of a recording do not hold it open for good", async () => {
    lab = await startAdminLab({ patience });
    const content = new Readable({ read: (size) => void content.push(Buffer.alloc(size)) });
    lab.recording = () => content;
    lab.recordingBytes = 1024 ** 3;
    const stuck = await raw(head("/v1/recordings/s-1-0"));
    stuck.socket.pause();
    await vi.waitFor(() => expect(content.destroyed).toBe(true), PATIENT);
  });

  it("do not stop the API from stopping", async () => {
    lab = await startAdminLab();
    lab.frames = [null];
    const watching = await raw(head("/v1/sessions/s-1/live"));
    await vi.waitFor(() => expect(watching.heard()).toContain("200 OK"), PATIENT);
    await lab.end();
    await vi.waitFor(() => expect(watching.socket.destroyed).toBe(true), PATIENT);
    expect(lab.watchesClosed).toBe(1);
    lab = await startAdminLab();
  });
});

describe("a live session", () => {
  it("begins with the screen and ends with a reason", async () => {
    lab = await startAdminLab();
    lab.frames = [
      { type: "screen", channel: 0, columns: 80, rows: 24, data: "ready$ \u001b[1m" },
      { type: "output", channel: 0, data: "héllo\r\n\n" },
      { type: "end", reason: "over" },
    ];
    const response = await lab.call("/v1/sessions/s-1/live", { role: "operator" });
    expect(response.headers.get("content-type")).toContain("text/event-stream");
    const events = (await response.text()).trimEnd().split("\n\n");
    expect(events.map((event) => event.split("\n")[0])).toEqual([
      "event: screen",
      "event: output",
      "event: end",
    ]);
    const [, data = ""] = events[1]?.split("\ndata: ") ?? [];
    expect(JSON.parse(data)).toEqual({ channel: 0, data: "héllo\r\n\n" });
    expect(lab.watchesClosed).toBe(1);
  });

  it("is left by who closes the connection", async () => {
    lab = await startAdminLab();
    lab.frames = [null];
    const leaving = new AbortController();
    await lab.call("/v1/sessions/s-1/live", { signal: leaving.signal });
    leaving.abort();
    await vi.waitFor(() => expect(lab.watchesClosed).toBe(1), PATIENT);
  });

  it("takes no more frames than an observer reads", async () => {
    lab = await startAdminLab();
    let made = 0;
    lab.endlessFrames = () => {
      made += 1;
      return { type: "output", channel: 0, data: "x".repeat(64 * 1024) };
    };
    const slow = await raw(head("/v1/sessions/s-1/live"));
    slow.socket.pause();
    await vi.waitFor(() => expect(made).toBeGreaterThan(2), PATIENT);
    let before = -1;
    await vi.waitFor(
      () => {
        const still = made === before;
        before = made;
        expect(still).toBe(true);
      },
      { timeout: 15_000, interval: 200 },
    );
    // What the kernel's buffers take, and what Node holds above its mark: not the stream without end.
    expect(made).toBeLessThan(500);
  });
});
