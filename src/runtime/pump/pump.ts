import { createEventEncoder, type EventEncoder } from "../../events/index.js";
import {
  describeFault,
  err,
  unreachable,
  type Fault,
  type RequestId,
  type Result,
  ok,
} from "../../kernel/index.js";
import type {
  CommandOutcome,
  Effect,
  FactorOutcome,
  Input,
  InputBody,
  ProfilePart,
  SessionFacts,
  SessionView,
} from "../../model/index.js";
import type { Session } from "../../session/index.js";
import type { Clock } from "../clock/index.js";
import type { RuntimeLog } from "../spool/ports.js";
import type {
  EventSpool,
  ProfileDesk,
  StoredPart,
  Recorder,
  SessionDesk,
  SessionHandle,
  ShowObservers,
  Traffic,
  TrafficEffect,
} from "./ports.js";
import { createTimers, type Timers } from "./timers.js";
import { createTold, type Told } from "./told.js";
import type { TurnSpool } from "./turn-spool.js";

export interface PumpDeps {
  readonly session: Session;
  readonly clock: Clock;
  /** One that writes once a turn, or every time. */
  readonly spool: EventSpool | TurnSpool;
  readonly recorder: Recorder;
  readonly traffic: Traffic;
  readonly desk: SessionDesk;
  readonly show: ShowObservers;
  readonly profiles?: ProfileDesk;
  readonly log: RuntimeLog;
}

export interface PumpOptions {
  readonly facts: SessionFacts;
  /** `/chaperone/<site>/<node>` */
  readonly source: string;
  readonly firstSequence: number;
  /** `strict`: a command's event is on the disk before anything is done about the command. */
  readonly audit: "normal" | "strict";
  /** The last input has been carried out; told once. `closed`: the story in the events is complete. */
  readonly ended: (outcome: { readonly closed: boolean }) => void;
}

/** Inputs that arise while effects are carried out: a handful; this many is a loop. */
const MAILBOX_MAX = 1_024;
/** Orders that the machine has not answered: it answers each in its own step. */
const ORDERS_MAX = 256;
/** Exit code of a session that the sidecar had to end: the `EX_SOFTWARE` of sysexits(3). */
const FAILED_EXIT_CODE = 70;

/**
 * One session, one mailbox: stamps an input, steps the machine, carries the effects out in order,
 * all before it returns. The events of a step are in the spool before its first effect is carried
 * out. What goes wrong ends this session and nothing else.
 */
export function createPump(deps: PumpDeps, options: PumpOptions): SessionHandle {
  return new Pump(deps, options);
}

class Pump implements SessionHandle {
  readonly #deps: PumpDeps;
  readonly #options: PumpOptions;
  readonly #told: Told;
  readonly #events: EventEncoder;
  readonly #turns: TurnSpool | null;
  /** Why an event of this session is not in the spool. */
  #lost: Fault | null = null;
  readonly #timers: Timers;
  readonly #mailbox: Input[] = [];
  readonly #orders = new Map<string, (outcome: CommandOutcome) => void>();
  #working = false;
  #state: "running" | "failed" | "ended" = "running";

