import { unreachable } from "../kernel/index.js";
import type { Input, ObservedEntry, SessionView } from "../model/index.js";
import { watchOf } from "./behaviour/watch-of.js";
import { createChannelRegister, type ChannelRegister } from "./channel-register.js";
import { createCommandDesk } from "./command-desk.js";
import { createDoorDesk } from "./door-desk.js";
import { createDoorRules } from "./door-rules.js";
import { createSessionGate } from "./gate.js";
import { createFileDesk } from "./file-desk.js";
import { createGraces } from "./graces.js";
import type { Judgement } from "./judgement.js";
import { createIdentification } from "./identification.js";
import { createSessionLife } from "./life.js";
import { createObservers } from "./observers.js";
import { createOutbox, type Outbox } from "./outbox.js";
import { createQuestionDesk, NOT_ASKED } from "./question-desk.js";
import { createSessionFiles } from "./session-files.js";
import type { Session, SessionSeed } from "./session.js";
import { createSteeringDesk } from "./steering-desk.js";
import { createStreamStarter } from "./stream-start.js";
import { liveliestSurface } from "./surfaces.js";
import { createSuspensionDesk } from "./suspension-desk.js";
import type { TerminalChannel } from "./terminal-channel.js";
import { viewOf } from "./view.js";
import { createSessionTraffic } from "./traffic.js";
import { createWebDesk } from "./web-desk.js";
import { createWebPage, keysAt, PAGE_CHANNEL } from "./web-page.js";

type Of<K extends Input["kind"]> = Extract<Input, { kind: K }>;

/** Late answers, and what comes from those who steer. */
const STEERED = [
  "factor-verified",
  "factor-offered",
  "factor-answered",
  "approval-decided",
  "grace-granted",
  "command",
  "observe",
  "observer-typed",
] as const;
type Steered = Of<(typeof STEERED)[number]>;
const STEERED_KINDS: ReadonlySet<Input["kind"]> = new Set(STEERED);

function isSteered(input: Input): input is Steered {
  return STEERED_KINDS.has(input.kind);
}

/** What is done to files on watched streams. */
type FileInput = Of<"file-asked" | "file-done" | "file-lost">;

function isFileInput(input: Input): input is FileInput {
  return input.kind === "file-asked" || input.kind === "file-done" || input.kind === "file-lost";
}

/** What arrives in a web session. */
const FROM_WEB = [
  "web-asked",
  "web-answered",
  "web-left",
  "web-ended",
  "web-switched",
  "web-message",
  "web-file",
  "web-refused",
  "web-keys",
  "web-view",
] as const;
type FromWeb = Of<(typeof FROM_WEB)[number]>;
const FROM_WEB_KINDS: ReadonlySet<Input["kind"]> = new Set(FROM_WEB);

function isWebInput(input: Input): input is FromWeb {
  return FROM_WEB_KINDS.has(input.kind);
}

