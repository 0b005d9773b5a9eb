import { nodeOf, sessionOf, type ToldEvent } from "../told-event.js";
import { addressKind, programName } from "./address.js";
import { withoutUndefined } from "./fields.js";
import { SEVERITY } from "./severity.js";
import type { FormatOptions, Story, StoryKind } from "./story.js";

interface Categorization {
  readonly kind: "event" | "alert" | "signal" | "state";
  readonly category: readonly string[];
  readonly type: readonly string[];
}

/** Allowed values of ECS 9.4, https://www.elastic.co/docs/reference/ecs/ecs-category-field-values-reference */
const CATEGORIES: Readonly<Record<StoryKind, Categorization>> = {
  "session-opened": of("event", ["session", "network"], ["start", "connection"]),
  "session-closed": of("event", ["session", "network"], ["end", "connection"]),
  "session-failed": of("event", ["session"], ["end"]),
  "session-changed": of("event", ["session"], ["info"]),
  login: of("event", ["authentication"], ["start"]),
  "step-up": of("event", ["authentication"], ["info"]),
  approval: of("event", ["iam"], ["info"]),
  command: of("event", ["process"], ["start"]),
  detection: of("alert", ["intrusion_detection"], ["info"]),
  anomaly: of("alert", ["intrusion_detection"], ["info"]),
  response: of("event", ["intrusion_detection"], ["info"]),
  "channel-opened": of("event", ["session"], ["info"]),
  "channel-closed": of("event", ["session"], ["info"]),
  "channel-refused": of("event", ["session", "intrusion_detection"], ["denied"]),
  "tunnel-opened": of("event", ["network"], ["connection", "start"]),
  "tunnel-closed": of("event", ["network"], ["connection", "end"]),
  "tunnel-refused": of("event", ["network"], ["connection", "denied"]),
  "file-sent": of("event", ["file"], ["creation"]),
  "file-fetched": of("event", ["file"], ["access"]),
  "file-changed": of("event", ["file"], ["change"]),
  clipboard: of("event", ["session"], ["info"]),
  web: of("event", ["web"], ["access"]),
  "account-locked": of("event", ["iam"], ["user", "change"]),
  "account-unlocked": of("event", ["iam"], ["user", "change"]),
  "credential-viewed": of("event", ["iam"], ["info"]),
  "credential-changed": of("event", ["iam"], ["change"]),
  score: of("signal", ["threat"], ["indicator"]),
  operator: of("event", ["session"], ["info"]),
  "api-call": of("event", ["api"], ["access"]),
  "service-started": of("event", ["process"], ["start"]),
  "service-stopped": of("event", ["process"], ["end"]),
  "service-changed": of("event", ["configuration"], ["change"]),
  "service-troubled": of("event", ["configuration"], ["info"]),
};

function of(
  kind: Categorization["kind"],
  category: readonly string[],
  type: readonly string[],
): Categorization {
  return { kind, category, type };
}

/** Elastic Common Schema 9.4. What has no field there stands whole under `chaperone`. */
export function toEcs(
  event: ToldEvent,
  story: Story,
  options: FormatOptions,
): Readonly<Record<string, unknown>> {
  const session = sessionOf(event);
  return withoutUndefined({
    "@timestamp": event.time,
    ecs: { version: "9.4.0" },
    message: story.message,
    event: eventFields(event, story),
    observer: {
      vendor: "Chaperone",
      product: "Chaperone",
      type: "pam-sidecar",
      version: options.version,
      hostname: nodeOf(event),
    },
    user: userFields(event, story),
    process: processFields(event, story),
    ...endpointFields(event, story),
    network:
      session === undefined
        ? undefined
        : withoutUndefined({ protocol: session.protocol, ...trafficFields(story) }),
    rule: ruleFields(story),
    file: fileFields(story),
    http: story.web && {
      request: { method: story.web.method },
      ...(story.web.status === undefined ? {} : { response: { status_code: story.web.status } }),
    },
    url: story.web && { full: story.web.url },
    related: relatedFields(event, story),
    chaperone: ownFields(event, story),
  });
}

