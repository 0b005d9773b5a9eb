import {
  channelId,
  decodeUtf8,
  encodeUtf8,
  micros,
  requestId,
  wallMicros,
  type ChannelId,
} from "../kernel/index.js";
import type { ChannelAsked, Effect, InputBody, RequestAsked } from "../model/index.js";
import { createSession, type SessionSeed } from "./index.js";
import { seedOf, type SeedOptions } from "./seed.testing.js";

interface Asked {
  readonly id: ChannelId;
  readonly lines: readonly string[];
}

/** One session, spoken to in short sentences; effects as lines that can be read. */
export function scene(options: SeedOptions = {}, change: Partial<SessionSeed> = {}) {
  const session = createSession({ ...seedOf(options), ...change });
  let at = 0;
  let request = 0;
  let channels = 0;
  const told: string[] = [];
  function step(body: InputBody): readonly string[] {
    at += 1_000;
    const effects = session.step({ ...body, at: micros(at), wall: wallMicros(at) });
    const lines = effects.map(describeEffect);
    told.push(...lines);
    return lines;
  }
  step({ kind: "opened" });
  return {
    told,
    step,
    wait: (ms: number): void => {
      at += ms * 1_000;
    },
    channel: (asked: ChannelAsked = { type: "session" }): Asked => {
      const id = channelId(++channels);
      return {
        id,
        lines: step({ kind: "channel-asked", channel: id, request: requestId(++request), asked }),
      };
    },
    asks: (channel: ChannelId, asked: RequestAsked) =>
      step({ kind: "request-asked", channel, request: requestId(++request), asked }),
    types: (channel: ChannelId, text: string) =>
      step({ kind: "client-sent", channel, bytes: encodeUtf8(text) }),
  };
}

/** Effects that no sentence is about are told by their kind alone. */
function describeEffect(effect: Effect): string {
  if (effect.kind === "emit") {
    const { type, data } = effect.event;
    return `tell ${type}${"decision" in data ? ` ${data.decision}` : ""}${"kind" in data ? ` ${data.kind}` : ""}`;
  }
  if (effect.kind === "answer") {
    const { answer } = effect;
    if (answer.type === "started") return `answer started ${answer.inspect}`;
    return answer.type === "ended"
      ? `answer ended ${JSON.stringify(answer.exit)} ${answer.message}`
      : `answer ${answer.type}`;
  }
  if (effect.kind === "send-to-target") {
    return `to target ${JSON.stringify(decodeUtf8(effect.bytes))}`;
  }
  if (effect.kind === "send-to-person") {
    return `to person ${effect.stream} ${JSON.stringify(decodeUtf8(effect.bytes))}`;
  }
  if (effect.kind === "valve") return `valve ${String(effect.channel)} ${effect.state}`;
  if (effect.kind === "close-channel") {
    return `close channel ${String(effect.channel)} ${JSON.stringify(effect.exit)}`;
  }
  return effect.kind;
}

export const PTY: RequestAsked = {
  type: "pty",
  pty: {
    term: "xterm",
    columns: 80,
    rows: 24,
    widthPixels: 0,
    heightPixels: 0,
    modes: { ISIG: 1, VINTR: 3, ECHO: 1 },
  },
};
