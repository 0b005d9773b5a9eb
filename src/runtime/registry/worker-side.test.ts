import { describe, expect, it } from "vitest";
import { err, fault, ok, Secret, sessionId } from "../../kernel/index.js";
import { createClock } from "../clock/index.js";
import type { ParentLink, Story } from "../worker/index.js";
import type { RegistryQuestion } from "./ports.js";
import { attempt, KEY, login, registryLab, RULES, type Lab } from "./registry.testing.js";
import { createRegistryProxy } from "./worker-side.js";
import { eventually } from "../testing/eventually.testing.js";

function worker(lab: Lab | null, over: { append?: ParentLink["spool"]["append"] } = {}) {
  const lines: { type: string; sequence: number; subject: string }[] = [];
  const ended: [string, Story][] = [];
  const asked: string[] = [];
  const link: ParentLink = {
    spool: {
      stream: "w0",
      segment: 0,
      append:
        over.append ??
        ((text) => {
          for (const line of text.trim().split("\n"))
            lines.push(JSON.parse(line) as (typeof lines)[number]);
          return ok(undefined);
        }),
      sync: () => ok(undefined),
      close: () => undefined,
    },
    // No lab: a parent that does not answer.
    ask: (question) => {
      asked.push((question as RegistryQuestion).kind);
      return lab === null
        ? Promise.resolve(null)
        : lab.registry.answer(question as RegistryQuestion, { stream: "w0" });
    },
    sessionEnded: (session, story) => ended.push([session, story]),
    observed: () => undefined,
  };
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const proxy = createRegistryProxy<string>(
    { link, clock: createClock(), log },
    {
      source: "/chaperone/lab/n",
      login: RULES,
      isToken: (userName) => userName.startsWith("token-"),
    },
  );
  return { proxy, lines, ended, asked };
}

const attemptOf = (session: string, proof = KEY("alice")) => ({ ...login(session), proof });

