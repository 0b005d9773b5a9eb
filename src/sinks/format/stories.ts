import { unreachable } from "../../kernel/index.js";
import type { CommandDecision, Criticality, EventType } from "../../events/index.js";
import type { ToldEvent, ToldEventOf } from "../told-event.js";
import { isTunnel, stopped, who } from "./words.js";
import type { CommandStory, Outcome, RuleStory, Story, StoryKind } from "./story.js";

type Teller<T extends EventType> = (event: ToldEventOf<T>) => Story;

/**
 * How each event type is told to the world. A new type does not compile without its row here; with
 * it, every format can tell it. Rows that need more than a line or two have a function below.
 */
const STORIES: { readonly [T in EventType]: Teller<T> } = {
  "session.opened": ({ data }) => ({
    ...quiet("session-opened", "Session opened", "opened"),
    message: `${who(data.session)} opened a session`,
  }),
  "session.closed": ({ data }) => ({
    ...quiet("session-closed", "Session closed", "closed"),
    message: `the session of ${who(data.session)} ended: ${data.reason}`,
    reason: data.reason,
    durationMs: data.durationMs,
    traffic: data.bytes,
  }),
  "session.failed": ({ data }) => ({
    ...trouble("session-failed", "Session failed", "medium"),
    message: `the session of ${who(data.session)} failed: ${data.reason}`,
    reason: data.reason,
  }),
  "session.suspended": ({ data }) => ({
    ...trouble("session-changed", "Session suspended", "medium"),
    message: `the session of ${who(data.session)} was suspended by ${data.by}`,
    action: "suspended",
    reason: data.reason,
  }),
  "session.resumed": ({ data }) => ({
    ...quiet("session-changed", "Session resumed", "resumed"),
    message: `the session of ${who(data.session)} was resumed by ${data.by}`,
    reason: data.reason,
  }),
  "auth.succeeded": ({ data }) => ({
    ...quiet("login", "Log-in succeeded", "allowed"),
    message: `${data.session.person} logged in from ${data.session.origin} by ${data.method}`,
    factor: data.factor ?? data.method,
  }),
  "auth.failed": ({ data }) => ({
    ...trouble("login", "Log-in failed", "low"),
    message: `${data.session.person} did not log in from ${data.session.origin} by ${data.method}: ${data.reason}`,
    reason: data.reason,
    factor: data.factor ?? data.method,
  }),
  "web.requested": ({ data }) => ({
    ...(STOPPED_REQUESTS.has(data.decision)
      ? trouble("web", "Request stopped", "medium")
      : quiet("web", "Request", "allowed")),
    message: `${who(data.session)}: ${data.method} ${data.url} (${String(data.status)})`,
    durationMs: data.durationMs,
    traffic: data.bytes,
    web: { method: data.method, url: data.url, status: data.status },
  }),
  "web.viewed": ({ data }) => ({
    ...quiet("session-changed", "Page viewed", data.focused ? "viewed" : "left"),
    message: `${who(data.session)} ${data.focused ? "looks at" : "turns from"} ${data.url} (${data.title})`,
  }),
  "web.refused": ({ data }) => ({
    ...trouble("channel-refused", "Web request refused", "medium"),
    message: `a web request from ${data.session.origin} was refused: ${data.reason}`,
    reason: data.code,
    origin: data.session.origin,
  }),
  "file.transferred": ({ data }) => ({
    ...(data.outcome === "blocked"
      ? trouble(FILE_KINDS[data.direction], "File stopped", "medium")
      : quiet(FILE_KINDS[data.direction], "File transferred", fileAction(data.outcome))),
    message: `${who(data.session)}: ${data.direction} of ${data.path}, ${String(data.bytes)} bytes`,
    file: {
      path: data.path,
      bytes: data.bytes,
      ...(data.sha256 === undefined ? {} : { sha256: data.sha256 }),
    },
  }),
  "clipboard.transferred": ({ data }) => ({
    ...(data.outcome === "blocked"
      ? trouble("clipboard", "Clipboard stopped", "medium")
      : quiet("clipboard", "Clipboard passed on", "allowed")),
    message: `${who(data.session)}: ${data.direction === "upload" ? "paste" : "copy"} of ${String(data.bytes)} bytes`,
  }),
  "file.changed": ({ data }) => ({
    ...(data.outcome === "blocked"
      ? trouble("file-changed", "Change of a file stopped", "medium")
      : quiet("file-changed", "File changed", fileAction(data.outcome))),
    message: `${who(data.session)}: ${data.operation} of ${data.path}${data.to === undefined ? "" : ` to ${data.to}`}`,
    file: { path: data.path, operation: data.operation },
  }),
  "command.finished": ({ data }) => ({
    ...(data.judged === "different"
      ? trouble("session-changed", "Another command ran than was judged", "high")
      : quiet("session-changed", "Command ended", "ended")),
    message: `${who(data.session)}: a command ended with ${String(data.exitCode)}`,
    durationMs: data.durationMs,
  }),
  "integration.changed": ({ data }) => ({
    ...(data.state === "forged"
      ? trouble("session-changed", "Shell integration was forged", "medium")
      : quiet("session-changed", "Shell integration changed", data.state)),
    message: `${who(data.session)}: shell integration is ${data.state}`,
    ...(data.reason === undefined ? {} : { reason: data.reason }),
  }),
  "channel.opened": ({ data }) => ({
    ...quiet(isTunnel(data.kind) ? "tunnel-opened" : "channel-opened", "Channel opened", "opened"),
    message: `${who(data.session)} opened a channel: ${data.kind}`,
    ...requestOf(data.kind, data.request),
  }),
  "channel.closed": ({ data }) => ({
    ...quiet(isTunnel(data.kind) ? "tunnel-closed" : "channel-closed", "Channel closed", "closed"),
    message: `a channel of ${who(data.session)} ended: ${data.kind}`,
    traffic: data.bytes,
    ...(data.reason === undefined ? {} : { reason: data.reason }),
    ...requestOf(data.kind, data.request),
  }),
  "channel.refused": ({ data }) => ({
    ...trouble(
      isTunnel(data.kind) ? "tunnel-refused" : "channel-refused",
      "Channel refused",
      "medium",
    ),
    message: `${who(data.session)} was refused a channel: ${data.kind}`,
    action: "blocked",
    reason: data.reason,
    ...requestOf(data.kind, data.request),
  }),
  "command.entered": commandEntered,
  "rule.matched": ruleMatched,
  "action.taken": actionTaken,
  "anomaly.detected": ({ data }) => ({
    ...trouble("anomaly", `Unusual behaviour: ${data.detector}`, "medium"),
    message: `${who(data.session)} behaves unlike themselves: ${data.reasons.join("; ")}`,
    riskScore: Math.round(100 * data.score),
  }),
  "risk.changed": ({ data }) => ({
    ...(data.score > data.previous
      ? trouble(
          "score",
          `Risk of a session rose to ${String(data.score)}`,
          RISK_SEVERITY[data.step ?? ""] ?? "low",
        )
      : quiet("score", `Risk of a session fell to ${String(data.score)}`, "fell")),
    message: `risk of the session of ${who(data.session)}: ${String(data.previous)} -> ${String(data.score)}`,
    reason: data.step ?? "below every step",
    riskScore: data.score,
  }),
  "rating.changed": ({ data }) => ({
    ...(data.rating < data.previous
      ? trouble("score", "Rating of a person fell", data.rating < 4 ? "medium" : "low")
      : quiet("score", "Rating of a person rose", "rose")),
    message: `rating of ${data.person}: ${String(data.previous)} -> ${String(data.rating)}`,
    reason: data.reason,
    person: data.person,
  }),
  "reauth.requested": ({ data }) => ({
    ...quiet("step-up", "Re-authentication requested", "challenged"),
    message: `${who(data.session)} was asked to prove who they are: ${data.trigger}`,
    outcome: "unknown",
    reason: data.trigger,
    factor: data.factor,
  }),
  "reauth.succeeded": ({ data }) => ({
    ...quiet("step-up", "Re-authentication succeeded", "allowed"),
    message: `${who(data.session)} proved who they are`,
    reason: data.trigger,
    factor: data.factor,
  }),
  "reauth.failed": ({ data }) => ({
    ...trouble("step-up", "Re-authentication failed", "medium"),
    message: `${who(data.session)} did not prove who they are: ${data.reason}`,
    reason: data.reason,
    factor: data.factor,
  }),
  "approval.requested": ({ data }) => ({
    ...quiet("approval", "Approval requested", "approve"),
    message: `${who(data.session)} needs an approval (${data.action})`,
    outcome: "unknown",
    severity: "low",
    reason: data.reason,
    rule: { id: data.rule },
  }),
  "approval.decided": approvalDecided,
  "operator.joined": ({ data }) => ({
    ...quiet("operator", "Operator joined", "joined"),
    message: `${data.by} joined the session of ${who(data.session)} (${data.mode})`,
  }),
  "operator.left": ({ data }) => ({
    ...quiet("operator", "Operator left", "left"),
    message: `${data.by} left the session of ${who(data.session)} (${data.mode})`,
    reason: data.reason,
  }),
  "person.locked": ({ data }) => ({
    ...trouble("account-locked", "Person locked", "high"),
    message: `${data.person} was locked out by ${data.by}`,
    action: "lock-user",
    outcome: "success",
    reason: data.reason,
    person: data.person,
  }),
  "person.unlocked": ({ data }) => ({
    ...quiet("account-unlocked", "Person unlocked", "unlocked"),
    message: `${data.person} may log in again, by ${data.by}`,
    reason: data.reason,
    person: data.person,
  }),
  "factor.changed": ({ data }) => ({
    ...(data.change === "disabled"
      ? trouble("credential-changed", "Key of a person set aside", "high")
      : quiet("credential-changed", `Factor ${data.change}`, data.change)),
    message: `${data.factor} of ${data.person}: ${data.change}, by ${data.by}`,
    person: data.person,
  }),
  "admin.called": adminCalled,
  "rules.loaded": ({ data }) => ({
    ...quiet("service-changed", "Rules loaded", "loaded"),
    message: `${data.rules} rules are in force`,
  }),
  "rules.refused": ({ data }) => ({
    ...trouble("service-troubled", "Rules refused", "high"),
    message: `rules were refused, the last good set stays in force (faults: ${data.faults.length})`,
    action: "refused",
    ...(data.faults[0] === undefined ? {} : { reason: data.faults[0] }),
  }),
  "sink.degraded": ({ data }) => ({
    ...trouble("service-troubled", "Sink degraded", "high"),
    message: `events can not be told to ${data.sink}`,
    action: "degraded",
    reason: data.reason,
  }),
  "sink.recovered": ({ data }) => ({
    ...quiet("service-changed", "Sink recovered", "recovered"),
    message: `events are told to ${data.sink} again`,
  }),
  "audit.sealed": ({ data }) => ({
    ...quiet("service-changed", "Audit log sealed", "sealed"),
    message: `the audit log is sealed up to record ${data.record}, head ${data.head}`,
  }),
  "sink.tested": ({ data }) => ({
    ...quiet("service-changed", "Sink tested", "tested"),
    message: `a test of the sink ${data.sink}: nothing has happened`,
  }),
  "sidecar.started": ({ data }) => ({
    ...quiet("service-started", "Sidecar started", "started"),
    message: `Chaperone ${data.version} started on ${data.node}`,
  }),
  "sidecar.stopped": ({ data }) => ({
    ...quiet("service-stopped", "Sidecar stopped", "stopped"),
    message: `Chaperone stopped: ${data.reason}`,
    reason: data.reason,
  }),
};

