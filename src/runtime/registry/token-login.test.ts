import { describe, expect, it } from "vitest";
import { attempt, KEY, login, PASSWORD, tokenLab, type Lab } from "./registry.testing.js";
import type { SpentToken, TokenDesk } from "./ports.js";

const GRANT: SpentToken = {
  id: "t-1",
  person: "alice",
  target: "db-1",
  groups: ["guests"],
  labels: { env: "prod" },
  context: { ticket: "CHG-1", gateway: "g-7" },
};

/** Tokens by name; each is good once. */
function tokens(grants: Readonly<Record<string, SpentToken>>): TokenDesk {
  const left = new Map(Object.entries(grants));
  return {
    isToken: (userName) => userName.startsWith("chp-"),
    spend(userName) {
      const grant = left.get(userName) ?? null;
      left.delete(userName);
      return grant;
    },
  };
}

const lab = (grants: Readonly<Record<string, SpentToken>>): Lab => tokenLab(tokens(grants));

describe("a login by session token", () => {
  it("needs no other proof, and opens the session that the gateway asked for", async () => {
    const at = lab({ "chp-good": GRANT });
    const judged = await attempt(at, login("s-1", "chp-good"), { method: "none" });
    expect(judged).toMatchObject({
      outcome: { type: "accepted", person: { name: "alice" } },
      events: [{ type: "auth.succeeded", data: { factor: "session-token" } }],
    });
    expect(judged.opening?.opened).toMatchObject({
      ok: true,
      value: {
        facts: {
          person: { name: "alice" },
          target: { name: "db-1", labels: { env: "prod" } },
          authMethods: ["session-token"],
          context: { ticket: "CHG-1", gateway: "g-7" },
          ticket: "CHG-1",
        },
      },
    });
  });

  it("happens once", async () => {
    const at = lab({ "chp-good": GRANT });
    await attempt(at, login("s-1", "chp-good"), { method: "none" });
    const again = await attempt(at, login("s-2", "chp-good"), { method: "none" });
    expect(again.outcome.type).toBe("refused");
    expect(again).not.toHaveProperty("opening");
  });

  it("takes any method for the same, but is not spent by a question about a key", async () => {
    const at = lab({ "chp-good": GRANT, "chp-too": GRANT });
    const asked = await attempt(at, login("s-1", "chp-good"), KEY("alice", false));
    expect(asked).toMatchObject({ outcome: { type: "refused" }, events: [] });
    const typed = await attempt(at, login("s-1", "chp-good"), PASSWORD("whatever"));
    expect(typed.outcome.type).toBe("accepted");
  });

  it("that fails says nothing of the token, and counts against the address", async () => {
    const at = lab({});
    const judged = await attempt(at, login("s-1", "chp-stolen"), { method: "none" });
    expect(judged.outcome.type).toBe("refused");
    expect(judged.events).toMatchObject([
      { type: "auth.failed", data: { reason: "unknown-token" } },
    ]);
    expect(JSON.stringify(judged)).not.toContain("chp-stolen");
  });

  it("is no way around a lock", async () => {
    const at = lab({ "chp-good": GRANT });
    await at.registry.personLocks.lock({
      person: "alice",
      by: "operator:maria",
      reason: "why",
      sinceMs: 0,
      untilMs: null,
    });
    const judged = await attempt(at, login("s-1", "chp-good"), { method: "none" });
    expect(judged).toMatchObject({
      outcome: { type: "refused" },
      events: [{ data: { reason: "person-locked" } }],
    });
  });

  it("brings a person whom only the gateway knows, with the groups that it names", async () => {
    const at = lab({ "chp-guest": { ...GRANT, person: "visitor" } });
    const judged = await attempt(at, login("s-1", "chp-guest"), { method: "none" });
    expect(judged.outcome).toMatchObject({
      type: "accepted",
      person: { name: "visitor", groups: ["guests"], factors: [] },
    });
  });
});
