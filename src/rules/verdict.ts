import {
  LINE_SCALE,
  SESSION_SCALE,
  type LineVerb,
  type RuleAction,
  type RuleHit,
  type RuleVerb,
  type SessionVerb,
} from "../model/index.js";
import { unreachable } from "../kernel/index.js";

/** What all hits of a line come to: the strictest of each scale (law 11), and who demands it. */
export interface ResolvedVerdict {
  readonly line: LineVerb;
  readonly session: SessionVerb;
  readonly alert: boolean;
  readonly log: boolean;
  /** The person is locked beyond this session. */
  readonly lockPerson: boolean;
  /** Every enforcing hit whose actions count, with the verbs that it demands. */
  readonly reasons: readonly { readonly hit: RuleHit; readonly verbs: readonly RuleVerb[] }[];
}

/**
 * Pure: the same hits always come to the same verdict, in any order. Shadow hits demand nothing. Hits
 * come from `Ruleset.correlate`, which has left out the actions that count only later.
 */
export function resolveVerdict(hits: readonly RuleHit[]): ResolvedVerdict {
  let line: LineVerb = "allow";
  let session: SessionVerb = "none";
  let alert = false;
  let log = false;
  let lockPerson = false;
  const reasons: { hit: RuleHit; verbs: readonly RuleVerb[] }[] = [];
  for (const hit of hits) {
    if (hit.mode !== "enforce") continue;
    const verbs = hit.actions.map((action) => action.verb);
    if (verbs.length > 0) reasons.push({ hit, verbs });
    for (const verb of verbs) {
      const effect = EFFECTS[verb];
      line = stricter(LINE_SCALE, line, effect.line);
      session = stricter(SESSION_SCALE, session, effect.session);
      if (verb === "alert") alert = true;
      if (verb === "log") log = true;
      if (verb === "lock-user") lockPerson = true;
    }
  }
  return { line, session, alert, log, lockPerson, reasons };
}

function stricter<T extends string>(scale: readonly T[], a: T, b: T): T {
  return scale.indexOf(a) >= scale.indexOf(b) ? a : b;
}

/** Killing or suspending a session keeps the line from running, too. */
const EFFECTS: Readonly<
  Record<RuleVerb, { readonly line: LineVerb; readonly session: SessionVerb }>
> = {
  allow: { line: "allow", session: "none" },
  log: { line: "allow", session: "none" },
  alert: { line: "allow", session: "none" },
  warn: { line: "warn", session: "none" },
  reauth: { line: "reauth", session: "none" },
  approve: { line: "approve", session: "none" },
  block: { line: "block", session: "none" },
  suspend: { line: "block", session: "suspend" },
  kill: { line: "block", session: "kill" },
  "lock-user": { line: "block", session: "kill" },
};

/** Least to most strict, over both scales: for one word about a rule or a line. */
const STRICTNESS: readonly RuleVerb[] = [
  "allow",
  "log",
  "alert",
  "warn",
  "reauth",
  "approve",
  "block",
  "suspend",
  "kill",
  "lock-user",
];

export function strictestVerb(verbs: readonly RuleVerb[]): RuleVerb {
  return verbs.reduce<RuleVerb>((a, b) => stricter(STRICTNESS, a, b), "allow");
}

/** Stricter than `alert`: stands between the person and the command. */
export function isEnforcing(actions: readonly RuleAction[]): boolean {
  return actions.some(({ verb }) => STRICTNESS.indexOf(verb) > STRICTNESS.indexOf("alert"));
}

/** Keeps the line from running: what an unparsed line must not slip past. */
export function isBlocking(actions: readonly RuleAction[]): boolean {
  return actions.some(({ verb }) => {
    switch (verb) {
      case "block":
      case "suspend":
      case "kill":
      case "lock-user":
        return true;
      case "allow":
      case "log":
      case "alert":
      case "warn":
      case "reauth":
      case "approve":
        return false;
      default:
        return unreachable(verb);
    }
  });
}
