import type { CommandDecision, EventDraft } from "../events/index.js";
import type { ChannelId, Micros, RequestId } from "../kernel/index.js";
import type { Instruction } from "./desktop.js";
import type { ChannelKind, Factor } from "./facts.js";
import type { FileGrant, FileWatch } from "./file.js";
import type { Exit, FactorAnswer, ProfilePart, TimerName } from "./input.js";
import type { CommandOutcome, ObservedEntry } from "./steering.js";
import type { PageCard, WebExchange, WebMessage, WebOutcome, WebVerdict, WebView } from "./web.js";

/**
 * What the shell carries out, in order. An event stands before the effect that it describes, so that
 * it is in the spool first; what is recorded is kept last, in its order.
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
  /** On a desktop: said to one side, serialised anew. */
  | {
      readonly kind: "instruct";
      readonly to: "person" | "target";
      readonly instruction: Instruction;
    }
  /** On a desktop: an observer is to be shown it, or no longer; answered by inputs `watched`. */
  | { readonly kind: "look-on"; readonly observer: string; readonly on: boolean }
  /** Answers a `web-asked` or a `web-answered`. */
  | { readonly kind: "web-verdict"; readonly request: RequestId; readonly verdict: WebVerdict }
  /** What covers the pages of a web session from now on; null: nothing does. */
  | { readonly kind: "page"; readonly card: PageCard | null }
  /** A line of somebody else's, to be shown on the pages of a web session. */
  | { readonly kind: "page-message"; readonly text: string }
  | { readonly kind: "eof-to-target"; readonly channel: ChannelId }
  /**
   * Stops or releases what flows on a channel that the core does not see byte by byte; on an inspected
   * one: stops reading, because the core holds enough. `held`: nothing more to the target. `shut`:
   * nothing in either direction; on a terminal no different from `held`.
   */
  | { readonly kind: "valve"; readonly channel: ChannelId; readonly state: ValveState }
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
  /** Asks for a factor that is not typed here; answered by `factor-offered` and `factor-verified`. */
  | {
      readonly kind: "ask-factor";
      readonly request: RequestId;
      readonly factor: Factor;
      readonly trigger: string;
      readonly reason: string;
      readonly deadlineMs: number;
    }
  /** Asks somebody else; answered by `approval-decided`. */
  | {
      readonly kind: "ask-approval";
      readonly request: RequestId;
      readonly asked: ApprovalAsked;
    }
  /** Nobody waits for the answer to this `ask-factor` or `ask-approval` any more. */
  | { readonly kind: "withdraw"; readonly request: RequestId; readonly reason: string }
  /** The person has proved who they are: these rules do not ask them again for so long. */
  | { readonly kind: "grant-grace"; readonly rules: readonly string[]; readonly graceMs: number }
  /** Asks what is stored of how this person behaves; answered by `profile-known`. */
  | { readonly kind: "ask-profile"; readonly part: ProfilePart }
  /** What was learnt of the person, as JSON; parts that are not in it stay as they are stored. */
  | { readonly kind: "keep-profile"; readonly revision: number; readonly profile: string }
  /** A rule wants the person kept out, beyond this session. */
  | { readonly kind: "lock-person"; readonly rule: string; readonly reason: string }
  /** The answer to the input `command` with this id. */
  | { readonly kind: "done"; readonly id: string; readonly outcome: CommandOutcome }
  /** Shown to one observer, or to all of them (`null`). */
  | { readonly kind: "observed"; readonly to: string | null; readonly entry: ObservedEntry }
  /** Passes the target's exit to the person, or our own (blocked, killed), and closes both legs. */
  | { readonly kind: "close-channel"; readonly channel: ChannelId; readonly exit: Exit }
  | { readonly kind: "close-session"; readonly reason: string; readonly exitCode: number };

export type ValveState = "open" | "held" | "shut";

/** What another person is asked to agree to. */
export interface ApprovalAsked {
  /** `command`, or the kind of the channel. */
  readonly action: string;
  /** The line or the request; absent when it was typed unseen. */
  readonly held?: string;
  readonly rule: string;
  readonly reason: string;
  /** `group:soc`, `role:admin`, names; empty: anybody with the right to decide. */
  readonly approvers: readonly string[];
  /** How many have to agree. */
  readonly min: number;
  readonly deadlineMs: number;
}

export type Answer =
  | { readonly type: "refused"; readonly reason: string }
  /** A session channel or a request without a stream of its own (pty, env, signal, ...). */
  | { readonly type: "granted" }
  /**
   * A request that starts a stream. `terminal`: pty, every byte goes through the core.
   * `lines`: a shell without a pty reads commands from stdin, which go through the core.
   * `stream`: payload flows past the core, counted, under the valve; with `watch` the files in it are
   * asked about.
   */
  | {
      readonly type: "started";
      readonly inspect: "terminal" | "lines" | "stream";
      readonly channelKind: ChannelKind;
      readonly watch?: FileWatch;
    }
  /** A deed with a file may go on. `resolve`: ask again with the paths as the target resolves them. */
  | { readonly type: "file"; readonly grant: FileGrant | "resolve" }
  /**
   * Not answered yet, but what the person types on this terminal goes to the core from now on, which
   * asks them something. The real answer comes later, under the same number.
   */
  | { readonly type: "asking" }
  /** Never dial: show `message` on stderr and end with `exit`. For a forbidden exec. */
  | { readonly type: "ended"; readonly message: string; readonly exit: Exit };

/** What the request log says of one request. */
export interface RecordedRequest extends WebExchange {
  readonly number: number;
  readonly method: string;
  readonly outcome: WebOutcome;
  readonly decision: CommandDecision;
  readonly rules: readonly string[];
}

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
  /** Of a desktop: drawn for the person, or done by them (masked). */
  | { readonly type: "instruction"; readonly instruction: Instruction }
  /** A piece of a file or clipboard that passed, for evidence: into a file of its own, by its number. */
  | {
      readonly type: "content";
      readonly content: number;
      /** Who sent it. */
      readonly side: "person" | "target";
      readonly bytes: Uint8Array;
    }
  | { readonly type: "content-end"; readonly content: number }
  /** Of a web session: a request that is over, and a page that was looked at. */
  | { readonly type: "request"; readonly request: RecordedRequest }
  /** It became a WebSocket: what is known of it before it is over, and what is said in it. */
  | { readonly type: "socket"; readonly request: RecordedRequest }
  | { readonly type: "message"; readonly number: number; readonly message: WebMessage }
  | { readonly type: "view"; readonly view: WebView }
  | { readonly type: "end" }
);
