import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "../runtime/testing/eventually.testing.js";
import { startWebLab, type WebLab } from "./web-lab.testing.js";

const RULES = `apiVersion: chaperone/v1
kind: RulePack
metadata: { name: lab, version: 1.0.0 }
rules:
  - { id: no-admin, name: A, criticality: high, match: { http: { path: /admin/** } }, action: block }
  - { id: no-ws, name: B, criticality: high, match: { http: { path: /no-socket, upgrade: websocket } }, action: block }
`;

/** Requests that a browser does not send, byte by byte. */
describe("bytes at the web listener", () => {
  let lab: WebLab;
  let before = 0;
  beforeAll(async () => {
    lab = await startWebLab({ rules: RULES });
  });
  afterAll(() => lab.close());

  const head = (more: string, line = "GET /seen HTTP/1.1"): string =>
    `${line}\r\nHost: 127.0.0.1\r\nx-gateway-assertion: ${lab.assertion("alice")}\r\n${more}`;
  const codes = (): readonly unknown[] => lab.events("web.refused").map(({ data }) => data["code"]);

  it.each([
    ["two lengths", "Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcd"],
    ["a length and chunks", "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"],
    ["chunks and a length", "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n"],
    ["an unknown coding", "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"],
    ["a coding behind a tab", "Transfer-Encoding:\tchunked, identity\r\n\r\n0\r\n\r\n"],
    ["a folded line", "X-A: b\r\n Content-Length: 4\r\n\r\nabcd"],
    ["a bare line feed", "X-A: b\nContent-Length: 4\r\n\r\nabcd"],
    ["a blank before the colon", "Content-Length : 4\r\n\r\nabcd"],
    ["a second host", "Host: evil.example\r\n\r\n"],
    ["a line of no header", "X-A\r\n\r\n"],
    ["a zero byte", "X-A: b\0c\r\n\r\n"],
    ["a negative chunk", "Transfer-Encoding: chunked\r\n\r\n-1\r\n\r\n"],
    ["a chunk beyond numbers", "Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n"],
    // TE.TE: one of two readers does not see the coding.
    ["a coding in quotes", 'Transfer-Encoding: "chunked"\r\n\r\n0\r\n\r\n'],
    ["a coding with a blank behind", "Transfer-Encoding: chunked \tx\r\n\r\n0\r\n\r\n"],
    ["a coding twice", "Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n\r\n0\r\n\r\n"],
    ["a coding with a blank in its name", "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n"],
    ["a coding behind a folded line", "Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n"],
    ["a coding behind another", "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"],
    ["a vertical tab before the coding", "Transfer-Encoding: \vchunked\r\n\r\n0\r\n\r\n"],
    ["a coding after a bare carriage return", "X: y\rTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"],
    // CL.0 and lengths that servers read in several ways.
    ["a length with a plus", "Content-Length: +4\r\n\r\nabcd"],
    ["a length in hexadecimal", "Content-Length: 0x4\r\n\r\nabcd"],
    ["a list of lengths", "Content-Length: 4, 4\r\n\r\nabcd"],
    ["a length below nothing", "Content-Length: -1\r\n\r\n"],
    ["a length beyond numbers", "Content-Length: 99999999999999999999\r\n\r\n"],
    // Chunks (RFC 9112 section 7.1).
    ["a chunk with a blank before its size", "Transfer-Encoding: chunked\r\n\r\n 0\r\n\r\n"],
    ["a chunk that ends in a bare line feed", "Transfer-Encoding: chunked\r\n\r\n1\na\n0\n\n"],
    ["a chunk in 0x", "Transfer-Encoding: chunked\r\n\r\n0x1\r\na\r\n0\r\n\r\n"],
    ["a chunk longer than it says", "Transfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n0\r\n\r\n"],
    [
      "a chunk extension with a line feed",
      "Transfer-Encoding: chunked\r\n\r\n1;a\nb\r\na\r\n0\r\n\r\n",
    ],
    [
      "a chunk extension that is long",
      `Transfer-Encoding: chunked\r\n\r\n1;${"a".repeat(100_000)}\r\na\r\n0\r\n\r\n`,
    ],
    // Fields.
    ["a name with a blank", "Content Length: 4\r\n\r\nabcd"],
    ["a name with a colon before it", ":authority: evil.example\r\n\r\n"],
    ["a field before which a blank stands", " X-A: b\r\n\r\n"],
    ["the same host twice", "Host: 127.0.0.1\r\n\r\n"],
  ])("with %s are refused, told, and reach nobody", async (_what, more) => {
    before = codes().length;
    const seen = lab.console.seen.length;
    const answer = await lab.raw(head(more, "POST /seen HTTP/1.1"));
    expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /);
    expect(answer.match(/HTTP\/1\.1/g)).toHaveLength(1);
    await eventually(() => codes().length).toBeGreaterThan(before);
    expect(["CHP_WEB_SMUGGLING", "CHP_WEB_SYNTAX"]).toContain(codes().at(-1));
    expect(lab.console.seen).toHaveLength(seen);
  });

  it.each([
    ["another host in the address", "GET http://evil.example/ HTTP/1.1"],
    ["a tunnel", "CONNECT 127.0.0.1:22 HTTP/1.1"],
    ["an echo", "TRACE / HTTP/1.1"],
    ["another protocol", "GET /seen HTTP/9.9"],
    ["the protocol of long ago", "GET /seen"],
    ["an address in two pieces", "GET /seen /other HTTP/1.1"],
    ["an address with a fragment", "GET /seen#x HTTP/1.1"],
    ["a method that is none", "GE(T /seen HTTP/1.1"],
    ["the whole server", "OPTIONS * HTTP/1.1"],
    ["the preface of HTTP/2", "PRI * HTTP/2.0"],
    ["HTTP/2 in a line of HTTP/1", "GET /seen HTTP/2.0"],
    ["a method in small letters", "delete /seen HTTP/1.1"],
  ])("that ask for %s are refused", async (_what, line) => {
    const answer = await lab.raw(head("Connection: close\r\n\r\n", line));
    expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /);
  });

  it("by HTTP/1.0 with chunks or an upgrade are refused", async () => {
    const line = "POST /seen HTTP/1.0";
    const seen = lab.console.seen.length;
    for (const more of [
      "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      "Connection: upgrade\r\nUpgrade: websocket\r\n\r\n",
    ]) {
      expect(await lab.raw(head(more, line))).toMatch(/^HTTP\/1\.1 400 /);
    }
    expect(lab.console.seen).toHaveLength(seen);
  });

  it("that say twice who it is say it for nobody", async () => {
    const again = `x-gateway-assertion: ${lab.assertion("bob")}\r\n`;
    expect(await lab.raw(head(`${again}Connection: close\r\n\r\n`))).toMatch(/^HTTP\/1\.1 401 /);
  });

  it("that say who somebody is for the target say it to nobody", async () => {
    const names = ["X-WEBAUTH-USER", "Remote-User", "X-Forwarded-User", "X-Client-IP", "Forwarded"];
    const more = names.map((name) => `${name}: s0mebody\r\n`).join("");
    await lab.raw(head(`${more}Connection: close\r\n\r\n`, "GET /who HTTP/1.1"));
    const seen = lab.console.seen.find(({ url }) => url === "/who");
    expect(JSON.stringify(seen?.headers ?? "s0mebody")).not.toContain("s0mebody");
  });

  it.each(["/%09/evil.example", "/%0a/evil.example", "//evil.example", "/%5cevil.example"])(
    "that want to be led to %s when a session begins are led home",
    async (to) => {
      const line = `GET /.chaperone/open?to=${to} HTTP/1.1`;
      const answer = await lab.raw(head("Connection: close\r\n\r\n", line));
      expect(answer).toMatch(/\r\nlocation: \/\r\n/i);
    },
  );

  it.each(["/a/../admin/x", "/%2e%2e/admin", "/a/..;/admin/x", "/a%2f..%2fadmin", "/a\\admin"])(
    "that hide the path in %s are refused",
    async (path) => {
      const seen = lab.console.seen.length;
      const answer = await lab.raw(head("Connection: close\r\n\r\n", `GET ${path} HTTP/1.1`));
      expect(answer).toMatch(/^HTTP\/1\.1 400 /);
      expect(lab.console.seen).toHaveLength(seen);
    },
  );

  it.each(["/admin/x", "//admin/x", "/%61dmin/x", "/admin;a=b/x", "/admin//x"])(
    "that spell a forbidden path as %s are stopped by its rule",
    async (path) => {
      const answer = await lab.raw(head("Connection: close\r\n\r\n", `GET ${path} HTTP/1.1`));
      expect(answer).toContain("no-admin");
    },
  );

  it("with a head that is too long are refused with a word", async () => {
    const answer = await lab.raw(head(`X-A: ${"a".repeat(70_000)}\r\n\r\n`));
    expect(answer).toMatch(/^HTTP\/1\.1 431 /);
    const many = Array.from({ length: 200 }, (_, i) => `X-${String(i)}: 1\r\n`).join("");
    expect(await lab.raw(head(`${many}Connection: close\r\n\r\n`))).toMatch(/^HTTP\/1\.1 431 /);
  });

  it("that go on after an upgrade which was refused are no request", async () => {
    const upgrade =
      "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n";
    const seen = lab.console.seen.length;
    const behind = head("Connection: close\r\n\r\n", "GET /behind HTTP/1.1");
    const answer = await lab.raw(head(`${upgrade}\r\n${behind}`));
    expect(answer.match(/HTTP\/1\.1 \d+/g)).toEqual(["HTTP/1.1 400"]);
    expect(lab.console.seen).toHaveLength(seen);
  });

  it("that expect to be told to go on are, and other expectations fail", async () => {
    const body = "Content-Length: 4\r\nConnection: close\r\n";
    const going = await lab.raw(
      head(`${body}Expect: 100-continue\r\n\r\nabcd`, "POST /x HTTP/1.1"),
    );
    expect(going.match(/HTTP\/1\.1 \d+/g)).toEqual(["HTTP/1.1 100", "HTTP/1.1 200"]);
    expect(lab.console.seen.at(-1)?.headers["expect"]).toBeUndefined();
    const other = await lab.raw(head(`${body}Expect: tea\r\n\r\nabcd`, "POST /x HTTP/1.1"));
    expect(other).toMatch(/^HTTP\/1\.1 417 /);
  });

  it("with extensions of chunks and trailers lose them on the way", async () => {
    const chunks = "4;x=y\r\nabcd\r\n0\r\nX-Evil: 1\r\n\r\n";
    const more = `Transfer-Encoding: chunked\r\nTrailer: X-Evil\r\nConnection: close\r\n\r\n${chunks}`;
    expect(await lab.raw(head(more, "POST /chunks HTTP/1.1"))).toMatch(/^HTTP\/1\.1 200 /);
    const seen = lab.console.seen.find(({ url }) => url === "/chunks");
    expect(seen?.body.toString()).toBe("abcd");
    expect(JSON.stringify(seen?.headers)).not.toMatch(/evil|x=y/i);
  });

  it("that carry two requests carry two, each judged by itself", async () => {
    const second = head("Connection: close\r\n\r\n", "GET /admin/second HTTP/1.1");
    const answer = await lab.raw(`${head("Content-Length: 0\r\n\r\n")}${second}`);
    expect(answer.match(/HTTP\/1\.1 (\d+)/g)).toEqual(["HTTP/1.1 200", "HTTP/1.1 403"]);
  });

  it("that come round again are not led in circles", async () => {
    await lab.raw(head("Connection: close\r\n\r\n", "GET /via HTTP/1.1"));
    const via = lab.console.seen.find(({ url }) => url === "/via")?.headers["via"] ?? "";
    expect(via).toMatch(/^1\.1 chaperone-/);
    const again = await lab.raw(head(`Via: ${via}\r\nConnection: close\r\n\r\n`));
    expect(again).toMatch(/^HTTP\/1\.1 508 /);
    expect(codes()).toContain("CHP_WEB_LOOP");
  });

  it("that open a WebSocket are led on and counted, and what is forbidden is not opened", async () => {
    const upgrade =
      "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    const forbidden = await lab.raw(head(`${upgrade}\r\n`, "GET /no-socket HTTP/1.1"));
    expect(forbidden).toMatch(/^HTTP\/1\.1 403 /);
    const foreign = await lab.raw(head(`${upgrade}Origin: https://evil.example\r\n\r\n`));
    expect(foreign).toMatch(/^HTTP\/1\.1 403 /);
    const other = await lab.raw(head(upgrade.replace("websocket", "h2c") + "\r\n"));
    expect(other).toMatch(/^HTTP\/1\.1 4\d\d /);
    const sockets = lab.raw(head(`${upgrade}\r\necho`, "GET /socket HTTP/1.1"));
    await eventually(() => lab.console.seen.some(({ url }) => url === "/socket")).toBe(true);
    const listed = (await lab.api("GET", "/v1/sessions")) as { sessions: { id: string }[] };
    for (const { id } of listed.sessions) {
      await lab.api("POST", `/v1/sessions/${id}/kill`, { reason: "enough" });
    }
    const answer = await sockets;
    expect(answer).toMatch(/^HTTP\/1\.1 101 /);
    expect(answer.endsWith("echo")).toBe(true);
    await eventually(() =>
      lab
        .events("web.requested")
        .find(({ data }) => data["upgrade"] === "websocket" && data["status"] === 101),
    ).toMatchObject({ data: { bytes: { toTarget: 4 } } });
  });
});
