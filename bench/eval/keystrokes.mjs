// The keystroke protocols: trials are made as `chaperone score` takes them and scored by its code.
import { equalErrorRate, mean } from "./metrics.mjs";
import { onGrid, withDelays } from "./transport.mjs";

/** Sessions of the free-text set that a person is enrolled with; the others are tests. */
const ENROL_SESSIONS = 4;
/** Time between two sessions that are read as one stream: a pause for every detector. ms. */
const BETWEEN_SESSIONS_MS = 3_600_000;

/**
 * One password: 200 repetitions enrolled, the 200 later ones against the first 5 of each other person.
 * `others`: people whose repetitions are impostors; default: everybody, as published.
 */
export function passwordTrials(people, { holds, distort = (keys) => keys, targets, others }) {
  const samples = [];
  const enrolled = [];
  const known = targets ?? [...people.keys()];
  const strangers = others ?? [...people.keys()];
  const take = (keys) => distort(holds ? keys : { k: keys.k, t: keys.t });
  const idOf = new Map();
  const sample = (person, index) => {
    const id = `${person}/${index}`;
    if (!idOf.has(id)) {
      idOf.set(id, id);
      samples.push({ id, ...take(people.get(person)[index]) });
    }
    return id;
  };
  for (const person of known) {
    const own = Array.from({ length: 200 }, (_, i) => sample(person, 200 + i));
    const foreign = strangers
      .filter((one) => one !== person)
      .flatMap((one) => Array.from({ length: 5 }, (_, i) => sample(one, i)));
    enrolled.push({
      id: person,
      enrol: people.get(person).slice(0, 200).map(take),
      own,
      foreign,
      tests: [...own, ...foreign],
    });
  }
  return { samples, targets: enrolled };
}

/** Free text: four sessions enrolled, windows of `window` keys of the last two. */
export function freeTextTrials(
  people,
  { holds, window, distort = (keys) => keys, targets, others },
) {
  const samples = [];
  const windows = new Map();
  for (const [person, sessions] of people) {
    const ids = [];
    for (const [index, session] of sessions.slice(ENROL_SESSIONS).entries()) {
      const read = distort(holds ? session : { k: session.k, t: session.t });
      for (let from = 0; from + window <= read.k.length; from += window) {
        const id = `${person}/${index}/${from}`;
        ids.push(id);
        // The key before the window gives its first key a rhythm.
        samples.push({ id, ...slice(read, Math.max(0, from - 1), from + window) });
      }
    }
    windows.set(person, ids);
  }
  const known = targets ?? [...people.keys()];
  const strangers = others ?? [...people.keys()];
  return {
    samples,
    targets: known.map((person) => {
      const own = windows.get(person);
      const foreign = strangers.filter((one) => one !== person).flatMap((one) => windows.get(one));
      const enrol = people
        .get(person)
        .slice(0, ENROL_SESSIONS)
        .map((session) => distort(holds ? session : { k: session.k, t: session.t }));
      return { id: person, enrol, own, foreign, tests: [...own, ...foreign] };
    }),
  };
}

/** The last two sessions of everybody as one stream of 1,000 keys. */
export function streamTrials(people, { targets, others, distort = (keys) => keys } = {}) {
  const samples = [...people].map(([person, sessions]) => {
    const [first, second] = sessions
      .slice(ENROL_SESSIONS)
      .map((session) => distort({ k: session.k, t: session.t }));
    const shift = first.t.at(-1) + BETWEEN_SESSIONS_MS;
    return {
      id: person,
      k: [...first.k, ...second.k],
      t: [...first.t, ...second.t.map((time) => time + shift)],
    };
  });
  const known = targets ?? [...people.keys()];
  const strangers = others ?? [...people.keys()];
  return {
    samples,
    targets: known.map((person) => ({
      id: person,
      enrol: people
        .get(person)
        .slice(0, ENROL_SESSIONS)
        .map((session) => distort({ k: session.k, t: session.t })),
      own: [person],
      foreign: strangers.filter((one) => one !== person),
      tests: [person, ...strangers.filter((one) => one !== person)],
    })),
  };
}

/** Mean over the people of the equal error rate of each. */
export function meanErrorRate({ samples, targets }, score, options = {}) {
  const scores = scoresByTarget({ samples, targets }, score, options);
  return mean(
    targets.map(({ id, own, foreign }) => {
      const of = scores.get(id);
      return equalErrorRate(
        own.map((one) => of.get(one)),
        foreign.map((one) => of.get(one)),
      );
    }),
  );
}

export function scoresByTarget({ samples, targets }, score, options = {}) {
  const trials = {
    samples: new Map(samples.map(({ id, ...keys }) => [id, keys])),
    targets: targets.map(({ id, enrol, tests }) => ({ id, enrol, tests })),
  };
  const out = new Map(targets.map(({ id }) => [id, new Map()]));
  const asked = { update: false, keys: null, stream: false, ...options };
  for (const one of score(trials, asked)) out.get(one.target).set(one.sample, one.score);
  return out;
}

/** Impostors and own repetitions in one order, so that self-gated learning is put to the test. */
export function mixedOrder(trials, random) {
  return {
    ...trials,
    targets: trials.targets.map((target) => {
      const tests = [...target.own];
      for (const foreign of target.foreign)
        tests.splice(random.below(tests.length + 1), 0, foreign);
      // Own repetitions keep their order: time passes.
      return { ...target, tests };
    }),
  };
}

/** People in two halves by a seeded draw: one is enrolled and compared with, the other attacks. */
export function halves(people, random) {
  const names = random.shuffled([...people.keys()]);
  const middle = Math.floor(names.length / 2);
  return [names.slice(0, middle), names.slice(middle)];
}

/** Mean over both halves as targets, with attackers whom nobody ever saw. */
export function againstStrangers(people, make, score, random) {
  const [first, second] = halves(people, random);
  const rates = [
    [first, second],
    [second, first],
  ].map(([targets, others]) => ({
    count: targets.length,
    rate: meanErrorRate(make({ targets, others }), score),
  }));
  return rates.reduce((sum, { count, rate }) => sum + count * rate, 0) / people.size;
}

export const grid = (random) => (keys) => onGrid(keys, random);
export const delays = (random, meanMs) => (keys) => withDelays(keys, random, meanMs);
export const gridAndDelays = (random, meanMs) => (keys) =>
  withDelays(onGrid(keys, random), random, meanMs);

function slice({ k, t, up }, from, until) {
  return {
    k: k.slice(from, until),
    t: t.slice(from, until),
    ...(up === undefined ? {} : { up: up.slice(from, until) }),
  };
}
