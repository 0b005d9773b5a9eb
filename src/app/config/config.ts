import type { Place } from "../../kernel/index.js";
import type {
  ChannelPolicy,
  DesktopPolicy,
  DesktopProtocol,
  DoubtPolicy,
} from "../../model/index.js";
import type { RecordingEncryption } from "../../recording/index.js";
import type { Maturity } from "../../rules/index.js";
import type { LoginMethod } from "../../protocols/ssh/ports.js";
import type { WebRoute } from "../../protocols/web/ports.js";
import type { ApprovalPolicy, StepUpPolicy, SuspensionPolicy } from "../../session/index.js";
import type { LoginHours } from "./hours.js";
import type { RiskConfig } from "./resolve-risk.js";
import type { ScoringConfig } from "./resolve-scoring.js";
import type { SinkConfig } from "./resolve-sink.js";
import type { PasswordRef, SecretRef } from "./secret-ref.js";

/**
 * The configuration as the sidecar uses it: read, checked, completed with defaults, deeply frozen.
 * Every path is absolute, every duration is in ms. Secrets are still references (`SecretRef`).
 */
export interface Config {
  /** The file it was read from, absolute. */
  readonly file: string;
  readonly site: string;
  readonly tenant: string;
  /** Name of this sidecar within the site; part of every event's `source`. */
  readonly node: string;
  /** Number of session processes; 0 = sessions run in the parent. */
  readonly workers: number;
  readonly stateDir: string;
  readonly listen: {
    readonly ssh: SshListener;
    /** For web applications that speak to guacd. */
    readonly guacd?: DesktopListener & {
      readonly peers: readonly DesktopPeer[];
      /** With `clientCa` only who has a certificate of these connects at all. */
      readonly tls?: ListenerTls & { readonly clientCa?: string };
    };
    /** For browsers: a WebSocket that carries the protocol. */
    readonly guacamole?: DesktopListener & {
      readonly path: string;
      readonly tokenKey: SecretRef;
      readonly tls?: ListenerTls;
      /** Of guacamole-lite's tokens; absent: they are not taken. */
      readonly liteKey?: SecretRef;
    };
    readonly web?: WebListener;
    readonly admin?: AdminListener;
    readonly pages?: PagesListener;
  };
  readonly login: LoginPolicy;
  readonly limits: Limits;
  readonly keepalive: { readonly intervalMs: number; readonly unansweredMax: number };
  readonly people: readonly PersonConfig[];
  /** A gateway that knows the people, instead of `people`. */
  readonly directory?: DirectoryConfig;
  /** Somebody who asks people for a factor elsewhere. */
  readonly webhookFactor?: WebhookConfig;
  /** Passkeys and security keys, asked for on `listen.pages`. */
  readonly webauthn?: WebauthnConfig;
  readonly targets: readonly TargetConfig[];
  /** Templates of the SSH user name, tried in order. */
  readonly usernames: readonly string[];
  readonly channels: ChannelPolicy;
  /** What people may do on desktops; a target may say otherwise. */
  readonly desktop: DesktopPolicy;
  /** The real guacd. */
  readonly guacd: { readonly host: string; readonly port: number };
  /** Names (with `*` at the end) of environment variables that pass to targets. */
  readonly env: readonly string[];
  readonly rules: readonly RuleSource[];
  readonly doubt: DoubtPolicy;
  readonly stepUp: StepUpPolicy;
  readonly approval: ApprovalPolicy;
  readonly suspension: SuspensionPolicy;
  /** `shown`: the person sees when somebody looks on. */
  readonly observation: { readonly shown: boolean };
  /** Absent: behaviour is not watched. */
  readonly risk?: RiskConfig;
  readonly events: {
    readonly file: string;
    /** Folder of the sealed audit log; null: none is kept. */
    readonly sealed: string | null;
    /** A key that signs it is changed when it is so old; absent: when somebody orders it. */
    readonly rotateKeyMs?: number;
    /** What may wait for the sinks, on the disk. */
    readonly outboxBytesMax: number;
    readonly sinks: readonly SinkConfig[];
  };
  /** Groups that a rule can notify; each is one of `events.sinks`. */
  readonly notifyGroups: readonly string[];
  readonly recording: {
    readonly terminal: "asciicast" | "off";
    readonly input: "masked" | "off";
    /** The format of guacd's own recordings. */
    readonly desktop: "guacamole" | "off";
    /** True: a session whose recording can not be written is ended; false: it goes on, and says so. */
    readonly strict: boolean;
    /** Of web sessions. */
    readonly web: "requests" | "off";
    readonly folder: string;
    /** Recordings are deleted so long after their last write; absent: never. */
    readonly keepMs?: number;
    /** Bytes of files and clipboards of desktops that are kept; absent: none. */
    readonly content?: {
      readonly file: number;
      readonly clipboard: number;
      readonly session: number;
    };
    /** Absent: recordings are not encrypted. */
    readonly encryption?: RecordingEncryption;
  };
  /** Absent: nobody is rated. */
  readonly scoring?: ScoringConfig;
  /** How long a clean shutdown waits for sessions before it closes them. */
  readonly shutdown: { readonly drainMs: number };
  /** Accepted but not active in this version, unsafe but allowed, likely mistakes: told at start. */
  readonly notices: readonly Notice[];
}

