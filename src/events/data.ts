import type { SessionId } from "../kernel/index.js";

/** Ways in which people work on targets. */
export const SESSION_PROTOCOLS = ["ssh", "web", "rdp", "vnc", "telnet"] as const;
export type SessionProtocol = (typeof SESSION_PROTOCOLS)[number];

/** Who, where, from where: the same in every event of a session. */
export interface SessionRef {
  readonly id: SessionId;
  readonly protocol: SessionProtocol;
  /** The authenticated person; while nobody is authenticated, the name that was claimed. */
  readonly person: string;
  readonly account: string;
  readonly target: string;
  /** Address the person came from, without port. */
  readonly origin: string;
}

export interface ByteCounts {
  readonly toTarget: number;
  readonly toPerson: number;
}

export type CommandDecision =
  | "allowed"
  | "alerted"
  | "warned"
  | "blocked"
  | "killed"
  | "reauthenticated"
  | "approved"
  | "suspended"
  | "aborted"
  | "unanswered";

export type CommandSource = "keys" | "screen" | "both" | "paste" | "exec" | "stdin" | "hook";
export type CommandContext = "shell" | "program" | "unknown";

/** A stretch of the session that Chaperone could not see into. Times are ms since the session opened. */
export interface BlindSpan {
  readonly kind: "echo-off" | "in-program" | "forward" | "stream";
  readonly channel: number;
  readonly fromMs: number;
  readonly untilMs: number;
}

export interface InvocationRef {
  readonly argv: readonly string[];
  readonly via: readonly string[];
  readonly runas?: string;
}

/** `failed`: the target said no. `cut-off`: the connection ended in the middle. */
export type FileOutcome = "passed" | "failed" | "blocked" | "cut-off";

export type Criticality = "informational" | "low" | "medium" | "high" | "critical";

