import { plainBytes, type ChannelId, type RequestId } from "../kernel/index.js";
import type { Input } from "../model/index.js";
import type { BehaviourDesk } from "./behaviour/behaviour-desk.js";
import type { ChannelRegister, OpenChannel } from "./channel-register.js";
import type { DoorDesk } from "./door-desk.js";
import type { SessionGate } from "./gate.js";
import type { Identification } from "./identification.js";
import type { Observers } from "./observers.js";
import type { Outbox } from "./outbox.js";
import type { QuestionDesk } from "./question-desk.js";
import type { Surface } from "./question.js";
import { emptySurface } from "./surfaces.js";
import type { SuspensionDesk } from "./suspension-desk.js";
import type { TerminalChannel } from "./terminal-channel.js";

type Of<K extends Input["kind"]> = Extract<Input, { kind: K }>;

/** What arrives on channels, to whoever it is for. */
export interface SessionTraffic {
  /** The channel that the person typed on last. */
  readonly lastTyped: ChannelId | null;
  channelAsked(input: Of<"channel-asked">): void;
  requestAsked(input: Of<"request-asked">): void;
  clientSent(input: Of<"client-sent">): void;
  targetSent(input: Of<"target-sent">): void;
  clientEof(input: Of<"client-eof">): void;
  observerTyped(input: Of<"observer-typed">): void;
  targetExited(input: Of<"target-exited">): void;
  channelClosed(input: Of<"channel-closed">): void;
  timer(input: Of<"timer">): void;
  terminalOf(id: ChannelId): TerminalChannel | undefined;
}

/** Requests that start something. */
const STARTS: ReadonlySet<string> = new Set(["shell", "exec", "subsystem"]);

export function createSessionTraffic(deps: {
  readonly outbox: Outbox;
  readonly gate: SessionGate;
  readonly register: ChannelRegister;
  readonly questions: QuestionDesk;
  readonly behaviour: BehaviourDesk;
  readonly observers: Observers;
  readonly suspension: SuspensionDesk;
  readonly door: DoorDesk;
  readonly identification: Pick<Identification, "starting">;
}): SessionTraffic {
  return new Traffic(deps);
}

class Traffic implements SessionTraffic {
  readonly #deps: Parameters<typeof createSessionTraffic>[0];
  #lastTyped: ChannelId | null = null;

  constructor(deps: Parameters<typeof createSessionTraffic>[0]) {
    this.#deps = deps;
  }

  get lastTyped(): ChannelId | null {
    return this.#lastTyped;
  }

  channelAsked(input: Of<"channel-asked">): void {
    // Anything else than a session leads past every terminal: it waits for a proof that is owed.
    if (input.asked.type !== "session") this.#starting();
    this.#deps.door.channelAsked(input);
  }

  requestAsked(input: Of<"request-asked">): void {
    const { type } = input.asked;
    const channel = this.#deps.register.get(input.channel);
    const terminal = channel !== undefined && channel.pty !== null;
    // What can not be asked on waits for somebody who can say who is there.
    if (STARTS.has(type) && !terminal) this.#starting();
    if (STARTS.has(type) && terminal) {
      this.#deps.identification.starting(() => this.#before(channel, input.request));
    }
    this.#deps.door.requestAsked(input);
    if (STARTS.has(type) && terminal) this.#deps.behaviour.starting(true);
  }

  #starting(): void {
    this.#deps.behaviour.starting(false);
    this.#deps.identification.starting(null);
  }

  /** The terminal of what was asked for, before anything of it has started. */
  #before(channel: OpenChannel, request: RequestId): Surface {
    this.#deps.outbox.add({ kind: "answer", request, answer: { type: "asking" } });
    return emptySurface(channel, this.#deps.outbox);
  }

  clientSent(input: Of<"client-sent">): void {
    if (this.#deps.questions.channel === input.channel) {
      this.#deps.questions.typed(input.bytes);
      return;
    }
    const bytes = plainBytes(input.bytes);
    this.#lastTyped = input.channel;
    this.#deps.behaviour.moved(bytes.length);
    if (this.#deps.observers.keeps(input.channel, bytes)) return;
    const traffic = this.#deps.register.get(input.channel)?.traffic;
    if (traffic?.type === "terminal") traffic.terminal.client(bytes);
    else if (traffic?.type === "lines") traffic.lines.client(bytes);
  }

  targetSent(input: Of<"target-sent">): void {
    const terminal = this.terminalOf(input.channel);
    const bytes = plainBytes(input.bytes);
    this.#deps.behaviour.moved(bytes.length);
    if (terminal !== undefined) terminal.target(bytes);
    else this.#deps.outbox.toPerson(input.channel, bytes, input.stream);
  }

  clientEof(input: Of<"client-eof">): void {
    const traffic = this.#deps.register.get(input.channel)?.traffic;
    if (traffic?.type === "lines") traffic.lines.eof();
    else
      this.#deps.gate.whenOpen(() =>
        this.#deps.outbox.add({ kind: "eof-to-target", channel: input.channel }),
      );
  }

  observerTyped(input: Of<"observer-typed">): void {
    if (this.#deps.observers.controller?.id !== input.observer) return;
    // A question is asked of the person: nobody answers it for them.
    if (this.#deps.questions.channel === input.channel) return;
    this.#deps.behaviour.othersTyped();
    this.terminalOf(input.channel)?.client(plainBytes(input.bytes));
  }

  targetExited(input: Of<"target-exited">): void {
    const channel = this.#deps.register.get(input.channel);
    if (channel === undefined) return;
    channel.exit = input.exit;
    this.#deps.questions.channelGone(input.channel);
    const terminal = this.terminalOf(input.channel);
    if (terminal !== undefined) terminal.exited(input.exit);
    else if (channel.traffic.type === "lines") channel.traffic.lines.exited(input.exit);
    else this.#deps.outbox.closeChannel(input.channel, input.exit);
  }

  channelClosed(input: Of<"channel-closed">): void {
    this.#deps.questions.channelGone(input.channel);
    if (this.terminalOf(input.channel) !== undefined) {
      const { channel } = input;
      this.#deps.observers.show(() => ({ type: "closed", channel, at: this.#deps.outbox.at }));
    }
    this.#deps.observers.channelGone(input.channel);
    if (this.#deps.register.get(input.channel)?.traffic.type === "stream") {
      this.#deps.behaviour.moved(input.bytes.toTarget + input.bytes.toPerson);
    }
    this.#deps.register.closed(input.channel, input.bytes, input.reason);
  }

  timer(input: Of<"timer">): void {
    if (input.timer === "challenge") this.#deps.questions.timedOut();
    else if (input.timer === "behaviour") this.#deps.behaviour.minute();
    else if (input.timer === "suspension") this.#deps.suspension.timedOut();
    else if (input.channel !== null) {
      const traffic = this.#deps.register.get(input.channel)?.traffic;
      if (traffic?.type === "lines") traffic.lines.timer();
      else this.terminalOf(input.channel)?.timer(input.timer);
    }
  }

  terminalOf(id: ChannelId): TerminalChannel | undefined {
    const traffic = this.#deps.register.get(id)?.traffic;
    return traffic?.type === "terminal" ? traffic.terminal : undefined;
  }
}