export interface Notice {
  readonly kind: "not-active" | "unsafe" | "doubtful";
  readonly message: string;
  readonly at?: Place;
}

export interface SshListener {
  readonly address: string;
  /** 0 = any free port. */
  readonly port: number;
  /** Peers (CIDR) that must send, and alone may send, a PROXY protocol v2 header; empty = off. */
  readonly proxyProtocolFrom: readonly string[];
}

/** Whoever comes from there without a token is this person, on this target. */
export interface DesktopPeer {
  readonly from: readonly string[];
  readonly person: string;
  readonly target: string;
  readonly account?: string;
}

/** Files in PEM. */
export interface ListenerTls {
  readonly cert: string;
  readonly key: string;
}

export interface DesktopListener {
  readonly address: string;
  /** 0 = any free port. */
  readonly port: number;
}

/** The control API. */
export interface AdminListener {
  readonly address: string;
  /** 0 = any free port. */
  readonly port: number;
  readonly tokens: readonly {
    readonly name: string;
    readonly role: AdminRole;
    readonly groups: readonly string[];
    readonly file: string;
  }[];
  /** Common names of client certificates. */
  readonly clients: readonly {
    readonly name: string;
    readonly role: AdminRole;
    readonly groups: readonly string[];
  }[];
  readonly hosts: readonly string[];
  readonly tls?: { readonly cert: string; readonly key: string; readonly clientCa?: string };
}
/** Pages for people. */
export interface PagesListener {
  readonly address: string;
  /** 0 = any free port. */
  readonly port: number;
  /** Origin under which browsers reach it; absent: `localhost` and the port that it has. */
  readonly publicOrigin?: string;
  readonly tls?: { readonly cert: string; readonly key: string };
}

export interface WebauthnConfig {
  readonly name: string;
  /** What keys are bound to. */
  readonly domain: string;
  readonly userVerification: "required" | "preferred" | "discouraged";
}

export type AdminRole = "viewer" | "operator" | "admin";

export interface LoginPolicy {
  readonly methods: readonly LoginMethod[];
  readonly totp: "off" | "when-enrolled" | "required";
  /** Time from the first byte to a finished log-in. */
  readonly timeoutMs: number;
  /** Failed attempts on one connection before it is closed. */
  readonly failuresPerConnectionMax: number;
  /** Failures within `failureWindowMs` before the person / the address is refused for `lockMs`. */
  readonly failuresPerPersonMax: number;
  readonly failuresPerAddressMax: number;
  readonly failureWindowMs: number;
  readonly lockMs: number;
  /** Shown by clients before the log-in (RFC 4252 section 5.4). */
  readonly banner?: string;
  /** Absent: people may come at any time. */
  readonly hours?: LoginHours;
  /** Log-ins at prohibited times after which the person has to prove who they are; 0: never. */
  readonly attemptsAtProhibitedTimeMax: number;
}

export interface Limits {
  /** Connections that have not logged in yet: in all, and from one address. */
  readonly unauthenticatedMax: number;
  readonly unauthenticatedPerAddressMax: number;
  readonly sessionsMax: number;
  readonly sessionsPerPersonMax: number;
  readonly channelsPerSessionMax: number;
}

/** Somebody who is asked by signed calls. */
export interface WebhookConfig {
  readonly webhook: string;
  readonly key: SecretRef;
  readonly timeoutMs: number;
  readonly ca?: string;
  readonly at: Place;
}
export interface DirectoryConfig extends WebhookConfig {
  readonly cacheMs: number;
}

export interface PersonConfig {
  readonly name: string;
  readonly groups: readonly string[];
  readonly password?: PasswordRef;
  /** authorized_keys lines, already checked. */
  readonly keys: readonly string[];
  readonly totp?: SecretRef;
  /** Absent: derived from the key of this installation (see identity/phrase.ts). */
  readonly phrase?: SecretRef;
  /** BCP 47; absent: messages of rules come in English where they have it. */
  readonly language?: string;
  /** Secrets are made at random on the first start and printed at every start. */
  readonly demo: boolean;
  readonly at: Place;
}

