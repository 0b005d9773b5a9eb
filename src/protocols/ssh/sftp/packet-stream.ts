import { plainBytes } from "../../../kernel/index.js";
import { readUint32 } from "../wire/reader.js";

/**
 * Packets in a stream of bytes that is cut anywhere: four bytes of length, then the packet. Decided is by
 * as few bytes of a packet as are needed; the rest of it passes in the chunks in which it came, and a
 * chunk in which everything passes is sent on as a whole.
 */
export interface PacketStream {
  push(chunk: Uint8Array): void;
  /** Decides about the packet that was held; what came behind it goes on. */
  release(decision: Settled): void;
  /** Sends a packet of ours in between, at the end of the one that is passing. */
  inject(packet: Uint8Array): void;
  /** Nothing is held or waits for the rest of a packet. */
  readonly idle: boolean;
  /** From now on: everything passes unseen, or nothing passes. */
  giveUp(how: "blind" | "dead"): void;
}

export type Decision =
  | "pass"
  /** The packet goes nowhere, with all that is still to come of it. */
  | "drop"
  /** `release` will tell. */
  | "hold"
  /** Only for packets that are there as a whole. */
  | { readonly instead: Uint8Array };

export type Settled = Exclude<Decision, "hold">;

/** For decisions that are made at once or later: later ones go to `release`. */
export function decideLater(
  begin: (settle: (decision: Settled) => void) => void,
  release: (decision: Settled) => void,
): Decision {
  const now: { decision: Decision; waits: boolean } = { decision: "hold", waits: false };
  begin((decision) => {
    if (now.waits) release(decision);
    else now.decision = decision;
  });
  now.waits = true;
  return now.decision;
}

export interface PacketReader {
  /** How many bytes of this packet decide about it; more than `bytes` has: come again. -1: no packet. */
  measure(bytes: Uint8Array): number;
  /** `packet` are as many bytes as were asked for. Borrowed. */
  decide(packet: Uint8Array): Decision;
  /** A stretch of the rest of the packet that passes now. Borrowed. */
  body(bytes: Uint8Array): void;
  readonly send: (bytes: Uint8Array) => void;
  readonly swallowed: (count: number) => void;
  /** What came is no packet. `giveUp` has to follow. */
  broken(): void;
  /** Nothing is held any more and everything has gone on. */
  readonly idle: () => void;
}

/** Length and type. */
const PREFIX_BYTES = 5;

