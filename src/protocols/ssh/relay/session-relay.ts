import { channelId, unreachable, type ChannelId, type Secret } from "../../../kernel/index.js";
import type { Answer, ChannelAsked, Exit, SessionFacts, ValveState } from "../../../model/index.js";
import type {
  ChannelAsk,
  Connection,
  ConnectionListener,
  GlobalAsk,
} from "../connection/connection.js";
import { WINDOW_BULK_BYTES, WINDOW_NARROW_BYTES } from "../connection/limits.js";
import type { Transport, TransportOptions } from "../door/index.js";
import type { SessionHandle, SshPorts, Traffic, TrafficEffect } from "../ports.js";
import { createTargetAccess, type TargetAccess } from "../target/access.js";
import { dialTarget } from "../target/dial.js";
import { readGlobal, readPersonChannel, readTargetChannel } from "../wire/asked.js";
import { DISCONNECT, OPEN_FAILURE } from "../wire/numbers.js";
import { createAsking } from "./asking.js";
import { createChannelPair, type ChannelPair } from "./channel-pair.js";
import { createSessionChannel } from "./session-channel.js";

/** Everything of one session between the person's connection, the core and the target. */
export interface SessionRelay {
  readonly person: ConnectionListener;
  /** The person's connection can carry channels from now on. */
  begin(connection: Connection): void;
  /** Ends the session for a reason outside of it (shutdown, dead registry). */
  end(reason: string): void;
  /** The person's connection is gone; the last thing the core hears. */
  personGone(reason: string): void;
}

export interface SessionRelayDeps {
  readonly ports: SshPorts;
  readonly facts: SessionFacts;
  readonly transport: Transport;
  /** The password typed at login, for targets that take it over (`passthrough`). */
  readonly offered: { readonly password?: Secret };
  readonly version: string;
  readonly rekey?: TransportOptions;
  readonly channelsMax?: number;
}

/** How long clients get to read their exit codes and hang up by themselves. */
const FAREWELL_MS = 1_000;
/** Exit code for programs that end because the sidecar ends the session. */
const EXIT_ENDED = 255;

