import type { EventData, EventDraft, EventType } from "./data.js";

/**
 * public: may be shown to every operator. sensitive: personal or content (names, addresses, command
 * text); sinks may encrypt or drop it. secret: never leaves the process. A field without a class is
 * secret, and the compiler demands a class for every field of the catalog.
 */
export type Privacy = "public" | "sensitive" | "secret";

export const PRIVACY: { readonly [T in EventType]: Readonly<Record<keyof EventData[T], Privacy>> } =
  {
    "session.opened": {
      session: "sensitive",
      groups: "sensitive",
      clientVersion: "public",
      authMethods: "public",
      targetLabels: "public",
      rulesDigest: "public",
      context: "sensitive",
    },
    "session.closed": {
      session: "sensitive",
      reason: "public",
      durationMs: "public",
      bytes: "public",
      counts: "public",
      blindSpans: "public",
    },
    "session.suspended": {
      session: "sensitive",
      reason: "public",
      by: "public",
      actor: "sensitive",
    },
    "session.resumed": {
      session: "sensitive",
      reason: "public",
      by: "public",
      actor: "sensitive",
    },
    "session.failed": { session: "sensitive", reason: "public", by: "public" },
    "auth.succeeded": { session: "sensitive", method: "public", factor: "public" },
    "auth.failed": { session: "sensitive", method: "public", factor: "public", reason: "public" },
    "channel.opened": {
      session: "sensitive",
      channel: "public",
      kind: "public",
      request: "sensitive",
    },
    "channel.closed": {
      session: "sensitive",
      channel: "public",
      kind: "public",
      request: "sensitive",
      bytes: "public",
      exit: "public",
      reason: "public",
    },
    "channel.refused": {
      session: "sensitive",
      channel: "public",
      kind: "public",
      request: "sensitive",
      reason: "public",
    },
    "command.entered": {
      session: "sensitive",
      channel: "public",
      text: "sensitive",
      typed: "sensitive",
      hidden: "public",
      source: "public",
      confidence: "public",
      context: "public",
      program: "public",
      decision: "public",
      rules: "public",
      invocations: "sensitive",
      candidates: "sensitive",
      unparsed: "public",
      rulesDigest: "public",
      recordingOffsetMs: "public",
    },
    "web.requested": {
      session: "sensitive",
      request: "public",
      method: "public",
      url: "sensitive",
      status: "public",
      bytes: "public",
      decision: "public",
      rules: "public",
      fields: "sensitive",
      operation: "sensitive",
      contentType: "public",
      upgrade: "public",
      durationMs: "public",
      rulesDigest: "public",
    },
    "web.refused": { session: "sensitive", code: "public", reason: "sensitive" },
    "file.transferred": {
      session: "sensitive",
      channel: "public",
      direction: "public",
      path: "sensitive",
      bytes: "public",
      sha256: "sensitive",
      outcome: "public",
    },
    "rule.matched": {
      session: "sensitive",
      channel: "public",
      rule: "public",
      mode: "public",
      action: "public",
      wouldHave: "public",
      evidence: "sensitive",
      message: "public",
    },
    "action.taken": {
      session: "sensitive",
      action: "public",
      target: "public",
      channel: "public",
      reason: "public",
      rule: "public",
      outcome: "public",
      by: "sensitive",
    },
    "approval.requested": {
      session: "sensitive",
      action: "public",
      channel: "public",
      rule: "public",
      reason: "public",
      approvers: "sensitive",
      min: "public",
      timeoutMs: "public",
    },
    "approval.decided": {
      session: "sensitive",
      action: "public",
      channel: "public",
      rule: "public",
      approvers: "sensitive",
      by: "sensitive",
      outcome: "public",
      reason: "public",
    },
    "operator.joined": {
      session: "sensitive",
      by: "sensitive",
      mode: "public",
      shown: "public",
    },
    "operator.left": {
      session: "sensitive",
      by: "sensitive",
      mode: "public",
      reason: "public",
    },
    "person.locked": {
      person: "sensitive",
      by: "public",
      actor: "sensitive",
      reason: "public",
      untilMs: "public",
      sessions: "sensitive",
    },
    "factor.changed": {
      person: "sensitive",
      factor: "public",
      change: "public",
      id: "public",
      by: "sensitive",
      origin: "sensitive",
    },
    "person.unlocked": {
      person: "sensitive",
      by: "public",
      actor: "sensitive",
      reason: "public",
    },
    "anomaly.detected": {
      session: "sensitive",
      detector: "public",
      score: "public",
      pValue: "public",
      warm: "public",
      reasons: "sensitive",
    },
    "risk.changed": {
      session: "sensitive",
      score: "public",
      previous: "public",
      step: "public",
      reasons: "sensitive",
    },
    "reauth.requested": {
      session: "sensitive",
      trigger: "public",
      factor: "public",
      attempts: "public",
      channel: "public",
    },
    "reauth.succeeded": {
      session: "sensitive",
      trigger: "public",
      factor: "public",
      attempts: "public",
      grace: "public",
    },
    "reauth.failed": {
      session: "sensitive",
      trigger: "public",
      factor: "public",
      attempts: "public",
      reason: "public",
    },
    "rules.loaded": { digest: "public", rules: "public", files: "public" },
    "rules.refused": { faults: "public", keptDigest: "public" },
    "sink.degraded": { sink: "public", reason: "public" },
    "sink.recovered": { sink: "public", degradedMs: "public", dropped: "public" },
    "audit.sealed": { head: "public", record: "public", segment: "public", key: "public" },
    "sink.tested": { sink: "public" },
    "admin.called": {
      operation: "public",
      by: "sensitive",
      role: "public",
      origin: "sensitive",
      outcome: "public",
      reason: "public",
      session: "public",
      person: "sensitive",
      target: "public",
      subject: "public",
    },
    "sidecar.started": {
      version: "public",
      site: "public",
      node: "public",
      workers: "public",
      pid: "public",
    },
    "sidecar.stopped": { reason: "public", openSessions: "public" },
  };

/** Drops every field that is secret or has no class. Nothing reaches a spool but through here. */
export function withoutSecrets(draft: EventDraft): Readonly<Record<string, unknown>> {
  const classes: Readonly<Record<string, Privacy>> = PRIVACY[draft.type];
  return Object.fromEntries(
    Object.entries(draft.data).filter(
      ([field, value]) => value !== undefined && (classes[field] ?? "secret") !== "secret",
    ),
  );
}

/** Names of the personal fields of an event type; none for a type that is not ours. */
export function sensitiveFields(type: string): readonly string[] {
  return SENSITIVE.get(type) ?? [];
}

const SENSITIVE: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries<Readonly<Record<string, Privacy>>>(PRIVACY).map(([type, classes]) => [
    type,
    Object.keys(classes).filter((field) => classes[field] !== "public"),
  ]),
);
