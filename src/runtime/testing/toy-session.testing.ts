import type { SessionRef } from "../../events/index.js";
import { channelId, sessionId } from "../../kernel/index.js";
import type { Effect, Input, SessionCommand, SessionFacts } from "../../model/index.js";
import type { Session } from "../../session/index.js";
import type { SessionDesk } from "../pump/index.js";

export function toyFacts(id: string, over: Partial<SessionFacts> = {}): SessionFacts {
  return {
    id: sessionId(id),
    protocol: "ssh",
    person: { name: "alice", groups: ["dba"], phrase: "green boat", factors: ["totp"] },
    account: "root",
    target: { name: "db-1", address: "127.0.0.1:22", labels: {}, embedded: false },
    origin: "127.0.0.1",
    clientVersion: "OpenSSH_9.2",
    authMethods: ["publickey"],
    ...over,
  };
}

/** Tells each input that has bytes as one command, and then passes the bytes on. */
export function createToySession(facts: SessionFacts): Session {
  let sequence = 0;
  const session: SessionRef = {
    id: facts.id,
    protocol: "ssh",
    person: facts.person.name,
    account: facts.account,
    target: facts.target.name,
    origin: facts.origin,
  };
  const counts = { channels: 0, commands: 0, blocked: 0, reauths: 0 };

  function tell(input: Input): Effect[] {
    if (input.kind === "opened") return [opened(session, sequence++)];
    if (input.kind === "client-sent") {
      counts.commands += 1;
      return [
        command(session, sequence++, Buffer.from(input.bytes).toString("utf8")),
        { kind: "send-to-target", channel: channelId(0), bytes: input.bytes },
      ];
    }
    if (input.kind === "command") return commanded(input.command);
    if (input.kind !== "disconnected" && input.kind !== "kill-ordered") return [];
    return ended(input.reason);
  }

  /** Knows only `kill`. */
  function commanded({ id, do: deed, reason }: SessionCommand): Effect[] {
    if (deed === "kill") return [...ended(reason), { kind: "done", id, outcome: { type: "done" } }];
    return [{ kind: "done", id, outcome: { type: "refused", reason: "a toy" } }];
  }

  function ended(reason: string): Effect[] {
    const data = {
      session,
      reason,
      durationMs: 1,
      bytes: { toTarget: 0, toPerson: 0 },
      counts,
      blindSpans: [],
    };
    return [
      { kind: "emit", event: { type: "session.closed", data }, sequence: sequence++ },
      { kind: "close-session", reason, exitCode: 0 },
    ];
  }
  let over = false;
  return {
    view: () => ({ id: facts.id, state: "open", channels: [], counts, observers: [] }),
    step(input) {
      if (over) return [];
      const effects = tell(input);
      over = effects.some((effect) => effect.kind === "close-session");
      return effects;
    },
  };
}

function opened(session: SessionRef, sequence: number): Effect {
  return {
    kind: "emit",
    sequence,
    event: {
      type: "session.opened",
      data: {
        session,
        groups: [],
        clientVersion: "OpenSSH_9.2",
        authMethods: [],
        targetLabels: {},
        rulesDigest: "",
      },
    },
  };
}

function command(session: SessionRef, sequence: number, text: string): Effect {
  return {
    kind: "emit",
    sequence,
    event: {
      type: "command.entered",
      data: {
        session,
        channel: 0,
        text,
        hidden: false,
        source: "keys",
        confidence: 1,
        context: "shell",
        decision: "allowed",
        rules: [],
        invocations: [],
        rulesDigest: "",
      },
    },
  };
}

/** Everybody is who they say they are, and nobody else is ever asked. */
export const TOY_DESK: SessionDesk = {
  verifyFactor: () => Promise.resolve({ type: "accepted" }),
  askFactor: () => Promise.resolve({ type: "accepted" }),
  askApproval: () => Promise.resolve({ type: "unavailable", reason: "a toy" }),
  withdraw: () => undefined,
  grantGrace: () => undefined,
  lockPerson: () => undefined,
};
