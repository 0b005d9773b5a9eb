import type { CommandDecision, EventData } from "../events/index.js";
import type { HttpActivity } from "./activity.js";

/** A request of a web session, as the session judges and tells it. Nothing of it is secret. */
export interface WebAsked {
  readonly activity: HttpActivity;
  /** For events: scheme, host, normalised path, names of query parameters. */
  readonly url: string;
}

/** What becomes of a request. `stopped`: it does not reach the target, or its answer not the person. */
export type WebVerdict =
  | { readonly type: "pass" }
  | {
      readonly type: "stopped";
      readonly decision: CommandDecision;
      readonly reason: string;
      /** Rule or policy behind it; "" when there is none. */
      readonly trigger: string;
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
