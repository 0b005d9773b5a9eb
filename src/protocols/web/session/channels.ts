import { channelId, requestId, type ChannelId, type RequestId } from "../../../kernel/index.js";
import type { Answer, InputBody } from "../../../model/index.js";
import type { WebEffect } from "../ports.js";

/** What the session wants done on one channel. */
export type ChannelEffect = Extract<WebEffect, { readonly channel: ChannelId }>;

/** A terminal, a program or a connection inside a web session. */
export interface ChannelEnd {
  carryOut(effect: ChannelEffect): void;
  /** The session is over: says its last words, reports itself closed. */
  end(reason: string): void;
}

/** The channels of one web session, as those who carry them see it. */
export interface WebChannels {
  /** Null: too many are open, or the session is over. */
  add(end: ChannelEnd): ChannelId | null;
  remove(channel: ChannelId): void;
  /** A connection that carries them: `end` when the session is over. Null: too many; else forgets it. */
  carry(end: () => void): (() => void) | null;
  tell(input: InputBody): void;
  /** `hinted`: the answer will be late, and what is typed answers a question meanwhile. */
  ask(put: (request: RequestId) => InputBody, answered: Answered, hinted?: () => void): void;
}

type Answered = (answer: Answer) => void;

/** Terminals and programs of one session at once; Cockpit's pages start some tens. */
const CHANNELS_MAX = 128;

/** Connections that carry them, of one session. */
const CARRIERS_MAX = 64;

/** Where effects on channels are handed out. */
export class ChannelSwitch implements WebChannels {
  readonly #ends = new Map<ChannelId, ChannelEnd>();
  readonly #asked = new Map<
    RequestId,
    { readonly answered: Answered; readonly hinted: () => void }
  >();
  readonly #carriers = new Set<() => void>();
  readonly #input: (input: InputBody) => void;
  readonly #nextRequest: () => number;
  #nextChannel = 1;
  #over = false;

  constructor(input: (input: InputBody) => void, nextRequest: () => number) {
    this.#input = input;
    this.#nextRequest = nextRequest;
  }

  /** What is open. */
  get size(): number {
    return this.#ends.size + this.#carriers.size;
  }

  carry(end: () => void): (() => void) | null {
    if (this.#over || this.#carriers.size >= CARRIERS_MAX) return null;
    this.#carriers.add(end);
    return () => void this.#carriers.delete(end);
  }

  add(end: ChannelEnd): ChannelId | null {
    if (this.#over || this.#ends.size >= CHANNELS_MAX) return null;
    const id = channelId(this.#nextChannel++);
    this.#ends.set(id, end);
    return id;
  }

  remove(channel: ChannelId): void {
    this.#ends.delete(channel);
  }

  tell(input: InputBody): void {
    this.#input(input);
  }

  ask(put: (request: RequestId) => InputBody, answered: Answered, hinted?: () => void): void {
    if (this.#over) {
      answered({ type: "refused", reason: "the session is over" });
      return;
    }
    const request = requestId(this.#nextRequest());
    this.#asked.set(request, { answered, hinted: hinted ?? (() => undefined) });
    this.#input(put(request));
  }

  carryOut(effect: ChannelEffect | Extract<WebEffect, { readonly kind: "answer" }>): void {
    if (effect.kind !== "answer") {
      this.#ends.get(effect.channel)?.carryOut(effect);
      return;
    }
    const { request, answer } = effect;
    const asked = this.#asked.get(request);
    if (answer.type === "asking") {
      asked?.hinted();
      return;
    }
    this.#asked.delete(request);
    asked?.answered(answer);
  }

  end(reason: string): void {
    this.#over = true;
    const asked = [...this.#asked.values()];
    this.#asked.clear();
    for (const { answered } of asked) answered({ type: "refused", reason });
    for (const one of [...this.#ends.values()]) one.end(reason);
    this.#ends.clear();
    for (const carrier of [...this.#carriers]) carrier();
    this.#carriers.clear();
  }
}
