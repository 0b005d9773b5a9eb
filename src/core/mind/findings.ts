import {
  accountOf,
  blended,
  type DayCounts,
  type History,
  type Reading,
} from "../baseline/index.js";
import type { Flag } from "../settings.js";
import { hourName } from "../site-clock.js";

/** What a baseline says about one thing; `p` is null while the person is being learnt. */
export interface Finding {
  readonly flag: Flag;
  readonly p: number | null;
  /** For whoever asks why. */
  readonly words: string;
}

/** Where, when and as whom, of a session or a view. */
export interface Circumstances {
  readonly hour: number;
  readonly origin: string;
  readonly target: string;
  readonly credential: string;
}

/** How often something happens per day, and of whose or which it is. */
export interface Counted {
  readonly what: string;
  readonly counts: DayCounts;
}

/** Who is compared with what. */
export interface Comparison {
  readonly own: History;
  /** Those the person works with; null where nobody is known. */
  readonly peers: History | null;
}

export function judgeTime({ own, peers }: Comparison, hour: number): Finding {
  const p = blendedOf(own.hours.judge(hour), () => peers?.hours.judge(hour));
  const words = `${hourName(hour)}: ${times(own.hours.near(hour))} within an hour of it before, ${inHistory(own)}`;
  return { flag: "time", p, words };
}

export function judgeOrigin({ own, peers }: Comparison, origin: string): Finding {
  const p = blendedOf(own.origins.judge(origin, peers?.origins ?? null), () =>
    peers?.origins.judge(origin, null),
  );
  const network = own.origins.familyUses(origin);
  const kin = own.origins.uses(origin) === 0 ? `, its network ${times(network)}` : "";
  return {
    flag: "origin",
    p,
    words: `from ${origin}: ${times(own.origins.uses(origin))} before${kin}, ${inHistory(own)}`,
  };
}

export function judgeTarget({ own, peers }: Comparison, target: string): Finding {
  const p = blendedOf(own.targets.judge(target, peers?.targets ?? null), () =>
    peers?.targets.judge(target, null),
  );
  const words = `on ${target}: ${times(own.targets.uses(target))} before, ${inHistory(own)}${byOthers(
    own.targets.uses(target),
    peers?.targets.uses(target),
  )}`;
  return { flag: "target", p, words };
}

/**
 * Who has never been on a target has never been anybody there: then it is the account that is compared,
 * so that one new thing is not counted as two.
 */
export function judgeCredential(
  { own, peers }: Comparison,
  { target, credential }: Pick<Circumstances, "target" | "credential">,
): Finding {
  const known = own.targets.uses(target) > 0;
  const name = known ? credential : accountOf(credential);
  const of = (history: History) => (known ? history.credentials : history.accounts);
  const theirs = peers === null ? null : of(peers);
  const p = blendedOf(of(own).judge(name, theirs), () => theirs?.judge(name, null));
  const uses = of(own).uses(name);
  const words = `as ${name}: ${times(uses)} before, ${inHistory(own)}${byOthers(uses, theirs?.uses(name))}`;
  return { flag: "credential", p, words };
}

export function judgeDuration({ own, peers }: Comparison, durationMs: number): Finding {
  const p = blendedOf(own.durations.judge(durationMs), () => peers?.durations.judge(durationMs));
  const usual = lengthText(own.durations.medianMs());
  return {
    flag: "duration",
    p,
    words: `for ${lengthText(durationMs)}: usually ${usual}, ${inHistory(own)}`,
  };
}

/** Of several counts the strangest; its p-value is that of the least of so many. */
export function judgeCounts(counted: readonly Counted[], alarmBelow: number): Finding {
  let strangest: { readonly one: Counted; readonly p: number } | null = null;
  let judged = 0;
  for (const one of counted) {
    const reading = one.counts.judge();
    if (reading === null) continue;
    judged += 1;
    if (strangest === null || reading.p < strangest.p) strangest = { one, p: reading.p };
  }
  if (strangest === null) return { flag: "count", p: null, words: "" };
  const { what, counts } = strangest.one;
  const alone = Math.min(1, strangest.p * judged);
  // The alarm is about the day, and rung once.
  const p = alone <= alarmBelow && !counts.raise() ? 1 : alone;
  const words = `${what}: number ${counts.today} of the day, usually ${counts.mean().toFixed(1)}`;
  return { flag: "count", p, words };
}

/** The peers are asked only while they count. */
function blendedOf(own: Reading, peers: () => Reading | undefined): number | null {
  const alone = blended(own, null);
  if (alone === null) return null;
  return blended(own, peers() ?? null);
}

function inHistory(history: History): string {
  return `of ${history.size} in the history`;
}

function byOthers(own: number, all: number | undefined): string {
  return all === undefined ? "" : `; by the group otherwise ${times(Math.max(0, all - own))}`;
}

function times(count: number): string {
  return count === 0 ? "never" : count === 1 ? "once" : `${count} times`;
}

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

/** `47 s`, `25 min`, `9.2 h` */
export function lengthText(ms: number): string {
  if (ms < MINUTE_MS) return `${Math.round(ms / SECOND_MS)} s`;
  if (ms < HOUR_MS) return `${Math.round(ms / MINUTE_MS)} min`;
  return `${(ms / HOUR_MS).toFixed(1)} h`;
}
