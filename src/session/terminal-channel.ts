import type { CommandDecision } from "../events/index.js";
import { after, createByteQueue, type ChannelId, type Micros } from "../kernel/index.js";
import type { Exit, TerminalSize, TimerName } from "../model/index.js";
import { createTypedLine, type KeyRun } from "../terminal/index.js";
import { createCommandLog } from "./command-log.js";
import { createCommandTelling } from "./command-telling.js";
import { integrate } from "./integration/integrate.js";
import { releasedLine } from "./integration/ran-lines.js";
import { EXIT_BLOCKED, terminalClosed, terminalNotice, type Notice } from "./notice.js";
import { createOwedCommand } from "./owed-command.js";
import type { ChallengeResult, Question, Surface } from "./question.js";
import { createRecordingOrder } from "./recording-order.js";
import { createTerminalCover } from "./terminal-cover.js";
import type { TerminalDeps } from "./terminal-deps.js";
import {
  asEnding,
  INTERRUPT_AGAIN_MS,
  INTERRUPT_PAUSE_MS,
  INTERRUPTS_MAX,
  isCommand,
  NO_SUBMIT,
  runs,
  type Gate,
  type HeldLine,
  withEscape,
} from "./terminal-gate.js";
import { outcomeAfter, outcomeOf, type Outcome, type Stopped } from "./outcome.js";

/**
 * One terminal: a person's pty and the gate in front of the target. Keys pass at once; the byte that
 * would make a line run is held until both witnesses have settled, the line is judged, and it is
 * released, dropped or challenged. While the gate is not open, what the person types waits.
 */
export interface TerminalChannel {
  readonly id: ChannelId;
  client(bytes: Uint8Array): void;
  target(bytes: Uint8Array): void;
  resize(size: TerminalSize): void;
  timer(name: TimerName): void;
  /** The session's gate opened again: go on with what waited. */
  resume(): void;
  /** Shows a line of somebody else's for a while, without touching the line being typed. */
  readonly message: (text: string) => void;
  /** Puts a mark of the session into the recording, such as that it was asked who is there. */
  readonly mark: (label: string) => void;
  /** Bytes that make a cleared terminal of this size show what the target shows. */
  screen(): { readonly columns: number; readonly rows: number; readonly bytes: Uint8Array };
  /** Where questions to the person can be drawn. */
  readonly surface: Surface;
  /** Nothing can be asked or shown on it any more. */
  readonly over: boolean;
  /** The session ends: whatever covers the target's screen goes, for the last words. */
  readonly reveal: () => void;
  exited(exit: Exit): void;
  /** Writes what the recording still owes. */
  finish(): void;
  readonly blind: ReturnType<typeof createTypedLine>["blind"];
}

/** What a person can type or paste ahead of a held line; above it the channel is closed. */
export const HELD_BYTES_MAX = 256 * 1024;
/** From here on the person's side is not read any more until the gate opens. */
const HELD_BYTES_HIGH = HELD_BYTES_MAX / 2;
/** With so little left to pass the person is read again. */
const HELD_BYTES_LOW = HELD_BYTES_HIGH / 4;
const INTERRUPT = Uint8Array.of(0x03);

