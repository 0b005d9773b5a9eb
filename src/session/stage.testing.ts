import {
  channelId,
  decodeUtf8,
  encodeUtf8,
  micros,
  requestId,
  wallMicros,
  type ChannelId,
  type RequestId,
} from "../kernel/index.js";
import type { EventDraft } from "../events/index.js";
import type {
  Answer,
  ChannelAsked,
  CommandOutcome,
  Effect,
  InputBody,
  RequestAsked,
  SessionCommand,
} from "../model/index.js";
import { createSession, type Session, type SessionSeed } from "./index.js";
import { seedOf, type SeedOptions } from "./seed.testing.js";

/** `touch X` does what X says; `touch both` asks two people. */
export const STAGE_RULES = `
apiVersion: chaperone/v1
kind: RulePack
metadata: { name: stage, version: 1.0.0 }
rules:
  - { id: st-reauth, name: Who is it, criticality: medium, match: { command: { exec: touch, args: { any: "reauth*" } } }, action: { do: reauth } }
  - { id: st-approve, name: Four eyes, criticality: high, match: { command: { exec: touch, args: { any: "approve*" } } }, action: { do: approve, approvers: "group:soc" } }
  - { id: st-both, name: Both, criticality: high, match: { command: { exec: touch, args: { any: "both*" } } }, action: [ { do: reauth }, { do: approve, approvers: "group:soc" } ] }
  - { id: st-warn, name: Sure, criticality: low, match: { command: { exec: touch, args: { any: "warn*" } } }, action: warn }
  - { id: st-block, name: No, criticality: high, match: { command: { exec: touch, args: { any: "block*" } } }, action: block }
  - { id: st-suspend, name: Stand still, criticality: high, match: { command: { exec: touch, args: { any: "suspend*" } } }, action: suspend }
  - { id: st-kill, name: End, criticality: critical, match: { command: { exec: touch, args: { any: "kill*" } } }, action: kill }
  - { id: st-lock, name: Out, criticality: critical, match: { command: { exec: touch, args: { any: "lock*" } } }, action: lock-user }
`;

/** How things reach the target. */
export const WAYS = ["shell", "exec-pty", "exec", "lines", "sftp", "forward"] as const;
export type Way = (typeof WAYS)[number];

/** One session with a clock of its own, a target that echoes, and everything that happens noted. */
export interface Stage {
  readonly session: Session;
  readonly effects: readonly Effect[];
  /** Requests without a final answer. */
  readonly unanswered: ReadonlySet<RequestId>;
  step(body: InputBody): readonly Effect[];
  /** Time passes; timers ring in order. */
  pass(ms: number): void;
  /** A pty with a shell at its prompt. */
  terminal(): ChannelId;
  sessionChannel(): ChannelId;
  ask(channel: ChannelId, asked: RequestAsked): RequestId;
  open(asked: ChannelAsked): { readonly channel: ChannelId; readonly request: RequestId };
  /** Types on a terminal whose target echoes, then Enter. */
  line(channel: ChannelId, text: string): void;
  type(channel: ChannelId, text: string): void;
  print(channel: ChannelId, text: string): void;
  command(deed: SessionCommand["do"], reason?: string): CommandOutcome | undefined;
  answerTo(request: RequestId): Answer | undefined;
  events<T extends EventDraft["type"]>(type: T): Extract<EventDraft, { type: T }>["data"][];
  /** What the person saw on this channel, as text. */
  shown(channel: ChannelId): string;
  sent(channel?: ChannelId): string;
  /** The last effect of this kind. */
  last<K extends Effect["kind"]>(kind: K): Extract<Effect, { kind: K }> | undefined;
}

export const PROMPT = "$ ";

const PTY: RequestAsked = {
  type: "pty",
  pty: {
    term: "xterm-256color",
    columns: 80,
    rows: 24,
    widthPixels: 0,
    heightPixels: 0,
    modes: { VINTR: 3, ISIG: 1, ICANON: 1, ECHO: 1, ICRNL: 1 },
  },
};

