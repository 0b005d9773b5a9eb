import {
  againstStrangers,
  delays,
  freeTextTrials,
  grid,
  gridAndDelays,
  halves,
  meanErrorRate,
  mixedOrder,
  passwordTrials,
  scoresByTarget,
  streamTrials,
} from "./keystrokes.mjs";
import { createRandom } from "./random.mjs";

const SEED = 20_261_121;
const rate = (value) => value.toFixed(3).replace(/^0/, "");
const percent = (value) => `${(100 * value).toFixed(0)} %`;

export function evaluatePassword(people, score) {
  const random = createRandom(SEED);
  const of = (options, how) => rate(meanErrorRate(passwordTrials(people, options), score, how));
  const mixed = mixedOrder(passwordTrials(people, { holds: false }), random);
  const strangers = (holds) =>
    rate(
      againstStrangers(
        people,
        (who) => passwordTrials(people, { holds, ...who }),
        score,
        createRandom(SEED),
      ),
    );
  return [
    row("K1 down-down times only", of({ holds: false }), ".084", ".0866 (kNN), .0962 all features"),
    row("K1 attackers whom nobody knows", strangers(false), "", ""),
    row("K2 with hold times", of({ holds: true }), ".052", ".0564"),
    row("K2 attackers whom nobody knows", strangers(true), "", ""),
    row("K3 on the 20 ms grid", of({ holds: false, distort: grid(random) }), ".089", ".0877"),
    row("K3 delays of 20 ms", of({ holds: false, distort: delays(random, 20) }), "", ".1143"),
    row(
      "K3 grid and delays",
      of({ holds: false, distort: gridAndDelays(random, 20) }),
      "",
      ".1185",
    ),
    row(
      "K4 learning, attackers mixed in",
      rate(meanErrorRate(mixed, score, { update: true })),
      "",
      ".0781",
    ),
  ];
}

export function evaluateText(people, score) {
  const random = createRandom(SEED);
  const of = (options) => rate(meanErrorRate(freeTextTrials(people, options), score));
  const strangers = (window) =>
    rate(
      againstStrangers(
        people,
        (who) => freeTextTrials(people, { holds: false, window, ...who }),
        score,
        createRandom(SEED),
      ),
    );
  return [
    row("F1 50 keys", of({ holds: false, window: 50 }), "", ".107"),
    row("F1 100 keys", of({ holds: false, window: 100 }), ".066", ".066"),
    row("F1 200 keys", of({ holds: false, window: 200 }), ".038", ".038"),
    row("F1 500 keys", of({ holds: false, window: 500 }), ".019", ".019"),
    row("F1 100 keys, attackers whom nobody knows", strangers(100), "", ""),
    row("F1 200 keys, attackers whom nobody knows", strangers(200), "", ""),
    row("F2 100 keys with hold times", of({ holds: true, window: 100 }), "", ""),
    row("F2 200 keys with hold times", of({ holds: true, window: 200 }), "", ""),
    row(
      "F3 100 keys on the 20 ms grid",
      of({ holds: false, window: 100, distort: grid(random) }),
      "",
      ".066",
    ),
  ];
}

/** Evidence at which the detector says that the typist changed (create-keystroke-detector.ts). */
const FOUND_AT = 11;

export function evaluateStreams(people, score) {
  const everybody = streamFigures(people, score, streamTrials(people));
  const [first, second] = halves(people, createRandom(SEED));
  const strangers = [
    [first, second],
    [second, first],
  ].map(([targets, others]) =>
    streamFigures(people, score, streamTrials(people, { targets, others })),
  );
  const total = (key) => strangers.reduce((sum, one) => sum + one[key], 0);
  const attacks = total("attacks");
  return [
    row(
      "F4 people without a false alarm in 1,000 keys",
      `${everybody.quiet} of ${everybody.people}`,
      "35 of 37",
      "17 of 18",
    ),
    row("F4 attackers found within 100 keys", percent(everybody.by100 / everybody.attacks), "", ""),
    row(
      "F4 attackers found within 200 keys",
      percent(everybody.by200 / everybody.attacks),
      "67 %",
      "67 %",
    ),
    row(
      "F4 attackers found within 500 keys",
      percent(everybody.by500 / everybody.attacks),
      "",
      "83 %",
    ),
    row(
      "F4 strangers: people without a false alarm",
      `${total("quiet")} of ${total("people")}`,
      "",
      "",
    ),
    row("F4 strangers: attackers found within 200 keys", percent(total("by200") / attacks), "", ""),
    row("F4 strangers: attackers found within 500 keys", percent(total("by500") / attacks), "", ""),
  ];
}

function streamFigures(people, score, trials) {
  const { samples, targets } = trials;
  const peaks = (keys, kind) => {
    const some = targets.map((target) => ({ ...target, tests: target[kind] }));
    return scoresByTarget({ samples, targets: some }, score, { stream: true, keys });
  };
  const long = peaks(1_000, "own");
  const found = (scores) =>
    trials.targets.reduce(
      (sum, { id, foreign }) =>
        sum + foreign.filter((one) => scores.get(id).get(one) >= FOUND_AT).length,
      0,
    );
  return {
    people: trials.targets.length,
    quiet: trials.targets.filter(({ id, own }) => long.get(id).get(own[0]) < FOUND_AT).length,
    attacks: trials.targets.reduce((sum, { foreign }) => sum + foreign.length, 0),
    by100: found(peaks(100, "foreign")),
    by200: found(peaks(200, "foreign")),
    by500: found(peaks(500, "foreign")),
  };
}

function row(what, value, bar, before) {
  return { what, value, bar, before };
}
