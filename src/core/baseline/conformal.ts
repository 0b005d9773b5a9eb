/**
 * Conformal p-values (Vovk, Gammerman, Shafer, "Algorithmic Learning in a Random World"): the share of
 * the history, the new value included, that is at least as strange as the new one, each compared with all
 * the others. Whatever the distribution, ordinary values get a p of at most e in at most a share e of the
 * cases, as long as the new is like the old.
 */
export interface Reading {
  /** 0..1; 1 = as ordinary as can be. */
  readonly p: number;
  /** How many the history holds. */
  readonly history: number;
}

export function conformal(asStrange: number, history: number): Reading {
  return { p: (1 + asStrange) / (history + 1), history };
}

/** From here a person's own history speaks alone: its least p-value is one in a hundred. */
export const OWN_HISTORY = 99;
/** Below it nothing is concluded: the person is being learnt. */
export const WARM_HISTORY = 10;

/**
 * What the person's own history says, and while it is short also that of those they work with. Null
 * while nothing can be concluded.
 */
export function blended(own: Reading, peers: Reading | null): number | null {
  if (own.history < WARM_HISTORY) return null;
  if (own.history >= OWN_HISTORY || peers === null || peers.history < OWN_HISTORY) return own.p;
  const share = own.history / OWN_HISTORY;
  return share * own.p + (1 - share) * peers.p;
}
