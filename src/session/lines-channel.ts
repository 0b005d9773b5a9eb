import type { CommandDecision } from "../events/index.js";
import {
  createByteQueue,
  decodeUtf8,
  encodeUtf8,
  escapeControls,
  micros,
  MICROS_PER_MS,
  type ChannelId,
} from "../kernel/index.js";
import type { Exit } from "../model/index.js";
import {
  learnFromLine,
  learnFromShortened,
  openHereDocument,
  withoutBody,
  withoutLongTexts,
  type OpenHereDocument,
} from "../shell/index.js";
import type { CommandDesk } from "./command-desk.js";
import type { Judgement } from "./judgement.js";
import { EXIT_BLOCKED, streamNotice, type Notice } from "./notice.js";
import { outcomeAfter, outcomeOf, type Stopped } from "./outcome.js";
import type { Outbox } from "./outbox.js";
import type { Question, QuestionOrder, Surface } from "./question.js";
import type { ChannelKnowledge } from "./session-files.js";

/**
 * A shell that reads its commands from a stream: `ssh -T host`, `ssh host bash -s < script`. Each
 * command is judged when its last line is there and passed on as a whole. A line can not be taken out
 * of a script without changing what the rest means, so a forbidden one ends the channel.
 */
export interface LinesChannel {
  readonly id: ChannelId;
  client(bytes: Uint8Array): void;
  eof(): void;
  /** The shell on the target ended. */
  exited(exit: Exit): void;
  /** It had time enough to end. */
  timer(): void;
  resume(): void;
  finish(): void;
}

export interface LinesDeps {
  readonly id: ChannelId;
  readonly kind: "shell" | "exec";
  readonly outbox: Outbox;
  readonly desk: CommandDesk;
  readonly knowledge: ChannelKnowledge;
  readonly gated: () => boolean;
  readonly ask: (order: QuestionOrder) => void;
  /** A terminal of the session beside this channel, to ask on. */
  readonly surface: () => Surface | null;
  readonly killSession: (judgement: Judgement) => void;
  readonly suspendSession: (judgement: Judgement) => void;
}

/** A command that is not complete after so many bytes is not written by a person or a tool. */
export const SCRIPT_COMMAND_BYTES_MAX = 256 * 1024;
/** What earlier commands still write is waited for so long when a later one is refused. */
export const LAST_OUTPUT_WAIT_MS = 5_000;
const LF = 0x0a;
/** Shorter commands are read again at each line. */
const REREAD_FROM_LINES = 64;
/** Longer ones when they have grown by this share, or no more of them is there. */
const REREAD_SHARE = 8;