export function storyOf(event: ToldEvent): Story {
  const tell = STORIES[event.type] as Teller<EventType>; // the row of this very type
  return tell(event);
}

/** Nothing to worry about. */
function quiet(kind: StoryKind, name: string, action: string): Omit<Story, "message"> {
  return { kind, name, action, severity: "informational", outcome: "success", alert: false };
}

function trouble(kind: StoryKind, name: string, severity: Criticality): Omit<Story, "message"> {
  const alert = severity === "high" || severity === "critical";
  return { kind, name, action: "failed", severity, outcome: "failure", alert };
}

const RISK_SEVERITY: Readonly<Record<string, Criticality>> = {
  notify: "low",
  warn: "medium",
  reauth: "high",
  suspend: "high",
  kill: "critical",
};

const fileAction = (outcome: string): string => (outcome === "passed" ? "allowed" : outcome);
const FILE_KINDS = { upload: "file-sent", download: "file-fetched" } as const;
const STOPPED_REQUESTS: ReadonlySet<CommandDecision> = new Set([
  "blocked",
  "killed",
  "suspended",
  "unanswered",
  "aborted",
]);

function requestOf(kind: string, request: string | undefined): { command?: CommandStory } {
  if (request === undefined || isTunnel(kind)) return {};
  return { command: { text: request, interactive: false } };
}

