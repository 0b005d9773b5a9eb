import type { ChannelId, Micros, RequestId, Secret, WallMicros } from "../kernel/index.js";
import type { AnomalyDetector } from "./activity.js";
import type { Instruction } from "./desktop.js";
import type { ChannelKind, Factor } from "./facts.js";
import type { FileAsked, FileDone } from "./file.js";
import type {
  WebAnswer,
  WebAsked,
  WebExchange,
  WebFile,
  WebKey,
  WebMessage,
  WebOutcome,
  WebView,
} from "./web.js";
import type { Observer, SessionCommand } from "./steering.js";
import type { PtyFacts, TerminalSize } from "./terminal.js";

/**
 * What can arrive at a session. Every input carries `at` (monotonic, taken once at the socket read)
 * and `wall` (UTC, from the shell or from the recording in replay).
 */
export type Input = Stamp & InputBody;

export interface Stamp {
  readonly at: Micros;
  readonly wall: WallMicros;
}

export type InputBody =
  /** Authentication is over; the first input of every session. */
  | { readonly kind: "opened" }
  /** The person's client asks for a channel that carries a stream of its own. */
  | {
      readonly kind: "channel-asked";
      readonly channel: ChannelId;
      readonly request: RequestId;
      readonly asked: ChannelAsked;
    }
  /** A request on an open session channel (RFC 4254 section 6). */
  | {
      readonly kind: "request-asked";
      readonly channel: ChannelId;
      readonly request: RequestId;
      readonly asked: RequestAsked;
    }
  /** A connection-wide request (tcpip-forward and its kin). */
  | { readonly kind: "global-asked"; readonly request: RequestId; readonly asked: GlobalAsked }
  /** Something is about to be done to a file on a watched stream: answered `file` or `refused`. */
  | {
      readonly kind: "file-asked";
      readonly channel: ChannelId;
      readonly request: RequestId;
      readonly asked: FileAsked;
    }
  /** It was done, or not. */
  | { readonly kind: "file-done"; readonly channel: ChannelId; readonly done: FileDone }
  /** A stream that should be watched says what its protocol does not know. */
  | { readonly kind: "file-lost"; readonly channel: ChannelId; readonly reason: string }
  /** Bytes on an inspected channel (terminal or stdin of a shell). `bytes` is borrowed. */
  | { readonly kind: "client-sent"; readonly channel: ChannelId; readonly bytes: Uint8Array }
  | {
      readonly kind: "target-sent";
      readonly channel: ChannelId;
      readonly stream: "stdout" | "stderr";
      readonly bytes: Uint8Array;
    }
  | { readonly kind: "client-eof"; readonly channel: ChannelId }
  /** The target's program ended, or its channel closed without saying how. */
  | { readonly kind: "target-exited"; readonly channel: ChannelId; readonly exit: Exit }
  /** Both legs of a channel are closed. `bytes` counts payload, inspected or not. */
  | {
      readonly kind: "channel-closed";
      readonly channel: ChannelId;
      readonly bytes: { readonly toTarget: number; readonly toPerson: number };
      readonly reason?: string;
    }
  /** On a desktop: what one side said. */
  | {
      readonly kind: "instruction";
      readonly from: "person" | "target";
      readonly instruction: Instruction;
    }
  /** On a desktop: what is drawn for one observer. Null: it can not be shown to them, or no longer. */
  | {
      readonly kind: "watched";
      readonly observer: string;
      readonly drawn: readonly Instruction[] | null;
    }
  /** A request of a web session, before anything of it goes to the target; answered by `web-verdict`. */
  | { readonly kind: "web-asked"; readonly request: RequestId; readonly asked: WebAsked }
  /** The head of its answer, before the person gets any of it; answered by `web-verdict`. */
  | { readonly kind: "web-answered"; readonly request: RequestId; readonly answer: WebAnswer }
  /** Nobody waits for the request any more; a question about it stays open. */
  | { readonly kind: "web-left"; readonly request: RequestId }
  /** The last thing of every request. */
  | {
      readonly kind: "web-ended";
      readonly request: RequestId;
      readonly outcome: WebOutcome;
      /** For the request log, where there is one. */
      readonly exchange?: WebExchange;
    }
  /** It became a WebSocket, the messages of which a rule wants in the request log; told at most once. */
  | {
      readonly kind: "web-switched";
      readonly request: RequestId;
      readonly exchange: WebExchange;
    }
  | { readonly kind: "web-message"; readonly request: RequestId; readonly message: WebMessage }
  | { readonly kind: "web-file"; readonly request: RequestId; readonly file: WebFile }
  /** Something came in this session that no browser sends, or that is led nowhere. */
  | { readonly kind: "web-refused"; readonly code: string; readonly reason: string }
  /** How the person types on the pages, in the order in which the keys went down. */
  | { readonly kind: "web-keys"; readonly keys: readonly WebKey[] }
  /** The script in a page tells what is looked at. */
  | { readonly kind: "web-view"; readonly view: WebView }
  | { readonly kind: "timer"; readonly timer: TimerName; readonly channel: ChannelId | null }
  /** The registry's answer to a `verify-factor` effect; no answer in time is `refused`. */
  | {
      readonly kind: "factor-verified";
      readonly request: RequestId;
      readonly outcome: FactorOutcome;
    }
  /**
   * Somebody else (a gateway) has handed in what the person would have typed, and the registry has judged
   * it. Answered by an effect `done`: refused, when nothing is asked under this number any more.
   */
  | {
      readonly kind: "factor-answered";
      readonly id: string;
      /** As told in `reauth.requested`. */
      readonly question: number;
      readonly outcome: FactorOutcome;
      readonly by: string;
    }
  /** Something that the person has to do elsewhere (a link, a device) was made ready. */
  | { readonly kind: "factor-offered"; readonly request: RequestId; readonly offer: FactorOffer }
  /** The answer to an `ask-approval` effect. */
  | {
      readonly kind: "approval-decided";
      readonly request: RequestId;
      readonly outcome: ApprovalOutcome;
    }
  /** These rules do not ask this person for a factor on this target until then. */
  | {
      readonly kind: "grace-granted";
      readonly rules: readonly string[];
      readonly until: WallMicros;
    }
  /** An order from outside; answered by an effect `done`. */
  | { readonly kind: "command"; readonly command: SessionCommand }
  /** Somebody begins to watch or to control the session, changes over, or leaves (`null`). */
  | {
      readonly kind: "observe";
      readonly id: string;
      readonly observer: Observer | null;
    }
  /** Keys of an observer who has the keyboard. `bytes` is borrowed. */
  | {
      readonly kind: "observer-typed";
      readonly observer: string;
      readonly channel: ChannelId;
      readonly bytes: Uint8Array;
    }
  /**
   * The answer to `ask-profile`. `revision` null: it can not be had, and nothing may be kept; with
   * `profile` null the person is not known yet.
   */
  | {
      readonly kind: "profile-known";
      readonly part: ProfilePart;
      readonly profile: string | null;
      readonly revision: number | null;
    }
  /** The scoring core has compared this session with the history of the whole site. */
  | { readonly kind: "core-judged"; readonly signals: readonly CoreSignal[] }
  /** A new ruleset is in force: it holds from the next command on. */
  | { readonly kind: "rules-changed" }
  /** Somebody with the right to it ends the session (operator, shutdown, lost audit). */
  | { readonly kind: "kill-ordered"; readonly reason: string; readonly by: KillOrderedBy }
  /** The connection to the target was made, failed or ended. */
  | { readonly kind: "target-failed"; readonly reason: string }
  /** The person's connection is gone; the last input. */
  | { readonly kind: "disconnected"; readonly reason: string };

