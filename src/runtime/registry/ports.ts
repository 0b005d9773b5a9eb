import type { EventDraft, SessionProtocol } from "../../events/index.js";
import type {
  Fault,
  RequestId,
  Result,
  Secret,
  SessionId,
  WallMicros,
} from "../../kernel/index.js";
import type {
  ApprovalAsked,
  FactorAnswer,
  FactorOutcome,
  PersonFacts,
  SessionFacts,
} from "../../model/index.js";
import type { AskedFactor } from "./factor-desk.js";

/** Who people are; identity/ is one. Counts and remembers nothing. */
export interface IdentityDesk {
  /** Learns who this is, where that is not known here; `find` and `hasKey` answer from it. */
  prepare?(person: string): Promise<void>;
  find(person: string): PersonFacts | undefined;
  hasKey(person: string, blob: Uint8Array): boolean;
  /** Takes the same time for people who do not exist; `unavailable` when too many wait. */
  verifyPassword(person: string, answer: Secret): Promise<"accepted" | "wrong" | "unavailable">;
  /** The TOTP step that the answer belongs to; null when it is wrong. */
  matchTotp(person: string, answer: Secret, wall: WallMicros): number | null;
}

/** One-time user names that open one session each; identity/ makes them. */
export interface TokenDesk {
  /** True for every user name that can only be meant as a token, good or not. */
  isToken(userName: string): boolean;
  /** What it grants; it is used up by the call. Null when it is not, or no longer, good for this address. */
  spend(userName: string, origin: string): SpentToken | null;
}

/** Verifies what a gateway has signed; identity/ has one. */
export interface AssertionDesk {
  verify(token: string): Promise<Result<AssertedPerson, Fault>>;
}

export interface AssertedPerson {
  readonly person: string;
  /** Of a person whom the directory does not know. */
  readonly groups: readonly string[];
  readonly account?: string;
}

/** Whom a gateway says the person is. A name alone was believed where it came from. */
export type GatewayClaim =
  | { readonly by: "assertion"; readonly token: Secret }
  | { readonly by: "certificate" | "header"; readonly person: string };

export interface SpentToken {
  /** How they came in, as told; absent: by a session token. */
  readonly factor?: string;
  readonly id: string;
  readonly person: string;
  readonly target: string;
  readonly account?: string;
  /** Of a person whom the directory does not know. */
  readonly groups: readonly string[];
  /** Laid over those of the target. */
  readonly labels: Readonly<Record<string, string>>;
  readonly context: Readonly<Record<string, string>>;
}

/** What the SSH user name claims, before anybody has proved anything. */
export interface ClaimedName {
  readonly person: string;
  readonly account?: string;
  readonly target?: string;
}

/** What the configuration says about ways; app/ fills it. */
export interface Destinations<Plan> {
  /** Null when the user name fits no template. */
  claim(userName: string): ClaimedName | null;
  /** Account and target for a person who has proved who they are; the fault is for their eyes. */
  choose(
    claim: ClaimedName,
    person: PersonFacts,
    login: Pick<LoginFacts, "session" | "origin">,
  ): Result<ChosenDestination, Fault> | Promise<Result<ChosenDestination, Fault>>;
  /** `firstUse`: the key that was seen first on this target, when its trust works like that. */
  plan(
    facts: SessionFacts,
    offered: { readonly password?: Secret },
    firstUse: HostKeyFacts | null,
  ): Promise<Result<Plan, Fault>>;
  /** What the configuration knows about a key that a target has shown. */
  judgeHostKey(target: string, key: HostKeyFacts): "trusted" | "first-use" | Fault;
}

export interface ChosenDestination extends Pick<SessionFacts, "account" | "target" | "context"> {
  /** The account takes over the password typed at login. */
  readonly takesPassword: boolean;
}

export interface HostKeyFacts {
  readonly algorithm: string;
  readonly blob: Uint8Array;
}

/** `listen` and `login` of the configuration, as far as the registry obeys them. */
export interface LoginRules {
  readonly methods: readonly LoginMethod[];
  readonly totp: "off" | "when-enrolled" | "required";
  readonly failuresPerConnectionMax: number;
  readonly failuresPerPersonMax: number;
  readonly failuresPerAddressMax: number;
  readonly failureWindowMs: number;
  readonly lockMs: number;
}

/** Times at which nobody should be at work, and what a log-in at one of them comes to. */
export interface HoursRules {
  readonly prohibitedAt: (wallMs: number) => boolean;
  /** False: the session is opened, and counted. */
  readonly refuse: boolean;
  /** So many of them, and the person has to prove who they are; 0: never. */
  readonly attemptsMax: number;
}

