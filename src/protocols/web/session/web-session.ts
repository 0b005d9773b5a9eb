import type { Duplex } from "node:stream";
import {
  channelId,
  ok,
  plainBytes,
  requestId,
  type Fault,
  type RequestId,
  type Result,
} from "../../../kernel/index.js";
import type {
  PageCard,
  SessionFacts,
  WebAnswer,
  WebAsked,
  WebExchange,
  WebFile,
  WebKey,
  WebMessage,
  WebOutcome,
  WebVerdict,
  WebView,
} from "../../../model/index.js";
import { IDLE_SESSION_MS, REQUESTS_MAX } from "../limits.js";
import type { WebEffect, WebPorts, WebRoute, WebSessionHandle, WebTraffic } from "../ports.js";
import { BodyRoom } from "../log/kept-body.js";
import { KeptExchange } from "../log/kept-exchange.js";
import type { Incoming } from "./incoming.js";
import { createRefusals, withMissed } from "./refusals.js";
import { createCookieJar } from "../target/cookie-jar.js";
import { logIn } from "../target/form-login.js";
import { openTarget, type WebTarget } from "../target/target.js";
import { ChannelSwitch } from "./channels.js";
import type { Reached, SessionCore } from "./core.js";
import { createFieldRewrite } from "./field-rewrite.js";
import { createHolds } from "./holds.js";

export interface WebSessionDeps {
  readonly ports: WebPorts;
  readonly facts: SessionFacts;
  readonly route: WebRoute;
  /** The listener has TLS. */
  readonly secure: boolean;
  /** For bodies that are held. */
  readonly folder: string;
  /** What is asked and answered is kept for the recording. */
  readonly requestLog: boolean;
  /** Named in `Via`, so that a request that comes round again is known. */
  readonly pseudonym: string;
  /** Fields by which the gateway says who it is: not for the target. */
  readonly identityFields: ReadonlySet<string>;
  /** The session is over; nothing of it is open any more. */
  readonly over: (reason: string) => void;
}

/** A line of somebody else's for the person, on whatever page they look at. */
export interface PageMessage {
  readonly number: number;
  readonly text: string;
}

/** Messages that a page which was not looked at can still show. */
const MESSAGES_MAX = 16;
/** Terminals and other connections that left HTTP behind, of one session. */
const SOCKETS_MAX = 64;

/** One person at one web application: its requests, its questions, its end. */
export class WebSession implements SessionCore, WebTraffic {
  readonly facts: SessionFacts;
  readonly route: WebRoute;
  readonly secure: boolean;
  readonly folder: string;
  readonly holds = createHolds();
  readonly channels: ChannelSwitch;
  readonly messages: PageMessage[] = [];
  card: PageCard | null = null;
  readonly #deps: WebSessionDeps;
  readonly #handle: WebSessionHandle;
  readonly #jar = createCookieJar();
  readonly #refusals = createRefusals();
  /** 100 a minute. */
  readonly #views = createRefusals();
  readonly #bodyRoom = new BodyRoom();
  readonly #waiting = new Map<RequestId, (verdict: WebVerdict) => void>();
  readonly #open = new Set<RequestId>();
  readonly #sockets = new Set<Duplex>();
  readonly #cardListeners = new Set<() => void>();
  #reaching: Promise<Result<Reached, Fault>> | null = null;
  #reached: Reached | null = null;
  #target: WebTarget | null = null;
  #nextRequest = 1;
  #nextMessage = 1;
  #idle: NodeJS.Timeout | null = null;
  #usedAt = 0;
  #ended: string | null = null;
  #gone = false;
  readonly #closed: (() => void)[] = [];

  constructor(deps: WebSessionDeps) {
    this.#deps = deps;
    this.facts = deps.facts;
    this.route = deps.route;
    this.secure = deps.secure;
    this.folder = deps.folder;
    this.#handle = deps.ports.sessions.open(deps.facts, this);
    this.channels = new ChannelSwitch(
      (input) => {
        this.#used();
        this.#handle.input(input);
      },
      () => this.#nextRequest++,
    );
    this.#handle.input({ kind: "opened" });
    this.#used();
  }

