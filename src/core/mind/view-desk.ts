import { escapeControls } from "../../kernel/index.js";
import { FLAGS, falseAlarmRate, type Flag } from "../settings.js";
import type { PasswordChangeRow, ViewRow } from "../store/index.js";
import type { Notice } from "./changes.js";
import { judgeCounts, judgeCredential, judgeOrigin, judgeTime, type Finding } from "./findings.js";
import { isProhibited } from "./hours.js";
import type { Memory, Person } from "./memory.js";
import type { DeskParts, PersonDesk } from "./person-desk.js";
import { pointsOfRisk } from "./rating.js";
import { addReasons } from "./session-risk.js";
import type { Told } from "./told.js";

export interface ViewDeskParts extends DeskParts {
  readonly memory: () => Memory;
  readonly people: PersonDesk;
}

/** Manual changes of a credential are counted over so many days. */
const CHANGE_DAYS = 30;
/** Credentials whose changes are remembered per person; the oldest is forgotten. */
const CHANGED_MAX = 200;
/** Of a view; views can not be as bad as a session of every flag. */
const VIEW_RISK_MAX = 15;

/** What a PAM core tells: credentials that were looked at, and passwords that were changed. */
export function createViewDesk({ settings, clock, changes, memory, people }: ViewDeskParts) {
  const alarmBelow = falseAlarmRate(settings);

  function viewed(told: Told): void {
    const { data } = told;
    const name = data.text("person");
    if (name === "") return;
    const origin = data.text("origin");
    const person = memory().person(name, { at: told.at, origin });
    people.seen(person, told, origin);
    const [account, target] = [data.text("account"), data.text("target")];
    const credential = `${account}@${target}`;
    const hour = clock.weekHour(told.at);
    const day = clock.day(told.at);
    const findings = judged(person, { credential, target, origin, hour, day });
    const view: { -readonly [K in keyof ViewRow]: ViewRow[K] } = {
      id: told.id,
      person: name,
      origin,
      target,
      account,
      credential,
      kind: data.text("kind"),
      info: data.text("info"),
      privileged: data.flag("privileged") ? 1 : 0,
      viewed: told.at,
      odd_time: flagOf(findings, "time"),
      odd_origin: flagOf(findings, "origin"),
      odd_credential: flagOf(findings, "credential"),
      odd_count: flagOf(findings, "count"),
      risk: riskOf(findings),
      reasons: "",
      prohibited: isProhibited(settings.prohibited, clock, told.at) ? 1 : 0,
    };
    const raised = findings.filter(({ p }) => p !== null && p <= alarmBelow);
    addReasons(
      view,
      raised.map(({ flag, p, words }) => ({ flag, p: p ?? 1, words })),
    );
    changes().views.set(view.id, view);
    settle(person, told, view);
    const deed = { day, hour, origin, target, credential, durationMs: null };
    if (view.risk >= settings.minimumSuspicious) memory().hold(person, deed);
    else memory().learn(person, deed);
  }

  function judged(
    person: Person,
    view: {
      readonly credential: string;
      readonly target: string;
      readonly origin: string;
      readonly hour: number;
      readonly day: number;
    },
  ): readonly Finding[] {
    const comparison = memory().compare(person, view.day);
    const use = { person: person.row.name, credential: view.credential };
    const counted = memory().count("view", use, view.day);
    return [
      judgeTime(comparison, view.hour),
      judgeOrigin(comparison, view.origin),
      judgeCredential(comparison, view),
      judgeCounts(counted, alarmBelow),
    ];
  }

  function settle(person: Person, told: Told, view: ViewRow): void {
    if (view.prohibited === 1) person.row.prohibited_views += 1;
    if (view.risk >= settings.minimumSuspicious) {
      people.lower(person, told, {
        points: pointsOfRisk(view.risk),
        cause: "view",
        reason: `a view of ${view.credential} of risk ${view.risk}`,
        reference: view.id,
      });
    }
    people.identify(person, told, { id: "", blocked: 0 });
  }

  function flagOf(findings: readonly Finding[], flag: Flag): number | null {
    const p = findings.find((one) => one.flag === flag)?.p ?? null;
    return p === null ? null : p <= alarmBelow ? 1 : 0;
  }

  function riskOf(findings: readonly Finding[]): number {
    const weights = settings.viewWeights;
    const points = FLAGS.filter((flag) => flagOf(findings, flag) === 1).map(
      (flag) => weights[flag],
    );
    return Math.min(
      VIEW_RISK_MAX,
      points.reduce((sum, one) => sum + one, 0),
    );
  }

  function changed(told: Told): void {
    const { data } = told;
    const name = data.text("person");
    const [account, target] = [data.text("account"), data.text("target")];
    const credential = `${account}@${target}`;
    const manual = data.flag("manual");
    const rotates = data.flag("lastRotationOk");
    let unusual = false;
    if (name !== "") {
      const person = memory().person(name, { at: told.at, origin: data.text("origin") });
      people.seen(person, told, data.text("origin"));
      unusual = manual && rotates && countChange(person, credential, clock.day(told.at));
    }
    const row: PasswordChangeRow = {
      id: told.id,
      person: name,
      target,
      account,
      credential,
      changed: told.at,
      manual: manual ? 1 : 0,
      last_rotation_ok: rotates ? 1 : 0,
      unusual: unusual ? 1 : 0,
    };
    changes().passwordChanges.set(row.id, row);
    if (unusual) changes().notices.push(noticeOf(row, clock.text(told.at)));
  }

  /** True when this one makes as many as are unusual. */
  function countChange(person: Person, credential: string, day: number): boolean {
    const known = person.changes.get(credential) ?? [];
    const days = [...known.filter((one) => one > day - CHANGE_DAYS), day].slice(
      -settings.unusualPasswordChange,
    );
    person.changes.delete(credential);
    person.changes.set(credential, days);
    const [oldest] = person.changes.keys();
    if (person.changes.size > CHANGED_MAX && oldest !== undefined) person.changes.delete(oldest);
    return days.length >= settings.unusualPasswordChange;
  }

  return { viewed, changed, countChange };
}

/** Who, what and when; how often stands in the report. */
function noticeOf({ id, person, credential }: PasswordChangeRow, at: string): Notice {
  const lines = [
    `${person} has changed the password of ${credential} by hand, at ${at}, again,`,
    "though its last rotation worked.",
    "",
    "All such changes: chaperone report unusual-password-change",
    "",
  ];
  const subject = `Unusual password change: ${credential}`;
  return { id, subject: escapeControls(subject), text: lines.map(escapeControls).join("\n") };
}

export type ViewDesk = ReturnType<typeof createViewDesk>;
