import { nodeOf, sessionOf, type ToldEvent } from "../../told-event.js";
import { addressKind, programName } from "../address.js";
import { withoutUndefined } from "../fields.js";
import { SEVERITY } from "../severity.js";
import type { FormatOptions, Story } from "../story.js";
import { CLASS, classify, type ClassName } from "./classes.js";
import { dispositionOf } from "./disposition.js";

type Fields = Readonly<Record<string, unknown>>;
const OTHER = 99;

/**
 * Open Cybersecurity Schema Framework 1.8.0. The whole event stands under `unmapped.chaperone`, so
 * that nothing is lost to a class that has no attribute for it.
 */
export function toOcsf(event: ToldEvent, story: Story, options: FormatOptions): Fields {
  const session = sessionOf(event);
  const { class: name, activity } = classify(story, session?.protocol);
  const { uid, category } = CLASS[name];
  const disposition = dispositionOf(story);
  return withoutUndefined({
    activity_id: activity,
    ...(activity === OTHER ? { activity_name: story.action } : {}),
    category_uid: category,
    class_uid: uid,
    type_uid: uid * 100 + activity,
    severity_id: SEVERITY[story.severity].ocsf,
    time: event.timeMs,
    start_time: event.grouped?.sinceMs,
    end_time: event.grouped?.untilMs,
    count: event.grouped?.count,
    duration: story.durationMs,
    status_id: { success: 1, failure: 2, unknown: 0 }[story.outcome],
    status_detail: story.reason,
    message: story.message,
    ...disposition,
    is_alert: disposition === undefined ? undefined : story.alert,
    metadata: metadataOf(event, options, disposition !== undefined),
    ...CLASS_FIELDS[name](event, story),
    unmapped: { chaperone: withoutUndefined({ factor: story.factor, data: event.data }) },
  });
}

function metadataOf(event: ToldEvent, options: FormatOptions, decided: boolean): Fields {
  return withoutUndefined({
    version: "1.8.0",
    uid: event.id,
    event_code: event.type,
    log_name: "chaperone",
    log_provider: event.source,
    sequence: event.sequence,
    profiles: decided ? ["security_control"] : undefined,
    is_truncated: event.cut === undefined ? undefined : true,
    untruncated_size: event.cut?.untruncatedBytes,
    product: {
      name: "Chaperone",
      vendor_name: "Chaperone",
      version: options.version,
      uid: nodeOf(event),
    },
  });
}

/** What each class asks for beyond the fields of every class. */
const CLASS_FIELDS: Readonly<Record<ClassName, (event: ToldEvent, story: Story) => Fields>> = {
  "base-event": () => ({}),
  "ssh-activity": connectionFields,
  "rdp-activity": connectionFields,
  "network-activity": connectionFields,
  "tunnel-activity": (event, story) =>
    withoutUndefined({ ...connectionFields(event, story), session: sessionFields(event) }),
  "http-activity": (event, story) => ({
    ...connectionFields(event, story),
    http_request: { http_method: story.web?.method, url: { url_string: story.web?.url } },
    ...(story.web?.status === undefined ? {} : { http_response: { code: story.web.status } }),
  }),
  authentication: (event, story) =>
    withoutUndefined({
      user: personOf(event, story),
      service: { name: "chaperone", uid: nodeOf(event) },
      src_endpoint: origin(event, story),
      dst_endpoint: destination(event),
      session: sessionFields(event),
      auth_factors: factorsOf(story),
    }),
  "process-activity": (event, story) => ({
    actor: actorOf(event, story),
    device: deviceOf(event),
    process: processOf(event, story),
    ...firewallRule(story),
  }),
  "file-activity": (event, story) => ({
    actor: actorOf(event, story),
    device: deviceOf(event),
    file: fileOf(story),
  }),
  "detection-finding": (event, story) => ({
    actor: actorOf(event, story),
    device: deviceOf(event),
    finding_info: findingOf(event, story),
    ...firewallRule(story),
    ...(story.riskScore === undefined ? {} : { risk_score: story.riskScore }),
  }),
  "account-change": (event, story) =>
    withoutUndefined({ user: personOf(event, story), src_endpoint: origin(event, story) }),
  "entity-management": (event, story) => ({
    entity: { name: sessionOf(event)?.account ?? "credential", type: "credential", type_id: OTHER },
    actor: actorOf(event, story),
  }),
  "api-activity": (event, story) => ({
    actor: actorOf(event, story),
    api: { operation: story.operation ?? story.action },
    src_endpoint: origin(event, story),
  }),
  "application-lifecycle": (event) => ({
    app: { name: "Chaperone", vendor_name: "Chaperone", uid: nodeOf(event) },
  }),
};

