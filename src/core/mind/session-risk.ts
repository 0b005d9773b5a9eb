import { FLAGS, type CoreSettings, type Flag } from "../settings.js";
import type { SessionRow } from "../store/index.js";
import type { Finding } from "./findings.js";
import { RISK_MAX } from "./rating.js";

export type MutableSession = { -readonly [K in keyof SessionRow]: SessionRow[K] };

const COLUMNS = {
  time: "odd_time",
  origin: "odd_origin",
  target: "odd_target",
  credential: "odd_credential",
  duration: "odd_duration",
  count: "odd_count",
} as const satisfies Record<Flag, keyof SessionRow>;

/** What one flag of weight 3 leaves of the doubt, in the score of 0..100. */
const FLAG_SHARE = 0.36;
/** Typing or commands that are not the person's: from the sidecar. */
const BEHAVIOUR_SHARE = 0.5;
const WEIGHT_MAX = 3;
/** Score of rules (each 0..100, summed) at which the doubt is halved. */
const HALF_SCORE = 60;
const REASONS_MAX = 32;

/** Writes what was found into the session. */
export function noteFindings(
  session: MutableSession,
  findings: readonly Finding[],
  alarmBelow: number,
): void {
  const raised = findings.filter(({ p }) => p !== null && p <= alarmBelow);
  for (const { flag, p } of findings) {
    const column = COLUMNS[flag];
    if (session[column] !== 1) session[column] = p === null ? null : p <= alarmBelow ? 1 : 0;
  }
  if (raised.length === 0) return;
  addReasons(
    session,
    raised.map(({ flag, p, words }) => ({ flag, p: roundedP(p ?? 1), words })),
  );
}

export interface Reason {
  readonly flag: string;
  readonly p: number;
  readonly words: string;
}

/** The newest of a flag replaces what was said of it before. */
export function addReasons(row: { reasons: string }, fresh: readonly Reason[]): void {
  const flags = new Set(fresh.map(({ flag }) => flag));
  const kept = reasonsOf(row.reasons).filter(({ flag }) => !flags.has(flag));
  row.reasons = JSON.stringify([...kept, ...fresh].slice(-REASONS_MAX));
}

export function reasonsOf(text: string): readonly Reason[] {
  // Written by addReasons.
  return text === "" ? [] : (JSON.parse(text) as readonly Reason[]);
}

/** Computes both scales anew from the flags. */
export function weighSession(session: MutableSession, settings: CoreSettings): void {
  const weights = settings.sessionWeights;
  let doubtLeft = 1;
  let risk = 0;
  let odd = 0;
  for (const flag of FLAGS) {
    if (session[COLUMNS[flag]] !== 1) continue;
    odd += 1;
    // The excess is shown beside the five flags that the scale of 15 is made of.
    if (flag !== "count") risk += weights[flag];
    doubtLeft *= 1 - (FLAG_SHARE * weights[flag]) / WEIGHT_MAX;
  }
  if (session.odd_behaviour === 1) odd += 1;
  session.odd = odd;
  if (session.odd_behaviour === 1) doubtLeft *= 1 - BEHAVIOUR_SHARE;
  doubtLeft *= 2 ** (-session.occurrence_score / HALF_SCORE);
  session.risk = Math.min(RISK_MAX, risk);
  session.risk100 = Math.round(PERCENT * (1 - doubtLeft));
}

const PERCENT = 100;
const roundedP = (p: number): number => Number(p.toPrecision(2));