/** The facts that the sidecar tells the world: payload by type. Names are fixed by the contract. */
export interface EventData {
  "session.opened": {
    session: SessionRef;
    groups: readonly string[];
    clientVersion: string;
    authMethods: readonly string[];
    targetLabels: Readonly<Record<string, string>>;
    rulesDigest: string;
    /** What the gateway said about the session: ticket, its own session id, ... */
    context?: Readonly<Record<string, string>>;
  };
  "session.closed": {
    session: SessionRef;
    reason: string;
    durationMs: number;
    bytes: ByteCounts;
    counts: { channels: number; commands: number; blocked: number; reauths: number };
    blindSpans: readonly BlindSpan[];
  };
  /** `by`: operator, gateway, core, rule, risk or policy; `actor`: which of them. */
  "session.suspended": { session: SessionRef; reason: string; by: string; actor: string };
  "session.resumed": { session: SessionRef; reason: string; by: string; actor: string };
  "session.failed": { session: SessionRef; reason: string; by: string };
  "auth.succeeded": { session: SessionRef; method: string; factor?: string };
  "auth.failed": { session: SessionRef; method: string; factor?: string; reason: string };
  "channel.opened": { session: SessionRef; channel: number; kind: string; request?: string };
  "channel.closed": {
    session: SessionRef;
    channel: number;
    kind: string;
    request?: string;
    bytes: ByteCounts;
    exit?: { code: number } | { signal: string };
    reason?: string;
  };
  "channel.refused": {
    session: SessionRef;
    channel: number;
    kind: string;
    request?: string;
    reason: string;
  };
  "command.entered": {
    session: SessionRef;
    channel: number;
    text?: string;
    typed?: string;
    hidden: boolean;
    source: CommandSource;
    confidence: number;
    context: CommandContext;
    program?: string;
    decision: CommandDecision;
    rules: readonly string[];
    invocations: readonly InvocationRef[];
    /** Absent when several readings are possible; then each candidate was judged. */
    candidates?: readonly string[];
    unparsed?: string;
    rulesDigest: string;
    recordingOffsetMs?: number;
  };
  /**
   * A command of a shell that tells of itself (shell integration) has ended. `judged`: what ran is what
   * was judged before it ran; `different`: it is not; `unknown`: the shell could not tell what it ran.
   */
  "command.finished": {
    session: SessionRef;
    channel: number;
    /** As the shell took it; absent when it was typed unseen, or is not known. */
    text?: string;
    hidden: boolean;
    judged: "same" | "different" | "unknown";
    exitCode: number;
    /** Where the shell stands now. */
    cwd: string;
    durationMs: number;
  };
  /**
   * What shell integration is worth on this terminal. `absent`: the shell did not take part. `lost`: it
   * says nothing any more. `forged`: somebody who is not that shell has spoken for it.
   */
  "integration.changed": {
    session: SessionRef;
    channel: number;
    state: "active" | "absent" | "lost" | "forged";
    shell?: string;
    reason?: string;
  };
  /** A request of a web session, once its answer has passed or it was stopped. */
  "web.requested": {
    session: SessionRef;
    /** Numbers the requests of a session. */
    request: number;
    method: string;
    /** Scheme, host and normalised path; of the query the names alone. */
    url: string;
    /** Of the answer that the person got; 0 when there was none. */
    status: number;
    bytes: ByteCounts;
    decision: CommandDecision;
    rules: readonly string[];
    /** Names of form or JSON fields, never their values. */
    fields?: readonly string[];
    /** Operation of GraphQL or JSON-RPC. */
    operation?: string;
    contentType?: string;
    /** `websocket`, `event-stream`. */
    upgrade?: string;
    durationMs: number;
    rulesDigest: string;
  };
  /** A page that the person looks at in a web session, as the script in it tells: new, or its focus changed. */
  "web.viewed": {
    session: SessionRef;
    /** Scheme, host and path; of the query the names alone. */
    url: string;
    title: string;
    /** Its window has the keyboard. */
    focused: boolean;
  };
  /** Something on the web listener that no browser and no gateway sends, or that is led nowhere. */
  "web.refused": {
    /** While nobody is authenticated, names are empty. */
    session: SessionRef;
    /** The fault: `CHP_WEB_...`. */
    code: string;
    reason: string;
  };
  /** A file that has passed, or did not. `path` is as the person asked for it. */
  "file.transferred": {
    session: SessionRef;
    channel: number;
    direction: "upload" | "download";
    path: string;
    bytes: number;
    /** Lower-case hex; absent when it did not pass whole. */
    sha256?: string;
    outcome: FileOutcome;
    /** `sftp`, `scp`; absent: the way of the session's protocol. */
    via?: string;
    /** The path as the target resolves it, where that was asked for and is another one. */
    realPath?: string;
    /** By its first bytes. */
    fileType?: string;
    /**
     * Its content is kept in the recordings folder: the name of the file begins with this. Behind it stand
     * `.bin`, `.cut.bin` where the disk did not take all, and `.age` where recordings are encrypted.
     */
    contentFile?: string;
    /** What of it is kept: fewer than `bytes` where a limit was reached. */
    contentBytes?: number;
  };
  /** A clipboard of a desktop; seen from the person: `upload` is a paste. What it holds is not told. */
  "clipboard.transferred": {
    session: SessionRef;
    channel: number;
    direction: "upload" | "download";
    mimetype: string;
    bytes: number;
    /** A password was asked for, and may have been pasted: neither size nor digest is told. */
    hidden?: boolean;
    /** As of a file. A clipboard that may have been pasted as a password afterwards is not kept. */
    contentFile?: string;
    contentBytes?: number;
    /** Lower-case hex; absent when it did not pass whole. */
    sha256?: string;
    outcome: FileOutcome;
  };
  /** Something was done to files by SFTP or SCP that moves no content, or was to be. */
  "file.changed": {
    session: SessionRef;
    channel: number;
    operation: string;
    via: string;
    path: string;
    realPath?: string;
    /** `rename`: the new name. `link`: what it leads to. */
    to?: string;
    /** `setstat` of permissions: the mode in octal. */
    mode?: string;
    /** `list`: names that were told. */
    entries?: number;
    outcome: FileOutcome;
  };
  "rule.matched": {
    session: SessionRef;
    channel: number;
    rule: {
      id: string;
      name: string;
      version: string;
      author: readonly string[];
      criticality: Criticality;
      score: number;
      tags: readonly string[];
      license?: string;
      references?: readonly string[];
    };
    mode: "enforce" | "shadow";
    action: string;
    wouldHave?: string;
    /** Groups of people who are told by mail. */
    notify?: readonly string[];
    evidence: string;
    message?: string;
  };
  "action.taken": {
    session: SessionRef;
    action: string;
    target: "command" | "request" | "file" | "channel" | "session" | "person";
    channel?: number;
    reason: string;
    rule?: string;
    outcome: string;
    /** Who ordered it, when it was not a rule: `operator:maria`. */
    by?: string;
  };
  "approval.requested": {
    session: SessionRef;
    /** `command`, or the kind of the channel. */
    action: string;
    channel: number;
    rule: string;
    reason: string;
    /** Who may decide: groups, roles, names; empty: whoever may decide at all. */
    approvers: readonly string[];
    min: number;
    timeoutMs: number;
  };
  "approval.decided": {
    session: SessionRef;
    action: string;
    channel: number;
    rule: string;
    approvers: readonly string[];
    /** Who decided; absent when nobody did. */
    by?: string;
    outcome: "approved" | "denied" | "timed-out" | "cancelled" | "unavailable";
    reason?: string;
  };
  "operator.joined": {
    session: SessionRef;
    by: string;
    mode: "watch" | "control";
    /** The person was shown that somebody looks on. */
    shown: boolean;
  };
  "operator.left": { session: SessionRef; by: string; mode: "watch" | "control"; reason: string };
  /** Across sessions: no new log-in until unlocked, or until then (UTC). */
  "person.locked": {
    person: string;
    by: string;
    actor: string;
    reason: string;
    untilMs?: number;
    sessions: readonly string[];
  };
  "person.unlocked": { person: string; by: string; actor: string; reason: string };
  /** What a person can prove themselves with has changed; `id` names a key. */
  "factor.changed": {
    person: string;
    factor: string;
    /** disabled: the counter of a key fell behind, so that there is a copy of it. */
    change: "enrolled" | "removed" | "disabled";
    id?: string;
    /** Who gave out the link, or removed it; `policy` for what the sidecar did by itself. */
    by: string;
    /** Address of the browser, without port. */
    origin?: string;
  };
  /** A detector finds that something is unlike the person; told again when it becomes much surer. */
  "anomaly.detected": {
    session: SessionRef;
    detector: string;
    /** 1 - pValue: of the person's own behaviour that share looks less odd. */
    score: number;
    pValue: number;
    /** The profile is large enough to compare with; `automation` needs none. */
    warm: boolean;
    reasons: readonly string[];
  };
  /** The risk of a session has moved by ten points and more, or to another step. */
  "risk.changed": {
    session: SessionRef;
    /** 0..100 */
    score: number;
    previous: number;
    /** Where the session stands on the ladder: notify, warn, reauth, suspend, kill; absent: below. */
    step?: string;
    /** Each with detector, p-value and points, most first. */
    reasons: readonly string[];
  };
  /** How trusted a person is has changed; 0..10, 10 = trusted. */
  "rating.changed": { person: string; rating: number; previous: number; reason: string };
  "reauth.requested": {
    session: SessionRef;
    trigger: string;
    factor: string;
    attempts: number;
    channel: number;
    /** Numbers the questions of a session; absent in events of older versions. */
    question?: number;
    /** The person has chosen this factor instead of that one. */
    insteadOf?: string;
  };
  "reauth.succeeded": {
    session: SessionRef;
    trigger: string;
    factor: string;
    attempts: number;
    grace: number;
    /** Who handed the answer in for the person. */
    by?: string;
  };
  "reauth.failed": {
    session: SessionRef;
    trigger: string;
    factor: string;
    attempts: number;
    reason: string;
    by?: string;
  };
  "rules.loaded": { digest: string; rules: number; files: readonly string[] };
  "rules.refused": { faults: readonly string[]; keptDigest: string };
  /** A place that events go to can not be written; they wait in the spool, nothing is lost. */
  "sink.degraded": { sink: string; reason: string };
  /** Everything that waited is in its place. */
  "sink.recovered": {
    sink: string;
    degradedMs: number;
    /** Events that a best-effort sink was not told, because too many waited for it. */
    dropped?: number;
  };
  /** The head of the sealed audit log, for whoever wants to see later that its tail was cut. */
  "audit.sealed": { head: string; record: number; segment: number; key: string };
  /** Sent by `chaperone doctor` to see whether the sink takes events; nothing has happened. */
  "sink.tested": { sink: string };
  /**
   * A call of the control API, told before it is carried out; what it did is told by the events of the
   * session or person. Refused calls are told as well, floods of them only in part.
   */
  "admin.called": {
    operation: string;
    /** Name of the token or certificate; empty when nobody was proved. */
    by: string;
    role: string;
    /** Address the call came from, without port. */
    origin: string;
    outcome: "admitted" | "refused";
    /** Of a refusal: its fault. Of an order: why it was given. */
    reason?: string;
    /** Ids and names that the call is about. */
    session?: string;
    person?: string;
    target?: string;
    subject?: string;
  };
  "sidecar.started": { version: string; site: string; node: string; workers: number; pid: number };
  "sidecar.stopped": { reason: string; openSessions: number };
}

export type EventType = keyof EventData;

/** A fact about to be told; the envelope is added at the spool. */
export type EventDraft = {
  [T in EventType]: { readonly type: T; readonly data: Readonly<EventData[T]> };
}[EventType];