function connectionFields(event: ToldEvent, story: Story): Fields {
  const { traffic } = story;
  return withoutUndefined({
    actor: actorOf(event, story),
    src_endpoint: origin(event, story),
    dst_endpoint: destination(event),
    traffic: traffic && {
      bytes: traffic.toTarget + traffic.toPerson,
      bytes_out: traffic.toTarget,
      bytes_in: traffic.toPerson,
    },
  });
}

function personOf(event: ToldEvent, story: Story): Fields {
  const name = sessionOf(event)?.person ?? story.person;
  // Type 1 is a person; what acts without one is the sidecar itself, type 3 (system).
  return name === undefined ? { name: "chaperone", type_id: 3 } : { name, type_id: 1 };
}

function actorOf(event: ToldEvent, story: Story): Fields {
  return withoutUndefined({
    user: personOf(event, story),
    session: sessionFields(event),
    app_name: "chaperone",
  });
}

function sessionFields(event: ToldEvent): Fields | undefined {
  const session = sessionOf(event);
  return session === undefined ? undefined : { uid: session.id, is_remote: true };
}

function endpointOf(text: string): Fields {
  return addressKind(text) === "name" ? { hostname: text } : { ip: text };
}

function origin(event: ToldEvent, story: Story): Fields | undefined {
  const from = sessionOf(event)?.origin ?? story.origin;
  return from === undefined ? undefined : endpointOf(from);
}

function destination(event: ToldEvent): Fields | undefined {
  const session = sessionOf(event);
  if (session === undefined) return undefined;
  const { target, protocol } = session;
  return target === "" ? { svc_name: protocol } : { ...endpointOf(target), svc_name: protocol };
}

/** Type 1 is a server. */
function deviceOf(event: ToldEvent): Fields {
  const target = sessionOf(event)?.target ?? "";
  return { ...endpointOf(target === "" ? nodeOf(event) : target), type_id: 1 };
}

function processOf(event: ToldEvent, story: Story): Fields {
  const { command } = story;
  const program = command?.program;
  return withoutUndefined({
    // A gateway sees no process ids: the event is the one name that the process has.
    uid: event.id,
    name: program === undefined ? undefined : programName(program),
    path: program?.startsWith("/") === true ? program : undefined,
    cmd_line: command?.text,
    user: { name: command?.runas ?? sessionOf(event)?.account ?? "" },
    session: sessionFields(event),
  });
}

function findingOf(event: ToldEvent, story: Story): Fields {
  const { rule } = story;
  return withoutUndefined({
    uid: event.id,
    title: rule?.name ?? story.name,
    desc: story.command?.text,
    types: [story.kind],
    analytic: analyticOf(story),
    tags: rule?.tags?.map((name) => ({ name, value: "true" })),
    first_seen_time: event.grouped?.sinceMs,
    last_seen_time: event.grouped?.untilMs,
    related_events_count: event.grouped?.count,
  });
}

/** 1 a rule, 3 statistics. */
function analyticOf({ rule, kind }: Story): Fields | undefined {
  if (rule !== undefined) {
    const { id, name, version } = rule;
    return withoutUndefined({ uid: id, name, version, type_id: 1 });
  }
  return kind === "anomaly" || kind === "score" ? { name: kind, type_id: 3 } : undefined;
}

function firewallRule({ rule }: Story): Fields {
  if (rule === undefined) return {};
  const { id, name, version } = rule;
  return { firewall_rule: withoutUndefined({ uid: id, name, version }) };
}

function fileOf({ file }: Story): Fields {
  const path = file?.path ?? "";
  return withoutUndefined({
    name: programName(path),
    path,
    // A regular file.
    type_id: 1,
    size: file?.bytes,
    // Algorithm 3 is SHA-256.
    hashes: file?.sha256 === undefined ? undefined : [{ algorithm_id: 3, value: file.sha256 }],
  });
}

/** OCSF factor types; what is not listed there is "other". */
const FACTOR_TYPES: Readonly<Record<string, number>> = {
  totp: 7,
  otp: 7,
  webauthn: 10,
  push: 5,
  password: 11,
};

function factorsOf({ factor }: Story): readonly Fields[] | undefined {
  if (factor === undefined) return undefined;
  const type = FACTOR_TYPES[factor];
  return [
    type === undefined ? { factor_type_id: OTHER, factor_type: factor } : { factor_type_id: type },
  ];
}
