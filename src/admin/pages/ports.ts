import type { AdminLog } from "../ports.js";
import type { PageStream } from "./answer.js";

/** What the pages need of the sidecar; app/ fills it. Each call takes the token of a link. */
export interface PagesPorts {
  /** Name of the site, for people to see where they are. */
  readonly site: string;
  /** Absent: nobody is asked for a key here. */
  readonly challenges?: ChallengePages;
  readonly enrolments: EnrolmentPages;
  readonly viewings: ViewingPages;
  readonly log: AdminLog;
  readonly wallMs: () => number;
}

export interface ChallengePages {
  /** Null: there is no such link, or no longer. */
  look(token: string): ChallengeSight | null;
  /** For the browser; null when nothing waits any more. */
  options(token: string): Promise<unknown>;
  answer(token: string, response: unknown): Promise<"accepted" | "refused" | "over">;
  /** The person says that it is not them. */
  deny(token: string): boolean;
}

export interface ChallengeSight {
  readonly state: "open" | "accepted" | "refused" | "over";
  readonly person: string;
  readonly account: string;
  readonly target: string;
  readonly origin: string;
  readonly trigger: string;
  readonly reason: string;
  /** Shown on the terminal too. */
  readonly code: string;
}

export type EnrolmentFactor = "totp" | "webauthn";
export type EnrolmentAnswer = "enrolled" | "wrong" | "over" | "failed";

/** `claim` is what the browser that began was given. */
export interface EnrolmentPages {
  look(token: string, claim: string): EnrolmentSight | null;
  begin(token: string, factor: EnrolmentFactor): string | null;
  confirmTotp(
    token: string,
    claim: string,
    answer: { readonly code: string; readonly origin: string },
  ): Promise<EnrolmentAnswer>;
  keyOptions(token: string, claim: string): Promise<unknown>;
  addKey(
    token: string,
    claim: string,
    key: { readonly name: string; readonly response: unknown; readonly origin: string },
  ): Promise<EnrolmentAnswer>;
}

export type EnrolmentSight = { readonly person: string } & (
  | { readonly state: "offered"; readonly factors: readonly EnrolmentFactor[] }
  | { readonly state: "taken" }
  | { readonly state: "totp"; readonly base32: string; readonly uri: string }
  | { readonly state: "webauthn" }
  | { readonly state: "done"; readonly factor: EnrolmentFactor }
  | { readonly state: "dead" }
);

/** Desktops that operators look at. `claim` is what the browser that opened the link first was given. */
export interface ViewingPages {
  look(token: string, claim: string): ViewingSight | null;
  /** What this browser proves itself with from now on; null: there is no such link, or it is taken. */
  open(token: string): string | null;
  /** Null: it is not there any more. */
  watch(token: string, claim: string): Promise<PageStream | null>;
}

export interface ViewingSight {
  readonly what: "recording" | "session";
  readonly id: string;
  /** Who asked for the link. */
  readonly by: string;
  /** `taken`: another browser has opened it. */
  readonly state: "fresh" | "opened" | "taken";
}
