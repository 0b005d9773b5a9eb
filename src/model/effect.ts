import type { EventDraft } from "../events/index.js";
import type { ChannelId, Micros, RequestId } from "../kernel/index.js";
import type { ChannelKind } from "./facts.js";
import type { Exit, FactorAnswer, TimerName } from "./input.js";

/**
 * What the shell carries out, in order. An event stands before the effect that it describes, so that
 * it is in the spool first.
 */
export type Effect =
  | { readonly kind: "emit"; readonly event: EventDraft; readonly sequence: number }
  /** Answers a `channel-asked`, `request-asked` or `global-asked`. */
  | { readonly kind: "answer"; readonly request: RequestId; readonly answer: Answer }
  | { readonly kind: "send-to-target"; readonly channel: ChannelId; readonly bytes: Uint8Array }
  | {
      readonly kind: "send-to-person";
      readonly channel: ChannelId;
      readonly stream: "stdout" | "stderr";
      readonly bytes: Uint8Array;
    }
  | { readonly kind: "eof-to-target"; readonly channel: ChannelId }
  /**
   * Stops or releases what flows from the person to the target on a channel that the core does not
   * see byte by byte; on an inspected one: stops reading the person, because the core holds enough.
   */
  | { readonly kind: "valve"; readonly channel: ChannelId; readonly state: "open" | "held" }
  | { readonly kind: "record"; readonly channel: ChannelId; readonly entry: RecordEntry }
  | {
      readonly kind: "set-timer";
      readonly timer: TimerName;
      readonly channel: ChannelId | null;
      readonly at: Micros;
    }
  | { readonly kind: "clear-timer"; readonly timer: TimerName; readonly channel: ChannelId | null }
  | {
      readonly kind: "verify-factor";
      readonly request: RequestId;
      readonly answer: FactorAnswer;
      readonly deadlineMs: number;
    }
  /** Passes the target's exit to the person, or our own (blocked, killed), and closes both legs. */
  | { readonly kind: "close-channel"; readonly channel: ChannelId; readonly exit: Exit }
  | { readonly kind: "close-session"; readonly reason: string; readonly exitCode: number };

export type Answer =
  | { readonly type: "refused"; readonly reason: string }
  /** A session channel or a request without a stream of its own (pty, env, signal, ...). */
  | { readonly type: "granted" }
  /**
   * A request that starts a stream. `terminal`: pty, every byte goes through the core.
   * `lines`: a shell without a pty reads commands from stdin, which go through the core.
   * `stream`: payload flows past the core, counted, under the valve.
   */
  | {
      readonly type: "started";
      readonly inspect: "terminal" | "lines" | "stream";
      readonly channelKind: ChannelKind;
    }
  /** Never dial: show `message` on stderr and end with `exit`. For a forbidden exec. */
  | { readonly type: "ended"; readonly message: string; readonly exit: Exit };

/** A line of the recording of one terminal channel, already masked. */
export type RecordEntry = { readonly at: Micros } & (
  | {
      readonly type: "start";
      readonly columns: number;
      readonly rows: number;
      readonly term: string;
      readonly command?: string;
    }
  | { readonly type: "output"; readonly bytes: Uint8Array }
  | { readonly type: "input"; readonly bytes: Uint8Array }
  /** A stretch of input that was not echoed: that it happened is told, what and how long is not. */
  | { readonly type: "hidden" }
  | { readonly type: "resize"; readonly columns: number; readonly rows: number }
  | { readonly type: "mark"; readonly label: string }
  | { readonly type: "end" }
);
