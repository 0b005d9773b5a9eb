import * as fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { ok } from "../../kernel/index.js";
import type { EnrolledFactors, EnrolledKey } from "../enrolment/enrolled-factors.js";
import { openRelyingParty, type RelyingParty } from "./relying-party.js";
import {
  createWebauthnFactor,
  type WebauthnAnswers,
  type WebauthnFactor,
} from "./webauthn-factor.js";

const KEY: EnrolledKey = {
  id: "k1",
  publicKey: "AA",
  counter: 1,
  transports: [],
  name: "desk",
  synced: false,
  state: "good",
  enrolledMs: 0,
};

/** A key that signs by saying the challenge back. */
const party: RelyingParty = {
  registration: () => Promise.resolve({ options: {}, challenge: "" }),
  register: () => Promise.resolve(null),
  authentication: () => {
    const challenge = String(++made);
    return Promise.resolve({ options: { challenge }, challenge });
  },
  authenticate: (response, challenge) =>
    Promise.resolve(response === challenge ? { id: "k1", counter: 2 } : null),
};
let made = 0;
let nowMs = 0;
let used: "good" | "cloned" = "good";
let offers: { readonly link: string; readonly code: string }[] = [];
let settled: string[] = [];
let cloned: string[] = [];
let factor: WebauthnFactor;

const answers: WebauthnAnswers = {
  offered: (offer) => void offers.push(offer),
  settled: (outcome) =>
    void settled.push(outcome.type === "accepted" ? "accepted" : outcome.reason),
};
function begin(id = "s.1", person = "alice"): string {
  const session = {
    person: { name: person },
    account: "root",
    target: { name: "db" },
    origin: "::1",
  };
  factor.begin({ id, session, trigger: "r", reason: "why", deadlineMs: 60_000 }, answers);
  return offers.at(-1)?.link ?? "";
}
async function asked(token: string): Promise<string> {
  const options = (await factor.page.options(token)) as { readonly challenge: string } | null; // as `party` makes them
  return options?.challenge ?? "";
}

beforeEach(() => {
  made = 0;
  nowMs = 1_000_000;
  used = "good";
  offers = [];
  settled = [];
  cloned = [];
  const enrolled: Pick<EnrolledFactors, "keysOf" | "used"> = {
    keysOf: (person) => (person === "alice" ? [KEY] : []),
    used: () => Promise.resolve(ok(used)),
  };
  factor = createWebauthnFactor({
    party,
    enrolled: enrolled as EnrolledFactors, // the factor uses nothing else of it
    wallMs: () => nowMs,
    linkOf: (token) => token,
    cloned: (person, key) => cloned.push(`${person} ${key}`) > 0,
    failed: () => undefined,
  });
});

describe("a passkey that is asked for", () => {
  it("releases when it has signed, once, and the page says so afterwards", async () => {
    const token = begin();
    expect(factor.page.look(token)).toMatchObject({ state: "open", code: offers[0]?.code });
    const challenge = await asked(token);
    expect(await factor.page.answer(token, challenge)).toBe("accepted");
    expect(await factor.page.answer(token, challenge)).toBe("over");
    expect(await factor.page.options(token)).toBeNull();
    expect(factor.page.deny(token)).toBe(false);
    expect(factor.page.look(token)?.state).toBe("accepted");
    expect(settled).toEqual(["accepted"]);
  });

  it("takes each challenge for one answer, and only the latest", async () => {
    const token = begin();
    const first = await asked(token);
    const second = await asked(token);
    expect(await factor.page.answer(token, first)).toBe("refused");
    expect(settled).toEqual(["wrong"]);
    expect(await factor.page.answer(token, second)).toBe("over");
  });

  it("counts nothing for an answer that was never asked for", async () => {
    expect(await factor.page.answer(begin(), "1")).toBe("over");
    expect(settled).toEqual([]);
  });

  it("is over when the question is withdrawn, also while an answer is being checked", async () => {
    const token = begin();
    const challenge = await asked(token);
    const answered = factor.page.answer(token, challenge);
    factor.withdraw("s.1");
    expect(await answered).toBe("over");
    expect(factor.page.look(token)?.state).toBe("over");
    expect(settled).toEqual([]);
  });

  it("refuses a copy of a key, and tells it", async () => {
    used = "cloned";
    const token = begin();
    expect(await factor.page.answer(token, await asked(token))).toBe("refused");
    expect(cloned).toEqual(["alice k1"]);
    expect(settled).toEqual(["wrong"]);
  });

  it("is unavailable for who has none, and its links expire", () => {
    begin("s.2", "bob");
    expect(settled).toEqual(["unavailable"]);
    const token = begin("s.3");
    nowMs += 60_000 + 59_999;
    expect(factor.page.look(token)).not.toBeNull();
    nowMs += 1;
    expect(factor.page.look(token)).toBeNull();
  });
});

describe("what browsers send", () => {
  it("is never taken, and never throws, when it is made up", async () => {
    const real = await openRelyingParty({
      id: "localhost",
      name: "lab",
      origin: () => "http://localhost",
      userVerification: "required",
      timeoutMs: 1_000,
    });
    const text = fc.stringMatching(/^[A-Za-z0-9_-]{1,200}$/);
    const form = fc.record({
      id: fc.constant("k1"),
      rawId: fc.constant("k1"),
      type: fc.constant("public-key"),
      response: fc.record({
        clientDataJSON: text,
        authenticatorData: text,
        attestationObject: text,
        signature: text,
      }),
    });
    await fc.assert(
      fc.asyncProperty(fc.oneof(form, fc.anything()), async (response) => {
        expect(await real.authenticate(response, "Y2hhbGxlbmdl", [KEY])).toBeNull();
        expect(await real.register(response, "Y2hhbGxlbmdl")).toBeNull();
      }),
      { numRuns: 200 },
    );
  });
});