  get over(): boolean {
    return this.#ended !== null;
  }

  get reached(): Reached | null {
    return this.#reached;
  }

  carryOut(effect: WebEffect): void {
    switch (effect.kind) {
      case "web-verdict": {
        const settle = this.#waiting.get(effect.request);
        this.#waiting.delete(effect.request);
        settle?.(effect.verdict);
        return;
      }
      case "page":
        this.card = effect.card;
        this.holds.changed();
        for (const listener of [...this.#cardListeners]) listener();
        return;
      case "page-message":
        this.messages.push({ number: this.#nextMessage++, text: effect.text });
        if (this.messages.length > MESSAGES_MAX) this.messages.shift();
        return;
      case "close-session":
        this.end(effect.reason);
        return;
      case "answer":
      case "send-to-target":
      case "send-to-person":
      case "eof-to-target":
      case "valve":
      case "close-channel":
        this.channels.carryOut(effect);
        return;
      case "instruct":
        return; // of desktops
    }
  }

  onCard(listener: () => void): () => void {
    this.#cardListeners.add(listener);
    return () => void this.#cardListeners.delete(listener);
  }

  ask(asked: WebAsked, verdict: (verdict: WebVerdict) => void): RequestId | null {
    if (this.over || this.#open.size >= REQUESTS_MAX) return null;
    this.#used();
    const request = requestId(this.#nextRequest++);
    this.#open.add(request);
    this.#waiting.set(request, verdict);
    this.#handle.input({ kind: "web-asked", request, asked });
    return request;
  }

  answered(request: RequestId, answer: WebAnswer, verdict: (verdict: WebVerdict) => void): void {
    this.#waiting.set(request, verdict);
    this.#handle.input({ kind: "web-answered", request, answer });
  }

  left(request: RequestId): void {
    this.#waiting.delete(request);
    this.#handle.input({ kind: "web-left", request });
  }

  ended(request: RequestId, outcome: WebOutcome, exchange?: WebExchange): void {
    this.#waiting.delete(request);
    if (!this.#open.delete(request)) return;
    this.#used();
    this.#handle.input(
      exchange === undefined
        ? { kind: "web-ended", request, outcome }
        : { kind: "web-ended", request, outcome, exchange },
    );
    this.#finish();
  }

  told(then: (kept: boolean) => void): void {
    this.#handle.told(then);
  }

  keep(incoming: Incoming): KeptExchange | null {
    const scheme = this.secure ? "https" : "http";
    return this.#deps.requestLog ? new KeptExchange(incoming, scheme, this.#bodyRoom) : null;
  }

  switched(request: RequestId, exchange: WebExchange): void {
    this.#handle.input({ kind: "web-switched", request, exchange });
  }

  message(request: RequestId, message: WebMessage): void {
    this.#used();
    this.#handle.input({ kind: "web-message", request, message });
  }

  file(request: RequestId, file: WebFile): void {
    this.#handle.input({ kind: "web-file", request, file });
  }

  refused(why: Fault): void {
    const told = this.#refusals.take("", performance.now());
    if (told === null) return;
    const reason = withMissed(why.message, told.missed);
    this.#handle.input({ kind: "web-refused", code: why.code, reason });
  }

  typed(bytes: Uint8Array): void {
    this.#used();
    this.#handle.input({ kind: "client-sent", channel: PAGE, bytes: plainBytes(bytes) });
    bytes.fill(0);
  }

  /** How the person types on its pages. */
  pressed(keys: readonly WebKey[]): void {
    if (!this.over && keys.length > 0) this.#handle.input({ kind: "web-keys", keys });
  }

  /** What the person looks at. Who reports more than a person turns pages is heard later again. */
  viewed(view: WebView): void {
    if (this.over || this.#views.take("", performance.now()) === null) return;
    this.#handle.input({ kind: "web-view", view });
  }

  reach(): Promise<Result<Reached, Fault>> {
    this.#reaching ??= this.#reach().then((reached) => {
      // What failed is tried again with the next request.
      if (!reached.ok) this.#reaching = null;
      else if (this.#reaching !== null) this.#reached = reached.value;
      return reached;
    });
    return this.#reaching;
  }

  own(socket: Duplex): void {
    if (this.over || this.#sockets.size >= SOCKETS_MAX) {
      socket.destroy();
      return;
    }
    this.#sockets.add(socket);
    socket.once("close", () => this.#sockets.delete(socket));
  }

  /** Ends it, whoever wants it: nothing passes any more, and every request is answered or cut off. */
  end(reason: string): void {
    if (this.#ended !== null) return;
    this.#ended = reason;
    if (this.#idle !== null) clearTimeout(this.#idle);
    const stopped = { type: "stopped", decision: "killed", reason, trigger: "" } as const;
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const settle of waiting) settle(stopped);
    this.holds.drop();
    this.channels.end(reason);
    for (const socket of [...this.#sockets]) socket.destroy();
    this.#target?.close();
    this.#deps.over(reason);
    // After the turn in which the machine said so, and after the last words of open requests.
    setTimeout(() => this.#disconnect(), LAST_WORDS_MS).unref();
    setImmediate(() => this.#finish());
  }

  /** Ends it, and waits until everything of it is told. */
  close(reason: string): Promise<void> {
    return new Promise<void>((resolve) => {
      this.#closed.push(resolve);
      if (this.#gone) resolve();
      else this.end(reason);
    });
  }

  async #reach(): Promise<Result<Reached, Fault>> {
    const { ports, route, secure, pseudonym, identityFields, facts } = this.#deps;
    if (this.#target === null) {
      const plan = await ports.targets.plan(facts);
      if (!plan.ok) return plan;
      const opened = openTarget(plan.value);
      if (!opened.ok) return opened;
      this.#target = opened.value;
      if (this.over) opened.value.close();
    }
    const target = this.#target;
    const { credential } = target.plan;
    const fields = createFieldRewrite({
      target,
      jar: this.#jar,
      route,
      secure,
      origin: facts.origin,
      pseudonym,
      identityFields,
    });
    if (credential.type === "form" && this.#jar.empty) {
      const login = { authority: target.authority, jar: this.#jar, fields: [] };
      const loggedIn = await logIn(target.pool, credential, login);
      if (!loggedIn.ok) return loggedIn;
    }
    return ok({
      target,
      jar: this.#jar,
      fields,
      forgotten: () => {
        this.#jar.clear();
        this.#reaching = null;
        this.#reached = null;
      },
    });
  }

  /** Asked once in a while, not set anew with every request. */
  #used(): void {
    this.#usedAt = performance.now();
    if (this.#idle === null && !this.over) this.#lookLater(IDLE_SESSION_MS);
  }

  #lookLater(ms: number): void {
    this.#idle = setTimeout(() => {
      if (this.over) return;
      const busy = this.#open.size + this.#sockets.size + this.channels.size > 0;
      const left = IDLE_SESSION_MS - (performance.now() - this.#usedAt);
      if (busy) this.#lookLater(IDLE_SESSION_MS);
      else if (left > 0) this.#lookLater(left);
      else this.end("idle");
    }, ms);
    this.#idle.unref();
  }

  /** When everything that was open has been told. */
  #finish(): void {
    if (this.over && this.#open.size === 0) this.#disconnect();
  }

  #disconnect(): void {
    if (this.#gone) return;
    this.#gone = true;
    for (const request of [...this.#open]) {
      const outcome = { status: 0, bytes: { toTarget: 0, toPerson: 0 }, durationMs: 0 };
      this.#handle.input({ kind: "web-ended", request, outcome });
    }
    this.#open.clear();
    this.#handle.input({ kind: "disconnected", reason: this.#ended ?? "closed" });
    for (const resolve of this.#closed) resolve();
  }
}

/** The channel of the pages, as the session numbers it. */
const PAGE = channelId(0);
/** For answers that are still on their way to people when their session ends. */
const LAST_WORDS_MS = 1_000;
