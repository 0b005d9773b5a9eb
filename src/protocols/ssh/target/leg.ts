import type { Opening, GlobalAnswer, ChannelAsk } from "../connection/connection.js";

/** The way to a target: an SSH connection or an embedded shell; the relay does not know which. */
export interface TargetLeg {
  open(opening: Opening): void;
  global(name: string, body: Uint8Array, reply: ((answer: GlobalAnswer) => void) | null): void;
  /** Closes every channel and the connection; programs of an embedded target are hung up. */
  close(reason: string): void;
}

export interface TargetLegEvents {
  /** The target opens a channel (forwarded port, agent, X11). */
  readonly channelAsked: (ask: ChannelAsk) => void;
  /** The leg is gone without having been closed by us; every channel has heard `closed("lost")`. */
  readonly lost: (reason: string) => void;
}
