import { plainBytes, unreachable, type ChannelId, type Micros } from "../kernel/index.js";
import type { Input, SessionView } from "../model/index.js";
import { createChannelRegister } from "./channel-register.js";
import { createCommandDesk } from "./command-desk.js";
import { createDoorDesk } from "./door-desk.js";
import { createSessionGate } from "./gate.js";
import { createGraces } from "./graces.js";
import type { Judgement } from "./judgement.js";
import { EXIT_KILLED, terminalNotice } from "./notice.js";
import { createObservers } from "./observers.js";
import { createOutbox } from "./outbox.js";
import { createQuestionDesk } from "./question-desk.js";
import type { Session, SessionSeed } from "./session.js";
import { createSteeringDesk } from "./steering-desk.js";
import { createStreamStarter } from "./stream-start.js";
import { liveliestSurface } from "./surfaces.js";
import { createSuspensionDesk } from "./suspension-desk.js";
import type { TerminalChannel } from "./terminal-channel.js";
import { viewOf } from "./view.js";

type Of<K extends Input["kind"]> = Extract<Input, { kind: K }>;

/** One authenticated connection: one person, one target, any number of channels. */
export function createSession(seed: SessionSeed): Session {
  const outbox = createOutbox(seed.facts, seed.firstSequence);
  const graces = createGraces(outbox);
  const desk = createCommandDesk(seed, outbox, graces);
  const register = createChannelRegister(outbox);
  const gate = createSessionGate({
    turned(state) {
      // What the core does not see byte by byte is stopped or released by valve.
      for (const { id, traffic } of register.all()) {
        // Of a shell without a terminal, what goes to the target passes the core anyway.
        const wanted = traffic.type === "lines" && state === "held" ? "open" : state;
        const turns = traffic.type === "stream" || traffic.type === "lines";
        if (turns) outbox.add({ kind: "valve", channel: id, state: wanted });
      }
    },
    opened() {
      if (closing !== null) return;
      for (const channel of register.all()) {
        const { traffic } = channel;
        if (traffic.type === "terminal") traffic.terminal.resume();
        if (traffic.type === "lines") traffic.lines.resume();
      }
    },
  });
  const questions = createQuestionDesk({ seed, outbox, gate });
  let openedAt = 0 as Micros;
  let closing: { readonly reason: string } | null = null;
  let lastTyped: ChannelId | null = null;

  const surface = (): ReturnType<typeof liveliestSurface> =>
    liveliestSurface(register.all(), lastTyped);
  const killJudged = ({ reason, trigger, lockPerson }: Judgement): void => {
    if (lockPerson) outbox.add({ kind: "lock-person", rule: trigger, reason });
    end(reason, trigger);
  };
  const suspension = createSuspensionDesk({
    seed,
    outbox,
    gate,
    questions,
    surfaces: () =>
      [...register.all()].flatMap(({ traffic }) =>
        traffic.type === "terminal" && !traffic.terminal.over ? [traffic.terminal.surface] : [],
      ),
    killSession: endTelling,
  });
  const suspendJudged = ({ reason, trigger }: Pick<Judgement, "reason" | "trigger">): void => {
    suspension.suspend({ kind: "rule", name: trigger }, reason);
  };
  const observers = createObservers({
    seed,
    outbox,
    screens: () =>
      [...register.all()].flatMap(({ id, traffic }) =>
        traffic.type === "terminal"
          ? [{ type: "screen" as const, channel: id, at: outbox.at, ...traffic.terminal.screen() }]
          : [],
      ),
    tellPerson: (text) => steering.message(text),
    givenBack: (channel, bytes) => terminalOf(channel)?.client(bytes),
  });
  const starter = createStreamStarter({
    seed,
    outbox,
    desk,
    register,
    gated,
    ask: (order) => questions.ask(order),
    surface,
    killSession: killJudged,
    suspendSession: suspendJudged,
    observed: (entry) => observers.show(entry),
  });
  const door = createDoorDesk({
    seed,
    outbox,
    gate,
    graces,
    register,
    starter,
    ask: (order) => questions.ask(order),
    surface,
    closing: () => closing !== null,
    killSession: end,
    suspendSession: (reason, trigger) => suspendJudged({ reason, trigger }),
    resized(channel) {
      if (questions.channel === channel.id) questions.redraw();
      suspension.redraw();
    },
  });
  const steering = createSteeringDesk({
    seed,
    outbox,
    gate,
    register,
    questions,
    suspension,
    surface,
    killSession: endTelling,
  });

  function gated(): boolean {
    return !gate.open || closing !== null;
  }

  // --- traffic -----------------------------------------------------------------------------------

  function clientSent(input: Of<"client-sent">): void {
    if (questions.channel === input.channel) {
      questions.typed(input.bytes);
      return;
    }
    const bytes = plainBytes(input.bytes);
    lastTyped = input.channel;
    if (observers.keeps(input.channel, bytes)) return;
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
    else gate.whenOpen(() => outbox.add({ kind: "eof-to-target", channel: input.channel }));
  }

  function observerTyped(input: Of<"observer-typed">): void {
    if (observers.controller?.id !== input.observer) return;
    // A question is asked of the person: nobody answers it for them.
    if (questions.channel === input.channel) return;
    terminalOf(input.channel)?.client(plainBytes(input.bytes));
  }

  function targetExited(input: Of<"target-exited">): void {
    const channel = register.get(input.channel);
    if (channel === undefined) return;
    channel.exit = input.exit;
    questions.channelGone(input.channel);
    const terminal = terminalOf(input.channel);
    if (terminal !== undefined) terminal.exited(input.exit);
    else outbox.closeChannel(input.channel, input.exit);
  }

  function channelClosed(input: Of<"channel-closed">): void {
    questions.channelGone(input.channel);
    if (terminalOf(input.channel) !== undefined) {
      const { channel } = input;
      observers.show(() => ({ type: "closed", channel, at: outbox.at }));
    }
    observers.channelGone(input.channel);
    register.closed(input.channel, input.bytes, input.reason);
  }

  function timer(input: Of<"timer">): void {
    if (input.timer === "challenge") questions.timedOut();
    else if (input.timer === "suspension") suspension.timedOut();
    else if (input.channel !== null) terminalOf(input.channel)?.timer(input.timer);
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
    const next = input.by === "shutdown" ? "Connect again in a moment." : ASK_ADMINISTRATOR;
    endTelling(input.reason, input.by, next);
  }

  /** The reason is shown on every terminal first. */
  function endTelling(reason: string, trigger: string, next = ASK_ADMINISTRATOR): void {
    if (closing !== null) return;
    const terminals = [...register.all()].flatMap(({ traffic }) =>
      traffic.type === "terminal" && !traffic.terminal.over ? [traffic.terminal] : [],
    );
    begin(reason, trigger);
    const notice = terminalNotice({ headline: "Chaperone ends this session.", reason, next });
    for (const terminal of terminals) {
      terminal.reveal();
      outbox.toPerson(terminal.id, notice);
    }
    outbox.add({ kind: "close-session", reason, exitCode: EXIT_KILLED });
  }

  function end(reason: string, trigger: string): void {
    if (closing !== null) return;
    begin(reason, trigger);
    outbox.add({ kind: "close-session", reason, exitCode: EXIT_KILLED });
  }

  /** From here on nothing is asked, and nothing passes. */
  function begin(reason: string, trigger: string): void {
    closing = { reason: trigger === "" ? reason : `killed: ${trigger}` };
    questions.abandon();
  }

  function disconnected(input: Of<"disconnected">): void {
    closing ??= { reason: input.reason };
    questions.abandon();
    observers.end();
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
        door.channelAsked(input);
        return;
      case "request-asked":
        door.requestAsked(input);
        return;
      case "global-asked":
        door.globalAsked(input);
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
      case "factor-offered":
        questions.offered(input.request, input.offer);
        return;
      case "approval-decided":
        questions.decided(input.request, input.outcome);
        return;
      case "grace-granted":
        graces.learn(input.rules, input.until);
        return;
      case "command":
        steering.command(input.command);
        return;
      case "observe":
        outbox.add({
          kind: "done",
          id: input.id,
          outcome: observers.change(input.id, input.observer),
        });
        return;
      case "observer-typed":
        observerTyped(input);
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

  function refuseEnding(input: Input): void {
    if (input.kind === "command" || input.kind === "observe") {
      const id = input.kind === "command" ? input.command.id : input.id;
      const outcome = { type: "refused", reason: "the session is ending" } as const;
      outbox.add({ kind: "done", id, outcome });
    } else if (ASKS.has(input.kind) && "request" in input) {
      door.refuse(input.request, "the session is ending");
    }
  }

  for (const { rule, until } of seed.graces) graces.learn([rule], until);

  let gone = false;
  return {
    step(input) {
      if (gone) return [];
      outbox.begin(input);
      const ending = input.kind === "channel-closed" || input.kind === "disconnected";
      if (closing === null || ending || input.kind === "timer") handle(input);
      else refuseEnding(input);
      gone = input.kind === "disconnected";
      return outbox.take();
    },
    view: (): SessionView =>
      viewOf({ seed, register, questions, suspension, observers, counts: desk.counts }),
  };
}

const ASK_ADMINISTRATOR = "Ask the administrator of this gateway.";
/** What the adapter waits for an answer to. */
const ASKS: ReadonlySet<Input["kind"]> = new Set([
  "channel-asked",
  "request-asked",
  "global-asked",
]);
