/**
 * What evidence a person's own commands usually bring, so that learning can ask more than "rather
 * they than somebody else": as much like themselves as they usually are. Twenty commands a stretch.
 */
export interface UsualEvidence {
  /** Natural log ratios of commands that were accepted as the person's, in order. */
  learn(evidence: readonly number[]): void;
  /** Evidence of so many commands together above which they are not learnt without another proof. */
  gate(commands: number): number;
  state(): UsualEvidenceState;
}

export interface UsualEvidenceState {
  readonly stretches: number;
  readonly mean: number;
  readonly square: number;
}

const STRETCH_COMMANDS = 20;
/** Stretches that count; older ones fade. */
const MEMORY_STRETCHES = 100;
/** Before so many the spread is not known. */
const STRETCHES_MIN = 10;
/** Whatever is usual: a hundred commands with more evidence than this are somebody else's. */
const GATE_PER_HUNDRED = 40;
/**
 * Commands come in moods, so a longer stretch varies more than independent ones would (exponent 0.5)
 * and less than one mood (1).
 */
const SPREAD_EXPONENT = 0.75;
/** Of standard deviations that pass, however few the commands are. */
const DEVIATIONS_MIN = 0.3;

/**
 * `perHundred`: standard deviations above the mean that pass, for a hundred commands; fewer are harder
 * to judge, and one wrongly learnt stretch lets the next pass, so that they must be the surer (cube of
 * their share).
 */
export function createUsualEvidence(
  saved: UsualEvidenceState | undefined,
  perHundred: number,
): UsualEvidence {
  let { stretches, mean, square } = saved ?? { stretches: 0, mean: 0, square: 0 };

  function add(sum: number): void {
    stretches += 1;
    const weight = Math.max(1 / stretches, 1 / MEMORY_STRETCHES);
    mean += weight * (sum - mean);
    square += weight * (sum * sum - square);
  }

  return {
    learn(evidence) {
      for (let at = 0; at + STRETCH_COMMANDS <= evidence.length; at += STRETCH_COMMANDS) {
        let sum = 0;
        for (let i = at; i < at + STRETCH_COMMANDS; i += 1) sum += evidence[i] ?? 0;
        add(sum);
      }
    },
    gate(commands) {
      const most = (GATE_PER_HUNDRED * commands) / 100;
      if (stretches < STRETCHES_MIN) return most;
      const spread = Math.sqrt(Math.max(0, square - mean * mean));
      const times = commands / STRETCH_COMMANDS;
      const share = Math.min(1, commands / 100);
      const deviations = Math.max(DEVIATIONS_MIN, perHundred * share ** 3);
      return Math.min(most, mean * times + deviations * spread * times ** SPREAD_EXPONENT);
    },
    state: () => ({ stretches, mean, square }),
  };
}
