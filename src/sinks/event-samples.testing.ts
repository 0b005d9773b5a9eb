import {
  encodeEvent,
  wrapEvent,
  type EventData,
  type EventDraft,
  type EventType,
  type SessionRef,
} from "../events/index.js";
import { sessionId, wallMicros } from "../kernel/index.js";
import { readToldEvent, type ToldEvent } from "./told-event.js";

/** 2026-11-20T18:57:23.123456Z */
const SAMPLE_WALL = 1_795_201_043_123_456;
const ID = "0192f0c1-7a3e-7000-8000-000000000001";

const session: SessionRef = {
  id: sessionId(ID),
  protocol: "ssh",
  person: "alice",
  account: "root",
  target: "db-1",
  origin: "192.0.2.7",
};

/** Text with everything that formats have to escape. */
export const NASTY = 'echo "a|b=c\\d]" \t# \r\n\u001b[31mred\u202e é 漢 🙂';

/** One event of every type, with every optional field that says something. */
export const SAMPLES: { readonly [T in EventType]: Readonly<EventData[T]> } = {
  "session.opened": {
    session,
    groups: ["dba"],
    clientVersion: "SSH-2.0-OpenSSH_9.2",
    authMethods: ["publickey", "totp"],
    targetLabels: { env: "prod" },
    rulesDigest: "d1",
  },
  "session.closed": {
    session,
    reason: "client-left",
    durationMs: 61_500,
    bytes: { toTarget: 120, toPerson: 4_000 },
    counts: { channels: 1, commands: 3, blocked: 1, reauths: 1 },
    blindSpans: [{ kind: "echo-off", channel: 0, fromMs: 10, untilMs: 20 }],
  },
  "session.suspended": { session, reason: "look at this", by: "operator", actor: "maria" },
  "session.resumed": { session, reason: "all is well", by: "operator", actor: "maria" },
  "session.failed": { session, reason: "target-unreachable", by: "sidecar" },
  "auth.succeeded": { session, method: "publickey", factor: "totp" },
  "auth.failed": { session, method: "password", reason: "wrong-password" },
  "channel.opened": { session, channel: 0, kind: "exec", request: "uname -a" },
  "channel.closed": {
    session,
    channel: 1,
    kind: "localForward",
    request: "10.0.0.1:5432",
    bytes: { toTarget: 1, toPerson: 2 },
    exit: { code: 0 },
  },
  "channel.refused": { session, channel: 2, kind: "x11", reason: "not-allowed" },
  "command.entered": {
    session,
    channel: 0,
    text: NASTY,
    typed: "ec\t",
    hidden: false,
    source: "both",
    confidence: 0.98,
    context: "shell",
    decision: "blocked",
    rules: ["chp-linux-001"],
    invocations: [{ argv: ["/bin/rm", "-rf", "/var/lib/mysql"], via: ["sudo"], runas: "root" }],
    rulesDigest: "d1",
    recordingOffsetMs: 1_234,
  },
  "web.requested": {
    session,
    request: 4,
    method: "POST",
    url: "https://wiki.example/admin/users?role=",
    status: 403,
    bytes: { toTarget: 0, toPerson: 2_048 },
    decision: "blocked",
    rules: ["no-new-admins"],
    fields: ["name", "role"],
    operation: "createUser",
    contentType: "text/html",
    durationMs: 12,
    rulesDigest: "d1",
  },
  "web.viewed": {
    session,
    url: "https://wiki.example/admin/users",
    title: "Users - Wiki",
    focused: true,
  },
  "web.refused": {
    session,
    code: "CHP_WEB_SMUGGLING",
    reason: "Content-Length and Transfer-Encoding at once",
  },
  "file.transferred": {
    session,
    channel: 3,
    direction: "download",
    path: "/backup.tar",
    bytes: 1_048_576,
    sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    outcome: "passed",
  },
  "command.finished": {
    session,
    channel: 1,
    text: "systemctl restart app",
    hidden: false,
    judged: "same",
    exitCode: 0,
    cwd: "/srv/app",
    durationMs: 412,
  },
  "integration.changed": { session, channel: 1, state: "active", shell: "bash" },
  "file.changed": {
    session,
    channel: 3,
    operation: "rename",
    via: "sftp",
    path: "/srv/app/release.tmp",
    to: "/srv/app/release",
    outcome: "passed",
  },
  "clipboard.transferred": {
    session: { ...session, protocol: "rdp" },
    channel: 0,
    direction: "upload",
    mimetype: "text/plain",
    bytes: 25,
    sha256: "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752",
    outcome: "passed",
  },
  "rule.matched": {
    session,
    channel: 0,
    rule: {
      id: "chp-linux-001",
      name: "Recursive delete of a data directory",
      version: "3",
      author: ["Chaperone"],
      criticality: "critical",
      score: 12,
      tags: ["attack.t1485"],
    },
    mode: "enforce",
    action: "block",
    evidence: "rm -rf /var/lib/mysql",
    message: "ask the database team",
  },
  "action.taken": {
    session,
    action: "block",
    target: "command",
    channel: 0,
    reason: "chp-linux-001",
    rule: "chp-linux-001",
    outcome: "not-run",
  },
  "approval.requested": {
    session,
    action: "command",
    channel: 0,
    rule: "chp-linux-002",
    reason: "changes a firewall",
    approvers: ["group:net"],
    min: 1,
    timeoutMs: 300_000,
  },
  "approval.decided": {
    session,
    action: "command",
    channel: 0,
    rule: "chp-linux-002",
    approvers: ["group:net"],
    by: "maria",
    outcome: "denied",
    reason: "not tonight",
  },
  "operator.joined": { session, by: "maria", mode: "watch", shown: true },
  "operator.left": { session, by: "maria", mode: "watch", reason: "done" },
  "person.locked": {
    person: "alice",
    by: "rule",
    actor: "chp-linux-003",
    reason: "third time",
    sessions: [ID],
  },
  "rating.changed": {
    person: "alice",
    rating: 4.2,
    previous: 5,
    reason: "a session of risk 6 on db-1",
  },
  "person.unlocked": { person: "alice", by: "operator", actor: "maria", reason: "talked to her" },
  "factor.changed": {
    person: "alice",
    factor: "webauthn",
    change: "enrolled",
    id: "Zm9v",
    by: "maria",
    origin: "203.0.113.9",
  },
  "anomaly.detected": {
    session,
    detector: "keystroke",
    score: 0.9991,
    pValue: 0.0009,
    warm: true,
    reasons: ["typing unlike alice: evidence 15.6"],
  },
  "risk.changed": {
    session,
    score: 63,
    previous: 0,
    step: "reauth",
    reasons: ["typing unlike alice: evidence 15.6 (keystroke, p = 0.0009, 63 points)"],
  },
  "reauth.requested": {
    session,
    trigger: "chp-linux-001",
    factor: "totp",
    attempts: 3,
    channel: 0,
  },
  "reauth.succeeded": {
    session,
    trigger: "chp-linux-001",
    factor: "totp",
    attempts: 1,
    grace: 300_000,
  },
  "reauth.failed": {
    session,
    trigger: "chp-linux-001",
    factor: "totp",
    attempts: 3,
    reason: "wrong-code",
  },
  "rules.loaded": { digest: "d1", rules: 120, files: ["rules/linux.yaml"] },
  "rules.refused": { faults: ["rules/a.yaml:3:1 CHP_RULES_SHAPE unknown key"], keptDigest: "d1" },
  "sink.degraded": { sink: "siem", reason: "CHP_NET_UNREACHABLE 192.0.2.9:6514: refused" },
  "sink.recovered": { sink: "siem", degradedMs: 5_000, dropped: 3 },
  "sink.tested": { sink: "siem" },
  "audit.sealed": { head: "ab".repeat(32), record: 41, segment: 2, key: "k1" },
  "admin.called": {
    operation: "killSession",
    by: "ops",
    role: "operator",
    origin: "2001:db8::7",
    outcome: "admitted",
    reason: "runs wild",
    session: ID,
  },
  "sidecar.started": { version: "0.1.0", site: "lab", node: "node-1", workers: 2, pid: 4711 },
  "sidecar.stopped": { reason: "SIGTERM", openSessions: 0 },
};

export const EVENT_TYPES = Object.keys(SAMPLES) as readonly EventType[]; // the keys of the table above

/** The line of an event as it stands in the outbox. */
export function eventLine(draft: EventDraft, subject = ID, sequence = 7): string {
  const facts = {
    source: "/chaperone/lab/node-1",
    subject,
    sequence,
    wall: wallMicros(SAMPLE_WALL),
  };
  return encodeEvent(wrapEvent(draft, facts));
}

/** The sample of a type, as sinks read it. */
export function sampleEvent(type: EventType, data: object = SAMPLES[type]): ToldEvent {
  const draft = { type, data } as EventDraft; // a row of the table, or one changed by a test
  const event = readToldEvent(Buffer.from(eventLine(draft)));
  if (event === null) throw new Error(`${type} can not be read back`);
  return event;
}