describe("the registry as a worker sees it", () => {
  it("numbers the events of a log-in, and the session goes on from there", async () => {
    const { proxy, lines } = worker(registryLab({ totp: "off" }));
    await proxy.authenticate(attemptOf("s1", KEY("mallory")));
    const outcome = await proxy.authenticate(attemptOf("s1"));
    expect(outcome.type).toBe("accepted");
    expect(lines.map(({ type, sequence }) => [type, sequence])).toEqual([
      ["io.chaperone.auth.failed.v1", 0],
      ["io.chaperone.auth.succeeded.v1", 1],
    ]);
    expect(proxy.takeFirstSequence(sessionId("s1"))).toBe(2);
    expect(proxy.takeFirstSequence(sessionId("s2"))).toBe(0);
  });

  it("lets nobody in when the parent does not answer", async () => {
    const { proxy, ended } = worker(null);
    expect(await proxy.authenticate(attemptOf("s1"))).toMatchObject({
      type: "refused",
      disconnect: expect.any(String) as string,
    });
    expect(await proxy.prompts(login("s1"))).toEqual([]);
    expect(await proxy.openSession(login("s1"))).toMatchObject({ ok: false });
    // Whatever the parent has opened, or opens when it wakes, does not stay.
    expect(ended).toEqual([
      ["s1", "closed"],
      ["s1", "closed"],
    ]);
    expect(await proxy.judgeHostKey("db-1", { algorithm: "x", blob: Buffer.of(1) })).toMatchObject({
      type: "refused",
    });
    const answer = {
      person: "alice",
      factor: "totp" as const,
      answer: new Secret(Buffer.from("1")),
    };
    const question = {
      session: sessionId("s1"),
      origin: "",
      answer,
      wall: createClock().wall(),
      deadlineMs: 5,
    };
    expect(await proxy.verifyFactor(question)).toEqual({ type: "refused", reason: "timeout" });
  });

  it("lets nobody in of whom it could not be told", async () => {
    const { proxy } = worker(registryLab({ totp: "off" }), {
      append: () => err(fault("CHP_RUNTIME_SPOOL_WRITE", "no space left on device")),
    });
    expect((await proxy.authenticate(attemptOf("s1"))).type).toBe("refused");
  });

  it("needs the parent once for a person with a key, and not for what everybody is told", async () => {
    const { proxy, asked } = worker(registryLab({ totp: "off" }));
    const greeting = { ...login("s1"), proof: { method: "none" } as const };
    expect(await proxy.authenticate(greeting)).toMatchObject({
      type: "refused",
      next: RULES.methods,
    });
    const outcome = await proxy.authenticate(attemptOf("s1"));
    if (outcome.type !== "accepted") throw new Error(outcome.type);
    const opened = await proxy.openSession(login("s1"));
    expect(opened).toMatchObject({ ok: true });
    expect(asked).toEqual(["authenticate"]);
  });

  it("asks the parent about a greeting that may be a token, and about every one but the first", async () => {
    const { proxy, asked } = worker(registryLab({ totp: "off" }));
    const greeting = { ...login("s1"), proof: { method: "none" } as const };
    await proxy.authenticate({ ...greeting, userName: "token-1" });
    await proxy.authenticate(greeting);
    expect(asked).toEqual(["authenticate", "authenticate"]);
  });

  it("asks once whether a key would do, and each time whether it has proved itself", async () => {
    const { proxy, asked } = worker(registryLab({ totp: "off" }));
    const asks = KEY("alice", false);
    expect((await proxy.authenticate(attemptOf("s1", asks))).type).toBe("accepted");
    // "partial": it would do, and lets nobody in.
    expect((await proxy.authenticate(attemptOf("s2", asks))).type).toBe("partial");
    expect(asked).toEqual(["authenticate"]);
    expect((await proxy.authenticate(attemptOf("s2"))).type).toBe("accepted");
    expect(asked).toEqual(["authenticate", "authenticate"]);
  });

  it("asks anew about another key, another name, another address, and after a first factor", async () => {
    const { proxy, asked } = worker(registryLab({ totp: "off" }));
    const asks = attemptOf("s1", KEY("alice", false));
    await proxy.authenticate(asks);
    const others = [
      { ...asks, proof: KEY("mallory", false) },
      { ...asks, userName: "alice+other@db-1" },
      { ...asks, origin: "192.0.2.9" },
      { ...asks, passed: ["password" as const] },
    ];
    for (const [index, other] of others.entries()) {
      await proxy.authenticate({ ...other, session: sessionId(`other-${index}`) });
    }
    expect(asked).toHaveLength(1 + others.length);
    // What would not do is not remembered.
    await proxy.authenticate(attemptOf("s9", KEY("mallory", false)));
    expect(asked).toHaveLength(2 + others.length);
  });

  it("asks again about a key whose proof was refused", async () => {
    const lab = registryLab({ totp: "off" });
    const { proxy, asked } = worker(lab);
    const asks = KEY("alice", false);
    await proxy.authenticate(attemptOf("s1", asks));
    const lock = { person: "alice", by: "operator:maria", reason: "on leave", sinceMs: 1 };
    await lab.registry.personLocks.lock({ ...lock, untilMs: null });
    expect((await proxy.authenticate(attemptOf("s2", asks))).type).toBe("partial");
    expect((await proxy.authenticate(attemptOf("s2"))).type).toBe("refused");
    await proxy.authenticate(attemptOf("s3", asks));
    expect(asked).toEqual(["authenticate", "authenticate", "authenticate"]);
  });

  it("gives back the place of a session that never starts, and of none that does", async () => {
    const lab = registryLab({ totp: "off" });
    const { proxy, ended } = worker(lab);
    for (const session of ["s1", "s2"]) {
      const outcome = await proxy.authenticate(attemptOf(session));
      if (outcome.type !== "accepted") throw new Error(outcome.type);
      const opened = await proxy.openSession(login(session));
      expect(opened.ok).toBe(true);
    }
    proxy.takeFirstSequence(sessionId("s2"));
    await eventually(() => ended).toEqual([["s1", "closed"]]);
    expect(await attempt(lab, login("s3"), KEY("alice"))).toMatchObject({
      outcome: { type: "accepted" },
    });
  });
});
