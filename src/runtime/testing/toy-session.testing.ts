import type { SessionRef } from "../../events/index.js";
import { channelId, sessionId } from "../../kernel/index.js";
import type { Effect, Input, SessionFacts } from "../../model/index.js";
import type { Session } from "../../session/index.js";

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
    if (input.kind !== "disconnected" && input.kind !== "kill-ordered") return [];
    const { reason } = input;
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