/** One authenticated connection: one person, one target, any number of channels. */
export function createSession(seed: SessionSeed): Session {
  const outbox = createOutbox(seed.facts, seed.firstSequence);
  const graces = createGraces(outbox);
  const behaviour = watchOf(seed, outbox, () => ({ desk, observers, steering, suspension, life }));
  const desk = createCommandDesk(seed, outbox, graces, behaviour);
  const register = createChannelRegister(outbox);
  const gate = gateOver(register, outbox, () => life.closing);
  const marked = (label: string): void => {
    for (const terminal of terminals()) terminal.mark(label);
  };
  const questions = createQuestionDesk({ seed, outbox, gate, behaviour, marked });
  const told = createSessionFiles();
  const parts = { seed, outbox, gate, graces, desk, register, questions, surface, files: told };
  const page = seed.facts.protocol === "web" ? createWebPage(outbox) : null;

  const suspension = createSuspensionDesk({
    ...parts,
    marked,
    surfaces: () => [
      ...terminals().map((terminal) => terminal.surface),
      ...(page === null ? [] : [page.surface]),
    ],
    killSession: (reason, trigger) => life.endTelling(reason, trigger),
  });
  const observers = createObservers({
    ...parts,
    screens,
    tellPerson: (text) => steering.message(text),
    givenBack: (channel, bytes) => traffic.terminalOf(channel)?.client(bytes),
  });
  const life = createSessionLife({
    ...parts,
    observers,
    terminals,
    commandCounts: () => desk.counts,
  });
  const starter = createStreamStarter({
    ...parts,
    gated,
    ask: (order) => questions.ask(order),
    killSession: killJudged,
    suspendSession: suspendJudged,
    observed: (entry) => observers.show(entry),
    prove: (owed) => identification.demand(owed),
  });
  const door = createDoorDesk({
    ...parts,
    rules: createDoorRules({ seed, outbox, memory: desk.memory, risk: () => behaviour.risk }),
    starter,
    ask: (order) => questions.ask(order),
    closing: () => life.closing,
    killSession: (reason, trigger) => life.end(reason, trigger),
    suspendSession: (reason, trigger) => suspendJudged({ reason, trigger }),
    resized(channel) {
      if (questions.channel === channel.id) questions.redraw();
      suspension.redraw();
    },
  });
  const files = createFileDesk({
    ...parts,
    memory: desk.memory,
    risk: () => behaviour.risk,
    ask: (order) => questions.ask(order),
    closing: () => life.closing,
    killSession: killJudged,
    suspendSession: suspendJudged,
  });
  const steering = createSteeringDesk({
    ...parts,
    suspension,
    shown: () => [
      ...terminals(),
      ...(page === null ? [] : [{ id: PAGE_CHANNEL, message: page.message }]),
    ],
    demand: (owed) => identification.demand(owed),
    killSession: (reason, trigger) => life.endTelling(reason, trigger),
  });

  const identification = createIdentification({
    blockedCommandsMax: seed.stepUp.blockedCommandsMax ?? 0,
    blocked: () => desk.counts.blocked,
    ask: ({ reason, trigger }, { wanted, ...turn }) =>
      steering.askProof(reason, wanted, { trigger, ...turn }),
    suspend: (reason, trigger) =>
      void suspension.suspend({ kind: "policy", name: trigger }, reason),
  });
  const web = createWebDesk({
    ...parts,
    memory: desk.memory,
    page: () => page?.surface ?? null,
    closing: () => life.closing,
    killSession: killJudged,
    suspendSession: suspendJudged,
  });

  const traffic = createSessionTraffic({
    ...parts,
    ...{ behaviour, observers, suspension, door, identification },
  });

  function surface(): ReturnType<typeof liveliestSurface> {
    return liveliestSurface(register.all(), traffic.lastTyped) ?? page?.surface ?? null;
  }

  function killJudged({ reason, trigger, lockPerson }: Judgement): void {
    if (lockPerson) outbox.add({ kind: "lock-person", rule: trigger, reason });
    life.end(reason, trigger);
  }

  function suspendJudged({ reason, trigger }: Pick<Judgement, "reason" | "trigger">): void {
    suspension.suspend({ kind: "rule", name: trigger }, reason);
  }

  function screens(): readonly ObservedEntry[] {
    const { at } = outbox;
    return terminals().map((one) => ({ type: "screen", channel: one.id, at, ...one.screen() }));
  }

  /** Those on which something can still be shown. */
  function terminals(): readonly TerminalChannel[] {
    return [...register.all()].flatMap(({ traffic }) =>
      traffic.type === "terminal" && !traffic.terminal.over ? [traffic.terminal] : [],
    );
  }

  function gated(): boolean {
    return !gate.open || life.closing;
  }

  function handle(input: Input): void {
    if (isSteered(input)) steered(input);
    else if (isFileInput(input)) files.happened(input);
    else if (isWebInput(input)) fromWeb(input);
    else happened(input);
  }

  function opened(): void {
    life.opened();
    behaviour.opened();
    if (seed.facts.proofOwed !== undefined) identification.demand(seed.facts.proofOwed);
  }

  function happened(input: Exclude<Input, Steered | FileInput | FromWeb>): void {
    switch (input.kind) {
      case "opened":
        opened();
        return;
      case "profile-known":
        behaviour.known(input);
        return;
      case "core-judged":
        behaviour.judged(input);
        return;
      case "channel-asked":
        traffic.channelAsked(input);
        return;
      case "request-asked":
        traffic.requestAsked(input);
        return;
      case "global-asked":
        door.globalAsked(input);
        return;
      case "client-sent":
        traffic.clientSent(input);
        return;
      case "target-sent":
        traffic.targetSent(input);
        return;
      case "client-eof":
        traffic.clientEof(input);
        return;
      case "target-exited":
        traffic.targetExited(input);
        return;
      case "channel-closed":
        traffic.channelClosed(input);
        return;
      case "timer":
        traffic.timer(input);
        return;
      case "instruction":
      case "watched":
        // A desktop has a machine of its own.
        return;
      case "rules-changed":
        // The ruleset is asked for at each command: nothing else has to happen.
        return;
      case "kill-ordered":
        // A shutdown says nothing against the person.
        if (input.by === "shutdown") behaviour.ended(true);
        life.killOrdered(input);
        return;
      case "target-failed":
        outbox.emit({
          type: "session.failed",
          data: { session: outbox.session, reason: input.reason, by: "target" },
        });
        return;
      case "disconnected":
        behaviour.ended(!life.closing);
        life.disconnected(input.reason);
        return;
      default:
        unreachable(input);
        return;
    }
  }

  function fromWeb(input: FromWeb): void {
    switch (input.kind) {
      case "web-asked":
        web.asked(input.request, input.asked);
        return;
      case "web-answered":
        web.answered(input.request, input.answer);
        return;
      case "web-left":
        web.left(input.request);
        return;
      case "web-ended":
        web.ended(input.request, input.outcome, input.exchange);
        return;
      case "web-switched":
        web.switched(input.request, input.exchange);
        return;
      case "web-message":
        web.message(input.request, input.message);
        return;
      case "web-file":
        web.file(input.file);
        return;
      case "web-refused":
        web.refused(input.code, input.reason);
        return;
      case "web-keys":
        behaviour.timed(PAGE_CHANNEL, keysAt(outbox.at, input.keys));
        return;
      case "web-view":
        web.viewed(input.view);
        return;
      default:
        unreachable(input);
    }
  }

  function steered(input: Steered): void {
    switch (input.kind) {
      case "factor-verified":
        questions.verified(input.request, input.outcome);
        return;
      case "factor-offered":
        questions.offered(input.request, input.offer);
        return;
      case "factor-answered": {
        const { id, question, outcome, by } = input;
        const taken = questions.answered(question, outcome, by);
        outbox.add({ kind: "done", id, outcome: taken ? { type: "done" } : NOT_ASKED });
        return;
      }
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
        traffic.observerTyped(input);
        return;
      default:
        unreachable(input);
    }
  }

  function refuseEnding(input: Input): void {
    if (ORDERED.has(input.kind) && ("command" in input || "id" in input)) {
      const id = "command" in input ? input.command.id : input.id;
      const outcome = { type: "refused", reason: "the session is ending" } as const;
      outbox.add({ kind: "done", id, outcome });
    } else if (input.kind === "web-asked" || input.kind === "web-answered") {
      web.refuse(input.request);
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
      const ending = LAST_WORDS.has(input.kind);
      if (!life.closing || ending || input.kind === "timer") handle(input);
      else refuseEnding(input);
      if (!life.closing) identification.look();
      gone = input.kind === "disconnected";
      return outbox.take();
    },
    view: (): SessionView =>
      viewOf({
        ...{ seed, register, questions, suspension, observers },
        counts: desk.counts,
        risk: behaviour.risk,
      }),
  };
}

