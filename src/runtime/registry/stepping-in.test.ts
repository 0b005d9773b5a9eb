import { describe, expect, it } from "vitest";
import { requestId, sessionId, type SessionId } from "../../kernel/index.js";
import type { ApprovalAsked } from "../../model/index.js";
import { createFakeClock } from "../../testing/index.js";
import type { Decider } from "./approval-desk.js";
import type { OutOfBandAnswers, OutOfBandFactor } from "./factor-desk.js";
import type { RegistryQuestion } from "./ports.js";
import {
  attempt,
  KEY,
  login,
  openSession,
  PASSWORD,
  registryLab,
  text,
  type Lab,
} from "./registry.testing.js";

const ASKED: ApprovalAsked = {
  action: "command",
  held: "systemctl stop auditd",
  rule: "no-blind-spot",
  reason: "the audit must go on",
  approvers: ["group:soc", "maria"],
  min: 1,
  deadlineMs: 60_000,
};

const ask = <K extends RegistryQuestion["kind"]>(
  lab: Lab,
  question: Extract<RegistryQuestion, { kind: K }>,
) => lab.registry.answer<K>(question, { stream: "w0" });

async function opened(lab: Lab, id: string, target = "db-1"): Promise<SessionId> {
  const answer = await openSession(lab, login(id, `bob@${target}`), PASSWORD("bob-password"));
  expect(answer.opened.ok).toBe(true);
  return sessionId(id);
}

async function pending(lab: Lab, asked: Partial<ApprovalAsked> = {}): Promise<SessionId> {
  const session = await opened(lab, "s1");
  const question = { session, request: requestId(7), asked: { ...ASKED, ...asked } };
  expect(await ask(lab, { kind: "ask-approval", ...question })).toBe("under-way");
  return session;
}

const by = (name: string, over: Partial<Decider> = {}): Decider => ({
  name,
  groups: [],
  roles: [],
  ...over,
});
const yes = (decider: Decider) => ({ approve: true, by: decider, reason: "" });

describe("an approval", () => {
  it("is listed with everything that whoever decides has to know, and decided once", async () => {
    const lab = registryLab();
    const session = await pending(lab);
    const [one] = lab.registry.approvals.list();
    expect(one).toMatchObject({
      session,
      person: "bob",
      account: "root",
      target: "db-1",
      held: "systemctl stop auditd",
      approvers: ["group:soc", "maria"],
      approvedBy: [],
    });
    expect((one?.deadline ?? 0) - (one?.askedAt ?? 0)).toBe(60_000_000);
    const id = one?.id ?? "";
    expect(lab.registry.approvals.decide(id, yes(by("maria")))).toEqual({ type: "decided" });
    expect(lab.told).toEqual([
      {
        session,
        input: {
          kind: "approval-decided",
          request: requestId(7),
          outcome: { type: "approved", by: "maria" },
        },
      },
    ]);
    expect(lab.registry.approvals.list()).toEqual([]);
    expect(lab.registry.approvals.decide(id, yes(by("maria")))).toEqual({
      type: "refused",
      why: "unknown",
    });
  });

  it.each<[string, Decider, string | null]>([
    ["a member of the group", by("eve", { groups: ["soc"] }), null],
    ["the named person", by("maria"), null],
    ["a token that is one of the directory's people", by("token-1", { person: "maria" }), null],
    ["a member of another group", by("eve", { groups: ["dba"] }), "not-an-approver"],
    ["a role that was not asked", by("eve", { roles: ["admin"] }), "not-an-approver"],
    ["the person themself", by("bob", { groups: ["soc"] }), "own-request"],
    ["the person behind a token", by("token-2", { person: "bob", groups: ["soc"] }), "own-request"],
  ])("by %s", async (_who, decider, refused) => {
    const lab = registryLab();
    await pending(lab);
    const id = lab.registry.approvals.list()[0]?.id ?? "";
    expect(lab.registry.approvals.decide(id, yes(decider))).toEqual(
      refused === null ? { type: "decided" } : { type: "refused", why: refused },
    );
    expect(lab.told).toHaveLength(refused === null ? 1 : 0);
  });

  it("of two needs two different people, and one no is enough", async () => {
    const lab = registryLab();
    await pending(lab, { min: 2, approvers: [] });
    const { approvals } = lab.registry;
    const id = approvals.list()[0]?.id ?? "";
    expect(approvals.decide(id, yes(by("eve")))).toEqual({ type: "counted", missing: 1 });
    expect(approvals.decide(id, yes(by("eve")))).toEqual({ type: "refused", why: "twice" });
    expect(approvals.list()[0]?.approvedBy).toEqual(["eve"]);
    expect(approvals.decide(id, yes(by("maria")))).toEqual({ type: "decided" });
    expect(lab.told[0]?.input).toMatchObject({ outcome: { type: "approved", by: "eve, maria" } });
  });

  it("is gone with its session, when it is withdrawn, and when the session's process dies", async () => {
    const lab = registryLab();
    let changes = 0;
    const stop = lab.registry.approvals.changed(() => (changes += 1));
    const session = await pending(lab);
    await ask(lab, { kind: "withdraw", session, request: requestId(7) });
    expect(lab.registry.approvals.list()).toEqual([]);
    await ask(lab, { kind: "ask-approval", session, request: requestId(8), asked: ASKED });
    lab.registry.workerDied("w0");
    expect(lab.registry.approvals.list()).toEqual([]);
    expect(changes).toBe(4);
    stop();
    expect(
      await ask(lab, { kind: "ask-approval", session, request: requestId(9), asked: ASKED }),
    ).toBe("too-many");
    expect(changes).toBe(4);
  });
});

