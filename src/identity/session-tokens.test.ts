import { beforeEach, describe, expect, it } from "vitest";
import { isSessionToken } from "../kernel/index.js";
import { createSessionTokens, type SessionTokens } from "./session-tokens.js";

const ORDER = {
  person: "alice",
  target: "db-1",
  groups: [],
  labels: {},
  context: { ticket: "CHG-1" },
  ttlMs: 60_000,
  issuedBy: "gateway",
} as const;

let nowMs = 0;
let tokens: SessionTokens;
beforeEach(() => {
  nowMs = Date.UTC(2026, 0, 1);
  tokens = createSessionTokens(() => nowMs);
});

function issue(over: Partial<Parameters<SessionTokens["issue"]>[0]> = {}): string {
  const issued = tokens.issue({ ...ORDER, ...over });
  if (!issued.ok) throw new Error(issued.error.message);
  return issued.value.token;
}

describe("a session token", () => {
  it("opens one session, and no second one", () => {
    const token = issue();
    expect(isSessionToken(token)).toBe(true);
    expect(tokens.spend(token, "192.0.2.1")).toMatchObject({
      person: "alice",
      target: "db-1",
      context: { ticket: "CHG-1" },
    });
    expect(tokens.spend(token, "192.0.2.1")).toBeNull();
  });

  it("is worthless once its time is over", () => {
    const token = issue({ ttlMs: 1_000 });
    nowMs += 999;
    expect(tokens.list()).toHaveLength(1);
    nowMs += 1;
    expect(tokens.list()).toHaveLength(0);
    expect(tokens.spend(token, "192.0.2.1")).toBeNull();
  });

  it("bound to an address is not taken from another, and not spent by the attempt", () => {
    const token = issue({ origin: "192.0.2.1" });
    expect(tokens.spend(token, "192.0.2.2")).toBeNull();
    expect(tokens.spend(token, "::ffff:192.0.2.1")).not.toBeNull();
  });

  it("that was revoked opens nothing", () => {
    const token = issue();
    const [grant] = tokens.list();
    expect(tokens.revoke(grant?.id ?? "")).toBe(true);
    expect(tokens.revoke(grant?.id ?? "")).toBe(false);
    expect(tokens.spend(token, "192.0.2.1")).toBeNull();
  });

  it("is told to whoever asked for it and stands in no list", () => {
    const token = issue();
    expect(JSON.stringify(tokens.list())).not.toContain(token.slice("chp-".length));
  });

  it("is refused to a gateway that leaves ten thousand of them unused", () => {
    for (let i = 0; i < 10_000; i += 1) issue();
    expect(tokens.issue(ORDER)).toMatchObject({
      ok: false,
      error: { code: "CHP_IDENTITY_TOKENS_FULL" },
    });
    nowMs += ORDER.ttlMs;
    expect(tokens.issue(ORDER).ok).toBe(true);
  });

  it("can not be guessed from what is no token", () => {
    for (const name of ["chp-", "chp-short", "alice", `chp-${"a".repeat(500)}`]) {
      expect(tokens.spend(name, "192.0.2.1")).toBeNull();
    }
  });
});
