import type { CommandDecision } from "../events/index.js";
import { encodeUtf8, escapeControls, type ChannelId, type RequestId } from "../kernel/index.js";
import {
  LINK_FACTORS,
  TYPED_FACTORS,
  type ChannelKind,
  type FileWatch,
  type ObservedEntry,
  type RequestAsked,
} from "../model/index.js";
import { FACTOR_NAME } from "./challenge-words.js";
import type { ChannelRegister, OpenChannel } from "./channel-register.js";
import type { CommandDesk } from "./command-desk.js";
import type { Judgement } from "./judgement.js";
import { createLinesChannel } from "./lines-channel.js";
import { EXIT_BLOCKED, EXIT_KILLED, streamNotice, type Notice } from "./notice.js";
import { outcomeAfter, outcomeOf, type Stopped } from "./outcome.js";
import type { Outbox } from "./outbox.js";
import type { Question, QuestionOrder, Surface } from "./question.js";
import type { ChannelKnowledge, SessionFiles } from "./session-files.js";
import type { SessionSeed } from "./session.js";
import { readsCommandsFromStdin } from "./stdin-shell.js";
import { emptySurface } from "./surfaces.js";
import { createTerminalChannel } from "./terminal-channel.js";
import { watchedBy } from "./transfers.js";

/** Starts what a session channel was opened for: a shell, a command, a subsystem. */
export interface StreamStarter {
  shell(channel: OpenChannel, request: RequestId): void;
  exec(channel: OpenChannel, request: RequestId, command: string): void;
  subsystem(
    channel: OpenChannel,
    request: RequestId,
    asked: RequestAsked & { type: "subsystem" },
  ): void;
  /**
   * Nothing of this request has started yet: asks on its own terminal, on one beside it, or out of
   * band. The request stays unanswered meanwhile.
   */
  askBefore(channel: OpenChannel, request: RequestId, order: BeforeOrder): void;
  /** Whether `askBefore` has a terminal to ask on. */
  surfaceOf(channel: OpenChannel): Surface | null;
}

export type BeforeOrder = Pick<
  QuestionOrder,
  "questions" | "trigger" | "reason" | "held" | "then"
> & {
  /** A word on stderr that something is waited for is no harm to it. */
  readonly hasStderr: boolean;
};

export interface StarterDeps {
  readonly seed: SessionSeed;
  readonly outbox: Outbox;
  readonly desk: CommandDesk;
  readonly register: ChannelRegister;
  readonly files: SessionFiles;
  readonly gated: () => boolean;
  readonly ask: (order: QuestionOrder) => void;
  /** A terminal of the session, to ask on for a channel that has none. */
  readonly surface: () => Surface | null;
  readonly killSession: (judgement: Judgement) => void;
  readonly suspendSession: (judgement: Judgement) => void;
  readonly observed: (entry: () => ObservedEntry) => void;
  readonly prove: (owed: { readonly trigger: string; readonly reason: string }) => void;
}

interface Start {
  readonly kind: "shell" | "exec";
  readonly knowledge: ChannelKnowledge;
  readonly exec?: { readonly command: string; readonly judgement: Judgement };
}

