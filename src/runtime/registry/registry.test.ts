import { appendFileSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { sessionId } from "../../kernel/index.js";
import {
  ANSWER,
  attempt,
  KEY,
  login,
  openSession,
  PASSWORD,
  registryLab,
  text,
  type Lab,
} from "./registry.testing.js";

const from = { stream: "w0" };

async function verify(lab: Lab, code: string, person = "alice") {
  return await lab.registry.answer<"verify-factor">(
    {
      kind: "verify-factor",
      session: sessionId("s"),
      origin: "192.0.2.1",
      answer: { person, factor: "totp", answer: text(code) },
    },
    from,
  );
}

describe("a one-time code", () => {
  it("is accepted once, however many sessions show it at the same moment", async () => {
    const lab = registryLab();
    const outcomes = await Promise.all(
      ["step-100", "step-100", "step-100"].map((code) => verify(lab, code)),
    );
    expect(outcomes.filter((outcome) => outcome.type === "accepted")).toHaveLength(1);
    expect(
      outcomes.filter((outcome) => outcome.type === "refused" && outcome.reason === "reused"),
    ).toHaveLength(2);
  });

  it("stays used up after a restart", async () => {
    const lab = registryLab();
    expect(await verify(lab, "step-100")).toEqual({ type: "accepted" });
    const next = lab.restart();
    expect(await verify(next, "step-100")).toEqual({ type: "refused", reason: "reused" });
    expect(await verify(next, "step-99")).toEqual({ type: "refused", reason: "reused" });
    expect(await verify(next, "step-101")).toEqual({ type: "accepted" });
  });

  it("is on the disk before the answer", async () => {
    const lab = registryLab();
    await verify(lab, "step-7");
    expect(readFileSync(lab.path, "utf8")).toBe('{"kind":"step","person":"alice","step":7}\n');
  });

  it("survives a journal whose last line was torn", async () => {
    const lab = registryLab();
    await verify(lab, "step-7");
    appendFileSync(lab.path, '{"kind":"step","person":"al');
    const next = lab.restart();
    expect(await verify(next, "step-7")).toEqual({ type: "refused", reason: "reused" });
    expect(await verify(next, "step-8")).toEqual({ type: "accepted" });
  });

  it("counts towards the lock when it is wrong, and a locked person is not asked further", async () => {
    const lab = registryLab();
    for (let i = 0; i < 5; i += 1) {
      expect(await verify(lab, "wrong")).toEqual({ type: "refused", reason: "wrong" });
    }
    expect(await verify(lab, "step-100")).toEqual({ type: "refused", reason: "locked" });
    lab.clock.tick(300_001);
    expect(await verify(lab, "step-100")).toEqual({ type: "accepted" });
  });
});

describe("sessions", () => {
  it("are limited for each person and in all, and free their place when they end", async () => {
    const lab = registryLab();
    const open = (session: string) =>
      openSession(lab, login(session, "bob@db-1"), PASSWORD("bob-password"));
    expect((await open("s1")).opened.ok).toBe(true);
    expect((await open("s2")).opened.ok).toBe(true);
    const third = await open("s3");
    expect(third.opened).toMatchObject({ error: { code: "CHP_RUNTIME_SESSION_LIMIT" } });
    expect(third.events).toMatchObject([
      { type: "auth.failed", data: { reason: "session-limit" } },
    ]);
    lab.registry.sessionEnded(sessionId("s1"));
    expect((await open("s4")).opened.ok).toBe(true);
    lab.registry.workerDied("w0");
    expect(lab.registry.sessions.size).toBe(0);
  });

  it("are not opened for a login that was not completed here", async () => {
    const lab = registryLab();
    expect(await attempt(lab, login("s1"), KEY("alice", false))).not.toHaveProperty("opening");
    expect(await attempt(lab, login("s1"), KEY("mallory"))).not.toHaveProperty("opening");
    const half = await attempt(lab, login("s1"), KEY("alice"));
    expect(half.outcome.type).toBe("partial");
    expect(half).not.toHaveProperty("opening");
    expect(lab.registry.sessions.size).toBe(0);
  });

  it.each([
    ["has given up", (lab: Lab) => lab.registry.sessionEnded(sessionId("s1"))],
    ["is dead", (lab: Lab) => lab.registry.workerDied("w0")],
  ])("are not opened, and take no place, when whoever asked %s meanwhile", async (_how, gone) => {
    const lab = registryLab({ totp: "off" });
    const pending = attempt(lab, login("s1", "bob@db-1"), PASSWORD("bob-password"));
    gone(lab);
    expect((await pending).opening?.opened.ok).not.toBe(true);
    expect(lab.registry.sessions.size).toBe(0);
  });

  it("tell the person when there is no such target, after they have proved who they are", async () => {
    const lab = registryLab();
    const opened = await openSession(lab, login("s1", "bob@elsewhere"), PASSWORD("bob-password"));
    expect(opened.opened).toMatchObject({ error: { code: "CHP_RUNTIME_NO_DESTINATION" } });
    expect(opened.events).toMatchObject([{ data: { reason: "no-such-target" } }]);
  });

  it("get a way to their own target, and only while they run", async () => {
    const lab = registryLab();
    await openSession(lab, login("s1", "bob@db-1"), PASSWORD("bob-password"));
    const plan = (session: string) =>
      lab.registry.answer<"plan">({ kind: "plan", session: sessionId(session) }, from);
    expect(await plan("s1")).toEqual({ ok: true, value: "db-1 any" });
    expect(await plan("s2")).toMatchObject({ ok: false });
  });
});

describe("a host key trusted on first use", () => {
  const judge = (lab: Lab, key: string, target = "db-1") =>
    lab.registry.answer<"judge-host-key">(
      { kind: "judge-host-key", target, key: { algorithm: "ssh-ed25519", blob: Buffer.from(key) } },
      from,
    );

  it("is the only one from then on, also after a restart", async () => {
    const lab = registryLab();
    expect(await judge(lab, "first")).toEqual({ type: "trusted" });
    expect(await judge(lab, "second")).toMatchObject({
      fault: { code: "CHP_RUNTIME_HOST_KEY_CHANGED" },
    });
    expect(await judge(lab, "second", "db-2")).toEqual({ type: "trusted" });
    const next = lab.restart();
    expect(await judge(next, "first")).toEqual({ type: "trusted" });
    expect(await judge(next, "second")).toMatchObject({ type: "refused" });
  });

  it("is one even when two sessions see two at the same moment", async () => {
    const lab = registryLab();
    const judged = await Promise.all([judge(lab, "one"), judge(lab, "two")]);
    expect(judged.map((one) => one.type)).toEqual(["trusted", "refused"]);
  });
});

describe("logging in", () => {
  it("asks for the code after a key or a password, when the person is enrolled", async () => {
    const lab = registryLab();
    const first = await attempt(lab, login("s1"), KEY("alice"));
    expect(first.outcome).toEqual({ type: "partial", next: ["keyboard-interactive"] });
    const prompts = await lab.registry.answer<"prompts">(
      { kind: "prompts", login: login("s1") },
      from,
    );
    expect(prompts).toEqual([{ text: "One-time code: ", echo: false, asksPassword: false }]);
    const second = await attempt(lab, login("s1"), ANSWER("step-5"));
    expect(second.outcome).toMatchObject({ type: "accepted", person: { name: "alice" } });
    expect(
      [...first.events, ...second.events].map(({ type, data }) => [
        type,
        "factor" in data && data.factor,
      ]),
    ).toEqual([
      ["auth.succeeded", "key"],
      ["auth.succeeded", "totp"],
    ]);
  });

  it("does not take a code for a password, nor a password for a code", async () => {
    const lab = registryLab();
    expect((await attempt(lab, login("s1"), ANSWER("step-5"))).outcome.type).toBe("refused");
    await attempt(lab, login("s2"), KEY("alice"));
    expect((await attempt(lab, login("s2"), ANSWER("alice-password"))).outcome.type).toBe(
      "refused",
    );
    expect((await attempt(lab, login("s2"), PASSWORD("alice-password"))).outcome.type).toBe(
      "refused",
    );
  });

  it("starts again when another name is given, and forgets nothing that failed", async () => {
    const lab = registryLab();
    await attempt(lab, login("s1"), KEY("alice"));
    const other = await attempt(lab, login("s1", "bob@db-1"), ANSWER("step-5"));
    expect(other.outcome.type).toBe("refused");
    for (let i = 0; i < 2; i += 1) await attempt(lab, login("s1"), PASSWORD("wrong"));
    const last = await attempt(lab, login("s1", "bob@db-1"), PASSWORD("wrong"));
    expect(last.outcome).toMatchObject({ disconnect: expect.any(String) as string });
  });

  it("answers the same for a person who does not exist as for a wrong password", async () => {
    const lab = registryLab();
    const answers = [];
    for (const name of ["alice", "nobody-we-know", "bob"]) {
      const facts = login(`s-${name}`, `${name}@db-1`);
      const asked = [
        KEY(`not-${name}`, false),
        KEY(`not-${name}`),
        PASSWORD("wrong"),
        ANSWER("wrong"),
      ];
      const outcomes = [];
      for (const proof of asked) outcomes.push((await attempt(lab, facts, proof)).outcome);
      answers.push(outcomes);
    }
    expect(answers[1]).toEqual(answers[0]);
    expect(answers[2]).toEqual(answers[0]);
  });

  it("tells the analyst what the client is not told", async () => {
    const lab = registryLab();
    const reasons = [];
    for (const [name, proof] of [
      ["alice", PASSWORD("wrong")],
      ["nobody-we-know", PASSWORD("wrong")],
      ["alice", KEY("mallory")],
    ] as const) {
      const { events } = await attempt(lab, login(`s-${reasons.length}`, `${name}@db-1`), proof);
      reasons.push(events.map((event) => "reason" in event.data && event.data.reason));
    }
    expect(reasons).toEqual([["wrong-password"], ["no-such-person"], ["unknown-key"]]);
  });

  it("locks a person who is guessed at, but not their key", async () => {
    const lab = registryLab({ totp: "off" });
    for (let i = 0; i < 5; i += 1) {
      await attempt(lab, login(`s-${i}`, "bob@db-1", `192.0.2.${i}`), PASSWORD("wrong"));
    }
    const right = await attempt(
      lab,
      login("s-9", "bob@db-1", "192.0.2.9"),
      PASSWORD("bob-password"),
    );
    expect(right.outcome).toMatchObject({
      type: "refused",
      disconnect: expect.stringContaining("try again in 5 minutes") as string,
    });
    expect(right.events).toMatchObject([{ data: { reason: "locked" } }]);
    const key = await attempt(lab, login("s-10", "bob@db-1", "192.0.2.9"), KEY("bob"));
    expect(key.outcome.type).toBe("accepted");
    const next = lab.restart();
    const after = await attempt(next, login("s-11", "bob@db-1"), PASSWORD("bob-password"));
    expect(after.outcome.type).toBe("refused");
    next.clock.tick(300_001);
    const later = await attempt(next, login("s-12", "bob@db-1"), PASSWORD("bob-password"));
    expect(later.outcome.type).toBe("accepted");
  });

  it("locks an address that tries many names", async () => {
    const lab = registryLab({ failuresPerAddressMax: 6 });
    for (let i = 0; i < 6; i += 1) {
      await attempt(lab, login(`s-${i}`, `name-${i}@db-1`), PASSWORD("wrong"));
    }
    const right = await attempt(lab, login("s-9", "bob@db-1"), PASSWORD("bob-password"));
    expect(right.outcome.type).toBe("refused");
    const elsewhere = await attempt(
      lab,
      login("s-10", "bob@db-1", "192.0.2.200"),
      PASSWORD("bob-password"),
    );
    expect(elsewhere.outcome.type).toBe("accepted");
  });

  it("refuses whoever has no code when everybody needs one", async () => {
    const lab = registryLab({ totp: "required" });
    const bob = await attempt(lab, login("s1", "bob@db-1"), PASSWORD("bob-password"));
    expect(bob.outcome.type).toBe("refused");
    expect(bob.events).toMatchObject([{ data: { reason: "not-enrolled" } }]);
  });

  it("ends a connection that offers keys without end", async () => {
    const lab = registryLab();
    const outcomes = [];
    for (let i = 0; i < 31; i += 1) {
      outcomes.push((await attempt(lab, login("s1"), KEY(`k${i}`, false))).outcome);
    }
    expect(outcomes.at(29)).not.toHaveProperty("disconnect");
    expect(outcomes.at(30)).toHaveProperty("disconnect");
  });

  it("shows methods to whoever asks, and tells nothing about it", async () => {
    const lab = registryLab();
    expect(await attempt(lab, login("s1"), { method: "none" })).toEqual({
      outcome: { type: "refused", next: ["publickey", "password", "keyboard-interactive"] },
      events: [],
    });
  });
});
