import { channelId, escapeControls, unreachable, type ChannelId } from "../../../kernel/index.js";
import type { Input, Instruction, SessionView } from "../../../model/index.js";
import {
  createCommandDesk,
  createGraces,
  createOutbox,
  createQuestionDesk,
  NOT_ASKED,
  createSessionGate,
  createSessionLife,
  createSteeringDesk,
  createSuspensionDesk,
  watchOf,
  type BehaviourDesk,
  type Session,
} from "../../../session/index.js";
import { isKnownOpcode } from "../codec/index.js";
import type { Fact, Reading, Understanding } from "../understanding/index.js";
import { createAnswerKeys } from "./answer-keys.js";
import type { DesktopSeed } from "./desktop-seed.js";
import { createDesktopScreen } from "./desktop-screen.js";
import { createDumpOrder } from "./dump-order.js";
import { isAnswer, isHeard, type Answer, type Heard } from "./heard.js";
import { createLineDesk } from "./line-desk.js";
import { createStreamDesk } from "./stream-desk.js";
import { createWatchDesk } from "./watch-desk.js";

type Of<K extends Input["kind"]> = Extract<Input, { kind: K }>;

/** A desktop is one channel. */
export const DESKTOP_CHANNEL: ChannelId = channelId(0);

/** While nothing reaches the desktop, this still does: without it guacd would stop drawing. */
const PASSES_COVERED: ReadonlySet<string> = new Set(["ack", "sync", "nop", "size"]);

/** There are some ten kinds of them, by some twenty opcodes. */
const REFUSALS_TOLD_MAX = 64;

/** What a person does with their hands: none of it reaches a desktop that may only be looked at. */
const HANDS: ReadonlySet<string> = new Set(["key", "mouse", "touch"]);

/**
 * One person on one desktop. What a rule forbids never gets its Return; questions, suspensions and
 * messages are drawn over the desktop, on a client that knows nothing of us.
 */
export function createDesktopSession(seed: DesktopSeed): Session {
  return new DesktopSession(seed);
}

/** Who joins and leaves; only we join, and the sidecar itself says who looks on, or does not. */
function isAboutOthers({ opcode, args }: Instruction): boolean {
  return opcode === "msg" && (args[0] === "1" || args[0] === "2");
}

/** Nobody else has the keyboard of a desktop. */
const NOBODY = { controller: null };

class DesktopSession implements Session {
  readonly #seed: DesktopSeed;
  readonly #outbox: ReturnType<typeof createOutbox>;
  readonly #graces: ReturnType<typeof createGraces>;
  readonly #behaviour: BehaviourDesk;
  readonly #desk: ReturnType<typeof createCommandDesk>;
  readonly #questions: ReturnType<typeof createQuestionDesk>;
  readonly #suspension: ReturnType<typeof createSuspensionDesk>;
  readonly #steering: ReturnType<typeof createSteeringDesk>;
  readonly #life: ReturnType<typeof createSessionLife>;
  readonly #screen: ReturnType<typeof createDesktopScreen>;
  readonly #watch: ReturnType<typeof createWatchDesk>;
  readonly #dump: ReturnType<typeof createDumpOrder>;
  readonly #streams: ReturnType<typeof createStreamDesk>;
  readonly #understanding: Understanding;
  readonly #lines: ReturnType<typeof createLineDesk>;
  readonly #keys = createAnswerKeys();
  #bytes = { toTarget: 0, toPerson: 0 };
  /** The last frame that guacd sent: a client that confirms a later one would be thrown out by guacd. */
  #frame = -1;
  /** Kinds of refusals that were told. */
  readonly #told = new Set<string>();
  #gone = false;

