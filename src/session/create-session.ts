import {
  plainBytes,
  unreachable,
  type ChannelId,
  type Micros,
  type RequestId,
} from "../kernel/index.js";
import type { Input } from "../model/index.js";
import { channelAccess, globalAccess, requestAccess, type AccessPolicy } from "./access.js";
import { describeChannel, describeGlobal, describeRequest } from "./asked-text.js";
import { createChannelRegister, type OpenChannel } from "./channel-register.js";
import { createCommandDesk } from "./command-desk.js";
import { LEAVE_ALTERNATE } from "./challenge-screen.js";
import { EXIT_KILLED, terminalNotice } from "./notice.js";
import { createOutbox } from "./outbox.js";
import { createQuestionDesk } from "./question-desk.js";
import type { Session, SessionSeed } from "./session.js";
import { createStreamStarter } from "./stream-start.js";
import type { TerminalChannel } from "./terminal-channel.js";

type Of<K extends Input["kind"]> = Extract<Input, { kind: K }>;

/** One authenticated connection: one person, one target, any number of channels. */
export function createSession(seed: SessionSeed): Session {
  const outbox = createOutbox(seed.facts, seed.firstSequence);
  const desk = createCommandDesk(seed, outbox);
  const register = createChannelRegister(outbox);
  const questions = createQuestionDesk({
    seed,
    outbox,
    onOpened: () => turnStreams("held"),
    onClosed: () => resumeChannels(),
  });
  const policy: AccessPolicy = {
    channels: seed.channels,
    env: seed.env,
    embedded: seed.facts.target.embedded,
  };
  const starter = createStreamStarter({
    seed,
    outbox,
    desk,
    register,
    gated: () => questions.open || closing !== null,
    ask: (order) => questions.ask(order),
    killSession: (judgement) => end(judgement.reason, judgement.trigger),
  });
  let openedAt = 0 as Micros;
  let closing: { readonly reason: string } | null = null;

  /** What the core does not see byte by byte is stopped or released by valve, channel by channel. */
  function turnStreams(state: "open" | "held"): void {
    for (const { id, traffic } of register.all()) {
      if (traffic.type === "stream") outbox.add({ kind: "valve", channel: id, state });
    }
  }

  /** The gate of the session opened: what waited goes on, in the order of arrival per channel. */
  function resumeChannels(): void {
    if (closing !== null) return;
    turnStreams("open");
    for (const { traffic } of register.all()) {
      if (traffic.type === "terminal") traffic.terminal.resume();
      if (traffic.type === "lines") traffic.lines.resume();
    }
  }

  // --- channels and requests: policy before anything else ----------------------------------------

  function channelAsked(input: Of<"channel-asked">): void {
    const access = channelAccess(input.asked, policy);
    if (access.type === "denied") {
      register.refused(input.channel, access.kind, access.reason, describeChannel(input.asked));
      refuse(input.request, access.reason);
      return;
    }
    gatedAsk(input.request, () => {
      const channel = register.open(input.channel, input.asked);
      if (access.kind !== null) {
        const { kind } = access;
        register.started(channel, kind, { type: "stream", kind }, describeChannel(input.asked));
      }
      outbox.add({ kind: "answer", request: input.request, answer: { type: "granted" } });
    });
  }

  function requestAsked(input: Of<"request-asked">): void {
    const channel = register.get(input.channel);
    if (channel === undefined || closing !== null) {
      refuse(input.request, "the channel is not open");
      return;
    }
    const access = requestAccess(input.asked, policy);
    if (access.type === "denied") {
      // A refused variable is daily business (clients send their whole locale); the rest is told.
      if (input.asked.type !== "env") {
        register.refused(input.channel, access.kind, access.reason, describeRequest(input.asked));
      }
      refuse(input.request, access.reason);
      return;
    }
    grantRequest(channel, input);
  }

  function grantRequest(channel: OpenChannel, input: Of<"request-asked">): void {
    const { asked, request } = input;
    switch (asked.type) {
      case "shell":
      case "exec":
      case "subsystem":
        if (channel.traffic.type !== "idle" || channel.told !== null) {
          refuse(request, "a stream was started on this channel before");
          return;
        }
        gatedAsk(request, () => startStream(channel, input));
        return;
      case "pty":
        channel.pty = asked.pty;
        break;
      case "window-change":
        if (channel.pty !== null) channel.pty = { ...channel.pty, ...asked.size };
        if (channel.traffic.type === "terminal") channel.traffic.terminal.resize(asked.size);
        if (questions.channel === channel.id) questions.redraw(asked.size.columns);
        break;
      case "env":
      case "signal":
      case "break":
      case "agent":
      case "x11":
      case "unknown":
        break;
      default:
        unreachable(asked);
    }
    outbox.add({ kind: "answer", request, answer: { type: "granted" } });
  }

  function startStream(channel: OpenChannel, input: Of<"request-asked">): void {
    const { asked, request } = input;
    if (asked.type === "shell") starter.shell(channel, request);
    else if (asked.type === "exec") starter.exec(channel, request, asked.command);
    else if (asked.type === "subsystem") starter.subsystem(channel, request, asked);
  }

  function globalAsked(input: Of<"global-asked">): void {
    const access = globalAccess(input.asked, policy);
    if (access.type === "denied") {
      register.refused(NO_CHANNEL, access.kind, access.reason, describeGlobal(input.asked));
      refuse(input.request, access.reason);
      return;
    }
    gatedAsk(input.request, () =>
      outbox.add({ kind: "answer", request: input.request, answer: { type: "granted" } }),
    );
  }

  function gatedAsk(request: RequestId, deed: () => void): void {
    if (closing !== null) refuse(request, "the session is ending");
    else if (!questions.whenClosed(deed)) refuse(request, "too many requests wait for an answer");
  }

  function refuse(request: RequestId, reason: string): void {
    outbox.add({ kind: "answer", request, answer: { type: "refused", reason } });
  }

  // --- traffic -----------------------------------------------------------------------------------

  function clientSent(input: Of<"client-sent">): void {
    if (questions.channel === input.channel) {
      questions.typed(input.bytes);
      return;
    }
    const bytes = plainBytes(input.bytes);
    const traffic = register.get(input.channel)?.traffic;
    if (traffic?.type === "terminal") traffic.terminal.client(bytes);
    else if (traffic?.type === "lines") traffic.lines.client(bytes);
  }

  function targetSent(input: Of<"target-sent">): void {
    const terminal = terminalOf(input.channel);
    const bytes = plainBytes(input.bytes);
    if (terminal !== undefined) terminal.target(bytes);
    else outbox.toPerson(input.channel, bytes, input.stream);
  }

  function clientEof(input: Of<"client-eof">): void {
    const traffic = register.get(input.channel)?.traffic;
    if (traffic?.type === "lines") traffic.lines.eof();
    else outbox.add({ kind: "eof-to-target", channel: input.channel });
  }

  function targetExited(input: Of<"target-exited">): void {
    const channel = register.get(input.channel);
    if (channel === undefined) return;
    channel.exit = input.exit;
    const terminal = terminalOf(input.channel);
    if (terminal !== undefined) terminal.exited(input.exit);
    else outbox.closeChannel(input.channel, input.exit);
    if (questions.channel === input.channel) questions.abandon();
  }

  function channelClosed(input: Of<"channel-closed">): void {
    register.closed(input.channel, input.bytes, input.reason);
    if (questions.channel === input.channel) questions.abandon();
  }

  function timer(input: Of<"timer">): void {
    if (input.timer === "challenge") {
      questions.timedOut(input.channel);
    } else if (input.channel !== null) terminalOf(input.channel)?.timer(input.timer);
  }

  // --- beginning and end -------------------------------------------------------------------------

  function opened(): void {
    openedAt = outbox.at;
    outbox.emit({
      type: "session.opened",
      data: {
        session: outbox.session,
        groups: seed.facts.person.groups,
        clientVersion: seed.facts.clientVersion,
        authMethods: seed.facts.authMethods,
        targetLabels: seed.facts.target.labels,
        rulesDigest: seed.rules.current().digest,
      },
    });
  }

  function killOrdered(input: Of<"kill-ordered">): void {
    outbox.emit({
      type: "action.taken",
      data: {
        session: outbox.session,
        action: "kill",
        target: "session",
        reason: `${input.by}: ${input.reason}`,
        outcome: "ended",
      },
    });
    const covered = questions.channel;
    const notice = {
      headline: "Chaperone ends this session.",
      reason: input.reason,
      next:
        input.by === "shutdown"
          ? "Connect again in a moment."
          : "Ask the administrator of this gateway.",
    };
    for (const { id, traffic } of register.all()) {
      if (traffic.type !== "terminal") continue;
      if (id === covered) outbox.toPerson(id, LEAVE_ALTERNATE);
      outbox.toPerson(id, terminalNotice(notice));
    }
    end(input.reason, input.by);
    questions.abandon();
  }

  function end(reason: string, trigger: string): void {
    if (closing !== null) return;
    closing = { reason: trigger === "" ? reason : `killed: ${trigger}` };
    outbox.add({ kind: "close-session", reason, exitCode: EXIT_KILLED });
  }

  function disconnected(input: Of<"disconnected">): void {
    closing ??= { reason: input.reason };
    questions.abandon();
    for (const { id } of [...register.all()]) {
      register.closed(id, { toTarget: 0, toPerson: 0 }, "disconnected");
    }
    const { totals } = register;
    outbox.emit({
      type: "session.closed",
      data: {
        session: outbox.session,
        reason: closing.reason,
        durationMs: Math.max(0, Math.floor((outbox.at - openedAt) / 1_000)),
        bytes: totals.bytes,
        counts: { channels: totals.channels, ...desk.counts, reauths: questions.reauths },
        blindSpans: register.blindSpans(openedAt),
      },
    });
  }

  function terminalOf(id: ChannelId): TerminalChannel | undefined {
    const traffic = register.get(id)?.traffic;
    return traffic?.type === "terminal" ? traffic.terminal : undefined;
  }

  function handle(input: Input): void {
    switch (input.kind) {
      case "opened":
        opened();
        return;
      case "channel-asked":
        channelAsked(input);
        return;
      case "request-asked":
        requestAsked(input);
        return;
      case "global-asked":
        globalAsked(input);
        return;
      case "client-sent":
        clientSent(input);
        return;
      case "target-sent":
        targetSent(input);
        return;
      case "client-eof":
        clientEof(input);
        return;
      case "target-exited":
        targetExited(input);
        return;
      case "channel-closed":
        channelClosed(input);
        return;
      case "timer":
        timer(input);
        return;
      case "factor-verified":
        questions.verified(input.request, input.outcome);
        return;
      case "rules-changed":
        // The ruleset is asked for at each command: nothing else has to happen.
        return;
      case "kill-ordered":
        killOrdered(input);
        return;
      case "target-failed":
        outbox.emit({
          type: "session.failed",
          data: { session: outbox.session, reason: input.reason, by: "target" },
        });
        return;
      case "disconnected":
        disconnected(input);
        return;
      default:
        unreachable(input);
        return;
    }
  }

  let gone = false;
  return {
    step(input) {
      if (gone) return [];
      outbox.begin(input);
      const ending = input.kind === "channel-closed" || input.kind === "disconnected";
      if (closing === null || ending || input.kind === "timer") handle(input);
      else if ("request" in input && input.kind !== "factor-verified")
        refuse(input.request, "the session is ending");
      gone = input.kind === "disconnected";
      return outbox.take();
    },
  };
}

const NO_CHANNEL = 0 as ChannelId;