/** Answered by an effect `done`. */
const ORDERED: ReadonlySet<Input["kind"]> = new Set(["command", "observe", "factor-answered"]);

/** What is told of a session that is ending. */
const LAST_WORDS: ReadonlySet<Input["kind"]> = new Set([
  "channel-closed",
  "file-done",
  "web-ended",
  "web-file",
  "disconnected",
]);

/** The gate of a session, with the valves and terminals that it turns. */
function gateOver(
  register: ChannelRegister,
  outbox: Outbox,
  closing: () => boolean,
): ReturnType<typeof createSessionGate> {
  return createSessionGate({
    turned(state) {
      // A session that ends opens nothing any more: what was held back stays behind.
      if (closing()) return;
      // What the core does not see byte by byte is stopped or released by valve.
      for (const { id, traffic } of register.all()) {
        // Of a shell without a terminal, what goes to the target passes the core anyway.
        const wanted = traffic.type === "lines" && state === "held" ? "open" : state;
        const turns = traffic.type === "stream" || traffic.type === "lines";
        if (turns) outbox.add({ kind: "valve", channel: id, state: wanted });
      }
    },
    opened() {
      if (closing()) return;
      for (const channel of register.all()) {
        const { traffic } = channel;
        if (traffic.type === "terminal") traffic.terminal.resume();
        if (traffic.type === "lines") traffic.lines.resume();
      }
    },
  });
}

/** What the adapter waits for an answer to. */
const ASKS: ReadonlySet<Input["kind"]> = new Set([
  "channel-asked",
  "file-asked",
  "request-asked",
  "global-asked",
]);