describe("a grace", () => {
  const grant = (lab: Lab, session: SessionId) =>
    ask(lab, { kind: "grant-grace", session, rules: ["r1"], graceMs: 60_000 });

  it("holds in the person's other sessions on the same target, and in new ones", async () => {
    const lab = registryLab();
    const first = await opened(lab, "s1");
    const second = await opened(lab, "s2");
    await grant(lab, first);
    expect(lab.told).toMatchObject([
      { session: second, input: { kind: "grace-granted", rules: ["r1"] } },
    ]);
    lab.registry.sessionEnded(second);
    const third = await openSession(lab, login("s3", "bob@db-1"), PASSWORD("bob-password"));
    expect(third.graces.map((one) => one.rule)).toEqual(["r1"]);
  });

  it("does not hold on another target, nor when it is over, and survives a restart", async () => {
    const lab = registryLab();
    await grant(lab, await opened(lab, "s1"));
    const elsewhere = await openSession(lab, login("s2", "bob@db-2"), PASSWORD("bob-password"));
    expect(elsewhere.graces).toEqual([]);
    // What nobody waits for is on the disk soon after.
    await lab.journal.note({ kind: "step", person: "x", step: 1 });
    const next = lab.restart();
    const again = await openSession(next, login("s3", "bob@db-1"), PASSWORD("bob-password"));
    expect(again.graces).toHaveLength(1);
    next.registry.sessionEnded(sessionId("s3"));
    next.clock.tick(60_001);
    const late = await openSession(next, login("s4", "bob@db-1"), PASSWORD("bob-password"));
    expect(late.graces).toEqual([]);
  });
});

describe("a person who is locked", () => {
  const lock = (lab: Lab, untilMs: number | null = null) =>
    lab.registry.personLocks.lock({
      person: "bob",
      by: "operator:maria",
      reason: "on leave",
      sinceMs: 1,
      untilMs,
    });

  it("does not come in with anything that proves who they are, not even by key", async () => {
    const lab = registryLab();
    await lock(lab);
    for (const proof of [PASSWORD("bob-password"), KEY("bob")]) {
      const judged = await attempt(lab, login("s1", "bob@db-1"), proof);
      expect(judged.outcome).toMatchObject({
        type: "refused",
        disconnect: expect.stringContaining("locked out") as string,
      });
      expect(judged.events).toMatchObject([
        { type: "auth.failed", data: { reason: "person-locked" } },
      ]);
    }
  });

  it("looks like anybody else to whoever has proved nothing", async () => {
    const lab = registryLab();
    await lock(lab);
    const judged = await attempt(lab, login("s1", "bob@db-1"), PASSWORD("guessed"));
    expect(judged.outcome).toEqual({ type: "refused", next: expect.any(Array) as string[] });
    expect(judged.events).toMatchObject([{ data: { reason: "wrong-password" } }]);
  });

  it("stays so over a restart, until the time is over or somebody lets them in", async () => {
    const lab = registryLab();
    const soon = lab.clock.wall() / 1_000 + 60_000;
    await lock(lab, soon);
    const next = lab.restart();
    const nowMs = () => next.clock.wall() / 1_000;
    expect(next.registry.personLocks.all(nowMs())).toMatchObject([
      { person: "bob", by: "operator:maria", reason: "on leave", untilMs: soon },
    ]);
    next.clock.tick(60_001);
    expect(next.registry.personLocks.of("bob", nowMs())).toBeNull();
    await lock(next);
    await next.registry.personLocks.unlock("bob");
    const third = next.restart();
    expect(third.registry.personLocks.of("bob", nowMs())).toBeNull();
  });

  it("may be ordered by a rule of a running session", async () => {
    const lab = registryLab();
    const session = await opened(lab, "s1");
    await ask(lab, { kind: "lock-person", session, rule: "r9", reason: "enough" });
    expect(lab.lockOrders).toEqual([{ person: "bob", rule: "r9", reason: "enough" }]);
  });
});

