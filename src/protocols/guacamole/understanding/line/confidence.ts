import type { Doubt } from "./editor.js";

/**
 * How sure a line is that only its keys tell. The numbers are judgements, not measurements: no screen
 * bears witness here. What they are made for is their place around 0.9, where "sure" begins.
 */
export const CONFIDENCE = {
  /** Typed behind a line that was entered in the same place. */
  typed: 0.95,
  /** The first line in a place: something may have stood there before. */
  firstInPlace: 0.9,
  /** It may be anything, or no line at all. */
  unseen: 0.05,
} as const;

const FACTORS: Readonly<Record<Doubt, number>> = {
  completion: 0.6,
  history: 0.4,
  search: 0.3,
  undo: 0.5,
  overwrite: 0.5,
  "pasted-unknown": 0.3,
  click: 0.5,
  focus: 0.6,
  gated: 0.8,
};

/** Ways of editing lead to different texts: which one it is can not be seen. */
const DISAGREEMENT = 0.6;

export function confidenceOf(base: number, doubts: ReadonlySet<Doubt>, disagree: boolean): number {
  let confidence = base * (disagree ? DISAGREEMENT : 1);
  for (const doubt of doubts) confidence *= FACTORS[doubt];
  return Math.round(confidence * 1_000) / 1_000;
}
