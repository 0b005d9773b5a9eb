import { plainBytes, type ChannelId } from "../../../kernel/index.js";
import type {
  Answer,
  ChannelAsked,
  Exit,
  RequestAsked,
  TerminalSize,
} from "../../../model/index.js";
import type { SocketMessage } from "../../../net/index.js";
import type { ChannelEffect, ChannelEnd, WebChannels } from "../session/channels.js";
import { commandLine, type DialectCodec, type TerminalAsked } from "./dialect.js";
import type { SocketLink } from "./socket-link.js";

export interface WireTerminalDeps {
  readonly channels: WebChannels;
  readonly codec: DialectCodec;
  readonly link: SocketLink;
  readonly key: string;
  /** It alone is on its connection: the connection can wait for it. */
  readonly alone: boolean;
  /** Granted: `opener` has gone, and what follows may go. Called once, or never. */
  readonly granted: () => void;
  /** The person can be asked something on it, before anything has been granted. */
  readonly asking: () => void;
  /** Reported as closed. `why`: it was refused. */
  readonly over: (end: { readonly exit: Exit; readonly why?: string }) => void;
}

/** What is typed while it can not go on; beyond this the terminal is closed. */
const PENDING_BYTES_MAX = 1024 * 1024;
/** What one message that waits costs at least. */
const MESSAGE_BYTES = 64;

/**
 * One terminal or program on a WebSocket: asked of the session as a channel of SSH is, its keys and its
 * output led through the session, its end told to both sides.
 */
export class WireTerminal implements ChannelEnd {
  readonly #deps: WireTerminalDeps;
  #id: ChannelId | null = null;
  #mode: "opening" | "asking" | "terminal" | "lines" | "stream" | "over" = "opening";
  #held = false;
  #pending: (() => void)[] = [];
  #pendingBytes = 0;
  #targetGone = false;
  /** How the target says that it has ended. */
  #lastWords: { readonly exit: Exit; readonly message: SocketMessage } | null = null;
  readonly #bytes = { toTarget: 0, toPerson: 0 };

  constructor(deps: WireTerminalDeps) {
    this.#deps = deps;
  }

  /** `opener` is what the target is sent once it was granted. */
  open(asked: TerminalAsked, opener: readonly SocketMessage[]): void {
    const { channels } = this.#deps;
    const id = channels.add(this);
    if (id === null) {
      this.#finish({ exit: NO_EXIT, why: "too many terminals are open" });
      return;
    }
    this.#id = id;
    channels.ask(
      (request) => ({ kind: "channel-asked", channel: id, request, asked: channelOf(asked) }),
      (answer) => {
        if (answer.type !== "granted") this.#refused(answer);
        else if (asked.type === "connect") this.#begin("stream", opener);
        else this.#start(asked, opener);
      },
    );
  }

