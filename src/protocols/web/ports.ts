import type { Fault, Result, Secret, SessionId } from "../../kernel/index.js";
import type { Effect, InputBody, PersonFacts, SessionFacts } from "../../model/index.js";
import type { TerminalPath } from "./terminal/dialects.js";

/**
 * What the web rooms need from the house. app/ fills these; the adapter knows neither the registry nor
 * the configuration nor the spool.
 */
export interface WebPorts {
  readonly authority: WebAuthority;
  readonly sessions: WebSessionOpener;
  readonly targets: WebTargets;
  readonly log: WebLog;
}

export interface WebLog {
  warn(event: string, facts: Readonly<Record<string, unknown>>): void;
}

/** Whom the gateway says the person is. */
export type GatewayClaim =
  /** A signed assertion (JWT), verified where the keys are. */
  | { readonly by: "assertion"; readonly token: Secret }
  /** The name of the client certificate, or of a header that a listed peer sends. */
  | { readonly by: "certificate" | "header"; readonly person: string };

export interface WebLoginFacts {
  readonly session: SessionId;
  readonly origin: string;
  /** The browser as it calls itself, shortened. */
  readonly clientVersion: string;
  /** A one-time token, or empty. */
  readonly userName: string;
  readonly passed: readonly [];
  readonly protocol: "web";
}

export interface WebLogin extends WebLoginFacts {
  readonly proof:
    /** The user name is a one-time token, which is the proof. */
    | { readonly method: "none" }
    | { readonly method: "gateway"; readonly target: string; readonly claim: GatewayClaim };
}

export interface WebAuthority {
  authenticate(login: WebLogin): Promise<WebLoginOutcome>;
  /** After success: limits, and the facts of the session, or why not. */
  openSession(
    login: WebLoginFacts & { readonly person: PersonFacts },
  ): Promise<Result<{ readonly facts: SessionFacts }, Fault>>;
  /** The person of a renewed claim; null: nobody. */
  vouch(claim: GatewayClaim): Promise<string | null>;
  /** Tells a request that was refused before any session; `web.refused`. */
  refused(login: WebLoginFacts, fault: Fault): void;
}

export type WebLoginOutcome =
  | { readonly type: "accepted"; readonly person: PersonFacts }
  | { readonly type: "partial" }
  | { readonly type: "refused"; readonly disconnect?: string };

/** Starts the machine of a session. Synchronous. */
export interface WebSessionOpener {
  open(facts: SessionFacts, traffic: WebTraffic): WebSessionHandle;
}

export interface WebSessionHandle {
  /** Stamps the input, steps the session, carries out the effects before it returns. */
  input(body: InputBody): void;
  /**
   * Calls when what the session has told so far is kept: at once, or at the end of this turn of the event
   * loop. Not kept: the session has ended for that.
   */
  told(then: (kept: boolean) => void): void;
}

/** The effects that the adapter carries out; called synchronously, in order. Must not throw. */
export type WebEffect = Extract<
  Effect,
  {
    kind:
      | "web-verdict"
      | "page"
      | "page-message"
      | "answer"
      | "send-to-target"
      | "send-to-person"
      | "instruct"
      | "eof-to-target"
      | "valve"
      | "close-channel"
      | "close-session";
  }
>;
export interface WebTraffic {
  carryOut(effect: WebEffect): void;
}

/** How to reach the target of a session; asked when the first request passes. */
export interface WebTargets {
  plan(facts: SessionFacts): Promise<Result<WebPlan, Fault>>;
}

export interface WebPlan {
  readonly type: "web";
  readonly secure: boolean;
  readonly host: string;
  readonly port: number;
  /** PEM: only these authorities; absent: those of the system. */
  readonly ca?: string;
  /** The name in the target's certificate, where it is not the host. */
  readonly serverName?: string;
  readonly connectTimeoutMs: number;
  readonly credential: WebCredential;
}

/** What is put into requests, so that the person never sees it. */
export type WebCredential =
  | { readonly type: "none" }
  | { readonly type: "basic"; readonly user: string; readonly password: Secret }
  | { readonly type: "bearer"; readonly token: Secret }
  | { readonly type: "header"; readonly name: string; readonly value: Secret }
  | {
      readonly type: "form";
      /** Path of the form; where it is posted to unless `action` says otherwise. */
      readonly path: string;
      readonly action?: string;
      readonly userField: string;
      readonly passwordField: string;
      readonly user: string;
      readonly password: Secret;
    };

/** Which requests belong to which target; nothing in it is secret. */
export interface WebRoute {
  readonly target: string;
  /** Lower case, without port; empty: every host. */
  readonly hosts: readonly string[];
  /** Path under which it is reached, without a slash at the end; "" for the root. */
  readonly prefix: string;
  /** The target's own host is sent as `Host`, instead of the one that the person called. */
  readonly ownHost: boolean;
  /** `%2F` in paths is no slash. */
  readonly literalSlash: boolean;
  /** Where its terminals are, beside those that show themselves. */
  readonly terminals: readonly TerminalPath[];
  /** Our script is put into its pages. */
  readonly script: boolean;
}