/** One thing that the scoring core says of a session. */
export interface CoreSignal {
  /** `core`: it gives a score without saying of what. */
  readonly detector: AnomalyDetector | "core";
  /** 0..1; 1 = nothing odd. */
  readonly pValue: number;
  /** The core tells it as an anomaly. */
  readonly raised: boolean;
  readonly reason: string;
}

export type KillOrderedBy = "operator" | "shutdown" | "sidecar" | "gateway";

export type ChannelAsked =
  | { readonly type: "session" }
  | {
      readonly type: "direct-tcpip" | "forwarded-tcpip";
      readonly host: string;
      readonly port: number;
      readonly originHost: string;
      readonly originPort: number;
    }
  | { readonly type: "direct-streamlocal" | "forwarded-streamlocal"; readonly path: string }
  | { readonly type: "x11"; readonly originHost: string; readonly originPort: number }
  | { readonly type: "auth-agent" }
  | { readonly type: "unknown"; readonly name: string };

export type RequestAsked =
  | { readonly type: "pty"; readonly pty: PtyFacts }
  | { readonly type: "env"; readonly name: string; readonly value: string }
  | { readonly type: "shell" }
  | { readonly type: "exec"; readonly command: string }
  | { readonly type: "subsystem"; readonly name: string }
  | { readonly type: "window-change"; readonly size: TerminalSize }
  | { readonly type: "signal"; readonly name: string }
  | { readonly type: "break"; readonly lengthMs: number }
  | { readonly type: "agent" }
  | { readonly type: "x11" }
  | { readonly type: "unknown"; readonly name: string };

export type GlobalAsked =
  | { readonly type: "tcpip-forward"; readonly host: string; readonly port: number }
  | { readonly type: "streamlocal-forward"; readonly path: string }
  | { readonly type: "unknown"; readonly name: string };

export type Exit =
  | { readonly type: "code"; readonly code: number }
  | {
      readonly type: "signal";
      readonly signal: string;
      readonly coreDumped: boolean;
      readonly message: string;
    }
  | { readonly type: "none" };

export type FactorOutcome =
  | { readonly type: "accepted" }
  | {
      readonly type: "refused";
      readonly reason: "wrong" | "reused" | "locked" | "unavailable" | "timeout";
    };

/** How an approval ended. `by`: who decided, names joined by a comma. */
export type ApprovalOutcome =
  | { readonly type: "approved"; readonly by: string }
  | { readonly type: "denied"; readonly by: string; readonly reason: string }
  /** Nobody can be asked, or the registry does not answer. */
  | { readonly type: "unavailable"; readonly reason: string };

/** What an out-of-band factor wants the person to do. */
export interface FactorOffer {
  /** Plain text of one line: "Approve the sign-in on your device". */
  readonly text: string;
  readonly link?: string;
  /** To be compared with what the other device shows. */
  readonly code?: string;
}

/** One timer of each name may run per channel (or per session when `channel` is null). */
export type TimerName =
  | "settle"
  | "fresh-prompt"
  | "challenge"
  | "echo"
  | "verify"
  | "suspension"
  | "message"
  | "integration"
  | "behaviour";

/** What is stored of how a person behaves: typing and commands, or when and from where they come. */
export type ProfilePart = "habits" | "context";

/** An answer typed by the person, on its way to the registry. */
export interface FactorAnswer {
  readonly person: string;
  readonly factor: Factor;
  readonly answer: Secret;
}

export type { ChannelKind };