  constructor(seed: DesktopSeed) {
    this.#seed = seed;
    const outbox = createOutbox(seed.facts, seed.firstSequence);
    this.#outbox = outbox;
    this.#graces = createGraces(outbox);
    this.#behaviour = watchOf(seed, outbox, () => ({
      desk: this.#desk,
      observers: NOBODY,
      steering: this.#steering,
      suspension: this.#suspension,
      life: this.#life,
    }));
    const behaviour = this.#behaviour;
    this.#desk = createCommandDesk(seed, outbox, this.#graces, behaviour);
    const gate = createSessionGate({ turned: () => undefined, opened: () => undefined });
    this.#questions = createQuestionDesk({ seed, outbox, gate, behaviour });
    const screen = createDesktopScreen({
      channel: DESKTOP_CHANNEL,
      outbox,
      turned: (covered) => this.#turned(covered),
    });
    this.#screen = screen;
    const killSession = (reason: string, trigger: string): void => {
      this.#life.end(reason, trigger);
    };
    this.#suspension = createSuspensionDesk({
      seed,
      outbox,
      gate,
      questions: this.#questions,
      surfaces: () => [screen.surface],
      killSession,
    });
    this.#life = createSessionLife({
      seed,
      outbox,
      questions: this.#questions,
      observers: { end: () => this.#watch.end() },
      register: {
        all: () => [],
        closed: () => undefined,
        totals: this.#totals(),
        blindSpans: () => [],
      },
      terminals: () => [],
      commandCounts: () => this.#desk.counts,
    });
    this.#steering = createSteeringDesk({
      seed,
      outbox,
      gate,
      shown: () => [{ id: DESKTOP_CHANNEL, message: screen.message }],
      questions: this.#questions,
      suspension: this.#suspension,
      surface: () => screen.surface,
      killSession,
    });
    this.#watch = createWatchDesk({
      seed,
      outbox,
      channel: DESKTOP_CHANNEL,
      tellPerson: (text) => void this.#steering.message(text),
    });
    this.#dump = createDumpOrder({
      channel: DESKTOP_CHANNEL,
      outbox,
      desktop: seed.dump,
      input: seed.recording.input !== "off",
    });
    this.#streams = createStreamDesk({
      seed,
      outbox,
      channel: DESKTOP_CHANNEL,
      memory: this.#desk.memory,
      mark: (label) => this.#dump.mark(label),
      notice: screen.notice,
      kill: (reason, trigger) => this.#life.end(reason, trigger),
      suspend: (reason, trigger) =>
        this.#suspension.suspend({ kind: "rule", name: trigger }, reason),
    });
    this.#lines = createLineDesk({
      outbox,
      channel: DESKTOP_CHANNEL,
      commands: this.#desk,
      screen,
      ask: (order) => this.#questions.ask(order),
      gated: () => !gate.open || this.#life.closing,
      whenOpen: (deed) => gate.whenOpen(deed),
      release: () => this.#obey(this.#understanding.releaseLine(outbox.at), "person"),
      lift: () => this.#lift(),
      drop: () => this.#obey(this.#understanding.dropLine(outbox.at), "person"),
      mark: (label) => this.#dump.mark(label),
      kill: killSession,
      suspend: (reason, trigger) =>
        this.#suspension.suspend({ kind: "rule", name: trigger }, reason),
    });
    this.#understanding = seed.understand((stream, stage) => this.#streams.judge(stream, stage));
    for (const { rule, until } of seed.graces) this.#graces.learn([rule], until);
  }

  readonly view = (): SessionView => {
    const { current } = this.#suspension;
    const state =
      current !== null ? "suspended" : this.#questions.open ? "challenged" : ("open" as const);
    return {
      id: this.#seed.facts.id,
      state,
      ...(current === null
        ? {}
        : {
            suspension: {
              by: `${current.by.kind}:${current.by.name}`,
              reason: current.reason,
              since: current.since,
            },
          }),
      channels: [{ id: DESKTOP_CHANNEL, terminal: false }],
      counts: { channels: 1, ...this.#desk.counts, reauths: this.#questions.reauths },
      observers: this.#watch.names,
    };
  };

  step(input: Input): ReturnType<Session["step"]> {
    if (this.#gone) return [];
    this.#outbox.begin(input);
    const ending = input.kind === "channel-closed" || input.kind === "disconnected";
    if (!isHeard(input)) return [];
    if (!this.#life.closing || ending) this.#handle(input);
    else this.#refuseEnding(input);
    this.#gone = input.kind === "disconnected";
    return this.#outbox.take();
  }

  /** Counted over the person's sessions before this one. */
  #askOwed(): void {
    const { proofOwed } = this.#seed.facts;
    if (proofOwed === undefined) return;
    const { trigger, reason } = proofOwed;
    // Nothing degrades to allowed: who can not be asked stands still.
    if (this.#steering.askProof(reason, () => true, { trigger }) === "never") {
      this.#suspension.suspend({ kind: "policy", name: trigger }, reason);
    }
  }

  #handle(input: Heard): void {
    if (isAnswer(input)) this.#answered(input);
    else this.#happened(input);
  }

  #answered(input: Answer): void {
    switch (input.kind) {
      case "factor-verified":
        this.#questions.verified(input.request, input.outcome);
        return;
      case "factor-offered":
        this.#questions.offered(input.request, input.offer);
        return;
      case "factor-answered": {
        const { id, question, outcome, by } = input;
        const taken = this.#questions.answered(question, outcome, by);
        this.#outbox.add({ kind: "done", id, outcome: taken ? { type: "done" } : NOT_ASKED });
        return;
      }
      case "approval-decided":
        this.#questions.decided(input.request, input.outcome);
        return;
      case "grace-granted":
        this.#graces.learn(input.rules, input.until);
        return;
      default:
        unreachable(input);
    }
  }

  #happened(input: Exclude<Heard, Answer>): void {
    switch (input.kind) {
      case "opened":
        this.#life.opened();
        this.#behaviour.opened();
        this.#askOwed();
        this.#dump.start();
        return;
      case "profile-known":
        this.#behaviour.known(input);
        return;
      case "core-judged":
        this.#behaviour.judged(input);
        return;
      case "instruction":
        if (input.from === "person") this.#person(input.instruction);
        else this.#target(input.instruction);
        return;
      case "timer":
        this.#timer(input);
        return;
      case "command":
        this.#steering.command(input.command);
        return;
      case "observe":
        this.#observe(input);
        return;
      case "watched":
        this.#watch.drawn(input);
        return;
      case "kill-ordered":
        // A shutdown says nothing against the person.
        if (input.by === "shutdown") this.#behaviour.ended(true);
        this.#life.killOrdered(input);
        return;
      case "target-failed":
        this.#outbox.emit({
          type: "session.failed",
          data: { session: this.#outbox.session, reason: input.reason, by: "target" },
        });
        return;
      case "channel-closed":
        Object.assign(this.#bytes, input.bytes);
        this.#behaviour.moved(input.bytes.toTarget + input.bytes.toPerson);
        return;
      case "disconnected":
        this.#disconnected(input);
        return;
      default:
        unreachable(input);
    }
  }

  #timer({ timer }: Of<"timer">): void {
    if (timer === "challenge") this.#questions.timedOut();
    else if (timer === "suspension") this.#suspension.timedOut();
    else if (timer === "message") this.#screen.hush();
    else if (timer === "behaviour") this.#behaviour.minute();
  }

  #refuseEnding(input: Input): void {
    if (input.kind === "command") this.#done(input.command.id, "the session is ending");
    else if (input.kind === "observe") this.#done(input.id, "the session is ending");
  }

  #observe({ id, observer }: Of<"observe">): void {
    const outcome = this.#watch.change(id, observer);
    this.#outbox.add({ kind: "done", id, outcome });
  }

  #done(id: string, reason: string): void {
    this.#outbox.add({ kind: "done", id, outcome: { type: "refused", reason } });
  }

  #disconnected({ reason }: Of<"disconnected">): void {
    this.#obey(this.#understanding.end(this.#outbox.at), "person", false);
    this.#streams.end();
    this.#behaviour.ended(!this.#life.closing);
    this.#life.disconnected(reason);
    this.#dump.end();
  }

  #totals(): { readonly channels: number; readonly bytes: { toTarget: number; toPerson: number } } {
    return { channels: 1, bytes: this.#bytes };
  }

  // --- the person --------------------------------------------------------------------------------

  #person(instruction: Instruction): void {
    if (this.#screen.swallows(instruction)) return;
    const { opcode } = instruction;
    if (!isKnownOpcode(opcode, "person")) {
      this.#refused(`unknown: ${escapeControls(opcode)}`);
      return;
    }
    if (opcode === "sync" && Number(instruction.args[0]) > this.#frame) return;
    if (this.#screen.covered && !PASSES_COVERED.has(opcode)) {
      this.#answer(instruction);
      return;
    }
    if (this.#seed.readOnly && HANDS.has(opcode)) return;
    if (opcode === "mouse") this.#dump.moved(instruction);
    this.#obey(this.#understanding.read(instruction, "from-client", this.#outbox.at), "person");
  }

  /** The keys of somebody who answers a question; everything else is gone, and never comes again. */
  #answer(instruction: Instruction): void {
    if (instruction.opcode !== "key" || this.#questions.channel === null) return;
    const bytes = this.#keys.bytesOf(instruction);
    if (bytes !== null) this.#questions.typed(bytes);
  }

  #turned(covered: boolean): void {
    const { at } = this.#outbox;
    if (covered) {
      this.#keys.reset();
      this.#lift();
    } else this.#obey(this.#understanding.disturbed(at), "person");
  }

  /** Told once for each kind: whoever sends nonsense must not fill the disk with it. */
  #refused(reason: string): void {
    if (this.#told.has(reason) || this.#told.size >= REFUSALS_TOLD_MAX) return;
    this.#told.add(reason);
    const { session } = this.#outbox;
    const facts = { action: "refuse", target: "channel", outcome: "not-passed" } as const;
    this.#outbox.emit({
      type: "action.taken",
      data: { session, channel: DESKTOP_CHANNEL, reason: `policy.desktop: ${reason}`, ...facts },
    });
  }

  #lift(): void {
    for (const released of this.#understanding.letGo(this.#outbox.at)) this.#toTarget(released);
  }

  // --- guacd -------------------------------------------------------------------------------------

  #target(instruction: Instruction): void {
    this.#screen.sees(instruction);
    if (isAboutOthers(instruction)) return;
    if (instruction.opcode === "sync") this.#frame = Number(instruction.args[0]);
    this.#obey(this.#understanding.read(instruction, "from-server", this.#outbox.at), "target");
    this.#screen.seen(instruction);
  }

  // --- what was understood -----------------------------------------------------------------------

  /** `from`: whose instruction it was. `passing` false: the connection is over, only facts count. */
  #obey({ forward, answer, facts }: Reading, from: "person" | "target", passing = true): void {
    if (passing) {
      const back = from === "person" ? this.#toPerson : this.#toTarget;
      const on = from === "person" ? this.#toTarget : this.#toPerson;
      for (const instruction of answer) back.call(this, instruction);
      for (const instruction of forward) on.call(this, instruction);
    }
    for (const fact of facts) this.#fact(fact, passing);
  }

  #toTarget(instruction: Instruction): void {
    this.#outbox.add({ kind: "instruct", to: "target", instruction });
  }

  #toPerson(instruction: Instruction): void {
    this.#outbox.add({ kind: "instruct", to: "person", instruction });
    this.#dump.drawn(instruction);
  }

  #fact(fact: Fact, passing: boolean): void {
    switch (fact.kind) {
      case "line-held":
        if (passing) this.#lines.judge(fact.reading, fact.unseen);
        return;
      case "keys-timed":
        this.#dump.typed(fact.keys);
        this.#behaviour.timed(DESKTOP_CHANNEL, fact.keys);
        return;
      case "stream-opened":
      case "stream-held":
        return;
      case "stream-piece":
      case "clipboard-secret":
        this.#streams.kept(fact);
        return;
      case "stream-ended":
        this.#streams.ended(fact);
        return;
      case "shortcut":
      case "focus-changed":
      case "mouse-moved":
        return;
      case "refused":
        this.#refused(`${fact.what}: ${fact.opcode}`);
        return;
      default:
        unreachable(fact);
    }
  }
}
