import type { Deed } from "../baseline/index.js";
import type { Facts } from "../facts.js";
import type { JudgedSignal } from "../link/messages.js";
import { falseAlarmRate } from "../settings.js";
import type { HitRow } from "../store/index.js";
import {
  judgeCounts,
  judgeCredential,
  judgeDuration,
  judgeOrigin,
  judgeTarget,
  judgeTime,
  type Comparison,
  type Finding,
} from "./findings.js";
import { isProhibited } from "./hours.js";
import { teamText, type Memory, type Person } from "./memory.js";
import type { DeskParts, PersonDesk } from "./person-desk.js";
import { pointsOfBlocked, pointsOfRisk } from "./rating.js";
import {
  addReasons,
  noteFindings,
  reasonsOf,
  weighSession,
  type MutableSession,
} from "./session-risk.js";
import type { Told } from "./told.js";

export interface SessionDeskParts extends DeskParts {
  readonly memory: () => Memory;
  readonly people: PersonDesk;
}

/** Actions of rules by which something did not happen. */
const BLOCKING: ReadonlySet<string> = new Set(["block", "kill", "suspend", "lock-user"]);
/** Actions that say that it was not as it should be: such a session teaches nothing. */
const ENDING: ReadonlySet<string> = new Set(["kill", "suspend", "lock-user"]);
/** Of `learnt`: 0 = held back, or not over yet. */
export const LEARNT = 1;
const NEVER = -1;
const BLOCKED_DECISIONS: ReadonlySet<string> = new Set(["blocked", "killed"]);
/** Detectors of the sidecar that the core does not have itself. */
const BEHAVIOUR: ReadonlySet<string> = new Set(["keystroke", "sequence", "automation"]);
/** A rule's score is taken as 0..100. */
const SCORE_MAX = 100;
const PRIVILEGED = /^(?:root|toor|admin.*|administrator|system|sa|sys|postgres|oracle|enable)$/i;