function commandEntered({ data }: ToldEventOf<"command.entered">): Story {
  const { severity, outcome, word } = DECISIONS[data.decision];
  const [first] = data.invocations;
  const [ruleId] = data.rules;
  const program = first?.argv[0];
  return {
    kind: "command",
    name: `Command ${word}`,
    message: `${who(data.session)}: a command was ${word}${ruleId === undefined ? "" : ` by the rule ${ruleId}`}`,
    severity,
    outcome,
    action: data.decision,
    alert: severity !== "informational" && severity !== "low",
    command: {
      interactive: data.source !== "exec" && data.source !== "stdin",
      ...(data.hidden || data.text === undefined ? {} : { text: data.text }),
      ...(program === undefined ? {} : { program, argv: first?.argv ?? [] }),
      ...(first?.runas === undefined ? {} : { runas: first.runas }),
      ...(data.recordingOffsetMs === undefined
        ? {}
        : { recordingOffsetMs: data.recordingOffsetMs }),
    },
    ...(ruleId === undefined ? {} : { rule: { id: ruleId } }),
  };
}

const DECISIONS: Readonly<
  Record<CommandDecision, { severity: Criticality; outcome: Outcome; word: string }>
> = {
  allowed: { severity: "informational", outcome: "success", word: "allowed" },
  alerted: { severity: "medium", outcome: "success", word: "alerted on" },
  warned: { severity: "low", outcome: "success", word: "warned about" },
  reauthenticated: { severity: "low", outcome: "success", word: "re-authenticated" },
  approved: { severity: "low", outcome: "success", word: "approved" },
  blocked: { severity: "high", outcome: "failure", word: "blocked" },
  killed: { severity: "critical", outcome: "failure", word: "answered by ending the session" },
  suspended: { severity: "medium", outcome: "failure", word: "suspended" },
  aborted: { severity: "low", outcome: "failure", word: "aborted by the person" },
  unanswered: { severity: "low", outcome: "failure", word: "dropped without an answer" },
};