export function openStage(options: SeedOptions = {}, change: Partial<SessionSeed> = {}): Stage {
  const session = createSession({ ...seedOf({ rules: STAGE_RULES, ...options }), ...change });
  const effects: Effect[] = [];
  const unanswered = new Set<RequestId>();
  const timers = new Map<string, { at: number; body: InputBody }>();
  let at = 1_000_000;
  let requests = 1_000;
  let channels = 0;

  function note(effect: Effect): void {
    effects.push(effect.kind.startsWith("send-to") ? copyOf(effect) : effect);
    if (effect.kind === "answer" && effect.answer.type !== "asking") {
      unanswered.delete(effect.request);
    } else if (effect.kind === "set-timer") {
      const { timer, channel } = effect;
      timers.set(`${timer}/${String(channel)}`, {
        at: effect.at,
        body: { kind: "timer", timer, channel },
      });
    } else if (effect.kind === "clear-timer") {
      timers.delete(`${effect.timer}/${String(effect.channel)}`);
    }
  }

  function step(body: InputBody): readonly Effect[] {
    at += 100;
    if (ASKS.has(body.kind) && "request" in body) unanswered.add(body.request);
    const done = session.step({ ...body, at: micros(at), wall: wallMicros(1e15 + at) });
    for (const effect of done) note(effect);
    return done;
  }

  function pass(ms: number): void {
    const until = at + ms * 1_000;
    for (;;) {
      const due = [...timers]
        .filter(([, one]) => one.at <= until)
        .sort((a, b) => a[1].at - b[1].at);
      const [first] = due;
      if (first === undefined) break;
      timers.delete(first[0]);
      at = Math.max(at, first[1].at);
      step(first[1].body);
    }
    at = Math.max(at, until);
  }

  function open(asked: ChannelAsked): { channel: ChannelId; request: RequestId } {
    const channel = channelId(++channels);
    const request = requestId(++requests);
    step({ kind: "channel-asked", channel, request, asked });
    return { channel, request };
  }

  function ask(channel: ChannelId, asked: RequestAsked): RequestId {
    const request = requestId(++requests);
    step({ kind: "request-asked", channel, request, asked });
    return request;
  }

  const type = (channel: ChannelId, text: string): void => {
    step({ kind: "client-sent", channel, bytes: encodeUtf8(text) });
  };
  const print = (channel: ChannelId, text: string): void => {
    step({ kind: "target-sent", channel, stream: "stdout", bytes: encodeUtf8(text) });
  };

  step({ kind: "opened" });
  return {
    session,
    effects,
    unanswered,
    step,
    pass,
    open,
    ask,
    type,
    print,
    sessionChannel: () => open({ type: "session" }).channel,
    terminal() {
      const { channel } = open({ type: "session" });
      ask(channel, PTY);
      ask(channel, { type: "shell" });
      print(channel, PROMPT);
      pass(1_000);
      return channel;
    },
    line(channel, text) {
      for (const letter of text) {
        type(channel, letter);
        print(channel, letter);
      }
      pass(1_000);
      type(channel, "\r");
      pass(1_000);
    },
    command(deed, reason = "because") {
      const id = `order-${String(++requests)}`;
      step({
        kind: "command",
        command: { id, do: deed, by: { kind: "operator", name: "maria" }, reason },
      });
      const done = effects.findLast((effect) => effect.kind === "done" && effect.id === id);
      return done?.kind === "done" ? done.outcome : undefined;
    },
    answerTo(request) {
      const found = effects.findLast((one) => one.kind === "answer" && one.request === request);
      return found?.kind === "answer" ? found.answer : undefined;
    },
    events(wanted) {
      return effects.flatMap((effect) =>
        effect.kind === "emit" && effect.event.type === wanted
          ? [effect.event.data as never] // of the wanted type, as the line above says
          : [],
      );
    },
    shown: (channel) => bytesOf(effects, "send-to-person", channel),
    sent: (channel) => bytesOf(effects, "send-to-target", channel),
    last(kind) {
      const found = effects.findLast((effect) => effect.kind === kind);
      return found as never; // of the wanted kind, as the line above says
    },
  };
}

/** Starts `touch <word>` on a channel of this way, up to where it is judged; streams by policy. */
export function begin(
  stage: Stage,
  way: Way,
  word: string,
): { readonly channel: ChannelId; readonly request: RequestId | null } {
  const command = `touch ${word}`;
  switch (way) {
    case "shell": {
      const channel = stage.terminal();
      stage.line(channel, command);
      return { channel, request: null };
    }
    case "exec-pty": {
      const channel = stage.sessionChannel();
      stage.ask(channel, PTY);
      return { channel, request: stage.ask(channel, { type: "exec", command }) };
    }
    case "exec": {
      const channel = stage.sessionChannel();
      return { channel, request: stage.ask(channel, { type: "exec", command }) };
    }
    case "lines": {
      const channel = stage.sessionChannel();
      stage.ask(channel, { type: "shell" });
      stage.type(channel, `${command}\n`);
      return { channel, request: null };
    }
    case "sftp": {
      const channel = stage.sessionChannel();
      return { channel, request: stage.ask(channel, { type: "subsystem", name: "sftp" }) };
    }
    case "forward": {
      const asked = { host: "db", port: 5432, originHost: "::1", originPort: 1 };
      return stage.open({ type: "direct-tcpip", ...asked });
    }
  }
}

const ASKS: ReadonlySet<InputBody["kind"]> = new Set([
  "channel-asked",
  "request-asked",
  "global-asked",
]);

function copyOf(effect: Effect): Effect {
  return "bytes" in effect ? { ...effect, bytes: effect.bytes.slice() } : effect;
}

function bytesOf(
  effects: readonly Effect[],
  kind: "send-to-person" | "send-to-target",
  channel?: ChannelId,
): string {
  return effects
    .flatMap((effect) =>
      effect.kind === kind && (channel === undefined || effect.channel === channel)
        ? [decodeUtf8(effect.bytes)]
        : [],
    )
    .join("");
}