/** What sessions tell: who came, what was unusual about it, what they did. */
export function createSessionDesk(parts: SessionDeskParts) {
  const { settings, clock, changes, memory, people } = parts;
  const alarmBelow = falseAlarmRate(settings);

  function personOf(session: MutableSession): Person {
    return memory().person(session.person, { at: session.started, origin: session.origin });
  }

  function compared(session: MutableSession): Comparison {
    return memory().compare(personOf(session), clock.day(session.started));
  }

  /** Writes down what was found, and tells the sidecar all of it: also that nothing is unusual. */
  function note(session: MutableSession, to: string, findings: readonly Finding[]): void {
    const previous = session.risk100;
    noteFindings(session, findings, alarmBelow);
    weighSession(session, settings);
    const signals = findings.flatMap(({ flag, p, words }) =>
      p === null ? [] : { detector: flag, pValue: p, raised: p <= alarmBelow, reason: words },
    );
    if (signals.length > 0) tellRisk(session, to, { previous, signals });
  }

  function tellRisk(
    session: MutableSession,
    to: string,
    { previous, signals }: { previous: number; signals: readonly JudgedSignal[] },
  ): void {
    const { id, risk100: score } = session;
    if (score === previous && signals.length === 0) return;
    const reasons = reasonsOf(session.reasons).map(({ words }) => words);
    const message = { type: "risk", session: id, score, previous, reasons, signals } as const;
    changes().messages.push({ to, message });
  }

  function opened(told: Told): MutableSession {
    const session = draft(told, { weekHour: clock.weekHour(told.at), day: clock.day(told.at) });
    const seen = { at: told.at, origin: session.origin };
    const person = memory().person(session.person, seen);
    const groups = told.data.texts("groups");
    if (groups.length > 0) person.row.team = teamText(groups);
    memory().sessions.set(session.id, session);
    people.seen(person, told, session.origin);
    people.remind(person, told);
    note(session, told.source, circumstances(session));
    if (isProhibited(settings.prohibited, clock, told.at)) {
      session.prohibited = 1;
      person.row.prohibited_sessions += 1;
      people.identify(person, told, { id: session.id, blocked: 0 });
    }
    people.profile(person, told);
    return session;
  }

  function circumstances(session: MutableSession): readonly Finding[] {
    const { own, peers } = compared(session);
    const comparison = { own, peers };
    const day = clock.day(session.started);
    const counted = memory().count("session", session, day);
    return [
      judgeTime(comparison, session.week_hour),
      judgeOrigin(comparison, session.origin),
      judgeTarget(comparison, session.target),
      judgeCredential(comparison, session),
      judgeCounts(counted, alarmBelow),
    ];
  }

  function closed(session: MutableSession, told: Told): void {
    const { data } = told;
    session.ended = told.at;
    session.duration_ms = data.has("durationMs")
      ? data.count("durationMs")
      : Math.max(0, told.at - session.started);
    session.end_reason = data.text("reason");
    const bytes = data.facts("bytes");
    session.bytes_up = bytes.count("toTarget");
    session.bytes_down = bytes.count("toPerson");
    const person = personOf(session);
    note(session, told.source, [judgeDuration(compared(session), session.duration_ms)]);
    settle(session, person, told);
  }

  /** At the end: what it costs, and whether it is learnt as the person's. */
  function settle(session: MutableSession, person: Person, told: Told): void {
    const suspicious = session.risk >= settings.minimumSuspicious;
    if (suspicious) {
      person.row.high_risk += 1;
      people.lower(person, told, {
        points: pointsOfRisk(session.risk),
        cause: "risk",
        reason: `a session of risk ${session.risk} on ${session.target}`,
        reference: session.id,
      });
      people.identify(person, told, { id: session.id, blocked: 0 });
    }
    const deed = deedOf(session, clock.day(session.started));
    if (session.learnt === NEVER) return;
    // Whoever proved who they are in it was the person, however unusual it was.
    if (suspicious && session.reauths === 0) {
      memory().hold(person, deed);
    } else {
      session.learnt = LEARNT;
      memory().learn(person, deed);
    }
  }

  function entered(session: MutableSession, told: Told): void {
    session.commands += 1;
    if (!BLOCKED_DECISIONS.has(told.data.text("decision"))) return;
    session.blocked += 1;
    people.identify(personOf(session), told, { id: session.id, blocked: session.blocked });
  }

  function matched(session: MutableSession, told: Told): void {
    const hit = hitOf(session, told);
    changes().hits.set(hit.id, hit);
    if (hit.mode !== "enforce") return;
    const previous = session.risk100;
    session.occurrences += 1;
    session.occurrence_score += hit.score;
    weighSession(session, settings);
    if (session.risk100 !== previous) {
      const words = `rule ${hit.rule} (${hit.criticality}): ${hit.action}`;
      addReasons(session, [{ flag: `rule:${hit.rule}`, p: 1, words }]);
    }
    tellRisk(session, told.source, { previous, signals: [] });
    if (ENDING.has(hit.action)) session.learnt = NEVER;
    if (!BLOCKING.has(hit.action)) return;
    people.lower(personOf(session), told, {
      points: pointsOfBlocked(hit.criticality),
      cause: "blocked",
      reason: `${hit.rule_name} (${hit.criticality}) was answered with ${hit.action}`,
      reference: session.id,
    });
  }

  function behaved(session: MutableSession, { data }: Told): void {
    const detector = data.text("detector");
    const p = data.number("pValue");
    if (!BEHAVIOUR.has(detector) || !data.flag("warm") || p > alarmBelow) return;
    session.odd_behaviour = 1;
    const [words = detector] = data.texts("reasons");
    addReasons(session, [{ flag: detector, p, words }]);
    weighSession(session, settings);
  }

  function transferred(session: MutableSession, { data }: Told): void {
    session.transfers += 1;
    session.transfer_bytes = addedTo(session.transfer_bytes, data.count("bytes"));
  }

  return {
    opened,

    /** An event of a session that is known; its sequence was looked at already. */
    take(session: MutableSession, told: Told): void {
      switch (told.type) {
        case "session.closed":
          closed(session, told);
          break;
        case "command.entered":
          entered(session, told);
          break;
        case "rule.matched":
          matched(session, told);
          break;
        case "anomaly.detected":
          behaved(session, told);
          break;
        case "file.transferred":
        case "clipboard.transferred":
          transferred(session, told);
          break;
        case "reauth.succeeded":
          session.reauths += 1;
          people.answered(personOf(session), told, answerOf(told, true));
          break;
        case "reauth.failed":
          people.answered(personOf(session), told, answerOf(told, false));
          break;
        default:
          // Types of which nothing is kept, and those of newer sidecars.
          break;
      }
    },

    /** Sessions that last longer than the person's ever do are unusual before they end. */
    overdue(session: MutableSession, now: number): void {
      if (session.ended !== null || session.odd_duration === 1) return;
      const elapsed = now - session.started;
      const { own, peers } = compared(session);
      const finding = judgeDuration({ own, peers }, elapsed);
      if (finding.p === null || finding.p > alarmBelow || elapsed < own.durations.medianMs()) {
        return;
      }
      const words = `${finding.words}, and it lasts`;
      note(session, session.source, [{ ...finding, words }]);
      changes().sessions.set(session.id, session);
    },
  };
}

