import { escapeControls, unreachable } from "../../kernel/index.js";
import type { HttpActivity, RuledActivity, RuleHit } from "../../model/index.js";
import { viewActivity, type ActivityView } from "../matchers/activity-view.js";
import { projectMatch } from "../matchers/project.js";
import { MAYBE, NO, YES } from "../matchers/certainty.js";
import type { MatchSource } from "../read/source.js";
import type { RuledMoment, RuleSubject } from "../ruleset.js";
import { downgraded, hitExtras } from "./judge.js";
import { chooseMessage } from "./message.js";
import { createHttpIndex } from "./http-index.js";
import type { CompiledException, CompiledRule } from "./rule.js";
import { ruleAt } from "./rule.js";

export type JudgeActivity = (
  activity: RuledActivity,
  moment: RuledMoment,
  subject: RuleSubject,
) => readonly RuleHit[];

/** Every rule that speaks of this kind of activity is asked: there are few of them. */
export function createActivityJudge(
  rules: readonly CompiledRule[],
  wanted: "certain" | "possible" = "certain",
): JudgeActivity {
  return judgeOver(activeRules(rules, wanted), wanted);
}

/** Some rule that speaks of the answer of a request hits: the others were asked before. */
export function createAnswerTest(rules: readonly CompiledRule[]): AnswerTest {
  const later = rules.filter((rule) => speaksOfAnswer(rule.source.match));
  const judge = createActivityJudge(later);
  return (activity, moment, subject) =>
    later.length > 0 && judge(activity, moment, subject).length > 0;
}

/** Some rule may still hit when the answer of a request is there: whoever has its verdict has to ask again. */
export function createAnswerNeeds(rules: readonly CompiledRule[]): AnswerNeeds {
  const later = createHttpIndex(
    activeRules(rules, "certain").http.filter((rule) => speaksOfAnswer(rule.source.match)),
  );
  return (activity) => {
    const view = viewActivity(activity);
    for (const rule of later(view)) if (rule.activity.test(view) !== NO) return true;
    return false;
  };
}

export type AnswerNeeds = (activity: HttpActivity) => boolean;

export type AnswerTest = (...asked: Parameters<JudgeActivity>) => boolean;

function judgeOver(
  active: ReturnType<typeof activeRules>,
  wanted: "certain" | "possible",
): JudgeActivity {
  const sure = wanted === "certain" ? YES : MAYBE;
  const requests = createHttpIndex(active.http);
  return (activity, moment, subject) => {
    const found: CompiledRule[] = [];
    const view = viewActivity(activity);
    const asked = activity.kind === "http" ? requests(view) : active[activity.kind];
    for (const one of asked) {
      const rule = ruleAt(one, moment.wall);
      const holds =
        rule.mode !== "off" &&
        moment.wall < rule.expires &&
        rule.activity.test(view) === sure &&
        rule.scope.holds(subject, moment);
      if (holds) found.push(rule);
    }
    if (found.length === 0) return NOTHING;
    const silenced = new Set(
      found
        .filter((rule) => rule.effect === "allow" && rule.mode === "enforce")
        .flatMap((rule) => rule.suppresses),
    );
    return found.flatMap((rule) =>
      rule.effect === "allow" || silenced.has(rule.ref.id)
        ? []
        : (hitOf(rule, view, { moment, subject }) ?? []),
    );
  };
}

const NOTHING: readonly RuleHit[] = [];

function activeRules(
  rules: readonly CompiledRule[],
  wanted: "certain" | "possible",
): Readonly<Record<RuledActivity["kind"], readonly CompiledRule[]>> {
  const active = rules.filter(
    (rule) =>
      (rule.mode !== "off" || rule.before !== undefined) &&
      // What only the answer shows is no doubt before it: it is asked again then.
      (wanted === "certain" || !speaksOfAnswer(rule.source.match)),
  );
  const of = (kind: RuledActivity["kind"]) => active.filter((rule) => speaksOf(rule, kind));
  return {
    transfer: of("transfer"),
    forward: of("forward"),
    http: of("http"),
    clipboard: of("clipboard"),
    anomaly: of("anomaly"),
  };
}

export function speaksOf({ source }: CompiledRule, kind: RuledActivity["kind"]): boolean {
  return source.match !== undefined && projectMatch(source.match, kind) !== null;
}

function speaksOfAnswer(source: MatchSource | undefined): boolean {
  if (source === undefined) return false;
  switch (source.kind) {
    case "all":
    case "any":
      return source.parts.some(speaksOfAnswer);
    case "not":
      return speaksOfAnswer(source.part);
    case "http": {
      const { status, responseSize, contentType } = source.http;
      return [status, responseSize, contentType].some((one) => one !== undefined);
    }
    case "command":
    case "transfer":
    case "forward":
    case "clipboard":
    case "anomaly":
      return false;
    default:
      return unreachable(source);
  }
}

function hitOf(
  rule: CompiledRule,
  view: ActivityView,
  { moment, subject }: { moment: RuledMoment; subject: RuleSubject },
): RuleHit | undefined {
  const holds = ({ source, scope, activity: match }: CompiledException): boolean =>
    moment.wall < source.expires &&
    scope.holds(subject, moment) &&
    (match === undefined || match.test(view) === YES);
  const exception = rule.exceptions.find(holds);
  if (exception !== undefined && exception.source.downgradeTo === undefined) return undefined;
  const text = chooseMessage(rule.source.messages, subject.person.language);
  const subjectText = describeActivity(view.activity);
  const message = text?.replaceAll(/\{(?:arg|line)\}/g, () => subjectText);
  return {
    rule: rule.ref,
    mode: rule.mode === "shadow" ? "shadow" : "enforce",
    actions: downgraded(rule.actions, exception),
    evidence: subjectText,
    ...hitExtras(rule, exception),
    values: { arg: subjectText },
    ...(message === undefined ? {} : { message }),
  };
}

/** `upload of /etc/passwd by sftp`, `local forward to db-1:5432`, `POST wiki.example/admin/users`, never what a clipboard holds. */
export function describeActivity(activity: RuledActivity): string {
  if (activity.kind === "http") {
    const { method, host, path, shownPath, operation } = activity;
    const what = operation === undefined ? "" : ` (${operation})`;
    return cut(escapeControls(`${method} ${host}${shownPath ?? path}${what}`));
  }
  if (activity.kind === "transfer") {
    const { direction, operation, path, via, bytes, type } = activity;
    const moves = operation === undefined || operation === "read" || operation === "write";
    const size = bytes === undefined ? "" : `, ${bytes} bytes`;
    const kind = type === undefined ? "" : `, ${type}`;
    return cut(
      escapeControls(`${moves ? direction : operation} of ${path} by ${via}${size}${kind}`),
    );
  }
  if (activity.kind === "clipboard") {
    const { direction, mimetype, bytes } = activity;
    const size = bytes === undefined ? "" : `, ${bytes} bytes`;
    return cut(escapeControls(`${direction} of the clipboard (${mimetype}${size})`));
  }
  if (activity.kind === "anomaly") {
    return `${activity.detector} unlike the person, score ${activity.score.toFixed(4)}`;
  }
  const { forward, host, port, path } = activity;
  const where = path ?? (host === undefined ? "" : `${host}:${port ?? "?"}`);
  return cut(escapeControls(`${forward} forward${where === "" ? "" : ` to ${where}`}`));
}

const TEXT_CHARS_MAX = 512;

function cut(text: string): string {
  return text.length <= TEXT_CHARS_MAX ? text : `${text.slice(0, TEXT_CHARS_MAX)}...`;
}