export function createLinesChannel(deps: LinesDeps): LinesChannel {
  const { id, outbox, desk } = deps;
  /** Bytes that arrived while the session was gated. */
  const waiting = createByteQueue(SCRIPT_COMMAND_BYTES_MAX);
  /** Lines of the command that is not complete yet, and the line that has no newline yet. */
  let command: Uint8Array[] = [];
  let commandBytes = 0;
  let lineDone = true;
  /** Lines of the open command, and how many of them the last look at it saw. */
  let lines = 0;
  let looked = 0;
  let open: OpenHereDocument | null = null;
  let ended = false;
  /** Refused: the shell has been told that nothing more comes, and its end is waited for. */
  let draining = false;
  let eofWaits = false;

  function client(bytes: Uint8Array): void {
    if (ended) return;
    if (deps.gated()) {
      wait(bytes);
      return;
    }
    let start = 0;
    for (let i = 0; i < bytes.length && !isEnded(); i++) {
      if (bytes[i] !== LF) continue;
      const line = bytes.slice(start, i + 1);
      append(line, true);
      start = i + 1;
      const more = bytes.indexOf(LF, start) >= 0;
      if (!isBody(line) && !(more && isLong())) tryJudge(false);
      if (!deps.gated()) continue;
      wait(bytes.subarray(start));
      return;
    }
    if (!isEnded() && start < bytes.length) append(bytes.slice(start), false);
  }

  function wait(bytes: Uint8Array): void {
    if (isEnded() || bytes.length === 0 || waiting.push(bytes.slice())) return;
    stop("More arrived while the session was held than can be kept.");
  }

  // Asked through a function: `ended` changes inside of what the loop calls.
  function isEnded(): boolean {
    return ended;
  }

  /** Text of a here-document: nothing of it ends the command, so the command is not read again. */
  function isBody(line: Uint8Array): boolean {
    if (open === null) return false;
    const text = decodeUtf8(line.subarray(0, -1));
    // A backslash at the end joins lines, and joined they may be the delimiter.
    if (!open.joining && !text.endsWith("\\")) {
      return (open.stripsTabs ? text.replace(/^\t+/, "") : text) !== open.delimiter;
    }
    open = { ...open, joining: true };
    return false;
  }

  /** A command of very many lines is not read again at each of them while more of it is there. */
  function isLong(): boolean {
    return lines - looked < lines / REREAD_SHARE && lines > REREAD_FROM_LINES;
  }

  function append(part: Uint8Array, done: boolean): void {
    command.push(part);
    commandBytes += part.length;
    lineDone = done;
    if (done) lines += 1;
    if (commandBytes > SCRIPT_COMMAND_BYTES_MAX)
      stop("A command on stdin is longer than can be inspected.");
  }

  function tryJudge(last: boolean): void {
    if (ended || commandBytes === 0 || !(lineDone || last)) return;
    const text = decodeUtf8(join(command, commandBytes)).replace(/\n$/, "");
    if (text.trim() === "") {
      pass();
      return;
    }
    looked = lines;
    const judgement = desk.judge({
      candidates: [withoutBody(text) ?? withoutLongTexts(text) ?? text],
      channelKind: deps.kind,
      knowledge: deps.knowledge.current,
      confidence: 1,
      hidden: false,
    });
    if (!judgement.analysis.complete && !last) {
      open = openHereDocument(judgement.analysis.line);
      return;
    }
    respond(text, judgement);
  }

  function respond(text: string, judgement: Judgement): void {
    const surface = deps.surface() !== null;
    const outcome = outcomeOf(judgement, {
      action: "command",
      held: text,
      surface,
      stderr: true,
    });
    const tell = (decision: CommandDecision): void =>
      desk.tell(judgement, {
        channel: id,
        decision,
        text,
        hidden: false,
        source: "stdin",
        confidence: 1,
        context: "shell",
        candidates: [text],
      });
    switch (outcome.type) {
      case "release":
        tell(judgement.alert && outcome.decision === "allowed" ? "alerted" : outcome.decision);
        passJudged(text, judgement);
        return;
      case "ask":
        ask(text, judgement, { questions: outcome.questions, tell });
        return;
      case "block":
      case "suspend":
      case "kill":
        refuse(judgement, outcome, tell);
    }
  }

  /** Where nobody can type yes, a warning is told and the command runs. */
  function ask(
    text: string,
    judgement: Judgement,
    how: { readonly questions: readonly Question[]; readonly tell: (d: CommandDecision) => void },
  ): void {
    if (judgement.line === "warn") {
      how.tell("warned");
      say({ headline: "Warning.", reason: judgement.reason, next: "The command runs." });
      passJudged(text, judgement);
      return;
    }
    deps.ask({
      subject: id,
      surface: deps.surface(),
      questions: how.questions,
      trigger: judgement.trigger,
      reason: judgement.reason,
      held: text,
      tell: (line) =>
        outbox.toPerson(id, encodeUtf8(`chaperone: ${escapeControls(line)}\n`), "stderr"),
      then(result, last) {
        if (ended) return;
        if (result.type === "passed" && judgement.asksFactor) desk.grantGrace(judgement);
        const outcome = outcomeAfter(judgement, result, last);
        if (outcome.type === "release") {
          how.tell(outcome.decision);
          passJudged(text, judgement);
        } else if (outcome.type !== "ask") refuse(judgement, outcome, how.tell);
      },
    });
  }

  function passJudged(text: string, judgement: Judgement): void {
    const learn = judgement.analysis.line === text ? learnFromLine : learnFromShortened;
    deps.knowledge.learn(judgement.analysis, learn);
    pass();
  }

  function refuse(
    judgement: Judgement,
    outcome: Stopped,
    tell: (decision: CommandDecision) => void,
  ): void {
    tell(outcome.decision);
    say(outcome.notice);
    if (outcome.type === "kill") {
      ended = true;
      deps.killSession(judgement);
      return;
    }
    close();
    if (outcome.type === "suspend") deps.suspendSession(judgement);
  }

  function pass(): void {
    if (commandBytes > 0) outbox.toTarget(id, join(command, commandBytes));
    command = [];
    commandBytes = 0;
    lineDone = true;
    lines = 0;
    looked = 0;
    open = null;
  }

  function say(notice: Notice): void {
    outbox.toPerson(id, encodeUtf8(streamNotice(notice)), "stderr");
  }

  function stop(reason: string): void {
    say({
      headline: "Chaperone closes this channel.",
      reason,
      next: "Run it as a file on the target instead.",
    });
    outbox.emit({
      type: "action.taken",
      data: {
        session: outbox.session,
        action: "close",
        target: "channel",
        channel: id,
        reason: "policy.holdQueue",
        outcome: "closed",
      },
    });
    close();
  }

  function close(): void {
    ended = true;
    waiting.wipe();
    command = [];
    commandBytes = 0;
    // The shell reads nothing more and ends by itself; what it ran before may still be writing.
    draining = true;
    outbox.add({ kind: "eof-to-target", channel: id });
    const until = outbox.at + LAST_OUTPUT_WAIT_MS * MICROS_PER_MS;
    outbox.setTimer("settle", id, micros(until));
  }

  function drained(): void {
    if (!draining) return;
    draining = false;
    outbox.clearTimer("settle", id);
    outbox.closeChannel(id, { type: "code", code: EXIT_BLOCKED });
  }

  function eof(): void {
    if (ended) return;
    if (deps.gated()) {
      eofWaits = true;
      return;
    }
    tryJudge(true);
    if (isEnded()) return;
    if (deps.gated()) {
      eofWaits = true;
      return;
    }
    pass();
    outbox.add({ kind: "eof-to-target", channel: id });
  }

  return {
    id,
    client,
    eof,
    exited(exit) {
      if (draining) drained();
      else outbox.closeChannel(id, exit);
    },
    timer: drained,
    resume() {
      if (ended || deps.gated()) return;
      for (const bytes of waiting.drain()) client(bytes);
      if (eofWaits) {
        eofWaits = false;
        eof();
      }
    },
    finish() {
      ended = true;
      draining = false;
      waiting.wipe();
    },
  };
}

function join(parts: readonly Uint8Array[], length: number): Uint8Array {
  if (parts.length === 1 && parts[0] !== undefined) return parts[0];
  const all = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    all.set(part, offset);
    offset += part.length;
  }
  return all;
}
