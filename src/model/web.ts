import type { CommandDecision, EventData } from "../events/index.js";
import type { HttpActivity } from "./activity.js";

/** A request of a web session, as the session judges and tells it. Nothing of it is secret. */
export interface WebAsked {
  readonly activity: HttpActivity;
  /** For events: scheme, host, normalised path, names of query parameters. */
  readonly url: string;
  /** For events: names of fields of the body, without what is no name; absent: none was read. */
  readonly fields?: readonly string[];
}

/** What becomes of a request. `stopped`: it does not reach the target, or its answer not the person. */
export type WebVerdict =
  | {
      readonly type: "pass";
      /** A rule wants what it carries in the request log. */
      readonly bodies?: true;
      /** Nobody asks about its answer: `web-answered` need not be told. */
      readonly final?: true;
    }
  | {
      readonly type: "stopped";
      readonly decision: CommandDecision;
      readonly reason: string;
      /** Rule or policy behind it; "" when there is none. */
      readonly trigger: string;
      /** As above: what the request would have carried. */
      readonly bodies?: true;
    }
  /** Too many requests wait already. */
  | { readonly type: "busy" };

/** The head of the target's answer. */
export interface WebAnswer {
  readonly status: number;
  /** Absent when the target does not say. */
  readonly responseBytes?: number;
  readonly contentType?: string;
}

/** How a request ended, for `web.requested`. */
export type WebOutcome = Pick<
  EventData["web.requested"],
  "status" | "bytes" | "durationMs" | "contentType"
>;

/** What the request log keeps of a request and its answer; nothing of it is secret any more. */
export interface WebExchange {
  readonly protocol: "HTTP/1.1" | "HTTP/2";
  /** With the values of its query; null for those that are masked. */
  readonly url: string;
  readonly asked: readonly WebField[];
  readonly answered: readonly WebField[];
  /** From the request to the head of its answer; absent when there was none. */
  readonly headMs?: number;
  readonly bodies: readonly WebBody[];
}

/** A header field. Null: there was a value, which is not kept. */
export type WebField = readonly [name: string, value: string | null];

/** A body as the request log keeps it, unpacked and masked. */
export interface WebBody {
  readonly of: "request" | "response";
  /** Without parameters; "" when it was not said. */
  readonly type: string;
  /** Of the whole, as it passed. */
  readonly bytes: number;
  readonly content:
    | { readonly text: string; readonly cut: boolean }
    | { readonly base64: string; readonly cut: boolean }
    /** Why there is none. */
    | { readonly left: "too-long" | "packed" | "unreadable" | "no-room" | "broken-off" };
}

/** A message of a WebSocket as the request log keeps it, masked. */
export interface WebMessage {
  readonly of: "person" | "target";
  readonly binary: boolean;
  /** Of the whole. */
  readonly bytes: number;
  readonly content:
    | WebBody["content"]
    /** It looks like keys of a terminal: neither it nor what the person sends there afterwards is kept. */
    | { readonly left: "keys" };
}

/** A page that the person looks at, as the script in it tells. */
export interface WebView {
  /** Address without values, as in `web.requested`. */
  readonly url: string;
  readonly title: string;
  /** Its window has the keyboard. */
  readonly focused: boolean;
}

/** A file that has passed, or did not, for `file.transferred`. */
export type WebFile = Pick<
  EventData["file.transferred"],
  "direction" | "path" | "bytes" | "sha256" | "outcome"
>;

/** A key as a page saw it; none of a field that holds a secret. */
export interface WebKey {
  /** The character, or a name (`Enter`). */
  readonly key: string;
  /** When it went down, before the report arrived; how long it was down, where it came up. */
  readonly agoUs: number;
  readonly heldUs: number | null;
}

/** What covers the pages of a web session while a question is open or the session stands still. */
export type PageCard =
  | {
      readonly type: "question";
      readonly headline: string;
      readonly reason: string;
      readonly phrase: string;
      /** What is held back, for the person to see. */
      readonly held?: string;
      readonly lines: readonly string[];
      readonly notes: readonly string[];
      readonly prompt: string;
      readonly answer: "yes-or-no" | "secret" | "elsewhere";
    }
  | {
      readonly type: "suspension";
      readonly reason: string;
      readonly by: string;
      readonly phrase: string;
      readonly notes: readonly string[];
    };
