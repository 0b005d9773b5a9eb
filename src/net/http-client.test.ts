import { readFileSync, mkdtempSync, rmSync } from "node:fs";
import { createServer as createHttpServer, type RequestListener } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo, Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import {
  createHttpClient,
  parseHttpUrl,
  type HttpClient,
  type HttpClientOptions,
} from "./http-client.js";
import { tlsClientOptions, type TlsTrust } from "./tls-client.js";
import { makeTlsLab, type TlsLab } from "./tls-lab.testing.js";

describe("the HTTP client", () => {
  let dir = "";
  let tls: TlsLab;
  const opened: { close(): unknown }[] = [];
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), "chaperone-http-"));
    tls = makeTlsLab(dir);
  });
  afterEach(() => {
    for (const one of opened.splice(0)) one.close();
  });
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  async function listen(server: Server): Promise<number> {
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    opened.push(server);
    return (server.address() as AddressInfo).port; // bound to a port
  }

  async function plain(listener: RequestListener): Promise<URL> {
    return new URL(`http://127.0.0.1:${await listen(createHttpServer(listener))}/x`);
  }

  async function secure(): Promise<URL> {
    const server = createHttpsServer(
      {
        key: readFileSync(tls.file("server.key")),
        cert: readFileSync(tls.file("server.pem")),
        ca: readFileSync(tls.file("ca.pem")),
        requestCert: true,
        rejectUnauthorized: true,
      },
      (_, response) => response.end("secret"),
    );
    return new URL(`https://127.0.0.1:${await listen(server)}/`);
  }

  function client(options: HttpClientOptions = {}): HttpClient {
    const made = createHttpClient(options);
    if (!made.ok) throw new Error(made.error.message);
    opened.push(made.value);
    return made.value;
  }

  const get = (to: URL) => ({ method: "GET" as const, url: to, headers: {} });

  it("answers with status, headers and body, and does not follow redirects", async () => {
    const url = await plain((_, response) => {
      response.writeHead(302, { location: "http://elsewhere.example/" }).end("moved");
    });
    expect(await client().send(get(url))).toMatchObject({
      ok: true,
      value: { status: 302, body: "moved", headers: { location: "http://elsewhere.example/" } },
    });
  });

  it("keeps of an answer what it is told to keep", async () => {
    const url = await plain((_, response) => response.end("x".repeat(100_000)));
    const answer = await client({ answerBytesMax: 1_000 }).send(get(url));
    expect(answer.ok && answer.value.body.length).toBe(1_000);
  });

  it("does not wait for an answer for ever", async () => {
    const url = await plain(() => undefined);
    expect(await client({ timeoutMs: 50 }).send(get(url))).toMatchObject({
      ok: false,
      error: { code: "CHP_NET_UNREACHABLE", message: `${url.host}: no answer in time` },
    });
  });

  it("does not take half an answer for a whole one", async () => {
    const url = await plain((_, response) => {
      response.writeHead(200, { "content-length": "10" });
      response.write("half");
      setTimeout(() => response.destroy(), 20);
    });
    expect(await client().send(get(url))).toMatchObject({ ok: false });
  });

  it("shows its certificate to a server that it trusts", async () => {
    const url = await secure();
    const trust = { ...tls.trust(), pins: [`${"A".repeat(43)}=`, tls.serverPin] };
    expect(await client({ tls: trust }).send(get(url))).toMatchObject({
      ok: true,
      value: { status: 200, body: "secret" },
    });
  });

  it.each<readonly [string, () => TlsTrust]>([
    ["vouched for by nobody it knows", () => ({})],
    ["without the pinned key", () => ({ ...tls.trust(), pins: [`${"A".repeat(43)}=`] })],
    ["of another name", () => ({ ...tls.trust(), serverName: "other.example" })],
  ])("says nothing to a server %s", async (_, trust) => {
    expect(await client({ tls: trust() }).send(get(await secure()))).toMatchObject({
      ok: false,
      error: { code: "CHP_NET_UNTRUSTED" },
    });
  });

  it("says which material it can not use", () => {
    expect(tlsClientOptions({ cert: "no certificate" })).toMatchObject({
      ok: false,
      error: { code: "CHP_NET_TLS_MATERIAL" },
    });
  });
});

describe("a URL of the configuration", () => {
  it.each(["ftp://x/", "nonsense", "https://user:pass@x/", "http://u@x/"])("is not %s", (text) => {
    expect(parseHttpUrl(text).ok).toBe(false);
  });

  it("is http or https", () => {
    expect(parseHttpUrl("https://x.example:8088/a").ok).toBe(true);
  });
});
