import type { Fault, Result, Secret, SessionId } from "../../kernel/index.js";
import type { SessionProtocol } from "../../events/index.js";
import type {
  DesktopPolicy,
  DesktopProtocol,
  Effect,
  InputBody,
  PersonFacts,
  SessionFacts,
} from "../../model/index.js";

/** What the Guacamole rooms need from the house; app/ fills these. */
export interface GuacamolePorts {
  readonly authority: DesktopAuthority;
  readonly targets: DesktopPlanner;
  readonly sessions: DesktopOpener;
  /** What people may do on this target. */
  readonly policyOf: (target: string) => DesktopPolicy;
  readonly log: { warn(event: string, facts: Readonly<Record<string, unknown>>): void };
}

/** "Who is this, and may they come in?" Answers come from the registry in the parent process. */
export interface DesktopAuthority {
  authenticate(
    attempt: DesktopLogin & { readonly proof: { readonly method: "none" } },
  ): Promise<
    | { readonly type: "accepted"; readonly person: PersonFacts }
    | { readonly type: "partial" | "refused" }
  >;
  openSession(
    login: DesktopLogin & { readonly person: PersonFacts },
  ): Promise<Result<{ readonly facts: SessionFacts }, Fault>>;
}

export interface DesktopLogin {
  readonly session: SessionId;
  readonly origin: string;
  readonly clientVersion: string;
  /** The token: nobody comes in with a name alone. */
  readonly userName: string;
  readonly passed: readonly never[];
  readonly protocol: SessionProtocol;
}

export interface DesktopPlanner {
  plan(facts: SessionFacts): Promise<Result<DesktopPlan, Fault>>;
}

/** The way to a desktop: the guacd that dials it, and what guacd is told. */
export interface DesktopPlan {
  readonly type: "desktop";
  readonly guacd: { readonly host: string; readonly port: number };
  readonly protocol: DesktopProtocol;
  readonly host: string;
  readonly port: number;
  readonly account: string;
  /** Null: the gateway gives user name and password with the connection. */
  readonly password: Secret | null;
  readonly settings: Readonly<Record<string, string>>;
  readonly connectTimeoutMs: number;
}

/** Starts the machine of a session. Synchronous: no instruction may slip by. */
export interface DesktopOpener {
  open(facts: SessionFacts, traffic: DesktopTraffic): DesktopHandle;
}

export interface DesktopHandle {
  /** Stamps the input, steps the machine, carries out the effects before it returns. */
  input(body: InputBody): void;
}

export interface DesktopTraffic {
  carryOut(effect: Effect): void;
}
