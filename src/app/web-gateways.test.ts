import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { connect as connectTls } from "node:tls";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeTlsLab } from "../net/tls-lab.testing.js";
import { eventually } from "../runtime/testing/eventually.testing.js";
import { startWebLab, type Answer, type AskOptions, type WebLab } from "./web-lab.testing.js";

const RULES = `apiVersion: chaperone/v1
kind: RulePack
metadata: { name: lab, version: 1.0.0 }
rules:
  - id: no-delete
    name: Nothing is deleted
    criticality: high
    match: { http: { method: DELETE } }
    action: block
    message: "Deleting is not permitted here."
  - id: who-is-it
    name: Ask who it is
    criticality: medium
    match: { http: { path: /admin/** } }
    action: { do: reauth, factors: [totp] }
`;

describe("a gateway that leads the requests itself", () => {
  let lab: WebLab;
  beforeAll(async () => {
    lab = await startWebLab({
      rules: RULES,
      listen: ", forwardAuth: { gateway: traefik, from: [127.0.0.1/32] }",
    });
  });
  afterAll(() => lab.close());

  function ask(method: string, uri: string, more: AskOptions = {}): Promise<Answer> {
    return lab.ask("/.chaperone/forward-auth", {
      ...more,
      headers: {
        "x-forwarded-method": method,
        "x-forwarded-uri": uri,
        "x-forwarded-host": "wiki.example",
        "x-forwarded-for": "192.0.2.7",
        ...more.headers,
      },
    });
  }

  it("is told whether a request may pass, and whose it is; the target is not asked by us", async () => {
    const cookies = new Map<string, string>();
    const passed = await ask("GET", "/pages/1?q=1", { cookies });
    expect(passed.status).toBe(200);
    expect(passed.headers).toMatchObject({
      "x-chaperone-person": "alice",
      "x-chaperone-account": "root",
    });
    const stopped = await ask("DELETE", "/pages/1", { cookies });
    expect(stopped.status).toBe(403);
    expect(stopped.body.toString()).toContain("Deleting is not permitted here.");
    expect((await ask("GET", "/a/../b", { cookies })).status).toBe(400);
    expect((await ask("GET", "/", { person: null })).status).toBe(401);
    expect(lab.console.seen).toHaveLength(0);
    await eventually(() =>
      lab
        .events("web.requested")
        .map(({ data }) => [data["method"], data["url"], data["status"], data["decision"]]),
    ).toEqual([
      ["GET", "http://wiki.example/pages/1?q=", 0, "allowed"],
      ["DELETE", "http://wiki.example/pages/1", 403, "blocked"],
    ]);
    const [opened] = lab.events("session.opened");
    expect(opened?.data["session"]).toMatchObject({ person: "alice", origin: "192.0.2.7" });
  });

  it("gets the question where one is open, and the person answers it here", async () => {
    const cookies = new Map<string, string>();
    const person = "alice";
    const asked = await ask("GET", "/admin/users", { cookies, person });
    expect(asked.status).toBe(401);
    expect(asked.body.toString()).toContain("is it you?");
    const program = await ask("GET", "/admin/users", {
      cookies,
      person,
      headers: { accept: "application/json" },
    });
    expect(program.status).toBe(401);
    expect(program.headers["www-authenticate"]).toContain("insufficient_user_authentication");
    const origin = `http://127.0.0.1:${String(lab.port)}`;
    await lab.ask("/.chaperone/answer", {
      method: "POST",
      headers: { origin, "content-type": "application/x-www-form-urlencoded" },
      body: `hold=&answer=${lab.totp()}`,
      cookies,
    });
    expect((await ask("GET", "/admin/users", { cookies, person })).status).toBe(200);
  });
});

/** PROXY protocol, version 2, TCP over IPv4. */
function proxyHeader(source: string): Buffer {
  const address = Buffer.from([...source.split("."), "127", "0", "0", "1"].map(Number));
  return Buffer.concat([
    Buffer.from("0d0a0d0a000d0a515549540a2111000c", "hex"),
    address,
    Buffer.from([0x10, 0x00, 0x20, 0x00]),
  ]);
}

describe.each([false, true])("a balancer in front of the web listener (TLS: %s)", (tls) => {
  let lab: WebLab;
  beforeAll(async () => {
    lab = await startWebLab({
      rules: RULES,
      listen: `, proxyProtocol: { from: [127.0.0.1/32] }${tls ? ", tls: { cert: ./server.pem, key: ./server.key }" : ""}`,
      prepare: (dir) => void makeTlsLab(dir),
    });
  });
  afterAll(() => lab.close());

  function throughBalancer(header: Buffer): Promise<string> {
    return new Promise((resolve) => {
      const assertion = lab.assertion("alice");
      const request = `GET /pages/1 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nx-gateway-assertion: ${assertion}\r\n\r\n`;
      const raw = connect(lab.port, "127.0.0.1", () => {
        // With what follows in one piece, where it can be: nothing of it may be lost.
        raw.write(tls ? header : Buffer.concat([header, Buffer.from(request)]));
        if (tls) begin();
      });
      let said = "";
      const hear = (piece: Buffer): void => void (said += piece.toString("latin1"));
      raw.on("error", () => undefined);
      raw.on("close", () => resolve(said));
      if (!tls) raw.on("data", hear);
      const begin = (): void => {
        const ca = readFileSync(join(lab.dir, "ca.pem"));
        const secure = connectTls({ socket: raw, servername: "localhost", ca }, () =>
          secure.write(request),
        );
        secure.on("data", hear);
        secure.on("error", () => undefined);
        secure.on("close", () => raw.destroy());
      };
    });
  }

  it("says who connects, and whoever says nothing is not served", async () => {
    expect(await throughBalancer(proxyHeader("192.0.2.33"))).toContain("HTTP/1.1 200 OK");
    await eventually(() =>
      lab
        .events("session.opened")
        .map(({ data }) => (data["session"] as { origin: string }).origin),
    ).toEqual(["192.0.2.33"]);
    expect(await throughBalancer(Buffer.from("GET / HTTP/1.1\r\n\r\n"))).toBe("");
  });
});
