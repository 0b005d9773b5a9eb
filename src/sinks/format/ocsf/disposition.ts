import type { Story } from "../story.js";

/** What the `security_control` profile says about who decided what. */
export interface Disposition {
  /** 1 allowed, 2 denied, 3 observed, 0 unknown. */
  readonly action_id: number;
  readonly disposition_id: number;
}

const ALLOWED: Disposition = { action_id: 1, disposition_id: 1 };
const BLOCKED: Disposition = { action_id: 2, disposition_id: 2 };
const CHALLENGED: Disposition = { action_id: 2, disposition_id: 23 };
const REVOKED: Disposition = { action_id: 2, disposition_id: 24 };
const APPROVED: Disposition = { action_id: 1, disposition_id: 8 };
const REJECTED: Disposition = { action_id: 2, disposition_id: 25 };
const ALERTED: Disposition = { action_id: 3, disposition_id: 19 };
const LOGGED: Disposition = { action_id: 3, disposition_id: 17 };
const DELAYED: Disposition = { action_id: 2, disposition_id: 14 };

/** By the word of the story's action; words of several event types may mean the same. */
const BY_ACTION: Readonly<Record<string, Disposition>> = {
  allowed: ALLOWED,
  allow: ALLOWED,
  reauthenticated: ALLOWED,
  warned: ALLOWED,
  approved: APPROVED,
  alerted: ALERTED,
  alert: ALERTED,
  warn: ALERTED,
  observed: LOGGED,
  log: LOGGED,
  blocked: BLOCKED,
  block: BLOCKED,
  refused: BLOCKED,
  challenged: CHALLENGED,
  reauth: CHALLENGED,
  killed: REVOKED,
  kill: REVOKED,
  "lock-user": REVOKED,
  suspended: DELAYED,
  suspend: DELAYED,
  approve: CHALLENGED,
  rejected: REJECTED,
  denied: REJECTED,
  aborted: REJECTED,
  unanswered: REJECTED,
  failed: REJECTED,
};

/** Kinds about which somebody decides. */
const DECIDED: ReadonlySet<Story["kind"]> = new Set([
  "login",
  "step-up",
  "approval",
  "command",
  "detection",
  "response",
  "channel-refused",
  "tunnel-refused",
  "file-sent",
  "file-fetched",
  "file-changed",
  "web",
  "api-call",
]);

export function dispositionOf(story: Story): Disposition | undefined {
  if (!DECIDED.has(story.kind)) return undefined;
  return BY_ACTION[story.action] ?? (story.outcome === "failure" ? BLOCKED : LOGGED);
}