export type SessionDesk = ReturnType<typeof createSessionDesk>;

export function deedOf(
  session: Pick<MutableSession, "week_hour" | "origin" | "target" | "credential" | "duration_ms">,
  day: number,
): Deed {
  const { week_hour: hour, origin, target, credential, duration_ms: durationMs } = session;
  return { day, hour, origin, target, credential, durationMs };
}

function answerOf({ data }: Told, success: boolean) {
  const factor = data.text("factor");
  const why = success ? "" : `, ${data.text("reason")}`;
  return { trigger: data.text("trigger"), success, details: `${factor}${why}` };
}

function hitOf(session: MutableSession, told: Told): HitRow {
  const rule = told.data.facts("rule");
  return {
    id: told.id,
    session: session.id,
    happened: told.at,
    person: session.person,
    account: session.account,
    target: session.target,
    credential: session.credential,
    rule: rule.text("id"),
    rule_name: rule.text("name"),
    criticality: rule.text("criticality"),
    action: told.data.text("action"),
    mode: told.data.text("mode"),
    score: Math.min(SCORE_MAX, rule.count("score")),
  };
}

/** Sums stay whole numbers that a store holds, whatever is told. */
function addedTo(sum: number, by: number): number {
  return Math.min(Number.MAX_SAFE_INTEGER, sum + by);
}

/** Also of an event in the middle of a session whose beginning was never told here. */
function draft(
  told: Told,
  place: { readonly weekHour: number; readonly day: number },
): MutableSession {
  const ref = told.data.facts("session");
  const labels = told.data.facts("targetLabels");
  const context = told.data.facts("context");
  const [account, target] = [ref.text("account"), ref.text("target")];
  const privileged = isPrivileged(account, context) ? 1 : 0;
  return {
    id: told.subject,
    source: told.source,
    person: ref.text("person"),
    account,
    target,
    credential: `${account}@${target}`,
    protocol: ref.text("protocol"),
    origin: ref.text("origin"),
    client: told.data.text("clientVersion"),
    site: labels.text("site") || (told.source.split("/")[2] ?? ""),
    device_type: labels.text("type") || labels.text("os") || ref.text("protocol"),
    device_criticality: labels.text("criticality") || "unknown",
    credential_criticality:
      context.text("credentialCriticality") || (privileged === 1 ? "high" : "ordinary"),
    privileged,
    started: told.at,
    week_hour: place.weekHour,
    day: place.day,
    ended: null,
    duration_ms: null,
    end_reason: null,
    bytes_up: 0,
    bytes_down: 0,
    commands: 0,
    blocked: 0,
    reauths: 0,
    transfers: 0,
    transfer_bytes: 0,
    occurrences: 0,
    occurrence_score: 0,
    odd_time: null,
    odd_origin: null,
    odd_target: null,
    odd_credential: null,
    odd_duration: null,
    odd_count: null,
    odd_behaviour: null,
    odd: 0,
    risk: 0,
    risk100: 0,
    reasons: "",
    prohibited: 0,
    learnt: 0,
    sequence: told.sequence,
  };
}

/** What the gateway says holds; else the account's name tells. */
function isPrivileged(account: string, context: Facts): boolean {
  const said = context.text("privileged");
  return said === "" ? PRIVILEGED.test(account) : said === "true";
}
