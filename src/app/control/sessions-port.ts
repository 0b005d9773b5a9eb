import { randomBytes } from "node:crypto";
import { StringDecoder } from "node:string_decoder";
import type { Caller, LiveFrame, SessionsPort } from "../../admin/index.js";
import {
  channelId,
  err,
  fault,
  ok,
  sessionId,
  type SessionId,
  type Fault,
  type Result,
  type WallMicros,
} from "../../kernel/index.js";
import type { CommandedBy, CommandOutcome, LiveSession, ObservedEntry } from "../../model/index.js";
import type { Observation, Steering } from "../../runtime/index.js";

type View = Awaited<ReturnType<SessionsPort["list"]>>[number];

interface Watching {
  readonly session: string;
  readonly owner: string;
  readonly seen: Observation;
  /** Who types without the keyboard is told so; the session itself takes nothing from them either. */
  hasKeyboard: boolean;
}

/** Live sessions for the control API. */
export function createSessionsPort(steering: Steering): SessionsPort {
  /** Those who watch now, by the id that each was told. */
  const watching = new Map<string, Watching>();

  return {
    async list() {
      return (await steering.sessions()).map(viewOf);
    },
    async get(id) {
      const live = await steering.session(sessionId(id));
      return live === null ? undefined : viewOf(live);
    },
    async order(order) {
      const reason = order.do === "message" ? order.text : order.reason;
      const outcome = await steering.commandSession(sessionId(order.session), {
        do: order.do,
        by: commandedBy(order.by),
        reason,
      });
      const done = outcomeOf(outcome);
      return done.ok ? ok({ session: order.session, outcome: done.value }) : done;
    },
    async orderMany({ do: verb, which, reason, by }) {
      const ids = idsOf(await steering.sessions(), which);
      const outcomes = await steering.commandSessions(ids, {
        do: verb,
        by: commandedBy(by),
        reason,
      });
      return {
        outcomes: [...outcomes].map(([session, { type }]) => ({ session, outcome: type })),
      };
    },
    async watch({ session, by }) {
      const seen = await steering.watch(sessionId(session), { name: by.name });
      if (seen === null) return err(noSession());
      const id = randomBytes(OBSERVER_ID_BYTES).toString("base64url");
      watching.set(id, { session, owner: by.name, seen, hasKeyboard: false });
      return ok({
        frames: named(id, framesOf(seen.entries)),
        close() {
          watching.delete(id);
          seen.leave();
        },
      });
    },
    async control(order) {
      const { session, observer, by } = order;
      const one = watching.get(observer);
      if (one?.session !== session || one.owner !== by.name) {
        return err(fault("CHP_ADMIN_NOT_FOUND", "there is no such observer of yours"));
      }
      if (order.do === "type") {
        if (!one.hasKeyboard) return err(NO_KEYBOARD);
        one.seen.type(channelId(order.channel), new Uint8Array(Buffer.from(order.text)));
        return ok({ session, observer, outcome: "done" });
      }
      const outcome = await (order.do === "take" ? one.seen.takeOver() : one.seen.handBack());
      const done = outcomeOf(outcome);
      if (!done.ok) return done;
      one.hasKeyboard = order.do === "take";
      return ok({ session, observer, outcome: done.value });
    },
  };
}

/** Ids that are given and run no more stay in, so that their outcome is told. */
function idsOf(
  sessions: readonly LiveSession[],
  { sessions: given, person, target }: Parameters<SessionsPort["orderMany"]>[0]["which"],
): readonly SessionId[] {
  const wanted = sessions
    .filter((one) => person === undefined || one.facts.person.name === person)
    .filter((one) => target === undefined || one.facts.target.name === target)
    .map((one) => one.id);
  if (given === undefined) return wanted;
  const running = new Set(wanted);
  const known = new Set<string>(sessions.map((one) => one.id));
  return given.map(sessionId).filter((id) => running.has(id) || !known.has(id));
}

export function commandedBy(caller: Caller): CommandedBy {
  return { kind: "operator", name: caller.name };
}

export function isoOf(wall: WallMicros): string {
  return new Date(wall / 1_000).toISOString();
}

function outcomeOf(outcome: CommandOutcome): Result<"done" | "already", Fault> {
  switch (outcome.type) {
    case "done":
    case "already":
      return ok(outcome.type);
    case "refused":
      return err(fault("CHP_ADMIN_CONFLICT", outcome.reason));
    case "no-such-session":
      return err(noSession());
    case "timeout":
      return err(
        fault("CHP_ADMIN_BUSY", "the session's process did not answer; what it did is not known"),
      );
  }
}

const NO_KEYBOARD = fault("CHP_ADMIN_CONFLICT", "you do not have the keyboard: take it first");

function noSession(): Fault {
  return fault("CHP_ADMIN_NOT_FOUND", "there is no such session");
}

function viewOf(live: LiveSession): View {
  const { facts, suspension, controller, risk } = live;
  return {
    id: live.id,
    protocol: facts.protocol,
    person: facts.person.name,
    groups: [...facts.person.groups],
    account: facts.account,
    target: facts.target.name,
    labels: { ...facts.target.labels },
    origin: facts.origin,
    clientVersion: facts.clientVersion,
    authMethods: [...facts.authMethods],
    since: isoOf(live.since),
    state: live.state,
    context: { ...facts.context },
    channels: live.channels.map(({ id, kind, request, terminal }) => ({
      id,
      terminal,
      ...(kind === undefined ? {} : { kind }),
      ...(request === undefined ? {} : { request }),
    })),
    counts: { ...live.counts },
    ...(risk === undefined ? {} : { risk }),
    observers: [...live.observers],
    ...(controller === undefined ? {} : { controller }),
    ...(suspension === undefined
      ? {}
      : { suspension: { ...suspension, since: isoOf(suspension.since) } }),
  };
}

async function* named(id: string, frames: AsyncIterable<LiveFrame>): AsyncGenerator<LiveFrame> {
  yield { type: "observer", id };
  yield* frames;
}

/** Nobody can guess it, though it does nothing for another caller. */
const OBSERVER_ID_BYTES = 9;

/** Bytes become text here: a character that the network has cut comes with its other half. */
async function* framesOf(entries: AsyncIterable<ObservedEntry>): AsyncGenerator<LiveFrame> {
  const decoders = new Map<number, StringDecoder>();
  const decoder = (channel: number): StringDecoder => {
    const known = decoders.get(channel) ?? new StringDecoder("utf8");
    decoders.set(channel, known);
    return known;
  };
  for await (const entry of entries) {
    switch (entry.type) {
      case "screen": {
        const { channel, columns, rows, bytes } = entry;
        decoders.delete(channel);
        yield { type: "screen", channel, columns, rows, data: textOf(decoder(channel), bytes) };
        break;
      }
      case "output": {
        const data = textOf(decoder(entry.channel), entry.bytes);
        if (data !== "") yield { type: "output", channel: entry.channel, data };
        break;
      }
      case "drawn":
        yield { type: "drawn", channel: entry.channel, data: entry.text };
        break;
      case "resize": {
        const { channel, columns, rows } = entry;
        yield { type: "resize", channel, columns, rows };
        break;
      }
      case "closed":
        decoders.delete(entry.channel);
        yield { type: "closed", channel: entry.channel };
        break;
      case "end":
        yield { type: "end", reason: entry.reason };
        return;
    }
  }
}

function textOf(decoder: StringDecoder, bytes: Uint8Array): string {
  return decoder.write(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
}
