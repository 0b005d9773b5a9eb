import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createTextSocketDoor, dialTextSocket, type TextSocketDoor } from "./index.js";

const OPTIONS = { headers: { "x-who": "me" }, timeoutMs: 10_000, bytesMax: 1_000 };

describe("a WebSocket that is dialled", () => {
  const server = { http: createServer(), port: 0 };
  let door: TextSocketDoor;
  beforeEach(async () => {
    server.http = createServer();
    door = createTextSocketDoor({ bytesMax: 1_000, protocol: "any" });
    server.http.on("upgrade", (request, socket, head) => {
      if (request.url !== "/link") {
        socket.end("HTTP/1.1 401 Unauthorized\r\nConnection: close\r\n\r\n");
        return;
      }
      door.accept({ request, socket, head }, (link) => {
        link.send(`hello ${String(request.headers["x-who"])}`);
        return { text: (text) => link.send(text.repeat(2)), closed: () => undefined };
      });
    });
    await new Promise<void>((listens) => server.http.listen(0, "127.0.0.1", listens));
    server.port = (server.http.address() as AddressInfo).port; // it listens on TCP
  });
  afterEach(() => {
    door.close();
    server.http.close();
  });

  const url = (path: string) => `ws://127.0.0.1:${server.port}${path}`;

  it("carries texts both ways, with the headers of its opening", async () => {
    const heard: string[] = [];
    const opened = await dialTextSocket(url("/link"), OPTIONS, {
      text: (text) => heard.push(text),
      closed: () => heard.push("closed"),
    });
    if (!opened.ok) throw new Error(opened.error.message);
    opened.value.send("ab");
    await expect.poll(() => heard, { timeout: 15_000 }).toEqual(["hello me", "abab"]);
    opened.value.close(1_000, "done");
    await expect.poll(() => heard.at(-1), { timeout: 15_000 }).toBe("closed");
  });

  it("ends when the other side sends more than is taken", async () => {
    let closed = false;
    const opened = await dialTextSocket(url("/link"), OPTIONS, {
      text: () => undefined,
      closed: () => (closed = true),
    });
    if (!opened.ok) throw new Error(opened.error.message);
    opened.value.send("x".repeat(600));
    await expect.poll(() => closed, { timeout: 15_000 }).toBe(true);
  });

  it("that is refused, or whose server is not there, is a fault", async () => {
    const ears = { text: () => undefined, closed: () => undefined };
    const refused = await dialTextSocket(url("/other"), OPTIONS, ears);
    expect(refused).toMatchObject({ ok: false, error: { code: "CHP_NET_UNREACHABLE" } });
    const nobody = await dialTextSocket("ws://127.0.0.1:1/link", OPTIONS, ears);
    expect(nobody).toMatchObject({ ok: false, error: { code: "CHP_NET_UNREACHABLE" } });
  });
});
