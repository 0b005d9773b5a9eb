import type { Answer, FileWatch, RequestAsked } from "../../../model/index.js";
import type { ChannelId } from "../../../kernel/index.js";
import type { RequestAsk } from "../connection/channel.js";
import {
  ENV_BYTES_MAX,
  ENV_REQUESTS_MAX,
  REQUESTS_PENDING_MAX,
  WINDOW_NARROW_BYTES,
} from "../connection/limits.js";
import type { SessionHandle } from "../ports.js";
import type { NoTarget, TargetAccess } from "../target/access.js";
import { readRequest } from "../wire/asked.js";
import type { Asking } from "./asking.js";
import type { ChannelPair } from "./channel-pair.js";
import { followFiles } from "./followed-files.js";

export interface SessionChannelDeps {
  readonly id: ChannelId;
  readonly handle: SessionHandle;
  readonly asking: Asking;
  readonly access: TargetAccess;
  readonly pair: () => ChannelPair;
}

/** The requests of one session channel (RFC 4254 section 6): asked of the core, passed to the target. */
export interface SessionChannel {
  requested(ask: RequestAsk): void;
}

/** What the client says when a program could not be started at all, as ssh itself does. */
const EXIT_NO_TARGET = { type: "code", code: 255 } as const;

export function createSessionChannel(deps: SessionChannelDeps): SessionChannel {
  const { id, handle, asking, access } = deps;
  let pending = 0;
  let program = false;
  let terminal = false;
  let opening = false;
  const env = { requests: 0, bytes: 0 };

  function requested(ask: RequestAsk): void {
    // Signs of life and hints between OpenSSH's own ends carry nothing to judge.
    const asked = LOCAL_REQUESTS.has(ask.type) ? null : readRequest(ask.type, ask.body);
    if (asked === null || pending >= REQUESTS_PENDING_MAX || !fits(asked, ask)) {
      ask.answer(false);
      return;
    }
    pending += 1;
    const kept: RequestAsk = { ...ask, body: new Uint8Array(ask.body), answer: ask.answer };
    asking.ask(
      (request) => handle.input({ kind: "request-asked", channel: id, request, asked }),
      (answer) => {
        pending -= 1;
        carryOut(asked, kept, answer);
      },
      // Nothing has started, and what is typed answers a question of ours.
      () => deps.pair().startAsking(),
    );
  }

  /** One program a channel, and a bounded environment. */
  function fits(asked: RequestAsked, ask: RequestAsk): boolean {
    if (asked.type === "env") {
      env.requests += 1;
      env.bytes += ask.body.length;
      return env.requests <= ENV_REQUESTS_MAX && env.bytes <= ENV_BYTES_MAX && !program;
    }
    if (asked.type !== "shell" && asked.type !== "exec" && asked.type !== "subsystem") return true;
    const first = !program;
    program = true;
    return first;
  }

  function carryOut(asked: RequestAsked, ask: RequestAsk, answer: Answer): void {
    switch (answer.type) {
      case "refused":
      case "asking":
        ask.answer(false);
        return;
      case "granted":
        if (asked.type === "pty") terminal = true;
        toTarget(asked, ask);
        return;
      case "ended":
        ask.answer(true);
        tell(answer.message);
        deps.pair().finish(answer.exit);
        return;
      case "started":
        startProgram(ask, answer);
        return;
      case "file":
        // Never the answer to a request of this kind.
        ask.answer(false);
    }
  }

  function startProgram(
    ask: RequestAsk,
    { inspect, watch }: Extract<Answer, { type: "started" }>,
  ): void {
    reachTarget();
    deps.pair().whenTarget((target) => {
      if (target === null) {
        ask.answer(true);
        deps.pair().finish(EXIT_NO_TARGET);
        return;
      }
      target.request(ask.type, ask.body, (success) => {
        ask.answer(success);
      });
      deps.pair().start(inspect, watch === undefined ? undefined : following(watch));
    });
  }

  function following(watch: FileWatch): Parameters<ChannelPair["start"]>[1] {
    return (ends) => followFiles({ channel: id, handle, asking, watch, ends });
  }

  function toTarget(asked: RequestAsked, ask: RequestAsk): void {
    // What needs no reply (env) waits for the program: a forbidden one is never dialled for.
    if (ask.wantReply) reachTarget();
    deps.pair().whenTarget((target) => {
      // A client that insists on a terminal shows nothing any more when it gets none, not even why.
      if (target === null) ask.answer(asked.type === "pty");
      else target.request(ask.type, ask.body, ask.wantReply ? ask.answer : null);
    });
  }

  function reachTarget(): void {
    if (opening) return;
    opening = true;
    access.openSession({
      windowBytes: WINDOW_NARROW_BYTES,
      listener: deps.pair().target,
      opened(outcome) {
        if (outcome.ok) deps.pair().attachTarget(outcome.channel);
        else failed(outcome);
      },
    });
  }

  function failed({ message, next }: NoTarget): void {
    tell(next === undefined ? message : `${message}\n${next}`);
    deps.pair().targetFailed();
  }

  function tell(message: string): void {
    const stream = terminal ? "stdout" : "stderr";
    const text = message.endsWith("\n") ? message : `${message}\n`;
    // A terminal in raw mode needs the carriage return; a program that reads stderr must not see one.
    deps.pair().sendToPerson(Buffer.from(terminal ? text.replace(/\r?\n/g, "\r\n") : text), stream);
  }

  return { requested };
}

const LOCAL_REQUESTS: ReadonlySet<string> = new Set(["keepalive@openssh.com", "eow@openssh.com"]);