export function createSessionRelay(deps: SessionRelayDeps): SessionRelay {
  const { ports, facts, transport } = deps;
  const pairs = new Map<ChannelId, ChannelPair>();
  const asking = createAsking();
  let connection: Connection | null = null;
  let lastChannel = 0;
  // A valve may be closed before the forward behind it has been opened.
  const held = new Map<ChannelId, ValveState>();
  let noMoreSessions = false;
  let closing = false;
  let farewell: NodeJS.Timeout | undefined;

  const traffic: Traffic = { carryOut };
  const handle: SessionHandle = ports.sessions.open(facts, traffic);
  const access: TargetAccess = createTargetAccess({
    targetName: facts.target.name,
    dial: (events) =>
      dialTarget({
        planner: ports.targets,
        facts,
        offered: deps.offered,
        version: deps.version,
        events,
        ...(deps.rekey === undefined ? {} : { rekey: deps.rekey }),
        ...(deps.channelsMax === undefined ? {} : { channelsMax: deps.channelsMax }),
      }),
    channelAsked: targetChannelAsked,
    failed: (reason) => handle.input({ kind: "target-failed", reason }),
  });

  // -- the person's client asks ---------------------------------------------------------------

  function personChannelAsked(ask: ChannelAsk): void {
    const asked = readPersonChannel(ask.type, ask.body);
    if (asked === null) {
      ask.refuse(OPEN_FAILURE.prohibited, "malformed");
      return;
    }
    if (asked.type === "session" && noMoreSessions) {
      ask.refuse(OPEN_FAILURE.prohibited, "the client asked for no more sessions");
      return;
    }
    const id = nextChannel();
    const body = new Uint8Array(ask.body);
    askForChannel(id, asked, (answer) => {
      const refusal = refusalOf(asked, answer);
      if (refusal !== null) ask.refuse(OPEN_FAILURE.prohibited, refusal);
      else if (asked.type === "session") openSession(id, ask);
      else openForward(id, ask, body);
    });
  }

  function openSession(id: ChannelId, ask: ChannelAsk): void {
    const channel = createSessionChannel({
      id,
      handle,
      asking,
      access,
      pair: () => pair,
    });
    const pair = createPair(id, { isProgram: true, requested: (r) => channel.requested(r) });
    const end = ask.accept(WINDOW_NARROW_BYTES, pair.person);
    if (end === null) pair.abandon("the person's connection is gone");
    else pair.attachPerson(end);
  }

  /** A forward: confirmed to the client once the target has confirmed it. */
  function openForward(id: ChannelId, ask: ChannelAsk, body: Uint8Array): void {
    const pair = createPair(id, { isProgram: false, requested: (r) => r.answer(false) });
    access.need((outcome) => {
      if (!outcome.ok) {
        ask.refuse(OPEN_FAILURE.connectFailed, outcome.message);
        pair.abandon(outcome.message);
        return;
      }
      outcome.leg.open({
        type: ask.type,
        body,
        windowBytes: WINDOW_BULK_BYTES,
        listener: pair.target,
        opened(result) {
          if (!result.ok) {
            ask.refuse(result.reason, result.description);
            pair.abandon(result.description);
            return;
          }
          const end = ask.accept(WINDOW_BULK_BYTES, pair.person);
          if (end !== null) pair.attachPerson(end);
          pair.attachTarget(result.channel);
          if (end === null) pair.abandon("the person's connection is gone");
          else pair.start("stream");
        },
      });
    });
  }

  function globalAsked(ask: GlobalAsk): void {
    const { name } = ask;
    if (name === "no-more-sessions@openssh.com") {
      noMoreSessions = true;
      ask.answer({ success: true, body: NOTHING });
      return;
    }
    if (name === "keepalive@openssh.com") {
      ask.answer({ success: false });
      return;
    }
    const body = new Uint8Array(ask.body);
    if (name === "cancel-tcpip-forward" || name === "cancel-streamlocal-forward@openssh.com") {
      // Giving something back needs nobody's leave.
      if (access.leg === null) ask.answer({ success: false });
      else access.leg.global(name, body, ask.answer);
      return;
    }
    const asked = readGlobal(name, body);
    if (asked === null) {
      ask.answer({ success: false });
      return;
    }
    asking.ask(
      (request) => handle.input({ kind: "global-asked", request, asked }),
      (answer) => {
        if (answer.type !== "granted" || asked.type === "unknown") ask.answer({ success: false });
        else {
          access.need((outcome) => {
            if (outcome.ok) outcome.leg.global(name, body, ask.answer);
            else ask.answer({ success: false });
          });
        }
      },
    );
  }

  // -- the target asks -------------------------------------------------------------------------

  function targetChannelAsked(ask: ChannelAsk): void {
    const asked = readTargetChannel(ask.type, ask.body);
    if (asked === null || connection === null) {
      ask.refuse(OPEN_FAILURE.prohibited, "malformed");
      return;
    }
    const id = nextChannel();
    const body = new Uint8Array(ask.body);
    askForChannel(id, asked, (answer) => {
      const refusal = refusalOf(asked, answer);
      if (refusal !== null) ask.refuse(OPEN_FAILURE.prohibited, refusal);
      else openTowardsPerson(id, ask, body);
    });
  }

  function openTowardsPerson(id: ChannelId, ask: ChannelAsk, body: Uint8Array): void {
    const pair = createPair(id, { isProgram: false, requested: (r) => r.answer(false) });
    connection?.open({
      type: ask.type,
      body,
      windowBytes: WINDOW_BULK_BYTES,
      listener: pair.person,
      opened(result) {
        if (!result.ok) {
          ask.refuse(result.reason, result.description);
          pair.abandon(result.description);
          return;
        }
        pair.attachPerson(result.channel);
        const end = ask.accept(WINDOW_BULK_BYTES, pair.target);
        if (end === null) {
          pair.targetFailed();
          pair.finish({ type: "none" });
          return;
        }
        pair.attachTarget(end);
        pair.start("stream");
      },
    });
  }

  // -- both ------------------------------------------------------------------------------------

  function nextChannel(): ChannelId {
    lastChannel += 1;
    return channelId(lastChannel);
  }

  function askForChannel(
    channel: ChannelId,
    asked: ChannelAsked,
    answered: (answer: Answer) => void,
  ): void {
    asking.ask(
      (request) => handle.input({ kind: "channel-asked", channel, request, asked }),
      answered,
    );
  }

  function createPair(
    id: ChannelId,
    options: Pick<Parameters<typeof createChannelPair>[0], "isProgram" | "requested">,
  ): ChannelPair {
    const pair = createChannelPair({
      ...options,
      id,
      handle,
      targetName: facts.target.name,
      closed() {
        pairs.delete(id);
        held.delete(id);
        if (closing && pairs.size === 0) sayGoodbye();
      },
    });
    pairs.set(id, pair);
    const state = held.get(id);
    if (state !== undefined) pair.hold(state);
    return pair;
  }

  // -- the core decides ------------------------------------------------------------------------

  function carryOut(effect: TrafficEffect): void {
    switch (effect.kind) {
      case "answer":
        if (effect.answer.type === "asking") asking.hint(effect.request, effect.answer);
        else asking.answer(effect.request, effect.answer);
        return;
      case "send-to-target":
        pairs.get(effect.channel)?.sendToTarget(effect.bytes);
        return;
      case "send-to-person":
        pairs.get(effect.channel)?.sendToPerson(effect.bytes, effect.stream);
        return;
      case "eof-to-target":
        pairs.get(effect.channel)?.eofToTarget();
        return;
      case "valve":
        turnValve(effect.channel, effect.state);
        return;
      case "close-channel":
        pairs.get(effect.channel)?.finish(effect.exit);
        return;
      case "close-session":
        closeSession(effect.reason, { type: "code", code: effect.exitCode });
        return;
      default:
        return unreachable(effect);
    }
  }

  function turnValve(channel: ChannelId, state: ValveState): void {
    if (state === "open") held.delete(channel);
    else held.set(channel, state);
    pairs.get(channel)?.hold(state);
  }

  let goodbye = "";

  /** What was sent before is still delivered; clients learn their exit codes, then why it ended. */
  function closeSession(reason: string, exit: Exit): void {
    if (closing) return;
    closing = true;
    goodbye = reason;
    asking.close(reason);
    for (const pair of [...pairs.values()]) pair.finish(exit);
    access.close(reason);
    if (pairs.size === 0) sayGoodbye();
    else farewell = setTimeout(sayGoodbye, FAREWELL_MS).unref();
  }

  function sayGoodbye(): void {
    clearTimeout(farewell);
    // A client whose last program has ended hangs up by itself, with that program's exit code.
    farewell = setTimeout(
      () => transport.disconnect(DISCONNECT.byApplication, goodbye),
      pairs.size === 0 && lastChannel > 0 ? FAREWELL_MS / 4 : 0,
    ).unref();
  }

  return {
    person: { channelAsked: personChannelAsked, globalAsked },
    begin(value) {
      connection = value;
      handle.input({ kind: "opened" });
    },
    end: (reason) => closeSession(reason, { type: "code", code: EXIT_ENDED }),
    personGone(reason) {
      clearTimeout(farewell);
      closing = true;
      asking.close(reason);
      for (const pair of [...pairs.values()]) pair.abandon(reason);
      pairs.clear();
      access.close("the person is gone");
      deps.offered.password?.wipe();
      handle.input({ kind: "disconnected", reason });
    },
  };
}

const NOTHING = new Uint8Array(0);

/** Null when the channel may be opened. An unknown kind has no way through, whatever the answer. */
function refusalOf(asked: ChannelAsked, answer: Answer): string | null {
  if (answer.type === "refused") return answer.reason;
  if (answer.type === "ended") return answer.message;
  if (answer.type === "file") return "no file was asked about";
  if (answer.type === "asking") return "nothing can be asked on this kind of channel";
  return asked.type === "unknown" ? "this kind of channel is not supported" : null;
}