  keys(bytes: Uint8Array): void {
    this.#whenTyped(bytes.length, () => {
      const id = this.#id;
      if (id === null) return;
      if (this.#mode === "stream") {
        this.#bytes.toTarget += bytes.length;
        this.#deps.link.toTarget(this.#deps.codec.keys(this.#deps.key, bytes));
        return;
      }
      this.#deps.channels.tell({ kind: "client-sent", channel: id, bytes: plainBytes(bytes) });
    });
  }

  resize(size: TerminalSize, message: SocketMessage): void {
    this.#whenStarted(message.bytes.length, () => {
      this.#ask({ type: "window-change", size }, (answer) => {
        if (answer.type === "granted") this.#deps.link.toTarget([message]);
      });
    });
  }

  endOfKeys(): void {
    this.#whenStarted(0, () => {
      const id = this.#id;
      if (id === null) return;
      if (this.#mode === "stream")
        this.#deps.link.toTarget(this.#deps.codec.endOfKeys(this.#deps.key));
      else this.#deps.channels.tell({ kind: "client-eof", channel: id });
    });
  }

  output(stream: "stdout" | "stderr", bytes: Uint8Array): void {
    const id = this.#id;
    if (id === null || this.#mode === "over") return;
    this.#bytes.toPerson += bytes.length;
    if (this.#mode === "stream") {
      this.#deps.link.toPerson(this.#deps.codec.output(this.#deps.key, stream, bytes));
      return;
    }
    this.#deps.channels.tell({
      kind: "target-sent",
      channel: id,
      stream,
      bytes: plainBytes(bytes),
    });
  }

  exited(exit: Exit, message: SocketMessage | null): void {
    const id = this.#id;
    if (id === null || this.#mode === "over" || this.#targetGone) return;
    this.#targetGone = true;
    if (message !== null) this.#lastWords = { exit, message };
    if (this.#mode === "opening" || this.#mode === "asking") this.#finish({ exit });
    else this.#deps.channels.tell({ kind: "target-exited", channel: id, exit });
  }

  /** The person has closed it, or their connection. */
  personGone(): void {
    this.#finish({ exit: NO_EXIT });
  }

  carryOut(effect: ChannelEffect): void {
    const { link, codec, key, alone } = this.#deps;
    switch (effect.kind) {
      case "send-to-target":
        this.#bytes.toTarget += effect.bytes.length;
        link.toTarget(codec.keys(key, effect.bytes));
        return;
      case "send-to-person":
        link.toPerson(codec.output(key, effect.stream, effect.bytes));
        return;
      case "eof-to-target":
        link.toTarget(codec.endOfKeys(key));
        return;
      case "valve":
        this.#held = effect.state !== "open";
        if (alone) link.hold("person", "valve", this.#held);
        // Others of this connection wait as well: a stream that is shut has no window of its own.
        if (this.#mode === "stream") link.hold("target", `valve ${key}`, effect.state === "shut");
        this.#release();
        return;
      case "close-channel":
        this.#finish({ exit: effect.exit });
    }
  }

  end(): void {
    this.#finish({ exit: NO_EXIT });
  }

  #start(asked: Extract<TerminalAsked, { type: "run" }>, opener: readonly SocketMessage[]): void {
    const { pty, command } = asked;
    const run = (): void => this.#run(command, opener);
    if (pty === null) run();
    else {
      this.#ask({ type: "pty", pty }, (answer) => {
        if (answer.type === "granted") run();
        else this.#refused(answer);
      });
    }
  }

  #run(command: readonly string[] | null, opener: readonly SocketMessage[]): void {
    const asked: RequestAsked =
      command === null ? { type: "shell" } : { type: "exec", command: commandLine(command) };
    this.#ask(
      asked,
      (answer) => {
        if (answer.type === "started") this.#begin(answer.inspect, opener);
        else this.#refused(answer);
      },
      () => {
        if (this.#mode !== "opening") return;
        this.#mode = "asking";
        this.#deps.asking();
        this.#release();
      },
    );
  }

  #ask(asked: RequestAsked, answered: (answer: Answer) => void, hinted?: () => void): void {
    const channel = this.#id;
    if (channel === null) return;
    this.#deps.channels.ask(
      (request) => ({ kind: "request-asked", channel, request, asked }),
      (answer) => {
        if (this.#mode !== "over") answered(answer);
      },
      hinted,
    );
  }

  #begin(mode: "terminal" | "lines" | "stream", opener: readonly SocketMessage[]): void {
    if (this.#mode === "over") return;
    this.#mode = mode;
    this.#deps.link.toTarget(opener);
    this.#deps.granted();
    this.#release();
  }

  #refused(answer: Answer): void {
    if (answer.type === "ended") {
      this.#finish({ exit: answer.exit, why: answer.message.trim() });
    } else {
      const why = answer.type === "refused" ? answer.reason : "it was not granted";
      this.#finish({ exit: NO_EXIT, why });
    }
  }

  get #started(): boolean {
    return this.#mode === "terminal" || this.#mode === "lines" || this.#mode === "stream";
  }

  #whenTyped(bytes: number, deed: () => void): void {
    const free = this.#started && !this.#held && this.#pending.length === 0;
    this.#do(free || this.#mode === "asking", bytes, deed);
  }

  #whenStarted(bytes: number, deed: () => void): void {
    this.#do(this.#started && !this.#held && this.#pending.length === 0, bytes, deed);
  }

  #do(now: boolean, bytes: number, deed: () => void): void {
    if (this.#mode === "over") return;
    if (now) {
      deed();
      return;
    }
    this.#pendingBytes += bytes + MESSAGE_BYTES;
    if (this.#pendingBytes > PENDING_BYTES_MAX) {
      this.#finish({ exit: NO_EXIT, why: "too much was typed ahead" });
    } else this.#pending.push(deed);
  }

  #release(): void {
    // What was sent ahead of a question is not its answer: it waits until the terminal has begun.
    while (this.#started && !this.#held) {
      const deed = this.#pending.shift();
      if (deed === undefined) {
        this.#pendingBytes = 0;
        return;
      }
      deed();
    }
  }

  #finish(end: { readonly exit: Exit; readonly why?: string }): void {
    if (this.#mode === "over") return;
    this.#mode = "over";
    this.#pending = [];
    const { link, codec, key, channels, over } = this.#deps;
    link.hold("person", "valve", false);
    link.hold("target", `valve ${key}`, false);
    const made = codec.over(key, end);
    const own = this.#lastWords;
    link.toPerson(own !== null && own.exit === end.exit ? [own.message] : made.toPerson);
    if (!this.#targetGone) link.toTarget(made.toTarget);
    const id = this.#id;
    if (id !== null) {
      channels.remove(id);
      channels.tell({ kind: "channel-closed", channel: id, bytes: { ...this.#bytes } });
    }
    over(end);
  }
}

const NO_EXIT: Exit = { type: "none" };

function channelOf(asked: TerminalAsked): ChannelAsked {
  if (asked.type === "run") return { type: "session" };
  return "path" in asked.to
    ? { type: "direct-streamlocal", path: asked.to.path }
    : { type: "direct-tcpip", ...asked.to, originHost: "", originPort: 0 };
}
