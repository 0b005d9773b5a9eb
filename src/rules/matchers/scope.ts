import type { ScopeSource, TimeSource } from "../read/source.js";
import { compileGlob, matchesSteps } from "../../shell/index.js";
import type { RuledMoment, RuleSubject } from "../ruleset.js";
import { contains, parseCidr } from "./address.js";
import { compare } from "./pattern.js";
import { createZoneClock } from "./zone-clock.js";

export type Moment = RuledMoment;

/** Whether a rule is for this session, and for this moment of it. */
export interface ScopeTest {
  /** False when the rule can not apply at any moment of the session. */
  session(subject: RuleSubject): boolean;
  /** Everything, channel and time included. */
  holds(subject: RuleSubject, moment: Moment): boolean;
}

type Part = (subject: RuleSubject) => boolean;

/** All given scopes hold. */
export function compileScopes(sources: readonly ScopeSource[]): ScopeTest {
  const tests = sources.map(compileScope);
  return {
    session: (subject) => tests.every((test) => test.session(subject)),
    holds: (subject, moment) => tests.every((test) => test.holds(subject, moment)),
  };
}

function compileScope(source: ScopeSource): ScopeTest {
  const parts: Part[] = [];
  if (source.persons !== undefined) {
    const matches = oneOf(source.persons);
    parts.push((subject) => matches(subject.person.name));
  }
  if (source.groups !== undefined) {
    const matches = oneOf(source.groups);
    parts.push((subject) => subject.person.groups.some(matches));
  }
  if (source.accounts !== undefined) {
    const matches = oneOf(source.accounts);
    parts.push((subject) => matches(subject.account));
  }
  if (source.protocols !== undefined) {
    const matches = oneOf(source.protocols);
    parts.push((subject) => matches(subject.protocol));
  }
  if (source.originCidr !== undefined) {
    const within = inNetworks(source.originCidr);
    parts.push((subject) => within(subject.origin));
  }
  if (source.ticket !== undefined) {
    const wanted = source.ticket === "present";
    parts.push((subject) => ((subject.ticket ?? "") !== "") === wanted);
  }
  addTargets(source, parts);
  const { channels, time, not } = source;
  const inReader = compileReader(source);
  const inTime = time === undefined ? null : compileTime(time);
  const excluded = not === undefined ? null : compileScope(not);
  const session = (subject: RuleSubject): boolean => parts.every((part) => part(subject));
  return {
    // What `not` excludes may depend on the moment: for the session as a whole it excludes nothing.
    session,
    holds: (subject, moment) =>
      session(subject) &&
      (channels === undefined || channels.includes(moment.channelKind)) &&
      (inTime === null || inTime(moment.wall)) &&
      inReader(moment) &&
      excluded?.holds(subject, moment) !== true,
  };
}

/** Who reads the line, and how risky the session is by now: both change while it lasts. */
function compileReader({ contexts, programs, sessionRisk }: ScopeSource): (m: Moment) => boolean {
  const named = programs === undefined ? null : oneOf(programs);
  return ({ context = "shell", program, risk = 0 }) => {
    if (contexts !== undefined && !contexts.includes(context)) return false;
    if (named !== null && (program === undefined || !named(program))) return false;
    return sessionRisk === undefined || compare(risk, sessionRisk);
  };
}

function addTargets(source: ScopeSource, parts: Part[]): void {
  const { targets } = source;
  if (targets === undefined) return;
  if (targets.names !== undefined) {
    const matches = oneOf(targets.names);
    parts.push((subject) => matches(subject.target.name));
  }
  if (targets.cidr !== undefined) {
    const within = inNetworks(targets.cidr);
    parts.push((subject) => within(subject.target.address.replace(/:\d+$/, "")));
  }
  for (const { name, values } of targets.labels ?? []) {
    const matches = oneOf(values);
    parts.push((subject) => {
      const label = subject.target.labels[name];
      return label !== undefined && matches(label);
    });
  }
}

/** Literals and globs. */
function oneOf(values: readonly string[]): (text: string) => boolean {
  const literals = new Set(values.filter((value) => !/[*?[]/.test(value)));
  const globs = values.filter((value) => /[*?[]/.test(value)).map(compileGlob);
  return (text) => literals.has(text) || globs.some((glob) => matchesSteps(glob, text));
}

function inNetworks(values: readonly string[]): (address: string) => boolean {
  const networks = values.flatMap((value) => parseCidr(value) ?? []);
  return (address) => networks.some((network) => contains(network, address));
}

function compileTime(source: TimeSource): (wallMicros: number) => boolean {
  const clock = createZoneClock(source.timezone);
  return (wall) => {
    // A zone that was known when the file was read is known now.
    if (clock === null) return true;
    const { day, minute } = clock(wall);
    const inside = source.windows.some(({ days, fromMinute, untilMinute }) => {
      if (fromMinute <= untilMinute)
        return days.includes(day) && minute >= fromMinute && minute < untilMinute;
      // Over midnight: the evening of a listed day and the morning after it.
      const yesterday = (day + 6) % 7;
      return (
        (days.includes(day) && minute >= fromMinute) ||
        (days.includes(yesterday) && minute < untilMinute)
      );
    });
    return inside !== source.outside;
  };
}