export type TargetConfig = EmbeddedTarget | SshTarget | DesktopTarget | WebTarget;

/** Whom a target or an account is for; both lists empty = everybody. */
export interface Access {
  readonly people: readonly string[];
  readonly groups: readonly string[];
}

export interface EmbeddedTarget {
  readonly type: "embedded";
  readonly name: string;
  /** Account name shown in events: of `runAs`, or of the sidecar itself. */
  readonly account: string;
  readonly command: readonly string[];
  /** Absent: the sidecar's own user. */
  readonly runAs?: { readonly uid: number; readonly gid: number };
  readonly cwd?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly access: Access;
  readonly integration: Integration;
  readonly at: Place;
}

/** Whether the shell of a target is asked to tell what it runs. */
export type Integration = "off" | "auto" | "bash" | "zsh" | "fish";

export interface SshTarget {
  readonly type: "ssh";
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly hostKey: HostKeyTrust;
  readonly accounts: readonly AccountConfig[];
  readonly labels: Readonly<Record<string, string>>;
  readonly access: Access;
  readonly connectTimeoutMs: number;
  readonly integration: Integration;
  readonly at: Place;
}

/** A web application, reached by HTTP. */
export interface WebTarget {
  readonly type: "web";
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly secure: boolean;
  /** Files. */
  readonly ca?: string;
  readonly serverName?: string;
  readonly route: WebRoute;
  /** With a password that goes where `login` says, or `passthrough`: people log in themselves. */
  readonly accounts: readonly AccountConfig[];
  readonly login: WebLogin;
  readonly labels: Readonly<Record<string, string>>;
  readonly access: Access;
  readonly connectTimeoutMs: number;
  readonly at: Place;
}

export type WebLogin =
  | { readonly type: "basic" | "bearer" }
  | { readonly type: "header"; readonly name: string }
  | {
      readonly type: "form";
      readonly path: string;
      readonly action?: string;
      readonly userField: string;
      readonly passwordField: string;
    };

/** The reverse proxy. */
export interface WebListener {
  readonly address: string;
  /** 0 = any free port. */
  readonly port: number;
  readonly tls?: { readonly cert: string; readonly key: string; readonly clientCa?: string };
  readonly assertion?: {
    readonly header: string;
    readonly keys: string;
    readonly issuer?: string;
    readonly audience: string;
    readonly person: string;
    readonly groups: string;
    readonly account: string;
  };
  readonly personHeader?: { readonly name: string; readonly from: readonly string[] };
  readonly certificate: boolean;
  readonly forwardAuth?: {
    readonly gateway: "traefik" | "nginx" | "envoy";
    readonly from: readonly string[];
  };
  /** Empty: nobody's header is read. */
  readonly proxyProtocolFrom: readonly string[];
}

/** Reached through guacd. */
export interface DesktopTarget {
  readonly type: "desktop";
  readonly protocol: DesktopProtocol;
  readonly name: string;
  readonly host: string;
  readonly port: number;
  /** With a password, or `passthrough`: the gateway gives name and password with the connection. */
  readonly accounts: readonly AccountConfig[];
  /** Of guacd, by its own names. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly policy: DesktopPolicy;
  readonly labels: Readonly<Record<string, string>>;
  readonly access: Access;
  readonly connectTimeoutMs: number;
  readonly at: Place;
}

export type HostKeyTrust =
  /** SHA-256 fingerprints as OpenSSH prints them, without the `SHA256:` prefix. */
  | { readonly type: "sha256"; readonly fingerprints: readonly string[] }
  | { readonly type: "known-hosts"; readonly file: string }
  | { readonly type: "first-use" };

export interface AccountConfig {
  readonly name: string;
  readonly credential:
    | { readonly type: "password"; readonly password: SecretRef }
    | { readonly type: "key"; readonly key: SecretRef; readonly passphrase?: SecretRef }
    /** The password that the person typed at log-in. */
    | { readonly type: "passthrough" };
  readonly access: Access;
}

export type RuleSource =
  | {
      readonly type: "builtin";
      readonly name: string;
      /** The first file of the pack; further ones lie in the folder of its name beside it. */
      readonly file: string;
      readonly maturities: readonly Maturity[];
      readonly at: Place;
    }
  /** `pattern` is an absolute path whose last part may hold `*` and `?`. */
  | { readonly type: "files"; readonly pattern: string; readonly at: Place };
