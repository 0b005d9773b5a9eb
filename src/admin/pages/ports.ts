import type { AdminLog } from "../ports.js";

/** What the pages need of the sidecar; app/ fills it. Each call takes the token of a link. */
export interface PagesPorts {
  /** Name of the site, for people to see where they are. */
  readonly site: string;
  /** Absent: nobody is asked for a key here. */
  readonly challenges?: ChallengePages;
  readonly enrolments: EnrolmentPages;
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
