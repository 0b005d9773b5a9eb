import { createRandom } from "./random.mjs";
import {
  masqueradeTable,
  nestedMasquerades,
  scoreMasquerades,
  thresholdFromOthers,
  thresholdFromTraining,
  typedCommandRate,
} from "./sequences.mjs";

const SEED = 20_261_121;
const figure = (value) => value.toFixed(1);
/** Share of own blocks that may alarm when the threshold is taken from other people. */
const AIMED_FROM_OTHERS = 0.02;
/** The same from the training halves, where people change less than later. */
const AIMED_FROM_TRAINING = 0.05;

export function evaluateMasquerades(people, score) {
  const scored = scoreMasquerades(people, score);
  const { hits, best } = masqueradeTable(scored);
  const others = thresholdFromOthers(scored, people, AIMED_FROM_OTHERS);
  const training = thresholdFromTraining(scored, people, score, AIMED_FROM_TRAINING);
  const frozen = masqueradeTable(scoreMasquerades(people, score, { update: false }));
  const short = masqueradeTable(scoreMasquerades(people, score, { keys: 25 }));
  const nested = nestedMasquerades(people, score, { aimedAlarms: AIMED_FROM_OTHERS });
  const left = masqueradeTable(nested.pooled);
  console.log(`  chosen in the folds: ${JSON.stringify(nested.chosen)}`);
  return [
    row("C1 hits at 1 % false alarms", figure(hits[0]), "69", "69.1"),
    row("C1 hits at 1.3 % false alarms", figure(hits[1]), "", "74.7; best published 61.5"),
    row("C1 hits at 2.5 % false alarms", figure(hits[2]), "85", "84.8; best published 72.3"),
    row("C1 hits at 5 % false alarms", figure(hits[3]), "91", "91.0"),
    row("C3 least cost (hits / false alarms)", atCost(best), "31", "29.5; best published 42.3"),
    row("C2 threshold from other people", atCost(others), "33 at 2.5 %", "31.6"),
    row("C2 threshold from the training halves", atCost(training), "33 at 2.5 %", "31.6"),
    row("nested: hits at 1 % false alarms", figure(left.hits[0]), "69", "69.1"),
    row("nested: hits at 2.5 % false alarms", figure(left.hits[2]), "85", "84.8"),
    row("nested: hits at 5 % false alarms", figure(left.hits[3]), "91", "91.0"),
    row("nested: shape and threshold from other people", atCost(nested), "33 at 2.5 %", "31.6"),
    row("least cost without learning", atCost(frozen.best), "", "58.5 (naive Bayes)"),
    row(
      "least cost, first 25 commands of a block, learning from those alone",
      atCost(short.best),
      "",
      "38.4 (all 50 people)",
    ),
  ];
}

export function evaluateTyped(people, score) {
  const of = (block, turns) =>
    typedCommandRate(people, score, { block, turns, random: createRandom(SEED) })
      .toFixed(3)
      .replace(/^0/, "");
  return [
    row("C4 blocks of 20, attacker after the person", of(20, false), ".090", ".071"),
    row("C4 blocks of 50, attacker after the person", of(50, false), ".055", ".040"),
    row("C4 blocks of 20, taking turns at random", of(20, true), "", ""),
    row("C4 blocks of 50, taking turns at random", of(50, true), "", ""),
  ];
}

function atCost({ cost, hits, alarms }) {
  return `${figure(cost)} (${figure(hits)} / ${alarms.toFixed(2)})`;
}

function row(what, value, bar, before) {
  return { what, value, bar, before };
}
