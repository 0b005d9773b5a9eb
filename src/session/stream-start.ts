import { encodeUtf8, type ChannelId, type RequestId } from "../kernel/index.js";
import type { ChannelKind, RequestAsked } from "../model/index.js";
import type { ChannelRegister, OpenChannel } from "./channel-register.js";
import type { CommandDesk } from "./command-desk.js";
import type { Judgement } from "./judgement.js";
import { createLinesChannel } from "./lines-channel.js";
import { EXIT_BLOCKED, EXIT_KILLED, streamNotice, type Notice } from "./notice.js";
import { outcomeOf } from "./outcome.js";
import type { Outbox } from "./outbox.js";
import type { SessionSeed } from "./session.js";
import type { QuestionOrder } from "./question-desk.js";
import { readsCommandsFromStdin } from "./stdin-shell.js";
import { createTerminalChannel } from "./terminal-channel.js";

/** Starts what a session channel was opened for: a shell, a command, a subsystem. */
export interface StreamStarter {
  shell(channel: OpenChannel, request: RequestId): void;
  exec(channel: OpenChannel, request: RequestId, command: string): void;
  subsystem(
    channel: OpenChannel,
    request: RequestId,
    asked: RequestAsked & { type: "subsystem" },
  ): void;
}

export interface StarterDeps {
  readonly seed: SessionSeed;
  readonly outbox: Outbox;
  readonly desk: CommandDesk;
  readonly register: ChannelRegister;
  readonly gated: () => boolean;
  readonly ask: (order: QuestionOrder) => void;
  readonly killSession: (judgement: Judgement) => void;
}

export function createStreamStarter(deps: StarterDeps): StreamStarter {
  const { outbox, desk, register } = deps;

  function start(
    channel: OpenChannel,
    request: RequestId,
    what: {
      readonly kind: "shell" | "exec";
      readonly exec?: { readonly command: string; readonly judgement: Judgement };
    },
  ): void {
    const { kind, exec } = what;
    const lines =
      kind === "shell" || (exec !== undefined && readsCommandsFromStdin(exec.judgement.analysis));
    const inspect = channel.pty !== null ? "terminal" : lines ? "lines" : "stream";
    // The channel is told before the person can type on it; the answer starts the stream.
    register.started(channel, kind, { type: "stream", kind }, exec?.command);
    outbox.add({
      kind: "answer",
      request,
      answer: { type: "started", inspect, channelKind: kind },
    });
    if (channel.pty !== null) {
      channel.traffic = { type: "terminal", terminal: terminalOn(channel, channel.pty, what) };
    } else if (lines) channel.traffic = { type: "lines", lines: linesOn(channel, kind) };
  }

  function terminalOn(
    channel: OpenChannel,
    pty: NonNullable<OpenChannel["pty"]>,
    what: Parameters<typeof start>[2],
  ): ReturnType<typeof createTerminalChannel> {
    const exec = what.exec;
    return createTerminalChannel({
      id: channel.id,
      kind: what.kind,
      pty,
      outbox,
      desk,
      recording: deps.seed.recording,
      gated: deps.gated,
      ask: deps.ask,
      killSession: deps.killSession,
      ...(exec === undefined
        ? {}
        : { exec: { command: exec.command, programs: programsOf(exec.judgement) } }),
    });
  }

  function linesOn(
    channel: OpenChannel,
    kind: "shell" | "exec",
  ): ReturnType<typeof createLinesChannel> {
    return createLinesChannel({
      id: channel.id,
      kind,
      outbox,
      desk,
      gated: deps.gated,
      killSession: deps.killSession,
    });
  }

  function exec(channel: OpenChannel, request: RequestId, command: string): void {
    const judgement = desk.judge({
      candidates: [command],
      channelKind: "exec",
      knowledge: {},
      confidence: 1,
      hidden: false,
    });
    const outcome = outcomeOf(judgement);
    const tell = (decision: Parameters<CommandDesk["tell"]>[1]["decision"]): void =>
      desk.tell(judgement, {
        channel: channel.id,
        decision,
        text: command,
        hidden: false,
        source: "exec",
        confidence: 1,
        context: "shell",
        candidates: [command],
      });
    switch (outcome.type) {
      case "release":
        tell(judgement.alert && outcome.decision === "allowed" ? "alerted" : outcome.decision);
        start(channel, request, { kind: "exec", exec: { command, judgement } });
        return;
      case "ask":
        if (outcome.question === "confirm") {
          tell("warned");
          start(channel, request, { kind: "exec", exec: { command, judgement } });
          if (channel.pty === null) warn(channel.id, judgement);
          return;
        }
        tell("unanswered");
        end(channel, request, { notice: noTerminal(judgement), exitCode: EXIT_BLOCKED, command });
        return;
      case "block":
        tell(outcome.decision);
        end(channel, request, { notice: outcome.notice, exitCode: EXIT_BLOCKED, command });
        return;
      case "kill":
        tell("killed");
        end(channel, request, { notice: outcome.notice, exitCode: EXIT_KILLED, command });
        deps.killSession(judgement);
        return;
    }
  }

  /** On a channel without a terminal nobody can be asked: the warning is told and the command runs. */
  function warn(channel: ChannelId, judgement: Judgement): void {
    const notice = { headline: "Warning.", reason: judgement.reason, next: "The command runs." };
    outbox.toPerson(channel, encodeUtf8(streamNotice(notice)), "stderr");
  }

  function end(
    channel: OpenChannel,
    request: RequestId,
    how: { readonly notice: Notice; readonly exitCode: number; readonly command: string },
  ): void {
    register.refused(channel.id, "exec", how.notice.reason, how.command);
    outbox.add({
      kind: "answer",
      request,
      answer: {
        type: "ended",
        message: streamNotice(how.notice),
        exit: { type: "code", code: how.exitCode },
      },
    });
  }

  return {
    shell: (channel, request) => start(channel, request, { kind: "shell" }),
    exec,
    subsystem(channel, request, asked) {
      const kind: ChannelKind = asked.name === "sftp" ? "sftp" : "subsystem";
      register.started(channel, kind, { type: "stream", kind }, asked.name);
      outbox.add({
        kind: "answer",
        request,
        answer: { type: "started", inspect: "stream", channelKind: kind },
      });
    },
  };
}

function programsOf(judgement: Judgement): readonly string[] {
  return judgement.analysis.invocations.flatMap((one) => (one.exec === null ? [] : [one.exec]));
}

function noTerminal(judgement: Judgement): Notice {
  return {
    headline: "Not run: this command needs you to prove who you are.",
    reason: `${judgement.reason} [${judgement.trigger}]`,
    next: "There is no terminal to ask on here: run it in an interactive session.",
  };
}
