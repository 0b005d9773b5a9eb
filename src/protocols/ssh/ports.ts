import type { Fault, Result, Secret, SessionId } from "../../kernel/index.js";
import type { Effect, InputBody, PersonFacts, SessionFacts } from "../../model/index.js";

/**
 * What the SSH rooms need from the house. app/ fills these; the adapter knows neither the registry
 * nor the configuration nor the spool.
 */
export interface SshPorts {
  readonly authority: SshAuthority;
  readonly sessions: SessionOpener;
  readonly targets: TargetPlanner;
}

/** "Is this the person, and may they come in?" Answers come from the registry in the parent process. */
export interface SshAuthority {
  /** One authentication attempt (RFC 4252). Counts failures, enforces limits, emits auth.* events. */
  authenticate(attempt: LoginAttempt): Promise<LoginOutcome>;
  /** What to ask in keyboard-interactive (RFC 4256) given the methods already passed. */
  prompts(login: LoginFacts): Promise<readonly LoginPrompt[]>;
  /** After success: concurrency limits and the facts of the session, or why not. */
  openSession(
    login: LoginFacts & { readonly person: PersonFacts },
  ): Promise<Result<OpenedSession, Fault>>;
}

export interface LoginPrompt {
  readonly text: string;
  readonly echo: boolean;
  /** The answer is the person's password: as good as one typed for the method `password`. */
  readonly asksPassword: boolean;
}

export interface OpenedSession {
  readonly facts: SessionFacts;
  /** The account on the target takes over the password typed at login; else it is wiped at once. */
  readonly takesPassword: boolean;
}

export interface LoginFacts {
  readonly session: SessionId;
  readonly origin: string;
  readonly clientVersion: string;
  /** The SSH user name as sent, e.g. `alice+root@db-1`; templates are the authority's business. */
  readonly userName: string;
  /** Methods passed so far on this connection, in order. */
  readonly passed: readonly LoginMethod[];
}

export type LoginMethod = "publickey" | "password" | "keyboard-interactive";

export interface LoginAttempt extends LoginFacts {
  readonly proof:
    /** `proved` false: the client only asks whether this key would do (RFC 4252 section 7). */
    | {
        readonly method: "publickey";
        readonly algorithm: string;
        readonly blob: Uint8Array;
        readonly proved: boolean;
      }
    | { readonly method: "password"; readonly password: Secret }
    | { readonly method: "keyboard-interactive"; readonly answers: readonly Secret[] }
    /** `none`: how clients ask which methods there are. */
    | { readonly method: "none" };
}

export type LoginOutcome =
  | { readonly type: "accepted"; readonly person: PersonFacts }
  /** This method passed; another one of `next` is needed (TOTP at login). */
  | { readonly type: "partial"; readonly next: readonly LoginMethod[] }
  | {
      readonly type: "refused";
      readonly next: readonly LoginMethod[];
      readonly disconnect?: string;
    };

/** Starts the machine for an authenticated connection. Synchronous: no byte may slip by. */
export interface SessionOpener {
  open(facts: SessionFacts, traffic: Traffic): SessionHandle;
}

export interface SessionHandle {
  /** Stamps the input, steps the session, carries out the effects before it returns. */
  input(body: InputBody): void;
}

/** The effects that the adapter carries out; called synchronously, in order. Must not throw. */
export type TrafficEffect = Extract<
  Effect,
  {
    kind:
      | "answer"
      | "send-to-target"
      | "send-to-person"
      | "eof-to-target"
      | "valve"
      | "close-channel"
      | "close-session";
  }
>;
export interface Traffic {
  carryOut(effect: TrafficEffect): void;
}

/** How to reach the target of a session; asked when the first channel of any kind opens. */
export interface TargetPlanner {
  plan(
    facts: SessionFacts,
    offered: { readonly password?: Secret },
  ): Promise<Result<DialPlan, Fault>>;
  /** Trust on first use: recorded by the parent, across workers and restarts. */
  judgeHostKey(target: string, key: PresentedHostKey): Promise<HostKeyJudgement>;
}

export type DialPlan =
  | {
      readonly type: "ssh";
      readonly host: string;
      readonly port: number;
      readonly account: string;
      readonly credential:
        | { readonly type: "password"; readonly password: Secret }
        | { readonly type: "key"; readonly privateKey: Secret; readonly passphrase?: Secret };
      /** Only these are offered (RFC 4253 section 7.1 names); empty = all that we support. */
      readonly hostKeyAlgorithms: readonly string[];
      /** SHA-256 of keys that are right here, base64 without padding; of any other the planner is asked. */
      readonly trustedKeys: readonly string[];
      readonly connectTimeoutMs: number;
    }
  | {
      readonly type: "embedded";
      readonly command: readonly string[];
      readonly runAs?: { readonly uid: number; readonly gid: number };
      readonly cwd?: string;
    };

export interface PresentedHostKey {
  readonly algorithm: string;
  readonly blob: Uint8Array;
}

export type HostKeyJudgement =
  { readonly type: "trusted" } | { readonly type: "refused"; readonly fault: Fault };
