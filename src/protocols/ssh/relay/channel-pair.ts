import type { ChannelId } from "../../../kernel/index.js";
import type { Exit, ValveState } from "../../../model/index.js";
import type { Channel, ChannelListener, RequestAsk } from "../connection/channel.js";
import {
  HIGH_WATER_BYTES,
  WINDOW_BULK_BYTES,
  WINDOW_TERMINAL_BYTES,
} from "../connection/limits.js";
import type { FileStream } from "../files/file-stream.js";
import type { SessionHandle } from "../ports.js";
import { encodeExit, readExit } from "../wire/exit.js";

export type Inspect = "terminal" | "lines" | "stream";

/**
 * One channel of a session: the person's end and the target's end, and what flows between them.
 * Both ends keep the order of data, requests, end of file and close, so that programs on both sides
 * see what they would see without us.
 */
export interface ChannelPair {
  readonly id: ChannelId;
  readonly person: ChannelListener;
  readonly target: ChannelListener;
  attachPerson(channel: Channel): void;
  attachTarget(channel: Channel): void;
  /** Calls back with the target's end, now or when it is there; with null when it never will be. */
  whenTarget(act: (target: Channel | null) => void): void;
  targetFailed(): void;
  /** Payload may flow from now on; what makes `files` follows them in it. */
  start(inspect: Inspect, files?: (ends: StreamEnds) => FileStream): void;
  /** Nothing runs yet, but what the person types goes to the core. */
  startAsking(): void;
  sendToTarget(bytes: Uint8Array): void;
  sendToPerson(bytes: Uint8Array, stream: "stdout" | "stderr"): void;
  eofToTarget(): void;
  hold(state: ValveState): void;
  /** Ends both legs: the person is told `exit` after everything sent before. */
  finish(exit: Exit): void;
  /** The person's connection is gone: closes the target's end and reports at once. */
  abandon(reason: string): void;
}

/** Where what passes a followed stream goes. */
export interface StreamEnds {
  toTarget(bytes: Uint8Array): void;
  toPerson(bytes: Uint8Array): void;
  /** Bytes that go nowhere: whoever sent them has room for others. */
  personSwallowed(count: number): void;
  targetSwallowed(count: number): void;
}

export interface ChannelPairDeps {
  readonly id: ChannelId;
  readonly handle: SessionHandle;
  /** Requests of the person on this channel. */
  readonly requested: (ask: RequestAsk) => void;
  /** True for session channels: they end with an exit status. */
  readonly isProgram: boolean;
  readonly targetName: string;
  /** Reported as closed; the pair may be forgotten. */
  readonly closed: () => void;
}

/** What OpenSSH's client answers when the connection dies under a program. */
const EXIT_CONNECTION_LOST: Exit = { type: "code", code: 255 };