function eventFields(event: ToldEvent, story: Story): unknown {
  const { kind, category, type } = CATEGORIES[story.kind];
  const denied = story.kind === "command" && story.outcome === "failure";
  return withoutUndefined({
    kind: story.alert ? "alert" : kind,
    category: denied ? [...category, "intrusion_detection"] : category,
    type: denied ? ["denied"] : type,
    action: story.action,
    outcome: story.outcome,
    code: event.type,
    id: event.id,
    provider: "chaperone",
    module: "chaperone",
    dataset: "chaperone.session",
    severity: SEVERITY[story.severity].ecs,
    risk_score: story.riskScore,
    sequence: event.sequence,
    reason: story.reason,
    created: event.time,
    duration: story.durationMs === undefined ? undefined : story.durationMs * 1_000_000,
    start: event.grouped && new Date(event.grouped.sinceMs).toISOString(),
    end: event.grouped && new Date(event.grouped.untilMs).toISOString(),
  });
}

function userFields(event: ToldEvent, story: Story): unknown {
  const session = sessionOf(event);
  const name = session?.person ?? story.person;
  if (name === undefined) return undefined;
  return withoutUndefined({
    name,
    target: session === undefined || session.account === "" ? undefined : { name: session.account },
    effective: story.command?.runas === undefined ? undefined : { name: story.command.runas },
  });
}

function processFields(event: ToldEvent, story: Story): unknown {
  const session = sessionOf(event);
  if (session === undefined) return undefined;
  const { command } = story;
  const leader = { session_leader: { entity_id: session.id } };
  if (command === undefined || story.kind === "detection") return leader;
  const { program, argv } = command;
  return withoutUndefined({
    ...leader,
    entity_id: event.id,
    name: program === undefined ? undefined : programName(program),
    executable: program?.startsWith("/") === true ? program : undefined,
    args: argv,
    args_count: argv?.length,
    command_line: command.text,
    interactive: command.interactive,
    user: { name: command.runas ?? session.account },
  });
}

function endpointFields(event: ToldEvent, story: Story): Readonly<Record<string, unknown>> {
  const session = sessionOf(event);
  const target = session?.target ?? "";
  const origin = session?.origin ?? story.origin;
  return withoutUndefined({
    source: origin === undefined ? undefined : { address: origin, ...ipOf(origin) },
    destination: target === "" ? undefined : { address: target, domain: target },
    host: target === "" ? undefined : { name: target },
  });
}

function ipOf(origin: string): { readonly ip?: string } {
  return addressKind(origin) === "name" ? {} : { ip: origin };
}

function trafficFields({ traffic }: Story): Readonly<Record<string, unknown>> {
  return traffic === undefined ? {} : { bytes: traffic.toTarget + traffic.toPerson };
}

function ruleFields({ rule }: Story): unknown {
  if (rule === undefined) return undefined;
  const { id, name, version, author } = rule;
  return withoutUndefined({ id, name, version, author, ruleset: "chaperone" });
}

function fileFields({ file }: Story): unknown {
  if (file === undefined) return undefined;
  const { path, bytes, sha256 } = file;
  return withoutUndefined({
    path,
    name: programName(path),
    size: bytes,
    hash: sha256 === undefined ? undefined : { sha256 },
  });
}

function relatedFields(event: ToldEvent, story: Story): unknown {
  const session = sessionOf(event);
  const users = [session?.person ?? story.person, session?.account, story.command?.runas];
  const user = [...new Set(users.filter((one) => one !== undefined && one !== ""))];
  const isAddress = session !== undefined && addressKind(session.origin) !== "name";
  return withoutUndefined({
    user: user.length === 0 ? undefined : user,
    ip: isAddress ? [session.origin] : undefined,
    hosts: session === undefined || session.target === "" ? undefined : [session.target],
  });
}

/** Everything of the event, and the marks that ECS has no field for. */
function ownFields(event: ToldEvent, story: Story): unknown {
  const { cut, grouped } = event;
  return withoutUndefined({
    source: event.source,
    subject: event.subject,
    factor: story.factor,
    tags: story.rule?.tags,
    truncated: cut === undefined ? undefined : true,
    untruncated_bytes: cut?.untruncatedBytes,
    truncated_fields: cut?.fields,
    grouped: grouped && { count: grouped.count, first_id: grouped.firstId },
    data: event.data,
  });
}