function ruleMatched({ data }: ToldEventOf<"rule.matched">): Story {
  const { id, name, version, author, tags, criticality, score } = data.rule;
  const rule: RuleStory = { id, name, version, author, tags };
  const shadow = data.mode === "shadow";
  return {
    kind: "detection",
    name: shadow ? "Rule would have matched" : "Rule matched",
    message: `${who(data.session)}: ${name}`,
    severity: shadow ? "informational" : criticality,
    outcome: stopped(data.action) ? "failure" : "success",
    action: shadow ? "observed" : data.action,
    alert: !shadow,
    ...(data.message === undefined ? {} : { reason: data.message }),
    command: { text: data.evidence, interactive: true },
    rule,
    riskScore: Math.max(0, Math.min(100, Math.round(score))),
  };
}

function actionTaken({ data }: ToldEventOf<"action.taken">): Story {
  return {
    kind: "response",
    name: "Action taken",
    message: `${who(data.session)}: ${data.action} (${data.target}), ${data.outcome}`,
    severity: severityOfAction(data.target, data.action),
    outcome: "success",
    action: data.action,
    alert: stopped(data.action),
    reason: data.reason,
    ...(data.rule === undefined ? {} : { rule: { id: data.rule } }),
  };
}

function approvalDecided({ data }: ToldEventOf<"approval.decided">): Story {
  const approved = data.outcome === "approved";
  return {
    kind: "approval",
    name: approved ? "Approval given" : "Approval not given",
    message: `${who(data.session)}: ${data.action} ${data.outcome}${data.by === undefined ? "" : ` by ${data.by}`}`,
    severity: approved ? "low" : "medium",
    outcome: approved ? "success" : "failure",
    action: approved ? "approved" : "denied",
    alert: false,
    ...(data.reason === undefined ? {} : { reason: data.reason }),
    rule: { id: data.rule },
  };
}

function adminCalled({ data }: ToldEventOf<"admin.called">): Story {
  const { operation, by, origin, reason } = data;
  const admitted = data.outcome === "admitted";
  return {
    ...(admitted
      ? quiet("api-call", "Control API called", "allowed")
      : trouble("api-call", "Control API refused a call", "medium")),
    action: admitted ? "allowed" : "blocked",
    message: `${by === "" ? "somebody unknown" : by} called ${operation} from ${origin}: ${data.outcome}`,
    ...(by === "" ? {} : { person: by }),
    origin,
    operation,
    ...(reason === undefined ? {} : { reason }),
  };
}

function severityOfAction(
  target: ToldEventOf<"action.taken">["data"]["target"],
  action: string,
): Criticality {
  if (!stopped(action)) return "low";
  switch (target) {
    case "command":
    case "request":
    case "file":
    case "channel":
      return "medium";
    case "session":
    case "person":
      return "high";
    default:
      return unreachable(target);
  }
}
