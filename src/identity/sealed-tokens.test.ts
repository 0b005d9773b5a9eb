import { describe, expect, it } from "vitest";
import { Secret } from "../kernel/index.js";
import { createSealedTokens, sealToken, type SealedFacts } from "./sealed-tokens.js";

const key = (fill = 7) => new Secret(new Uint8Array(32).fill(fill));
const NOW_S = 2_000_000_000;
const FACTS: SealedFacts = { person: "alice", target: "win-1", iat: NOW_S, exp: NOW_S + 60 };

function tokens(startS = NOW_S - 100): {
  spend(token: string, origin?: string): unknown;
  at(s: number): void;
} {
  let now = startS;
  const made = createSealedTokens(key(), () => now * 1_000);
  if (!made.ok) throw new Error(made.error.message);
  now = NOW_S;
  return {
    spend: (token, origin = "192.0.2.1") => made.value.spend(token, origin),
    at: (s) => (now = s),
  };
}

describe("a token that a gateway has sealed", () => {
  it("says who comes, where to, and what the gateway knows about it; once", () => {
    const desk = tokens();
    const token = sealToken({ ...FACTS, account: "root", context: { ticket: "T-1" } }, key());
    expect(desk.spend(token)).toMatchObject({
      person: "alice",
      target: "win-1",
      account: "root",
      groups: [],
      context: { ticket: "T-1" },
      issuedBy: "gateway",
    });
    expect(desk.spend(token)).toBeNull();
  });

  it("is worth nothing when a bit of it was changed, or it was sealed with another key", () => {
    const desk = tokens();
    const token = sealToken(FACTS, key());
    for (let index = 4; index < token.length; index += 7) {
      const other = token[index] === "A" ? "B" : "A";
      expect(desk.spend(token.slice(0, index) + other + token.slice(index + 1))).toBeNull();
    }
    expect(desk.spend(`${token}=`)).toBeNull();
    expect(desk.spend(sealToken(FACTS, key(8)))).toBeNull();
    expect(desk.spend(token)).not.toBeNull();
  });

  it.each([
    ["has expired", { exp: NOW_S }, true],
    ["lives longer than ten minutes", { exp: NOW_S + 601 }, true],
    ["lives exactly ten minutes", { exp: NOW_S + 600 }, false],
    ["comes from the future", { iat: NOW_S + 6, exp: NOW_S + 60 }, true],
    ["was made before the sidecar started", { iat: NOW_S - 106, exp: NOW_S + 60 }, true],
    ["is for another address", { origin: "192.0.2.2" }, true],
    ["is for this address", { origin: "192.0.2.1" }, false],
    ["names nobody", { person: "" }, true],
  ])("that %s", (_, more, refused) => {
    expect(tokens().spend(sealToken({ ...FACTS, ...more }, key())) === null).toBe(refused);
  });

  it("needs a key of 32 bytes", () => {
    expect(createSealedTokens(new Secret(new Uint8Array(31)), Date.now)).toMatchObject({
      error: { code: "CHP_IDENTITY_TOKEN_KEY" },
    });
  });
});