export function createChannelPair(deps: ChannelPairDeps): ChannelPair {
  const { id, handle } = deps;
  let person: Channel | null = null;
  let target: Channel | null = null;
  let waitingForTarget: ((target: Channel | null) => void)[] = [];
  let inspect: Inspect | null = null;
  /** Follows the files in a stream. */
  let files: FileStream | null = null;
  let held = false;
  /** Nothing passes to the person either: what the target does waits, in order, its window closed. */
  let shut = false;
  let shutDeeds: (() => void)[] = [];
  let heldBytes: Uint8Array[] = [];
  let heldEof = false;
  let exit: Exit = { type: "none" };
  const over = { person: false, target: false, reported: false, finished: false };
  const sent = { exit: false };
  const bytes = { toTarget: 0, toPerson: 0 };
  // Room that an end has earned but gets only when the other side has drained.
  const owed = { person: 0, target: 0 };

  function fromPerson(chunk: Uint8Array): void {
    if (over.finished) {
      person?.consumed(chunk.length);
    } else if (held || inspect === null) heldBytes.push(new Uint8Array(chunk));
    else deliver(chunk);
  }

  function deliver(chunk: Uint8Array): void {
    bytes.toTarget += chunk.length;
    if (inspect === "stream") {
      if (files === null) sendToTarget(chunk);
      else files.fromPerson(chunk);
      return;
    }
    handle.input({ kind: "client-sent", channel: id, bytes: new Uint8Array(chunk) });
    owed.person += chunk.length;
    payPerson();
  }

  function deliverEof(): void {
    if (inspect === "stream" && files !== null) {
      files.whenPersonIdle(() => withTarget((end) => end.eof()));
    } else if (inspect === "stream") withTarget((end) => end.eof());
    else handle.input({ kind: "client-eof", channel: id });
  }

  function release(): void {
    while (!held && inspect !== null && heldBytes.length > 0) {
      const chunk = heldBytes.shift();
      if (chunk !== undefined) deliver(chunk);
    }
    if (!held && inspect !== null && heldEof) {
      heldEof = false;
      deliverEof();
    }
  }

  /** What the target did meanwhile happens now; a deed may shut it again. */
  function reopen(): void {
    shut = false;
    const deeds = shutDeeds;
    shutDeeds = [];
    for (const deed of deeds) deed();
  }

  /** Inspected channels: the person's bytes are taken as long as the target keeps up. */
  function payPerson(): void {
    if (owed.person === 0 || (target?.queuedBytes ?? 0) > HIGH_WATER_BYTES) return;
    const credit = owed.person;
    owed.person = 0;
    person?.consumed(credit);
  }

  function payTarget(): void {
    if (owed.target === 0 || (person?.queuedBytes ?? 0) > HIGH_WATER_BYTES) return;
    const credit = owed.target;
    owed.target = 0;
    target?.consumed(credit);
  }

  function sendToTarget(chunk: Uint8Array): void {
    if (target !== null) target.send(chunk, "stdout");
    else {
      const kept = new Uint8Array(chunk);
      whenTarget((end) => end?.send(kept, "stdout"));
    }
  }

  function withTarget(act: (end: Channel) => void): void {
    if (target !== null) act(target);
    else whenTarget((end) => end !== null && act(end));
  }

  function whenTarget(act: (end: Channel | null) => void): void {
    if (target !== null || over.target) act(target);
    else waitingForTarget.push(act);
  }

  function settleTarget(): void {
    const waiting = waitingForTarget;
    waitingForTarget = [];
    for (const act of waiting) act(target);
  }

  function fromTarget(chunk: Uint8Array, stream: "stdout" | "stderr"): void {
    if (shut && inspect !== "terminal") {
      const kept = new Uint8Array(chunk);
      shutDeeds.push(() => fromTarget(kept, stream));
      return;
    }
    bytes.toPerson += chunk.length;
    if (over.finished || over.person) {
      target?.consumed(chunk.length);
    } else if (inspect === "stream") {
      if (files === null || stream === "stderr") person?.send(chunk, stream);
      else files.fromTarget(chunk);
    } else {
      handle.input({ kind: "target-sent", channel: id, stream, bytes: new Uint8Array(chunk) });
      owed.target += chunk.length;
      payTarget();
    }
  }

  function targetRequested(ask: RequestAsk): void {
    if (shut && inspect !== "terminal") {
      const kept: RequestAsk = { ...ask, body: new Uint8Array(ask.body), answer: ask.answer };
      shutDeeds.push(() => targetRequested(kept));
      return;
    }
    const { type, body, answer } = ask;
    const read = readExit(type, body);
    if (read !== null) {
      exit = read;
      // Where nothing is inspected the person learns it when the target said it, as without us.
      if (inspect === "stream") sendExit(exit);
    } else if (type === "xon-xoff") person?.request(type, new Uint8Array(body), null);
    answer(false);
  }

  function targetEof(): void {
    if (shut && inspect !== "terminal") shutDeeds.push(targetEof);
    else if (inspect === "stream") person?.eof();
  }

  function sendExit(value: Exit): void {
    if (sent.exit || person === null || !deps.isProgram) return;
    const encoded = encodeExit(value);
    if (encoded === null) return;
    sent.exit = true;
    person.request(encoded.type, encoded.body, null);
  }

  function targetClosed(how: "peer" | "lost"): void {
    if (shut && inspect !== "terminal" && !over.person) {
      shutDeeds.push(() => targetClosed(how));
      return;
    }
    over.target = true;
    target?.close();
    if (!over.reported && inspect !== null) {
      const lost = how === "lost" && exit.type === "none" && deps.isProgram;
      if (lost && !over.finished && !over.person) {
        sendNotice(`Connection to ${deps.targetName} closed by remote host.`);
        exit = EXIT_CONNECTION_LOST;
      }
      handle.input({ kind: "target-exited", channel: id, exit });
      // A stream is not the core's business byte by byte: it ends with its target.
      if (inspect === "stream" || over.person) finish(exit);
    } else finish(EXIT_CONNECTION_LOST);
    report();
  }

  function sendNotice(text: string): void {
    const stream = inspect === "terminal" ? "stdout" : "stderr";
    person?.send(Buffer.from(stream === "stdout" ? `${text}\r\n` : `${text}\n`), stream);
  }

  function finish(value: Exit): void {
    if (over.finished) return;
    over.finished = true;
    heldBytes = [];
    reopen();
    if (!over.target) {
      target?.discard();
      target?.close();
      if (target === null) over.target = true;
    }
    sendExit(value);
    person?.eof();
    person?.close();
    settleTarget();
    report();
  }

  /**
   * A client that has seen the end of the output closes its channel before it has heard the exit
   * status, and still waits for it: our CLOSE follows only when the target has said how it ended.
   */
  function personClosed(how: "peer" | "lost"): void {
    over.person = true;
    heldBytes = [];
    reopen();
    person?.discard();
    if (how === "peer" && target !== null && !over.target && !over.finished) {
      target.eof();
      target.close();
      return;
    }
    person?.close();
    if (target === null) over.target = true;
    else if (!over.target) {
      target.discard();
      target.close();
    }
    over.finished = true;
    settleTarget();
    report();
  }

  function report(reason?: string): void {
    if (over.reported || !over.person || !over.target) return;
    over.reported = true;
    files?.end();
    handle.input({
      kind: "channel-closed",
      channel: id,
      bytes: { ...bytes },
      ...(reason === undefined ? {} : { reason }),
    });
    deps.closed();
  }

  return {
    id,
    person: {
      data: fromPerson,
      eof() {
        if (over.finished) return;
        if (held || inspect === null || heldBytes.length > 0) heldEof = true;
        else deliverEof();
      },
      request: (ask) => deps.requested(ask),
      closed: personClosed,
      sent(count) {
        if (inspect === "stream") target?.consumed(count);
        else payTarget();
      },
    },
    target: {
      data: fromTarget,
      eof: targetEof,
      request: targetRequested,
      closed: targetClosed,
      sent(count) {
        if (inspect === "stream") person?.consumed(count);
        else payPerson();
      },
    },
    attachPerson: (channel) => (person = channel),
    attachTarget(channel) {
      target = channel;
      over.target = false;
      if (over.finished) channel.close();
      settleTarget();
    },
    whenTarget,
    targetFailed() {
      over.target = true;
      settleTarget();
      report();
    },
    start(mode, follow) {
      inspect = mode;
      files =
        follow?.({
          toTarget: sendToTarget,
          toPerson: (chunk) => person?.send(chunk, "stdout"),
          personSwallowed: (count) => person?.consumed(count),
          targetSwallowed: (count) => target?.consumed(count),
        }) ?? null;
      if (mode === "stream") person?.widen(WINDOW_BULK_BYTES);
      withTarget((end) =>
        end.widen(mode === "terminal" ? WINDOW_TERMINAL_BYTES : WINDOW_BULK_BYTES),
      );
      release();
    },
    sendToTarget,
    sendToPerson: (chunk, stream) => person?.send(chunk, stream),
    eofToTarget: () => withTarget((end) => end.eof()),
    startAsking() {
      inspect ??= "terminal";
      release();
    },
    hold(state) {
      held = state !== "open";
      if (state === "shut" && !over.finished && !over.person) shut = true;
      if (state !== "shut") reopen();
      if (!held) release();
    },
    finish,
    abandon(reason) {
      if (!over.target) {
        target?.discard();
        target?.close();
      }
      over.person = true;
      over.target = true;
      over.finished = true;
      shutDeeds = [];
      settleTarget();
      report(reason);
    },
  };
}