export function createStreamStarter(deps: StarterDeps): StreamStarter {
  const { outbox, desk, register } = deps;

  function start(channel: OpenChannel, request: RequestId, what: Start): void {
    const { kind, exec } = what;
    const lines =
      kind === "shell" || (exec !== undefined && readsCommandsFromStdin(exec.judgement.analysis));
    const inspect = channel.pty !== null ? "terminal" : lines ? "lines" : "stream";
    const watch = inspect === "stream" && exec !== undefined ? watchOn(exec.judgement) : null;
    // The channel is told before the person can type on it; the answer starts the stream.
    register.started(channel, kind, { type: "stream", kind }, exec?.command);
    outbox.add({
      kind: "answer",
      request,
      answer: { type: "started", inspect, channelKind: kind, ...(watch === null ? {} : { watch }) },
    });
    if (channel.pty !== null) {
      channel.traffic = { type: "terminal", terminal: terminalOn(channel, channel.pty, what) };
    } else if (lines) channel.traffic = { type: "lines", lines: linesOn(channel, what) };
  }

  function watchOn({ analysis }: Judgement): FileWatch | null {
    return watchedBy(analysis, filesRuled());
  }

  function filesRuled(): boolean {
    return deps.seed.rules.current().rulesTransfers(deps.seed.facts);
  }

  function terminalOn(
    channel: OpenChannel,
    pty: NonNullable<OpenChannel["pty"]>,
    what: Start,
  ): ReturnType<typeof createTerminalChannel> {
    const exec = what.exec;
    return createTerminalChannel({
      id: channel.id,
      kind: what.kind,
      pty,
      outbox,
      desk,
      knowledge: what.knowledge,
      recording: deps.seed.recording,
      ...(deps.seed.integration === undefined ? {} : { integration: deps.seed.integration }),
      prove: deps.prove,
      gated: deps.gated,
      ask: deps.ask,
      killSession: deps.killSession,
      suspendSession: deps.suspendSession,
      observed: deps.observed,
      ...(exec === undefined
        ? {}
        : { exec: { command: exec.command, programs: programsOf(exec.judgement) } }),
    });
  }

  function linesOn(
    channel: OpenChannel,
    { kind, knowledge }: Start,
  ): ReturnType<typeof createLinesChannel> {
    return createLinesChannel({
      id: channel.id,
      kind,
      outbox,
      desk,
      knowledge,
      gated: deps.gated,
      ask: deps.ask,
      surface: deps.surface,
      killSession: deps.killSession,
      suspendSession: deps.suspendSession,
    });
  }

  function surfaceOf(channel: OpenChannel): Surface | null {
    return channel.pty === null ? deps.surface() : emptySurface(channel, outbox);
  }

  function askBefore(channel: OpenChannel, request: RequestId, order: BeforeOrder): void {
    const surface = surfaceOf(channel);
    const { hasStderr, ...asked } = order;
    const tell = (line: string): void =>
      outbox.toPerson(channel.id, encodeUtf8(`chaperone: ${escapeControls(line)}\n`), "stderr");
    if (channel.pty !== null) {
      outbox.add({ kind: "answer", request, answer: { type: "asking" } });
    } else if (hasStderr) tell(waitingFor(order.questions, surface !== null));
    deps.ask({ ...asked, subject: channel.id, surface, ...(hasStderr ? { tell } : {}) });
  }

  function exec(channel: OpenChannel, request: RequestId, command: string): void {
    const knowledge = deps.files.fresh();
    const judgement = desk.judge({
      candidates: [command],
      channelKind: "exec",
      knowledge: knowledge.current,
      confidence: 1,
      hidden: false,
    });
    const surface = surfaceOf(channel) !== null;
    const outcome = outcomeOf(judgement, {
      action: "command",
      held: command,
      surface,
      stderr: true,
      relayed: deps.seed.facts.answeredByGateway === true,
    });
    const tell = (decision: CommandDecision): void =>
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
    const begin = (decision: CommandDecision): void => {
      tell(judgement.alert && decision === "allowed" ? "alerted" : decision);
      // What it starts inherits the files it has written, and none of its variables and functions.
      knowledge.learn(judgement.analysis);
      start(channel, request, {
        kind: "exec",
        knowledge: deps.files.fresh(),
        exec: { command, judgement },
      });
    };
    const stop = (stopped: Stopped): void => {
      tell(stopped.decision);
      const exitCode = stopped.type === "kill" ? EXIT_KILLED : EXIT_BLOCKED;
      end(channel, request, { notice: stopped.notice, exitCode, command });
      if (stopped.type === "kill") deps.killSession(judgement);
      if (stopped.type === "suspend") deps.suspendSession(judgement);
    };
    switch (outcome.type) {
      case "release":
        begin(outcome.decision);
        return;
      case "ask":
        if (judgement.line === "warn" && channel.pty === null) {
          begin("warned");
          warn(channel.id, judgement);
          return;
        }
        askBefore(channel, request, {
          questions: outcome.questions,
          trigger: judgement.trigger,
          reason: judgement.reason,
          held: command,
          hasStderr: true,
          then(result, last) {
            if (result.type === "passed" && judgement.asksFactor) desk.grantGrace(judgement);
            const after = outcomeAfter(judgement, result, last);
            if (after.type === "release") begin(after.decision);
            else if (after.type !== "ask") stop(after);
          },
        });
        return;
      case "block":
      case "suspend":
      case "kill":
        stop(outcome);
    }
  }

  /** On a channel without a terminal nobody types yes: the warning is told and the command runs. */
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
    askBefore,
    surfaceOf,
    shell: (channel, request) =>
      start(channel, request, { kind: "shell", knowledge: deps.files.fresh() }),
    exec,
    subsystem(channel, request, asked) {
      const kind: ChannelKind = asked.name === "sftp" ? "sftp" : "subsystem";
      register.started(channel, kind, { type: "stream", kind }, asked.name);
      const watch: FileWatch = { protocol: "sftp", strict: filesRuled() };
      outbox.add({
        kind: "answer",
        request,
        answer: {
          type: "started",
          inspect: "stream",
          channelKind: kind,
          ...(kind === "sftp" ? { watch } : {}),
        },
      });
    },
  };
}

function programsOf(judgement: Judgement): readonly string[] {
  return judgement.analysis.invocations.flatMap((one) => (one.exec === null ? [] : [one.exec]));
}

/** One line that says why nothing happens yet. */
function waitingFor(questions: readonly Question[], surface: boolean): string {
  const [first] = questions;
  if (first?.type === "approval") return "Held until somebody else has agreed; you can wait.";
  if (surface) return "Held: answer the question on your open terminal.";
  if (first?.type === "factor" && TYPED_FACTORS.includes(first.factor)) {
    return `Held until your gateway has handed in ${FACTOR_NAME[first.factor]}.`;
  }
  return first?.type === "factor" && LINK_FACTORS.includes(first.factor)
    ? "Held until you have answered in your browser."
    : "Held until you have answered on your other device.";
}