export function createTerminalChannel(deps: TerminalDeps): TerminalChannel {
  const { id, outbox, desk } = deps;
  const line = createTypedLine({ pty: deps.pty });
  const queue = createByteQueue(HELD_BYTES_MAX);
  const recording = createRecordingOrder({
    channel: id,
    line,
    outbox,
    ...deps.recording,
    seen: (input) => desk.behaviour.shown(id, input),
  });
  const owed = createOwedCommand();
  const commands = createCommandLog(deps.knowledge);
  const cover = createTerminalCover({
    channel: id,
    outbox,
    line,
    size: () => size,
    closed: () => gate.state === "closed",
  });
  const startedAt: Micros = outbox.at;
  const telling = createCommandTelling({ ...deps, commands, owed, order: recording, startedAt });
  let size: TerminalSize = { columns: deps.pty.columns, rows: deps.pty.rows };
  let gate: Gate = { state: "open" };
  let valveHeld = false;
  /** A line that is let go on opens the gate while what waits behind it is being looked through. */
  let resuming = false;
  const witness = integrate({ ...deps, line, show: printed, opened: resume, close: refuse });

  start();

  function start(): void {
    recording.add({
      type: "start",
      at: startedAt,
      ...size,
      term: deps.pty.term,
      ...(deps.exec === undefined ? {} : { command: deps.exec.command }),
    });
    if (deps.exec !== undefined) {
      line.released(NO_SUBMIT, outbox.at, { programs: deps.exec.programs, complete: true });
    }
  }

  // --- from the person -------------------------------------------------------------------------

  function client(bytes: Uint8Array): void {
    if (gate.state === "closed") return;
    if (passing()) pass(bytes);
    else wait(bytes);
  }

  function passing(): boolean {
    return gate.state === "open" && !deps.gated() && witness?.busy !== true;
  }

  /** Policy of the queue when full: fail closed, with a reason. */
  function wait(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    if (!queue.push(bytes.slice())) {
      refuse("More was typed while a line was held than can be kept.", "policy.holdQueue");
      return;
    }
    if (queue.bytes > HELD_BYTES_HIGH && !valveHeld) {
      valveHeld = true;
      outbox.add({ kind: "valve", channel: id, state: "held" });
    }
  }

  /**
   * Byte by byte, because what stands behind a submit must be decoded in the state in which the
   * terminal is after that submit ran (bracketed paste may have been switched off by then).
   */
  function pass(bytes: Uint8Array): void {
    witness?.typed();
    let sent = 0;
    for (let i = 0; i < bytes.length; i++) {
      for (const decoded of line.decode(bytes.subarray(i, i + 1))) {
        const run = commands.open ? asEnding(decoded) : decoded;
        if (run.kind !== "submit") {
          line.pressed(run, outbox.at);
          if (run.kind !== "control") continue;
          owed.settle(line.fate);
          owed.asked(line.standsAt ?? "unknown");
          commands.interrupted();
          if (run.bytes[0] !== INTERRUPT[0]) continue;
          outbox.toTarget(id, bytes.subarray(sent, i + 1));
          pause();
          wait(bytes.subarray(i + 1));
          return;
        }
        const submit = withEscape(run, bytes.subarray(sent, i + 1));
        const before = i + 1 - submit.bytes.length;
        if (before > sent) outbox.toTarget(id, bytes.subarray(sent, before));
        recording.settle();
        gate = { state: "settling", submit };
        trySettle();
        sent = i + 1;
        if (!passing()) {
          wait(bytes.subarray(sent));
          return;
        }
      }
    }
    if (sent < bytes.length) outbox.toTarget(id, bytes.subarray(sent));
    recording.settle();
  }

  /**
   * While readline handles the interrupt it can lose characters that it has shown already, and then
   * another line runs than the one to be seen: what follows waits for the prompt, or a moment where
   * none comes.
   */
  function pause(): void {
    gate = { state: "pausing" };
    outbox.setTimer("fresh-prompt", id, after(outbox.at, INTERRUPT_PAUSE_MS));
    recording.settle();
  }

  function trySettle(): void {
    if (gate.state !== "settling" || deps.gated()) return;
    const settlement = line.settled(outbox.at);
    if (settlement.settled) judge(gate.submit);
    else outbox.setTimer("settle", id, settlement.recheckAt);
  }

  // --- the line is judged ----------------------------------------------------------------------

  function judge(submit: KeyRun): void {
    outbox.clearTimer("settle", id);
    desk.behaviour.entered();
    // How it was typed may ask who is there first: the line is judged behind that.
    if (deps.gated()) return;
    const seen = line.read(submit);
    // Where another line is read, what is not known to have run went on.
    owed.settle(line.fate === "ran" ? "ran" : "goes-on");
    owed.asked(seen.prompt);
    const candidates = commands.candidates(seen);
    const reading = commands.weighed(seen);
    if (candidates === null) {
      release(submit, null);
      return;
    }
    const judgement = desk.judge({
      candidates,
      channelKind: deps.kind,
      knowledge: commands.knowledge,
      ...(witness?.cwd === undefined ? {} : { elsewhere: witness.cwd }),
      confidence: reading.confidence,
      hidden: reading.hidden,
      context: reading.context,
      escaped: reading.escapes !== undefined,
      ...(reading.program === undefined ? {} : { program: reading.program }),
      ...(reading.unknowable === undefined ? {} : { unknowable: reading.unknowable }),
    });
    if (runs(judgement) && isCommand(reading) && commands.tells(judgement.analysis, reading)) {
      desk.behaviour.command({ channel: id, analysis: judgement.analysis, held: submit });
      // The same for what it is: it waits here, and is judged again.
      if (deps.gated()) return;
    }
    respond(submit, { reading, judgement });
  }

  function respond(submit: KeyRun, held: HeldLine): void {
    const { judgement, reading } = held;
    const shown = reading.hidden ? {} : { held: reading.text };
    const outcome: Outcome = outcomeOf(judgement, { action: "command", surface: true, ...shown });
    switch (outcome.type) {
      case "release":
        release(submit, held, outcome.decision);
        return;
      case "ask":
        gate = { state: "challenged", submit, held };
        deps.ask({
          subject: id,
          surface: cover.surface,
          questions: outcome.questions,
          trigger: judgement.trigger,
          reason: judgement.reason,
          then: answered,
          ...shown,
        });
        return;
      case "block":
      case "suspend":
      case "kill":
        stop(held, outcome);
    }
  }

  function answered(result: ChallengeResult, last: Question): void {
    if (gate.state !== "challenged") return;
    const { submit, held } = gate;
    if (result.type === "abandoned") {
      // The terminal is gone: nothing can be sent or shown any more, only told.
      telling.tell(held, "unanswered");
      gate = { state: "closed" };
      return;
    }
    if (result.type === "passed" && held.judgement.asksFactor) desk.grantGrace(held.judgement);
    const outcome = outcomeAfter(held.judgement, result, last);
    if (outcome.type === "release") release(submit, held, outcome.decision);
    else if (outcome.type !== "ask") stop(held, outcome);
  }

  function stop(held: HeldLine, outcome: Stopped): void {
    switch (outcome.type) {
      case "block":
        block(held, outcome.notice, outcome.decision);
        return;
      case "suspend":
        telling.tell(held, outcome.decision);
        queue.wipe();
        // Nothing may pass to a suspended target, not even the interrupt.
        gate = { state: "doomed", notice: outcome.notice };
        deps.suspendSession(held.judgement);
        return;
      case "kill":
        telling.tell(held, "killed");
        gate = { state: "closed" };
        outbox.toPerson(id, terminalNotice(outcome.notice));
        deps.killSession(held.judgement);
        return;
    }
  }

  function release(
    submit: KeyRun,
    held: HeldLine | null,
    decision: CommandDecision = "allowed",
  ): void {
    const eof = submit.kind === "submit" && submit.form === "eof";
    const ends = eof && held?.reading.asksForMore !== true;
    if (held !== null) telling.released(held, decision, ends);
    if (held !== null) witness?.released(releasedLine(held.reading, commands));
    const launched = commands.released(held, ends);
    line.released(submit, outbox.at, launched);
    outbox.toTarget(id, submit.bytes);
    recording.settle();
    reopen();
  }

  function block(held: HeldLine, notice: Notice, decision: CommandDecision): void {
    telling.tell(held, decision);
    queue.wipe();
    drop(notice);
  }

  function drop(notice: Notice): void {
    outbox.toPerson(id, terminalNotice(notice));
    if (!line.interruptTrusted) {
      closeBlocked("the line could not be dropped safely");
      return;
    }
    // Architecture law 2: never a carriage return; the interrupt only on evidence that it interrupts.
    commands.dropped();
    line.dropped(outbox.at);
    interrupt(1);
  }

  function interrupt(interrupts: number): void {
    outbox.toTarget(id, INTERRUPT);
    gate = { state: "clearing", interrupts };
    outbox.setTimer("fresh-prompt", id, after(outbox.at, INTERRUPT_AGAIN_MS));
  }

  function reopen(): void {
    gate = { state: "open" };
    resume();
  }

  function resume(): void {
    if (gate.state === "doomed" && !deps.gated()) drop(gate.notice);
    if (gate.state === "settling") trySettle();
    if (!passing() || resuming) return;
    resuming = true;
    for (const bytes of queue.drain()) client(bytes);
    resuming = false;
    // Each line of a long paste closes the gate again: no more is read before there is room for it.
    if (!valveHeld || queue.bytes > HELD_BYTES_LOW) return;
    valveHeld = false;
    outbox.add({ kind: "valve", channel: id, state: "open" });
  }

  // --- from the target -------------------------------------------------------------------------

  function target(bytes: Uint8Array): void {
    if (witness === null) printed(bytes);
    else witness.printed(bytes);
  }

  function printed(bytes: Uint8Array): void {
    line.printed(bytes, outbox.at);
    owed.settle(line.fate);
    if (owed.waitsForPrompt && line.standsAt === "primary") owed.asked("primary");
    recording.add({ type: "output", bytes, at: outbox.at });
    cover.show(bytes);
    deps.observed(() => ({ type: "output", channel: id, bytes, at: outbox.at }));
    if (gate.state === "settling") trySettle();
    else if ((gate.state === "clearing" || gate.state === "pausing") && line.atFreshPrompt()) {
      outbox.clearTimer("fresh-prompt", id);
      reopen();
    }
  }

  function timer(name: TimerName): void {
    if (name === "settle") trySettle();
    else if (name === "echo") recording.recheck();
    else if (name === "message") cover.clearMessage();
    else if (name === "integration") witness?.timer();
    else if (name === "fresh-prompt" && gate.state === "pausing") reopen();
    else if (name === "fresh-prompt" && gate.state === "clearing") {
      if (deps.gated()) outbox.setTimer(name, id, after(outbox.at, INTERRUPT_AGAIN_MS));
      else if (gate.interrupts < INTERRUPTS_MAX) interrupt(gate.interrupts + 1);
      else closeBlocked("the shell did not drop the line");
    }
  }

  function refuse(reason: string, trigger: string): void {
    outbox.emit({
      type: "action.taken",
      data: {
        session: outbox.session,
        action: "close",
        target: "channel",
        channel: id,
        reason: trigger,
        outcome: "closed",
      },
    });
    outbox.toPerson(id, terminalNotice(terminalClosed(reason)));
    shut();
  }

  function closeBlocked(why: string): void {
    refuse(`Because ${why}, it is closed before anything else can run.`, "policy.unsafeInterrupt");
  }

  function shut(): void {
    queue.wipe();
    gate = { state: "closed" };
    recording.finish();
    outbox.closeChannel(id, { type: "code", code: EXIT_BLOCKED });
  }

  return {
    id,
    client,
    target,
    timer,
    resume,
    get blind() {
      return line.blind;
    },
    resize({ columns, rows }) {
      size = { columns, rows };
      deps.observed(() => ({ type: "resize", channel: id, columns, rows, at: outbox.at }));
      line.resized(size);
      witness?.resized(size);
      recording.add({ type: "resize", columns, rows, at: outbox.at });
    },
    surface: cover.surface,
    get over() {
      return gate.state === "closed";
    },
    screen: () => ({ ...size, bytes: line.repaint() }),
    ...{ message: cover.message, reveal: cover.reveal },
    mark: (label) => recording.add({ type: "mark", label, at: outbox.at }),
    exited(exit) {
      cover.reveal();
      if (gate.state === "closed") return;
      gate = { state: "closed" };
      queue.wipe();
      outbox.closeChannel(id, exit);
    },
    finish() {
      queue.wipe();
      if (line.fate !== "goes-on") owed.over();
      recording.finish();
      recording.add({ type: "end", at: outbox.at });
      recording.finish();
    },
  };
}
