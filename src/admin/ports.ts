import type { EventDraft } from "../events/index.js";
import type { Fault, Result } from "../kernel/index.js";
import type { Role } from "./access/role.js";
import type { ApprovalView, DecisionTaken } from "./schema/approvals.js";
import type { AnswerBody, AnswerTaken, ChallengeView } from "./schema/challenges.js";
import type {
  EnrolmentBody,
  FactorView,
  IssuedEnrolment,
  OpenEnrolment,
} from "./schema/factors.js";
import type {
  FrameView,
  InspectBody,
  OpenedSession,
  OpenSessionBody,
  UnitVerdictView,
} from "./schema/inspections.js";
import type { About, Readiness } from "./schema/health.js";
import type { LockBody, LockTaken, PersonView } from "./schema/people.js";
import type { RecordingView } from "./schema/recordings.js";
import type { Reloaded, RulesInForce, RuleText, ShadowReport, Validated } from "./schema/rules.js";
import type { IssuedViewing } from "./schema/viewings.js";
import type { IssuedToken, OpenToken, TokenOrder } from "./schema/session-tokens.js";
import type {
  ControlTaken,
  ManyTaken,
  OrderTaken,
  SessionSelection,
  SessionView,
} from "./schema/sessions.js";

/** Who calls: proved by a token or a client certificate. */
export interface Caller {
  readonly name: string;
  readonly role: Role;
  /** Of approvers: `group:NAME` in a rule. */
  readonly groups?: readonly string[];
  readonly means: "token" | "certificate";
  /** Address the call came from, without port. */
  readonly origin: string;
}

/** What the control API needs of the sidecar; app/ fills it. */
export interface AdminPorts {
  readonly sessions: SessionsPort;
  readonly approvals: ApprovalsPort;
  readonly challenges: ChallengesPort;
  readonly people: PeoplePort;
  readonly factors: FactorsPort;
  readonly inspections: InspectionsPort;
  readonly rules: RulesPort;
  readonly recordings: RecordingsPort;
  readonly viewings: ViewingsPort;
  readonly sessionTokens: SessionTokensPort;
  readonly facts: FactsPort;
  /** False when the event could not be kept: then what it describes is not done. */
  readonly tell: (event: EventDraft) => boolean;
  readonly log: AdminLog;
  readonly wallMs: () => number;
}

export interface AdminLog {
  info(event: string, facts?: Readonly<Record<string, unknown>>): void;
  warn(event: string, facts?: Readonly<Record<string, unknown>>): void;
  error(event: string, facts?: Readonly<Record<string, unknown>>): void;
}

export interface SessionsPort {
  list(): Promise<readonly SessionView[]>;
  get(id: string): Promise<SessionView | undefined>;
  /** Answers when the session has taken the order, or with the fault why it has not. */
  order(order: SessionOrder): Promise<Result<OrderTaken, Fault>>;
  /** One order to many sessions, given to all of them at once. */
  orderMany(order: ManyOrder): Promise<ManyTaken>;
  watch(request: WatchRequest): Promise<Result<LiveWatch, Fault>>;
  /** Of somebody who watches, and of nobody else. */
  control(order: ControlOrder): Promise<Result<ControlTaken, Fault>>;
}

export type SessionOrder = {
  readonly session: string;
  readonly by: Caller;
} & (
  | { readonly do: "kill" | "suspend" | "resume" | "reauth"; readonly reason: string }
  | { readonly do: "message"; readonly text: string }
);

export interface ManyOrder {
  readonly do: "kill" | "suspend" | "resume" | "reauth";
  readonly which: SessionSelection;
  readonly reason: string;
  readonly by: Caller;
}

export type ControlOrder = {
  readonly session: string;
  readonly observer: string;
  readonly by: Caller;
} & (
  | { readonly do: "take" | "give-back" }
  | { readonly do: "type"; readonly channel: number; readonly text: string }
);

export interface WatchRequest {
  readonly session: string;
  readonly by: Caller;
}

/** One observer of a session. What waits for a slow reader of `frames` is bounded by who makes them. */
export interface LiveWatch {
  readonly frames: AsyncIterable<LiveFrame>;
  close(): void;
}

/** What an observer gets. `data` is text for a terminal emulator, control sequences included. */
export type LiveFrame =
  /** The first one: under this name the observer may take the keyboard. */
  | { readonly type: "observer"; readonly id: string }
  /** A terminal as it stands: replaces what was shown of it. */
  | {
      readonly type: "screen";
      readonly channel: number;
      readonly columns: number;
      readonly rows: number;
      readonly data: string;
    }
  | { readonly type: "output"; readonly channel: number; readonly data: string }
  | {
      readonly type: "resize";
      readonly channel: number;
      readonly columns: number;
      readonly rows: number;
    }
  /** Of a desktop: instructions of Guacamole's protocol that draw it, from an empty screen on. */
  | { readonly type: "drawn"; readonly channel: number; readonly data: string }
  | { readonly type: "closed"; readonly channel: number }
  /** The last one. */
  | { readonly type: "end"; readonly reason: "over" | "too-slow" | "left" };