export function createPacketStream(reader: PacketReader): PacketStream {
  /** Start of a packet of which more is needed to decide. */
  let partial = new Uint8Array(1024);
  let have = 0;
  /** Bytes that are still to come of the packet that was decided. */
  let rest = 0;
  let dropping = false;
  let held: Uint8Array | null = null;
  const waiting: Uint8Array[] = [];
  let injected: Uint8Array[] = [];
  let pushing = false;
  let given: "blind" | "dead" | null = null;
  // The chunk being pushed: what stands before `from` has gone on.
  let from = 0;
  let body: Uint8Array | null = null;

  function push(chunk: Uint8Array): void {
    if (held !== null || pushing) waiting.push(new Uint8Array(chunk));
    else if (given !== null) past(chunk);
    else scan(plainBytes(chunk));
  }

  function past(bytes: Uint8Array): void {
    if (given === "blind") reader.send(bytes);
    else reader.swallowed(bytes.length);
  }

  function scan(chunk: Uint8Array): void {
    pushing = true;
    from = 0;
    let at = 0;
    while (at < chunk.length && held === null && given === null) at = step(chunk, at);
    if (isHeld()) {
      if (at < chunk.length) waiting.unshift(chunk.slice(at));
    } else if (isGiven()) {
      if (from < chunk.length) past(chunk.subarray(from));
    } else flush(chunk, chunk.length);
    takeBody();
    pushing = false;
    if (rest === 0 || dropping) sendInjected();
    drain();
  }

  // Asked through functions: they change inside of what the loop calls.
  function isHeld(): boolean {
    return held !== null;
  }
  function isGiven(): boolean {
    return given !== null;
  }

  function drain(): void {
    while (held === null && waiting.length > 0) {
      const next = waiting.shift();
      if (next === undefined) return;
      if (given !== null) past(next);
      else {
        scan(next);
        return;
      }
    }
    if (held === null) reader.idle();
  }

  /** One packet, or a stretch of one; answers where the next begins. */
  function step(chunk: Uint8Array, at: number): number {
    if (rest > 0) return passOn(chunk, at);
    takeBody();
    if (injected.length > 0) {
      flush(chunk, at);
      sendInjected();
    }
    if (have > 0) return gather(chunk, at);
    const view = at === 0 ? chunk : chunk.subarray(at);
    const need = view.length < PREFIX_BYTES ? PREFIX_BYTES : reader.measure(view);
    if (need < 0) {
      reader.broken();
      return at;
    }
    if (need <= view.length) return decided(chunk, at, view.subarray(0, need));
    flush(chunk, at);
    keep(view);
    from = chunk.length;
    return chunk.length;
  }

  function passOn(chunk: Uint8Array, at: number): number {
    const count = Math.min(rest, chunk.length - at);
    rest -= count;
    if (dropping) {
      flush(chunk, at);
      reader.swallowed(count);
      from = at + count;
    } else body = chunk.subarray(at, at + count);
    return at + count;
  }

  /** Content is looked at behind the sending, unless the next packet wants to know it. */
  function takeBody(): void {
    const bytes = body;
    body = null;
    if (bytes !== null) reader.body(bytes);
  }

  function flush(chunk: Uint8Array, until: number): void {
    if (until > from) {
      reader.send(from === 0 && until === chunk.length ? chunk : chunk.subarray(from, until));
    }
    from = until;
  }

  /** In place: nothing is copied. */
  function decided(chunk: Uint8Array, at: number, packet: Uint8Array): number {
    const after = at + packet.length;
    rest = readUint32(packet, 0) + 4 - packet.length;
    const decision = reader.decide(packet);
    // It turned out to be none: it is treated as everything from here on.
    if (isGiven()) return at;
    dropping = decision === "drop";
    if (decision === "pass") return after;
    flush(chunk, at);
    from = after;
    if (decision === "hold") held = packet.slice();
    else {
      if (decision !== "drop") reader.send(decision.instead);
      reader.swallowed(packet.length);
    }
    return after;
  }

  function keep(bytes: Uint8Array): void {
    if (partial.length < have + bytes.length) {
      const grown = new Uint8Array(Math.max(have + bytes.length, partial.length * 2));
      grown.set(partial.subarray(0, have));
      partial = grown;
    }
    partial.set(bytes, have);
    have += bytes.length;
  }

  function gather(chunk: Uint8Array, start: number): number {
    let at = start;
    flush(chunk, at);
    for (;;) {
      const got = partial.subarray(0, have);
      const need = have < PREFIX_BYTES ? PREFIX_BYTES : reader.measure(got);
      if (need < 0) {
        const kept = got.slice();
        have = 0;
        reader.broken();
        past(kept);
        return at;
      }
      if (need <= have) {
        have = 0;
        settle(got);
        return at;
      }
      if (at === chunk.length) return at;
      const until = Math.min(chunk.length, at + need - have);
      keep(chunk.subarray(at, until));
      at = until;
      from = at;
    }
  }

  function settle(packet: Uint8Array): void {
    rest = readUint32(packet, 0) + 4 - packet.length;
    const decision = reader.decide(packet);
    dropping = decision === "drop";
    if (isGiven()) past(packet.slice());
    else if (decision === "hold") held = packet.slice();
    else carryOut(packet, decision);
  }

  function carryOut(packet: Uint8Array, decision: Settled): void {
    dropping = decision === "drop";
    if (decision === "pass") {
      reader.send(packet);
      return;
    }
    if (decision !== "drop") reader.send(decision.instead);
    reader.swallowed(packet.length);
  }

  function sendInjected(): void {
    const packets = injected;
    injected = [];
    for (const packet of packets) reader.send(packet);
  }

  return {
    push,
    release(decision) {
      const packet = held;
      if (packet === null) return;
      held = null;
      if (given !== null) past(packet);
      else carryOut(packet, decision);
      if (!pushing) drain();
    },
    inject(packet) {
      if (given !== null) return;
      if (!pushing && (rest === 0 || dropping || held !== null)) reader.send(packet);
      else injected.push(packet);
    },
    get idle() {
      return held === null && waiting.length === 0;
    },
    giveUp(how) {
      if (given !== null) return;
      given = how;
      const kept = partial.slice(0, have);
      have = 0;
      if (kept.length > 0) past(kept);
      if (held !== null) {
        const packet = held;
        held = null;
        past(packet);
      }
      if (!pushing) drain();
    },
  };
}
