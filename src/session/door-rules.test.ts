import { describe, expect, it } from "vitest";
import type { EventDraft } from "../events/index.js";
import { channelId, micros, requestId, wallMicros } from "../kernel/index.js";
import type { ChannelAsked, Effect, InputBody, RequestAsked } from "../model/index.js";
import { createSession } from "./index.js";
import { seedOf, type SeedOptions } from "./seed.testing.js";

const RULES = (rules: string): string => `apiVersion: chaperone/v1
kind: RulePack
metadata: { name: door-rules, version: 1.0.0 }
rules:
${rules}`;

const OPEN = { localForward: "allow", remoteForward: "allow", agent: "allow" } as const;

/** A session whose answers and events can be asked for. */
function openSession(rules: string, options: SeedOptions = {}) {
  const session = createSession(seedOf({ channels: OPEN, ...options, rules: RULES(rules) }));
  const effects: Effect[] = [];
  let now = 0;
  const step = (body: InputBody): void => {
    now += 1_000;
    effects.push(...session.step({ ...body, at: micros(now), wall: wallMicros(now) }));
  };
  step({ kind: "opened" });
  let request = 0;
  const answerOf = (id: number): string | undefined =>
    effects.flatMap((one) =>
      one.kind === "answer" && one.request === id ? [one.answer.type] : [],
    )[0];
  return {
    channel(asked: ChannelAsked): string | undefined {
      request += 1;
      step({
        kind: "channel-asked",
        channel: channelId(request),
        request: requestId(request),
        asked,
      });
      return answerOf(request);
    },
    request(asked: RequestAsked): string | undefined {
      this.channel({ type: "session" });
      const channel = channelId(request);
      request += 1;
      step({ kind: "request-asked", channel, request: requestId(request), asked });
      return answerOf(request);
    },
    events: (): readonly EventDraft[] =>
      effects.flatMap((one) => (one.kind === "emit" ? [one.event] : [])),
    effects,
  };
}

const tunnel = (host: string, port: number): ChannelAsked => ({
  type: "direct-tcpip",
  host,
  port,
  originHost: "127.0.0.1",
  originPort: 40_000,
});

const told = (
  session: { events(): readonly EventDraft[] },
  type: string,
): readonly EventDraft["data"][] =>
  session.events().flatMap((event) => (event.type === type ? [event.data] : []));

describe("rules about forwards", () => {
  const rule = `  - id: no-db
    name: No tunnel to databases
    match: { forward: { kind: local, port: [3306, 5432] } }
    action: block
    message: "Databases are reached by name, not by tunnel."`;

  it("refuse a tunnel that channel policy would open, and say why", () => {
    const session = openSession(rule);
    expect(session.channel(tunnel("db-1", 5432))).toBe("refused");
    expect(session.channel(tunnel("web-1", 443))).toBe("granted");
    expect(told(session, "rule.matched")).toMatchObject([
      { rule: { id: "no-db" }, evidence: "local forward to db-1:5432", action: "block" },
    ]);
    expect(told(session, "action.taken")).toMatchObject([
      { action: "block", target: "channel", rule: "no-db", outcome: "refused" },
    ]);
    expect(told(session, "channel.refused")).toMatchObject([
      { reason: "Databases are reached by name, not by tunnel. [no-db]" },
    ]);
  });

  it("never open what channel policy denies", () => {
    const allowing = "  - { id: yes, name: Y, effect: allow, match: { forward: { kind: local } } }";
    const session = openSession(allowing, { channels: { localForward: "deny" } });
    expect(session.channel(tunnel("web-1", 443))).toBe("refused");
  });

  it("in shadow only tell", () => {
    const session = openSession(rule.replace("action:", "mode: shadow\n    action:"));
    expect(session.channel(tunnel("db-1", 5432))).toBe("granted");
    expect(told(session, "rule.matched")).toMatchObject([{ mode: "shadow", wouldHave: "block" }]);
  });

  it("count, and end the session", () => {
    const session = openSession(`  - id: scan
    name: Many tunnels
    match: { forward: { kind: local } }
    threshold: { count: 3, within: 1m, distinct: arg }
    action: kill`);
    expect(session.channel(tunnel("a", 1))).toBe("granted");
    expect(session.channel(tunnel("a", 2))).toBe("granted");
    expect(session.channel(tunnel("a", 3))).toBe("refused");
    expect(session.effects.some((one) => one.kind === "close-session")).toBe(true);
  });

  it("see the agent, which is asked for on a session", () => {
    const session = openSession(
      "  - { id: no-agent, name: N, match: { forward: { kind: agent } }, action: block }",
    );
    expect(session.request({ type: "agent" })).toBe("refused");
  });
});

describe("rules about transfers", () => {
  const rule =
    "  - { id: no-etc, name: N, match: { transfer: { direction: upload, path: /etc/** } }, action: block }";

  it("see what scp and rsync are about to move", () => {
    const session = openSession(rule);
    expect(session.request({ type: "exec", command: "scp -r -t /etc/ssh" })).toBe("ended");
    expect(
      session.request({ type: "exec", command: "rsync --server -logDtpre.iLsfxC . /etc/x" }),
    ).toBe("ended");
    expect(session.request({ type: "exec", command: "scp -f /etc/hosts" })).toBe("started");
    expect(session.request({ type: "exec", command: "scp -t /tmp/x" })).toBe("started");
    expect(told(session, "rule.matched")).toMatchObject([
      { evidence: "upload of /etc/ssh by scp" },
      { evidence: "upload of /etc/x by rsync" },
    ]);
  });
});
