import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { exportJWK, SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createAssertionDesk } from "./assertions.js";

describe("a gateway's signed assertion", () => {
  const keys = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const others = generateKeyPairSync("ec", { namedCurve: "P-256" });
  let dir = "";
  let file = "";
  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), "chaperone-assertions-"));
    file = join(dir, "jwks.json");
    writeFileSync(file, JSON.stringify({ keys: [await exportJWK(keys.publicKey)] }));
  });
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  const desk = () =>
    createAssertionDesk({
      keys: file,
      issuer: "gateway",
      audience: "chaperone",
      person: "sub",
      groups: "groups",
      account: "account",
    });

  function sign(claims: Readonly<Record<string, unknown>>, key = keys.privateKey): Promise<string> {
    const exp = Math.floor(Date.now() / 1_000) + 60;
    const whole = { iss: "gateway", aud: "chaperone", sub: "alice", exp, ...claims };
    return new SignJWT(whole).setProtectedHeader({ alg: "ES256" }).sign(key);
  }

  it("says who the person is, in which groups, for which account", async () => {
    const token = await sign({ groups: ["dba", 7], account: "root" });
    expect(await desk().verify(token)).toEqual({
      ok: true,
      value: { person: "alice", groups: ["dba"], account: "root" },
    });
  });

  it.each([
    ["of another key", () => sign({}, others.privateKey)],
    ["for somebody else", () => sign({ aud: "other" })],
    ["of somebody else", () => sign({ iss: "other" })],
    ["that has expired", () => sign({ exp: 1_000 })],
    ["that never expires", () => sign({ exp: undefined })],
    ["that names nobody", () => sign({ sub: "" })],
    ["that is none", () => Promise.resolve("a.b.c")],
    ["that is too long", () => Promise.resolve("a".repeat(20_000))],
    [
      "without a signature",
      async () => {
        const [, body = ""] = (await sign({})).split(".");
        return `${Buffer.from('{"alg":"none"}').toString("base64url")}.${body}.`;
      },
    ],
  ])("%s proves nobody", async (_what, token) => {
    expect(await desk().verify(await token())).toMatchObject({
      ok: false,
      error: { code: "CHP_IDENTITY_ASSERTION" },
    });
  });

  it("is checked with the keys that the file holds now", async () => {
    const used = desk();
    expect((await used.verify(await sign({}))).ok).toBe(true);
    writeFileSync(file, others.publicKey.export({ type: "spki", format: "pem" }));
    utimesSync(file, new Date(), new Date(Date.now() + 5_000));
    expect((await used.verify(await sign({}))).ok).toBe(false);
    expect((await used.verify(await sign({}, others.privateKey))).ok).toBe(true);
    rmSync(file);
    expect((await used.verify(await sign({}, others.privateKey))).ok).toBe(false);
  });
});
