/**
 * How sure a condition is: words that can not be known leave it open. Conjunction is the minimum,
 * disjunction the maximum, negation the complement.
 */
export const NO = 0;
export const MAYBE = 1;
export const YES = 2;
export type Certainty = typeof NO | typeof MAYBE | typeof YES;

export function certainty(condition: boolean): Certainty {
  return condition ? YES : NO;
}

export function and(a: Certainty, b: Certainty): Certainty {
  return a < b ? a : b;
}

export function or(a: Certainty, b: Certainty): Certainty {
  return a > b ? a : b;
}

export function not(a: Certainty): Certainty {
  return a === YES ? NO : a === NO ? YES : MAYBE;
}
