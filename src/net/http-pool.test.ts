import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createHttpPool, type HttpPool, type PoolRequest } from "./http-pool.js";

describe("a pool of connections", () => {
  let server: Server;
  let pool: HttpPool;
  beforeAll(async () => {
    server = createServer((request, reply) => {
      if (request.url === "/gone") {
        reply.destroy();
        return;
      }
      if (request.url === "/unchanged") {
        // What Node would not write itself: the length of what it would have been.
        request.socket.write("HTTP/1.1 304 Not Modified\r\nContent-Length: 4\r\nETag: x\r\n\r\n");
        return;
      }
      reply.writeHead(request.url === "/moved" ? 302 : 200, [
        ...["Location", "/", "Set-Cookie", "a=1", "Set-Cookie", "b=2"],
        ...["X-Length", request.headers["content-length"] ?? "chunks"],
      ]);
      request.pipe(reply);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    pool = createHttpPool({
      origin: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
      connectionsMax: 2,
      connectTimeoutMs: 5_000,
      headMs: 5_000,
      headBytesMax: 16_384,
    });
  });
  afterAll(async () => {
    pool.close();
    await new Promise((resolve) => server.close(resolve));
  });

  interface Heard {
    readonly status: number;
    readonly headers: readonly (readonly [string, string])[];
    readonly body: string;
    readonly failed?: string;
  }

  function ask(request: Partial<PoolRequest>, pausing = false): Promise<Heard> {
    return new Promise((resolve) => {
      let status = 0;
      let headers: Heard["headers"] = [];
      let body = "";
      let go = (): void => undefined;
      let stop = (): void => undefined;
      pool.send(
        { method: "GET", path: "/", headers: ["host", "x"], body: null, ...request },
        {
          begins(control) {
            go = () => control.resume();
            stop = () => control.pause();
          },
          head(code, fields) {
            status = code;
            headers = fields;
            if (!pausing) return;
            stop();
            setTimeout(go, 10);
          },
          data: (piece) => (body += Buffer.from(piece).toString()),
          end: () => resolve({ status, headers, body }),
          failed: (error) => resolve({ status, headers, body, failed: error.message }),
        },
      );
    });
  }

  it("passes what is said both ways, and follows nothing", async () => {
    const body = Buffer.from("hello");
    const answer = await ask({ method: "POST", path: "/moved", body });
    expect(answer).toMatchObject({ status: 302, body: "hello" });
    const cookies = answer.headers.filter(([name]) => name === "set-cookie");
    expect(cookies.map(([, value]) => value)).toEqual(["a=1", "b=2"]);
    expect(answer.headers).toContainEqual(["x-length", "5"]);
  });

  it("streams a body in chunks, and waits for whoever is slow", async () => {
    const pieces = Array.from({ length: 50 }, (_, i) => `${String(i)},`);
    const answer = await ask({ method: "PUT", body: Readable.from(pieces) }, true);
    expect(answer.body).toBe(pieces.join(""));
    expect(answer.headers).toContainEqual(["x-length", "chunks"]);
  });

  it.each([false, true])(
    "knows that what has not changed has no body (waiting: %s)",
    async (pausing) => {
      const heard = await ask({ path: "/unchanged" }, pausing);
      expect(heard).toMatchObject({ status: 304, body: "" });
      expect(heard.failed).toBeUndefined();
      expect(heard.headers).toContainEqual(["content-length", "4"]);
      expect((await ask({})).status).toBe(200);
    },
  );

  it("says so when the server hangs up", async () => {
    expect((await ask({ path: "/gone" })).failed).toBeDefined();
  });
});