export interface SessionLimits {
  readonly sessionsMax: number;
  readonly sessionsPerPersonMax: number;
}

export type LoginMethod = "publickey" | "password" | "keyboard-interactive";

export interface LoginFacts {
  readonly session: SessionId;
  readonly origin: string;
  readonly clientVersion: string;
  readonly userName: string;
  readonly passed: readonly LoginMethod[];
  /** Of the door through which they come; absent: SSH. A desktop's is a guess until its target is known. */
  readonly protocol?: SessionProtocol;
}

export type LoginProof =
  | {
      readonly method: "publickey";
      readonly algorithm: string;
      readonly blob: Uint8Array;
      /** False: the client only asks whether this key would do. */
      readonly proved: boolean;
    }
  | { readonly method: "password"; readonly password: Secret }
  | { readonly method: "keyboard-interactive"; readonly answers: readonly Secret[] }
  /** The gateway answers for the person, who wants to go to this target. */
  | { readonly method: "gateway"; readonly target: string; readonly claim: GatewayClaim }
  | { readonly method: "none" };

export interface LoginAttempt extends LoginFacts {
  readonly proof: LoginProof;
}

export type LoginOutcome =
  | { readonly type: "accepted"; readonly person: PersonFacts }
  | { readonly type: "partial"; readonly next: readonly LoginMethod[] }
  | {
      readonly type: "refused";
      readonly next: readonly LoginMethod[];
      readonly disconnect?: string;
    };

export interface LoginPrompt {
  readonly text: string;
  readonly echo: boolean;
  /** The answer is the person's password, which an account on the target may take over. */
  readonly asksPassword: boolean;
}

export interface OpenedSession {
  readonly facts: SessionFacts;
  readonly takesPassword: boolean;
}

/** A rule that need not ask this person on this target until then. */
export interface HeldGrace {
  readonly rule: string;
  readonly until: WallMicros;
}

export type HostKeyJudgement =
  { readonly type: "trusted" } | { readonly type: "refused"; readonly fault: Fault };

/** What a worker asks. Secrets belong to whoever gets the question, who wipes them. */
export type RegistryQuestion =
  | { readonly kind: "authenticate"; readonly attempt: LoginAttempt }
  | { readonly kind: "prompts"; readonly login: LoginFacts }
  /** Whom this claim is for; of a session that runs already. */
  | { readonly kind: "vouch"; readonly claim: GatewayClaim }
  | { readonly kind: "plan"; readonly session: SessionId; readonly password?: Secret }
  | { readonly kind: "judge-host-key"; readonly target: string; readonly key: HostKeyFacts }
  | {
      readonly kind: "verify-factor";
      readonly session: SessionId;
      readonly origin: string;
      readonly answer: FactorAnswer;
    }
  | { readonly kind: "ask-factor"; readonly session: SessionId; readonly ask: AskedFactor }
  | {
      readonly kind: "ask-approval";
      readonly session: SessionId;
      readonly request: RequestId;
      readonly asked: ApprovalAsked;
    }
  | { readonly kind: "withdraw"; readonly session: SessionId; readonly request: RequestId }
  | {
      readonly kind: "grant-grace";
      readonly session: SessionId;
      readonly rules: readonly string[];
      readonly graceMs: number;
    }
  | {
      readonly kind: "lock-person";
      readonly session: SessionId;
      readonly rule: string;
      readonly reason: string;
    };

export interface SessionOpening {
  readonly opened: Result<OpenedSession, Fault>;
  readonly graces: readonly HeldGrace[];
  readonly events: readonly EventDraft[];
}

/** The answers by question; `events` are told by the worker, with the session's own numbers. */
export interface RegistryAnswers<Plan> {
  readonly authenticate: {
    readonly outcome: LoginOutcome;
    readonly events: readonly EventDraft[];
    /** Of a login that is complete: the session that it opened. */
    readonly opening?: SessionOpening;
  };
  readonly prompts: readonly LoginPrompt[];
  /** Null: nobody. */
  readonly vouch: string | null;
  readonly plan: Result<Plan, Fault>;
  readonly "judge-host-key": HostKeyJudgement;
  readonly "verify-factor": FactorOutcome;
  /** Null: under way; inputs tell the session what comes of it. */
  readonly "ask-factor": { readonly at: "once"; readonly outcome: FactorOutcome } | "under-way";
  readonly "ask-approval": "under-way" | "too-many";
  readonly withdraw: "done";
  readonly "grant-grace": "done";
  readonly "lock-person": "done";
}
