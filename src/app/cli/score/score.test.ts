import { describe, expect, it } from "vitest";
import { createTypist } from "../../../behaviour/typist.testing.js";
import { scoreKeystrokes } from "./score-keystroke.js";
import { scoreSequences } from "./score-sequence.js";
import { readKeystrokeTrials, readSequenceTrials, type TypedKeys } from "./trials.js";

function typed(person: number, seed: number, keys: number): TypedKeys {
  const presses = createTypist(person, seed).type(keys);
  return { k: presses.map((one) => one.key), t: presses.map((one) => one.at / 1_000) };
}

function trials(tests: readonly (readonly [string, TypedKeys])[]) {
  const people = [1, 2, 3, 4];
  const lines = [
    ...tests.map(([id, keys]) => JSON.stringify({ type: "sample", id, ...keys })),
    ...people.map((person) =>
      JSON.stringify({
        type: "target",
        id: `p${person}`,
        enrol: [typed(person, 1, 1_200)],
        tests: tests.map(([id]) => id),
      }),
    ),
  ];
  const read = readKeystrokeTrials(lines);
  if (!read.ok) throw new Error(read.error.problem);
  return read.value;
}

const FROZEN = { update: false, keys: null, stream: false };

describe("chaperone score keystroke", () => {
  it("scores the person's own typing below that of others", () => {
    const scores = [...scoreKeystrokes(trials([["own", typed(1, 2, 150)]]), FROZEN)];
    const [own, ...others] = scores.map((one) => one.score);
    expect(Math.min(...others)).toBeGreaterThan(own ?? Infinity);
  });

  it("never lets a score depend on what comes after it", () => {
    const tests = [
      ["a", typed(1, 2, 120)],
      ["b", typed(2, 2, 120)],
      ["c", typed(1, 3, 120)],
    ] as const;
    const whole = [...scoreKeystrokes(trials(tests), { ...FROZEN, update: true })];
    const first = [...scoreKeystrokes(trials(tests.slice(0, 2)), { ...FROZEN, update: true })];
    for (const { target, sample, score } of first) {
      expect(whole).toContainEqual({ target, sample, score });
    }
  });

  it("takes only so many keys, and tells the peak of a stream", () => {
    const tests = [["own", typed(1, 2, 400)]] as const;
    const of = (keys: number | null, stream: boolean) =>
      [...scoreKeystrokes(trials(tests), { update: false, keys, stream })].map((one) => one.score);
    expect(of(50, false)).toEqual([
      ...[...scoreKeystrokes(trials([["own", typed(1, 2, 50)]]), FROZEN)].map((one) => one.score),
    ]);
    const short = of(100, true);
    const long = of(null, true);
    for (const [index, peak] of short.entries()) expect(long[index]).toBeGreaterThanOrEqual(peak);
  });
});

describe("chaperone score sequence", () => {
  const train = Array.from({ length: 400 }, (_, i) => ["ls", "cd", "vi", "make"][i % 4] ?? "ls");
  const foreign = Array.from({ length: 100 }, (_, i) => ["ssh", "nc", "wget"][i % 3] ?? "nc");
  const own = train.slice(0, 100);
  const others = Array.from({ length: 400 }, (_, i) => ["ssh", "nc", "wget", "ls"][i % 4] ?? "ls");
  const targets = (blocks: readonly (readonly string[])[]) => [
    { id: "a", groups: [], train, blocks },
    { id: "b", groups: [], train: others, blocks: [] },
  ];
  const all = { update: true, keys: null };

  it("scores blocks of others above the person's own, in order", () => {
    const scores = [...scoreSequences(targets([own, foreign, own]), all)];
    expect(scores.map((one) => one.block)).toEqual([0, 1, 2]);
    expect(scores[1]?.score).toBeGreaterThan(
      Math.max(scores[0]?.score ?? 0, scores[2]?.score ?? 0),
    );
  });

  it("learns a block it accepts, and only with updating on", () => {
    const renewed = Array.from({ length: 100 }, (_, i) =>
      i % 5 === 0 ? "ninja" : (own[i] ?? "ls"),
    );
    const blocks = [renewed, ["ninja", "cd", "vi", "ninja"]];
    const second = (update: boolean) =>
      [...scoreSequences(targets(blocks), { update, keys: null })][1]?.score ?? 0;
    expect(second(true)).toBeLessThan(second(false));
  });
});

describe("a bad line of trials", () => {
  const good = JSON.stringify({ type: "sample", id: 1, k: ["a", "b"], t: [0, 90] });
  it.each([
    ["{", "is no JSON object"],
    ["[]", "is no JSON object"],
    ['{"type":"x"}', '"type"'],
    ['{"type":"sample","k":[],"t":[]}', '"id"'],
    ['{"type":"sample","id":1,"k":[],"t":[]}', "twice"],
    ['{"type":"sample","id":2,"k":["a"],"t":[]}', "0 times for 1 keys"],
    ['{"type":"sample","id":2,"k":["a"],"t":["x"]}', '"t"'],
    ['{"type":"sample","id":2,"k":["a"],"t":[1],"up":[true]}', '"up"'],
    ['{"type":"sample","id":2,"k":["a"],"t":[1],"up":[]}', '"up"'],
    ['{"type":"target","id":"a","enrol":{},"tests":[]}', '"enrol"'],
    ['{"type":"target","id":"a","enrol":[{"k":1}],"tests":[]}', '"enrol"[0]'],
    ['{"type":"target","id":"a","enrol":[],"tests":[7]}', "names sample 7"],
    ['{"type":"target","id":"a","enrol":[],"tests":[null]}', '"tests"'],
  ])("%s is refused with its number", (line, problem) => {
    const read = readKeystrokeTrials([good, "", line]);
    expect(read.ok).toBe(false);
    if (read.ok) return;
    expect(read.error.line).toBe(3);
    expect(read.error.problem).toContain(problem);
  });

  it.each([
    ['{"type":"sample","id":"a"}', '"type"'],
    ['{"type":"target","id":"a","train":["ls",1],"blocks":[]}', '"train"'],
    ['{"type":"target","id":"a","train":[],"blocks":["ls"]}', '"blocks"'],
    ['{"type":"target","train":[],"blocks":[]}', '"id"'],
  ])("%s is refused for sequences", (line, problem) => {
    const read = readSequenceTrials([line]);
    expect(read.ok ? "" : read.error.problem).toContain(problem);
  });

  it("does not hide that null up-times and absent ones are fine", () => {
    const line = JSON.stringify({ type: "sample", id: 1, k: ["a"], t: [0], up: [null] });
    expect(readKeystrokeTrials([line]).ok).toBe(true);
  });
});