  constructor(deps: PumpDeps, options: PumpOptions) {
    this.#deps = deps;
    this.#options = options;
    this.#told = createTold(options.facts, options.firstSequence);
    this.#events = createEventEncoder({ source: options.source, subject: options.facts.id });
    this.#turns = "put" in deps.spool ? deps.spool : null;
    this.#timers = createTimers(deps.clock, (timer, channel) => {
      this.input({ kind: "timer", timer, channel });
    });
  }

  input(body: InputBody): void {
    if (this.#state === "ended") return;
    const input: Input = { at: this.#deps.clock.now(), wall: this.#deps.clock.wall(), ...body };
    if (this.#working) {
      this.#post(input);
      return;
    }
    this.#working = true;
    try {
      for (let next: Input | undefined = input; next !== undefined; next = this.#mailbox.shift()) {
        this.#step(next);
      }
    } finally {
      this.#working = false;
    }
  }

  told(then: (kept: boolean) => void): void {
    const answer = (): void => then(this.#state !== "failed" && this.#lost === null);
    if (this.#turns === null) answer();
    else this.#turns.settled(answer);
  }

  order(id: string, body: InputBody): Promise<CommandOutcome> {
    if (this.#state !== "running") return Promise.resolve({ type: "no-such-session" });
    if (this.#orders.size >= ORDERS_MAX) {
      return Promise.resolve({ type: "refused", reason: "too many orders at once" });
    }
    return new Promise((settle) => {
      this.#orders.set(id, settle);
      this.input(body);
    });
  }

  view(): SessionView {
    return this.#deps.session.view();
  }

  #post(input: Input): void {
    if (this.#mailbox.length >= MAILBOX_MAX) {
      // Dropping an input would let bytes slip by the machine, so the session ends instead.
      this.#mailbox.length = 0;
      this.#fail(input, "mailbox-full");
      return;
    }
    // `bytes` is lent for the time of the call only.
    this.#mailbox.push(
      "bytes" in input && input.bytes instanceof Uint8Array ? copied(input) : input,
    );
  }

  #step(input: Input): void {
    if (this.#state === "running") {
      try {
        this.#carryOut(this.#deps.session.step(input), input);
      } catch (error) {
        this.#deps.log.error("session-step-failed", {
          session: this.#options.facts.id,
          input: input.kind,
          // Of a bug in our own code: the place tells, the message might quote what was typed.
          place: placeOf(error),
        });
        this.#fail(input, "internal-error");
      }
    }
    if (input.kind === "disconnected") this.#end(input);
  }

  #carryOut(effects: readonly Effect[], input: Input): void {
    const spooled = this.#spool(effects, input);
    if (!spooled.ok) {
      this.#auditLost(spooled.error);
      return;
    }
    // What somebody waits for first, then what is only kept: recordings are written behind the data path.
    let records = false;
    try {
      for (const effect of effects) {
        if (effect.kind === "record") records = true;
        // An input that arose meanwhile may have ended the session: then nothing more is done.
        else if (this.#state === "running") this.#effect(effect, input);
      }
    } finally {
      if (records) this.#record(effects);
    }
  }

  #record(effects: readonly Effect[]): void {
    for (const effect of effects) {
      if (effect.kind !== "record" || this.#state !== "running") continue;
      this.#deps.recorder.record(effect.channel, effect.entry);
    }
  }

  #auditLost(why: Fault): void {
    if (this.#lost !== null) return;
    this.#lost = why;
    const session = this.#options.facts.id;
    this.#deps.log.error("session-audit-lost", { session, fault: describeFault(why) });
    if (this.#state === "running") this.#cutOff("audit-lost");
  }

  /**
   * All events of a step in one write, before anything else of the step is done. A step that does nothing
   * but tell of a request that is over is written with the others of its turn.
   */
  #spool(effects: readonly Effect[], input: Input): Result<void, Fault> {
    let lines = "";
    let command = false;
    let waits = true;
    for (const effect of effects) {
      if (effect.kind === "emit") {
        const { event, sequence } = effect;
        lines += this.#events.encode(event, sequence, input.wall);
        command ||= event.type === "command.entered";
        waits &&= event.type === "web.requested";
      } else if (effect.kind !== "record") waits = false;
    }
    if (lines === "") return KEPT;
    const appended = this.#append(lines, waits);
    if (!appended.ok) return appended;
    for (const effect of effects) {
      if (effect.kind === "emit") this.#told.add(effect.event, effect.sequence, input.wall);
    }
    return command && this.#options.audit === "strict" ? this.#deps.spool.sync() : appended;
  }

  #append(lines: string, waits: boolean): Result<void, Fault> {
    if (!waits || this.#turns === null) {
      this.#turns?.flush();
      // Behind an event that was lost nothing is told: its number would be missing in between.
      return this.#lost === null ? this.#deps.spool.append(lines) : err(this.#lost);
    }
    this.#turns.put(lines, (kept) => {
      if (!kept.ok) this.#auditLost(kept.error);
    });
    return KEPT;
  }

  #effect(effect: Effect, input: Input): void {
    if (isTraffic(effect)) {
      this.#deps.traffic.carryOut(effect);
      return;
    }
    switch (effect.kind) {
      case "emit":
        return; // already in the spool
      case "record":
        return; // when everything else is done
      case "set-timer":
        this.#timers.set(effect.timer, effect.channel, effect.at);
        return;
      case "clear-timer":
        this.#timers.clear(effect.timer, effect.channel);
        return;
      case "verify-factor":
        this.#verify(effect, input);
        return;
      case "ask-factor":
      case "ask-approval":
      case "withdraw":
      case "grant-grace":
      case "lock-person":
        this.#askDesk(effect);
        return;
      case "ask-profile":
        this.#askProfile(effect.part);
        return;
      case "keep-profile":
        this.#deps.profiles?.keep(this.#options.facts.id, effect.revision, effect.profile);
        return;
      case "observed":
        this.#deps.show(effect.to, effect.entry);
        return;
      case "done":
        this.#orders.get(effect.id)?.(effect.outcome);
        this.#orders.delete(effect.id);
        return;
      default:
        return unreachable(effect);
    }
  }

  /** Without an answer the person stays unknown to this session, and it teaches nothing. */
  #askProfile(part: ProfilePart): void {
    const tell = (stored: StoredPart | null): void =>
      this.input({
        kind: "profile-known",
        part,
        profile: stored?.profile ?? null,
        revision: stored?.revision ?? null,
      });
    const asked = this.#deps.profiles?.ask(this.#options.facts.id, part) ?? Promise.resolve(null);
    asked.then(tell, () => tell(null));
  }

  /** What comes of it, if anything, comes later as an input. */
  #askDesk(effect: DeskEffect): void {
    const { id: session } = this.#options.facts;
    const { desk } = this.#deps;
    switch (effect.kind) {
      case "ask-factor":
        this.#later(
          desk.askFactor(session, effect),
          { type: "refused", reason: "unavailable" } as const,
          (outcome) => this.#answered(effect.request, outcome),
        );
        return;
      case "ask-approval":
        this.#later(
          desk.askApproval(session, effect),
          { type: "unavailable", reason: "nobody can be asked just now" } as const,
          (outcome) => this.input({ kind: "approval-decided", request: effect.request, outcome }),
        );
        return;
      case "withdraw":
        desk.withdraw(session, effect.request, effect.reason);
        return;
      case "grant-grace":
        desk.grantGrace(session, effect.rules, effect.graceMs);
        return;
      case "lock-person":
        desk.lockPerson(session, effect.rule, effect.reason);
        return;
      default:
        return unreachable(effect);
    }
  }

  #verify(effect: Extract<Effect, { kind: "verify-factor" }>, input: Input): void {
    const { request, answer, deadlineMs } = effect;
    const { id: session, origin } = this.#options.facts;
    const question = { session, origin, answer, wall: input.wall, deadlineMs };
    this.#deps.desk.verifyFactor(question).then(
      (outcome) => this.#answered(request, outcome),
      (error: unknown) => {
        this.#deps.log.error("factor-desk-failed", { session, place: placeOf(error) });
        this.#answered(request, { type: "refused", reason: "unavailable" });
      },
    );
  }

  /** `null` comes later, as an input of its own; what goes wrong is answered as what fails closed. */
  #later<T>(asked: Promise<T | null>, failed: T, answered: (outcome: T) => void): void {
    asked.then(
      (outcome) => {
        if (outcome !== null) answered(outcome);
      },
      (error: unknown) => {
        const session = this.#options.facts.id;
        this.#deps.log.error("session-desk-failed", { session, place: placeOf(error) });
        answered(failed);
      },
    );
  }

  #answered(request: RequestId, outcome: FactorOutcome): void {
    this.input({ kind: "factor-verified", request, outcome });
  }

  /** The machine can not go on: its story is ended for it, then both legs are closed. */
  #fail(input: Input, reason: string): void {
    if (this.#state !== "running") return;
    this.#tellEnding(input, reason, true);
    this.#cutOff(reason);
  }

  #tellEnding(input: Input, reason: string, failed: boolean): void {
    let sequence = this.#told.nextSequence;
    const events = this.#told.ending(input.wall, reason, failed);
    const numbered = events.map((event) => ({ event, sequence: sequence++ }));
    const lines = numbered
      .map((one) => this.#events.encode(one.event, one.sequence, input.wall))
      .join("");
    const appended = this.#append(lines, false);
    if (appended.ok) {
      for (const one of numbered) this.#told.add(one.event, one.sequence, input.wall);
    } else {
      this.#deps.log.error("session-audit-lost", {
        session: this.#options.facts.id,
        fault: describeFault(appended.error),
      });
    }
  }

  #cutOff(reason: string): void {
    this.#state = "failed";
    this.#timers.clearAll();
    this.#settleOrders();
    this.#deps.recorder.close();
    const effect = { kind: "close-session", reason, exitCode: FAILED_EXIT_CODE } as const;
    try {
      this.#deps.traffic.carryOut(effect);
    } catch (error) {
      this.#deps.log.error("traffic-failed", {
        session: this.#options.facts.id,
        place: placeOf(error),
      });
    }
  }

  /** The machine will not answer them any more. */
  #settleOrders(): void {
    for (const settle of this.#orders.values()) settle({ type: "no-such-session" });
    this.#orders.clear();
  }

  #end(input: Input & { readonly kind: "disconnected" }): void {
    if (this.#told.open && this.#state === "running") {
      this.#deps.log.error("session-left-open", { session: this.#options.facts.id });
      this.#tellEnding(input, input.reason, false);
    }
    this.#state = "ended";
    this.#timers.clearAll();
    this.#settleOrders();
    this.#deps.recorder.close();
    this.#options.ended({ closed: !this.#told.open });
  }
}

const KEPT: Result<void, Fault> = ok(undefined);

/** What goes over the wire; asked first, because it is nearly everything there is. */
const TRAFFIC: ReadonlySet<Effect["kind"]> = new Set<TrafficEffect["kind"]>([
  "send-to-target",
  "send-to-person",
  "instruct",
  "look-on",
  "web-verdict",
  "page",
  "page-message",
  "eof-to-target",
  "valve",
  "answer",
  "close-channel",
  "close-session",
]);

function isTraffic(effect: Effect): effect is TrafficEffect {
  return TRAFFIC.has(effect.kind);
}

type DeskEffect = Extract<
  Effect,
  { kind: "ask-factor" | "ask-approval" | "withdraw" | "grant-grace" | "lock-person" }
>;

/** Not `slice`: of a Buffer that is a view on the lent bytes. */
function copied(input: Input): Input {
  return input.kind === "client-sent" ||
    input.kind === "target-sent" ||
    input.kind === "observer-typed"
    ? { ...input, bytes: new Uint8Array(input.bytes) }
    : input;
}

function placeOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  const place = error.stack?.split("\n").find((line) => line.startsWith("    at ")) ?? "";
  return `${error.name}${place.replace(/^ +/, " ")}`;
}