export interface ApprovalsPort {
  list(): readonly ApprovalView[];
  decide(decision: ApprovalDecision): Promise<Result<DecisionTaken, Fault>>;
}
export interface ApprovalDecision {
  readonly id: string;
  readonly decision: "approve" | "deny";
  readonly reason?: string;
  readonly by: Caller;
}

export interface ChallengesPort {
  list(): readonly ChallengeView[];
  answer(
    order: { readonly id: string; readonly by: Caller } & AnswerBody,
  ): Promise<Result<AnswerTaken, Fault>>;
}

export interface PeoplePort {
  list(): readonly PersonView[];
  get(name: string): PersonView | undefined;
  lock(
    order: { readonly person: string; readonly by: Caller } & LockBody,
  ): Promise<Result<LockTaken, Fault>>;
  unlock(order: {
    readonly person: string;
    readonly reason: string;
    readonly by: Caller;
  }): Promise<Result<LockTaken, Fault>>;
}

/** Sessions whose connections a gateway has itself. Only who opened one may go on with it. */
export interface InspectionsPort {
  open(order: OpenSessionBody & { readonly by: Caller }): Promise<Result<OpenedSession, Fault>>;
  inspect(order: {
    readonly session: string;
    readonly unit: InspectBody;
    readonly by: Caller;
  }): Promise<Result<UnitVerdictView, Fault>>;
  end(session: string, by: Caller): Result<null, Fault>;
  /** One stream a session; with it the session ends. */
  stream(
    session: string,
    by: Caller,
    out: (message: InspectionMessage) => void,
  ): Result<InspectionStream, Fault>;
}

export interface InspectionStream {
  frame(frame: InspectionFrame): void;
  /** The gateway is gone. */
  gone(): void;
}

type WithBytes<F> = F extends { readonly data: string }
  ? Omit<F, "data"> & { readonly data: Uint8Array }
  : F;
/** A frame whose bytes are bytes again. */
export type InspectionFrame = WithBytes<FrameView>;

/** What the gateway is told; docs/guide/inspection.md describes each. */
export type InspectionMessage =
  | {
      readonly type: "verdict";
      readonly seq: number;
      readonly verdict: "pass" | "replace" | "hold" | "block";
      readonly data?: Uint8Array;
      readonly reason?: string;
    }
  | { readonly type: "to-target"; readonly channel: number; readonly data: Uint8Array }
  | {
      readonly type: "to-person";
      readonly channel: number;
      readonly stream: "stdout" | "stderr";
      readonly data: Uint8Array;
    }
  | { readonly type: "eof-to-target" | "started"; readonly channel: number }
  | { readonly type: "valve"; readonly channel: number; readonly state: string }
  | { readonly type: "close-channel"; readonly channel: number; readonly code?: number }
  | {
      readonly type: "observed";
      readonly rules: readonly { readonly id: string; readonly wouldHave: string }[];
    }
  | { readonly type: "end"; readonly reason: string };

/** What people enrol themselves. */
export interface FactorsPort {
  enrol(
    order: { readonly person: string; readonly by: Caller } & EnrolmentBody,
  ): Promise<Result<IssuedEnrolment, Fault>>;
  enrolments(): readonly OpenEnrolment[];
  /** False when there is none. */
  revoke(id: string): boolean;
  list(person: string): readonly FactorView[];
  /** False when there is none. */
  remove(order: {
    readonly person: string;
    readonly id: string;
    readonly by: Caller;
  }): Promise<Result<boolean, Fault>>;
}

export interface RulesPort {
  inForce(): RulesInForce;
  /** Compiles and tests; changes nothing. */
  validate(files: readonly RuleText[]): Validated;
  reload(): Reloaded;
  shadow(): ShadowReport;
}

export interface RecordingsPort {
  /** Newest first, one more than `limit` when there is more. */
  list(filter: {
    readonly session?: string;
    readonly day?: string;
    readonly limit: number;
  }): Promise<readonly RecordingView[]>;
  open(id: string): Promise<Result<RecordingContent, Fault>>;
  /** What a file or a clipboard held, by the `contentFile` of its event. */
  openContent(name: string): Promise<Result<OpenedFile, Fault>>;
}
export interface OpenedFile {
  readonly bytes: number;
  readonly fileName: string;
  readonly content: NodeJS.ReadableStream;
}
export interface RecordingContent extends OpenedFile {
  readonly format: RecordingView["format"];
  readonly encrypted: boolean;
}

/** Links under which a desktop is seen in a browser. */
export interface ViewingsPort {
  issue(order: ViewingOrder): Promise<Result<IssuedViewing, Fault>>;
}
export interface ViewingOrder {
  readonly what: "recording" | "session";
  /** Of the recording or of the session. */
  readonly id: string;
  readonly ttlSeconds: number;
  readonly by: Caller;
}

export interface SessionTokensPort {
  issue(order: TokenOrder & { readonly by: Caller }): Result<IssuedToken, Fault>;
  list(): readonly OpenToken[];
  revoke(id: string): Result<null, Fault>;
}

export interface FactsPort {
  about(): Omit<About, "caller">;
  readiness(): Readiness;
  /** Text in the exposition format of Prometheus. */
  metrics(): Promise<{ readonly type: string; readonly text: string }>;
}
