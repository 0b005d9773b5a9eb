import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generateSync } from "otplib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Result } from "../../kernel/index.js";
import {
  KEYS_PER_PERSON_MAX,
  openEnrolledFactors,
  type EnrolledFactors,
} from "./enrolled-factors.js";
import { createEnrolmentDesk, type EnrolmentDesk, type EnrolmentDeps } from "./enrolment-desk.js";

let folder = "";
let nowMs = 0;
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), "chaperone-enrolled-")), "enrolled");
  nowMs = Date.now();
});
afterEach(() => rmSync(join(folder, ".."), { recursive: true, force: true }));

function good<T>(result: Result<T, { readonly message: string }>): T {
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
}
const open = async (): Promise<EnrolledFactors> =>
  good(await openEnrolledFactors(folder, () => nowMs));
const aKey = (id: string, counter = 1) => ({
  id,
  publicKey: "cHVibGlj",
  counter,
  transports: ["usb"],
  name: "desk",
  synced: false,
});

describe("what people have enrolled", () => {
  it("is there after a restart, in files for their owner alone", async () => {
    const before = await open();
    good(await before.setTotp("alice", "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"));
    good(await before.addKey("bob@corp", aKey("b1")));
    const after = await open();
    expect(after.factorsOf("alice")).toEqual(["totp"]);
    expect(after.totpOf("alice")).toBeDefined();
    expect(after.factorsOf("bob@corp")).toEqual(["webauthn"]);
    expect(after.handleOf("bob@corp")).toBe(before.handleOf("bob@corp"));
    for (const file of readdirSync(folder)) {
      expect(statSync(join(folder, file)).mode & 0o777).toBe(0o600);
    }
    expect(after.factorsOf("carol")).toEqual([]);
  });

  it("loses a key whose counter does not rise, for good", async () => {
    const factors = await open();
    good(await factors.addKey("bob", aKey("b1", 5)));
    expect(good(await factors.used("bob", "b1", 6))).toBe("good");
    expect(good(await factors.used("bob", "b1", 6))).toBe("cloned");
    expect(good(await factors.used("bob", "b1", 100))).toBe("cloned");
    expect(factors.factorsOf("bob")).toEqual([]);
    expect((await open()).list("bob")).toMatchObject([{ id: "b1", state: "cloned" }]);
  });

  it("takes a key without a counter, again and again", async () => {
    const factors = await open();
    good(await factors.addKey("bob", aKey("b0", 0)));
    expect(good(await factors.used("bob", "b0", 0))).toBe("good");
    expect(good(await factors.used("bob", "b0", 0))).toBe("good");
  });

  it("is bounded, and one key belongs to one person", async () => {
    const factors = await open();
    for (let at = 0; at < KEYS_PER_PERSON_MAX; at += 1) {
      good(await factors.addKey("bob", aKey(`k${String(at)}`)));
    }
    expect((await factors.addKey("bob", aKey("more"))).ok).toBe(false);
    expect((await factors.addKey("alice", aKey("k1"))).ok).toBe(false);
    expect(good(await factors.remove("bob", "k1"))).toBe(true);
    expect(good(await factors.remove("bob", "k1"))).toBe(false);
    expect((await factors.addKey("alice", aKey("k1"))).ok).toBe(true);
  });

  it("refuses the start when a file is not well or readable by others", async () => {
    const factors = await open();
    good(await factors.addKey("bob", aKey("b1")));
    writeFileSync(join(folder, "eve.json"), '{"version":1,"person":"eve"}', { mode: 0o600 });
    expect((await openEnrolledFactors(folder, () => nowMs)).ok).toBe(false);
    rmSync(join(folder, "eve.json"));
    writeFileSync(join(folder, "mallory.json"), "{}", { mode: 0o644 });
    expect((await openEnrolledFactors(folder, () => nowMs)).ok).toBe(false);
  });
});

describe("an enrolment link", () => {
  let desk: EnrolmentDesk;
  let factors: EnrolledFactors;
  let told: unknown[];
  let spent: number[];
  let keeps = true;
  beforeEach(async () => {
    factors = await open();
    told = [];
    spent = [];
    keeps = true;
    const deps: EnrolmentDeps = {
      enrolled: factors,
      issuer: "lab",
      wallMs: () => nowMs,
      linkOf: (token) => token,
      enrolling(done) {
        if (keeps) told.push(done);
        return keeps;
      },
      stepSpent: (_person, step) => Promise.resolve(void spent.push(step)),
    };
    desk = createEnrolmentDesk(deps);
  });
  const issue = (ttlMs = 60_000): string =>
    good(desk.issue({ person: "alice", factors: ["totp"], ttlMs, issuedBy: "maria" })).link;
  function begun(token: string): { readonly claim: string; readonly secret: string } {
    const claim = desk.page.begin(token, "totp");
    const sight = desk.page.look(token, claim ?? "");
    if (claim === null || sight?.state !== "totp") throw new Error("it did not begin");
    return { claim, secret: sight.base32 };
  }
  const answer = (token: string, claim: string, code: string) =>
    desk.page.confirmTotp(token, claim, { code, origin: "192.0.2.1" });

  it("shows its secret to one browser, and is used up by a right code", async () => {
    const token = issue();
    expect(desk.page.look(token, "")).toEqual({
      person: "alice",
      state: "offered",
      factors: ["totp"],
    });
    const { claim, secret } = begun(token);
    expect(desk.page.look(token, "")).toEqual({ person: "alice", state: "taken" });
    expect(desk.page.begin(token, "totp")).toBeNull();
    const code = generateSync({ secret });
    expect(await answer(token, "another", code)).toBe("over");
    expect(await answer(token, claim, code)).toBe("enrolled");
    expect(told).toEqual([
      { person: "alice", factor: "totp", issuedBy: "maria", origin: "192.0.2.1" },
    ]);
    expect(spent).toHaveLength(1);
    expect(factors.factorsOf("alice")).toEqual(["totp"]);
    expect(await answer(token, claim, code)).toBe("over");
    expect(desk.page.look(token, claim)).toMatchObject({ state: "done" });
    expect(desk.list()).toEqual([]);
  });

  it("is dead after five wrong codes, also for the right one", async () => {
    const token = issue();
    const { claim, secret } = begun(token);
    for (let at = 0; at < 5; at += 1) expect(await answer(token, claim, "no code")).toBe("wrong");
    expect(await answer(token, claim, generateSync({ secret }))).toBe("over");
    expect(desk.page.look(token, claim)).toEqual({ person: "alice", state: "dead" });
    expect(factors.factorsOf("alice")).toEqual([]);
  });

  it("opens nothing once it is revoked or has expired", async () => {
    const token = issue(1_000);
    const other = issue(60_000);
    const { id } = desk.list().at(-1) ?? { id: "" };
    expect(desk.revoke(id)).toBe(true);
    expect(desk.revoke(id)).toBe(false);
    expect(desk.page.begin(other, "totp")).toBeNull();
    const { claim, secret } = begun(token);
    nowMs += 1_000;
    expect(desk.page.look(token, claim)).toBeNull();
    expect(await answer(token, claim, generateSync({ secret }))).toBe("over");
  });

  it("enrols nothing that could not be told", async () => {
    keeps = false;
    const token = issue();
    const { claim, secret } = begun(token);
    expect(await answer(token, claim, generateSync({ secret }))).toBe("failed");
    expect(factors.factorsOf("alice")).toEqual([]);
  });

  it("offers no key where no keys are taken", () => {
    expect(desk.page.begin(issue(), "webauthn")).toBeNull();
  });
});
