/** The things that may be unusual about a session or a view of a credential. */
export const FLAGS = ["time", "origin", "target", "credential", "duration", "count"] as const;
export type Flag = (typeof FLAGS)[number];

/** Counters of continuous identification: the person is asked again when one is reached; 0 = never. */
export interface IdentificationLimits {
  /** Points of rating lost since the last proof. */
  readonly ratingDrop: number;
  /** Sessions whose risk reached `minimumSuspicious`, since the last proof. */
  readonly highRiskSessions: number;
  /** Blocked commands within one session. */
  readonly blockedCommands: number;
  readonly sessionAttemptsAtProhibitedTime: number;
  readonly viewAttemptsAtProhibitedTime: number;
}

/** Hours at which nobody should be at work: days (0 = Monday), from and until in minutes of the day. */
export interface ProhibitedHours {
  readonly days: readonly number[];
  readonly fromMinute: number;
  readonly untilMinute: number;
}

/** How the core judges. The names follow those that administrators of such products know. */
export interface CoreSettings {
  /** IANA name of the time zone in which hours and days are counted. */
  readonly zone: string;
  /** Days of history that a baseline is made of. */
  readonly historyDays: number;
  /**
   * Percent. A flag is raised on at most a tenth of it: 10 stands for one ordinary session in a hundred
   * per flag, by the construction of conformal p-values.
   */
  readonly variationRate: number;
  /** Points of a flag, 0..3; 0 = it is shown, and counts nothing. */
  readonly sessionWeights: Readonly<Record<Flag, number>>;
  readonly viewWeights: Readonly<Record<Flag, number>>;
  /** Points (of 15) from which a session is a suspicious one. */
  readonly minimumSuspicious: number;
  /** 0..10; 10 = trusted. */
  readonly initialRating: number;
  readonly identification: IdentificationLimits;
  readonly prohibited: readonly ProhibitedHours[];
  /** Manual changes of a credential that rotates well, within 30 days, from which they are unusual. */
  readonly unusualPasswordChange: number;
  /** Facts older than this are deleted. */
  readonly keepDays: number;
}

/** Of a session: the three points of each flag make one flag alone a remark and two a suspicion. */
const WEIGHTS: Readonly<Record<Flag, number>> = {
  time: 3,
  origin: 3,
  target: 3,
  credential: 3,
  duration: 3,
  count: 3,
};

export const DEFAULT_SETTINGS: CoreSettings = {
  zone: "UTC",
  historyDays: 90,
  variationRate: 10,
  sessionWeights: WEIGHTS,
  viewWeights: { ...WEIGHTS, time: 1, origin: 1, target: 0, duration: 0 },
  minimumSuspicious: 5,
  initialRating: 5,
  identification: {
    ratingDrop: 0,
    highRiskSessions: 0,
    blockedCommands: 0,
    sessionAttemptsAtProhibitedTime: 0,
    viewAttemptsAtProhibitedTime: 0,
  },
  prohibited: [],
  unusualPasswordChange: 2,
  // Thirteen months: a year can be compared with the same month of the last one.
  keepDays: 396,
};

/** p-value at and below which a flag is raised: the configured rate of false alarms. */
export function falseAlarmRate({ variationRate }: CoreSettings): number {
  return variationRate / PERCENT / VARIATION_PER_ALARM;
}

const PERCENT = 100;
/** 10 % of variation, the default of such products, stands for a false alarm in a hundred sessions. */
const VARIATION_PER_ALARM = 10;
