import { describe, expect, it } from "vitest";
import { sessionId } from "../../kernel/index.js";
import {
  attempt,
  hoursLab,
  login,
  openSession,
  PASSWORD,
  registryLab,
  text,
  type Lab,
} from "./registry.testing.js";

const OWED = {
  trigger: "identification.attemptsAtProhibitedTime",
  reason: "2 log-ins at times when nobody should be at work.",
};

/** Opens a session of bob's and ends it; what it owed, or why it was not opened. */
async function comes(lab: Lab, id: string): Promise<unknown> {
  const { opened } = await openSession(lab, login(id, "bob@db-1"), PASSWORD("bob-password"));
  lab.registry.sessionEnded(sessionId(id));
  return opened.ok ? opened.value.facts.proofOwed : opened.error.code;
}

async function proves(lab: Lab, id: string): Promise<void> {
  await openSession(lab, login(id, "bob@db-1"), PASSWORD("bob-password"));
  const answer = { person: "bob", factor: "password", answer: text("bob-password") } as const;
  const asked = { session: sessionId(id), origin: "192.0.2.1", answer };
  const outcome = await lab.registry.answer<"verify-factor">(
    { kind: "verify-factor", ...asked },
    { stream: "w0" },
  );
  expect(outcome).toEqual({ type: "accepted" });
  lab.registry.sessionEnded(sessionId(id));
}

describe("a person who comes at a prohibited time", () => {
  it("is let in or not, counted, and asked from the limit on until they have proved it", async () => {
    let prohibited = true;
    const rules = { prohibitedAt: () => prohibited, refuse: false, attemptsMax: 2 };
    const lab = hoursLab(rules);
    expect(await comes(lab, "s1")).toBeUndefined();
    expect(await comes(lab, "s2")).toEqual(OWED);
    prohibited = false;
    // Later, and after a restart, too.
    expect(await comes(lab, "s3")).toEqual(OWED);
    // What nobody waits for is on the disk soon after.
    await lab.journal.note({ kind: "step", person: "x", step: 1 });
    const next = lab.restart();
    expect(await comes(next, "s4")).toEqual(OWED);
    await proves(next, "s5");
    expect(await comes(next, "s6")).toBeUndefined();
    // It counts anew.
    prohibited = true;
    expect(await comes(next, "s7")).toBeUndefined();
    expect(await comes(next, "s8")).toEqual(OWED);
  });

  it("is refused with an event where that is the rule, and counted all the same", async () => {
    let prohibited = true;
    const rules = { prohibitedAt: () => prohibited, refuse: true, attemptsMax: 2 };
    const lab = hoursLab(rules);
    const { opened, events } = await openSession(
      lab,
      login("s1", "bob@db-1"),
      PASSWORD("bob-password"),
    );
    expect(opened.ok ? "" : opened.error.code).toBe("CHP_RUNTIME_PROHIBITED_TIME");
    expect(events).toMatchObject([{ type: "auth.failed", data: { reason: "prohibited-time" } }]);
    expect(lab.registry.sessions.size).toBe(0);
    expect(await comes(lab, "s2")).toBe("CHP_RUNTIME_PROHIBITED_TIME");
    prohibited = false;
    expect(await comes(lab, "s3")).toEqual(OWED);
  });

  it("is not counted for what somebody else tries in their name", async () => {
    const lab = hoursLab({ prohibitedAt: () => true, refuse: false, attemptsMax: 1 });
    await attempt(lab, login("s1", "bob@db-1"), PASSWORD("a guess"));
    expect(lab.registry.proofsOwed.of("bob")).toBeUndefined();
  });

  it("owes what the scoring core has counted as well", async () => {
    const lab = registryLab();
    const owed = { trigger: "core:scoring", reason: "3 points of rating lost" };
    lab.registry.proofsOwed.owe("bob", owed);
    expect(await comes(lab, "s1")).toEqual(owed);
    await proves(lab, "s2");
    expect(await comes(lab, "s3")).toBeUndefined();
  });
});
