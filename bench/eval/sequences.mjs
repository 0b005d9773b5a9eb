// The command protocols: trials are made as `chaperone score` takes them and scored by its code.
import { cut } from "./data.mjs";
import { atThreshold, equalErrorRate, masqueradeFigures, mean, quantile } from "./metrics.mjs";

export const FALSE_ALARM_RATES = [0.01, 0.013, 0.025, 0.05];
const FOLDS = 5;

/** 5,000 commands trained, the later 100 blocks of 100 scored in order. */
export function scoreMasquerades(people, score, { update = true, keys = null, shape } = {}) {
  const targets = [...people].map(([id, { train, blocks }]) => ({ id, groups: [], train, blocks }));
  const scoring = shape === undefined ? { update, keys } : { update, keys, shape };
  return [...score(targets, scoring)].map((one) => ({
    ...one,
    masquerade: people.get(one.target).masquerades[one.block],
  }));
}

export function masqueradeTable(scored) {
  return masqueradeFigures(scored, FALSE_ALARM_RATES);
}

/**
 * The threshold is the quantile of own blocks of the *other* people (5 folds over people): nothing of
 * a person's test blocks decides on them.
 */
export function thresholdFromOthers(scored, people, aimedAlarms) {
  const names = [...people.keys()];
  const foldOf = new Map(names.map((name, index) => [name, index % FOLDS]));
  const judged = [];
  for (let fold = 0; fold < FOLDS; fold += 1) {
    const others = scored.filter((one) => foldOf.get(one.target) !== fold && !one.masquerade);
    const threshold = quantile(
      others.map((one) => one.score),
      1 - aimedAlarms,
    );
    for (const one of scored) {
      if (foldOf.get(one.target) === fold) {
        judged.push({ ...one, score: one.score >= threshold ? 1 : 0 });
      }
    }
  }
  return atThreshold(judged, 1);
}

/** Of all people, those whose commands play the masquerader's, in turn; nobody compares with them then. */
const REHEARSAL_FOLDS = 5;
/** A masquerade begins before an own block with this probability, and goes on with that one. */
const BEGINS = 0.025;
const GOES_ON = 0.8;

/**
 * The masquerade on the training halves alone: `learnt` of their 5,000 commands are learnt, the others
 * are the own blocks, and a fifth of the people at a time is taken out and plays the masqueraders. What
 * this says chooses the shape of the detector; no block of the test has a part in it.
 */
export function rehearseMasquerades(people, score, { learnt, shape, random }) {
  const names = [...people.keys()];
  const scored = [];
  for (let fold = 0; fold < REHEARSAL_FOLDS; fold += 1) {
    const foreign = names.filter((_, index) => index % REHEARSAL_FOLDS === fold);
    const played = new Map(
      names
        .filter((name) => !foreign.includes(name))
        .map((name) => [name, playedBlocks(people, { name, foreign, learnt, random })]),
    );
    scored.push(...scoreMasquerades(played, score, { shape }));
  }
  return scored;
}

function playedBlocks(people, { name, foreign, learnt, random }) {
  const { train } = people.get(name);
  const blocks = [];
  const masquerades = [];
  let play = null;
  for (const own of cut(train.slice(learnt), 100)) {
    while (random.next() < (play === null ? BEGINS : GOES_ON)) {
      play ??= playFrom(people.get(foreign[random.below(foreign.length)]).train, random);
      blocks.push(play());
      masquerades.push(true);
    }
    play = null;
    blocks.push(own);
    masquerades.push(false);
  }
  return { train: train.slice(0, learnt), blocks, masquerades };
}

/** Blocks one after the other, from a random one on. */
function playFrom(commands, random) {
  const blocks = cut(commands, 100);
  let at = random.below(blocks.length);
  return () => blocks[at++ % blocks.length];
}

/** The threshold comes from the training halves alone: 2,500 commands learnt, 25 blocks scored. */
export function thresholdFromTraining(scored, people, score, aimedAlarms) {
  const targets = [...people].map(([id, { train }]) => ({
    id,
    groups: [],
    train: train.slice(0, 2_500),
    blocks: cut(train.slice(2_500), 100),
  }));
  const own = [...score(targets, { update: true, keys: null })].map((one) => one.score);
  const threshold = quantile(own, 1 - aimedAlarms);
  return { threshold, ...atThreshold(scored, threshold) };
}

/**
 * Typed commands: 60 % learnt; own later blocks against those of one other person, who is then not in
 * the background. Half of all blocks are foreign: after the own ones, or (`turns`) drawn between them,
 * which is harsh on a detector that remembers.
 */
export function typedCommandRate(people, score, { block, turns, random }) {
  const names = [...people.keys()];
  const rates = names.flatMap((name) =>
    names
      .filter((one) => one !== name)
      .map((impostor) => {
        const foreign = cut(laterPart(people.get(impostor)), block).slice(0, BLOCKS_MAX);
        const order = [
          ...cut(laterPart(people.get(name)), block)
            .slice(0, BLOCKS_MAX)
            .map((commands) => ({ commands, foreign: false })),
        ];
        for (const commands of foreign) {
          const at = turns ? random.below(order.length + 1) : order.length;
          order.splice(at, 0, { commands, foreign: true });
        }
        const targets = names
          .filter((one) => one !== impostor)
          .map((one) => ({
            id: one,
            groups: [],
            train: firstPart(people.get(one)),
            blocks: one === name ? order.map(({ commands }) => commands) : [],
          }));
        const scores = [...score(targets, { update: true, keys: null })];
        const of = (kind) =>
          scores.filter((one) => order[one.block].foreign === kind).map((one) => one.score);
        return equalErrorRate(of(false), of(true));
      }),
  );
  return mean(rates);
}

/** Of each person; enough for a rate, few enough for a quarter of an hour in all. */
const BLOCKS_MAX = 150;
const firstPart = (commands) => commands.slice(0, Math.floor(commands.length * 0.6));
const laterPart = (commands) => commands.slice(Math.floor(commands.length * 0.6));