describe("a factor that is answered elsewhere", () => {
  function page() {
    const begun: { id: string; answers: OutOfBandAnswers }[] = [];
    const withdrawn: string[] = [];
    const factor: OutOfBandFactor = {
      name: "webauthn",
      begin: ({ id }, answers) => void begun.push({ id, answers }),
      withdraw: (id) => void withdrawn.push(id),
    };
    return { factor, begun, withdrawn };
  }
  const ASK = {
    request: requestId(3),
    factor: "webauthn",
    trigger: "r1",
    reason: "why",
    deadlineMs: 1_000,
  } as const;

  it("tells the session what the person has to do, and then how it ended, once", async () => {
    const { factor, begun } = page();
    const lab = registryLab({}, undefined, createFakeClock(), [factor]);
    const session = await opened(lab, "s1");
    expect(await ask(lab, { kind: "ask-factor", session, ask: ASK })).toBe("under-way");
    begun[0]?.answers.offered({ text: "Open this page", link: "https://here/1" });
    begun[0]?.answers.settled({ type: "accepted" });
    begun[0]?.answers.settled({ type: "refused", reason: "wrong" });
    expect(lab.told.map((one) => one.input)).toEqual([
      {
        kind: "factor-offered",
        request: ASK.request,
        offer: { text: "Open this page", link: "https://here/1" },
      },
      { kind: "factor-verified", request: ASK.request, outcome: { type: "accepted" } },
    ]);
  });

  it("counts towards the lock when it is refused, and a locked person is not asked", async () => {
    const { factor, begun } = page();
    const lab = registryLab({}, undefined, createFakeClock(), [factor]);
    const session = await opened(lab, "s1");
    for (let i = 0; i < 5; i += 1) {
      await ask(lab, { kind: "ask-factor", session, ask: { ...ASK, request: requestId(i + 1) } });
      begun[i]?.answers.settled({ type: "refused", reason: "wrong" });
    }
    expect(await ask(lab, { kind: "ask-factor", session, ask: ASK })).toEqual({
      at: "once",
      outcome: { type: "refused", reason: "locked" },
    });
  });

  it("that is not there is refused at once; one that is withdrawn or outlived says nothing more", async () => {
    const { factor, begun, withdrawn } = page();
    const lab = registryLab({}, undefined, createFakeClock(), [factor]);
    const session = await opened(lab, "s1");
    const other = { ...ASK, factor: "webhook" } as const;
    expect(await ask(lab, { kind: "ask-factor", session, ask: other })).toMatchObject({
      outcome: { reason: "unavailable" },
    });
    await ask(lab, { kind: "ask-factor", session, ask: ASK });
    await ask(lab, { kind: "withdraw", session, request: ASK.request });
    await ask(lab, { kind: "ask-factor", session, ask: { ...ASK, request: requestId(4) } });
    lab.registry.sessionEnded(session);
    for (const { answers } of begun) answers.settled({ type: "accepted" });
    expect(lab.told).toEqual([]);
    expect(withdrawn).toEqual(begun.map((one) => one.id));
  });

  it("can not be passed by something that is typed", async () => {
    const lab = registryLab();
    const session = await opened(lab, "s1");
    const answer = { person: "bob", factor: "webauthn", answer: text("anything") } as const;
    const question = { kind: "verify-factor", session, origin: "192.0.2.1", answer } as const;
    expect(await ask(lab, question)).toEqual({ type: "refused", reason: "unavailable" });
  });
});
