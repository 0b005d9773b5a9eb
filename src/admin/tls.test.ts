// TLS and client certificates, with an authority made for the test.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeTlsLab, type TlsLab } from "../net/tls-lab.testing.js";
import { startAdminLab, TOKENS, type AdminLab } from "./lab.testing.js";

let dir = "";
let tls: TlsLab;
let lab: AdminLab;
const pem = (name: string): Buffer => readFileSync(tls.file(name));

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "chaperone-admin-tls-"));
  tls = makeTlsLab(dir);
  lab = await startAdminLab({
    tls: { cert: pem("server.pem"), key: pem("server.key"), clientCa: pem("ca.pem") },
    clients: new Map([["client", { role: "operator", groups: [] }]]),
  });
});
afterAll(async () => {
  await lab.end();
  rmSync(dir, { recursive: true, force: true });
});

interface Proof {
  readonly cert?: string;
  readonly token?: string;
  readonly path?: string;
  readonly origin?: string;
}

function status({ cert, token, path = "/v1/recordings", origin }: Proof): Promise<number> {
  return new Promise((resolve, reject) => {
    const call = request({
      host: "127.0.0.1",
      port: lab.port,
      path,
      agent: false,
      ca: pem("ca.pem"),
      ...(cert === undefined ? {} : { cert: pem(`${cert}.pem`), key: pem(`${cert}.key`) }),
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(origin === undefined ? {} : { origin }),
      },
    });
    call.on("response", (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    call.on("error", reject);
    call.end();
  });
}

describe("the control API over TLS", () => {
  it("takes a client certificate that it knows by name, with the role of that name", async () => {
    expect(await status({ cert: "client" })).toBe(200);
    expect(await status({ cert: "client", path: "/v1/session-tokens" })).toBe(403);
    expect(lab.told.at(-1)?.data).toMatchObject({ by: "client", role: "operator" });
  });

  it("takes a token instead, and a wrong token is not saved by a certificate", async () => {
    expect(await status({ token: TOKENS.operator })).toBe(200);
    expect(await status({ token: "w".repeat(43), cert: "client" })).toBe(401);
    expect(await status({})).toBe(401);
  });

  it("knows nobody by a certificate whose name is not listed, or that another authority signed", async () => {
    expect(await status({ cert: "server" })).toBe(401);
    const other = mkdtempSync(join(tmpdir(), "chaperone-admin-tls-"));
    const stranger = makeTlsLab(other);
    const saved = tls;
    const answer = new Promise<number>((resolve, reject) => {
      const call = request({
        host: "127.0.0.1",
        port: lab.port,
        path: "/v1/recordings",
        agent: false,
        ca: readFileSync(saved.file("ca.pem")),
        cert: readFileSync(stranger.file("client.pem")),
        key: readFileSync(stranger.file("client.key")),
      });
      call.on("response", (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      });
      call.on("error", reject);
      call.end();
    });
    expect(await answer).toBe(401);
    rmSync(other, { recursive: true, force: true });
  });

  it("holds pages to https", async () => {
    const { port } = lab;
    expect(await status({ cert: "client", origin: `https://127.0.0.1:${port}` })).toBe(200);
    expect(await status({ cert: "client", origin: `http://127.0.0.1:${port}` })).toBe(421);
  });

  it("says so when certificate and key do not belong together", async () => {
    const start = startAdminLab({ tls: { cert: pem("server.pem"), key: pem("client.key") } });
    await expect(start).rejects.toThrow();
  });
});
