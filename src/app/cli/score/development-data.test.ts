// The bars that a version must reach, on a sample of the development people: it lies beside the project
// or nowhere (then these tests are skipped, and counted as such). `npm run eval` takes everybody.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";

import { describe, expect, it } from "vitest";
import { longRun } from "../../../testing/index.js";
import { scoreKeystrokes } from "./score-keystroke.js";
import { scoreSequences } from "./score-sequence.js";
import type { KeystrokeTarget, TypedKeys } from "./trials.js";

const FOLDER = fileURLToPath(new URL("../../../../../shared/data/behaviour", import.meta.url));
const present = existsSync(FOLDER);
/** People of the sample: a few seconds. */
const PEOPLE = longRun ? Infinity : 8;

describe.skipIf(!present)("the development people", () => {
  it("are told apart by how they type one password", () => {
    const people = readPassword();
    const rates = errorRates(people, (sessions) => ({
      enrol: sessions.slice(0, 200),
      own: sessions.slice(200).filter((_, index) => longRun || index % 4 === 0),
      foreign: sessions.slice(0, 5),
    }));
    expect(mean(rates)).toBeLessThan(0.1);
  });

  it("are told apart by two hundred keys of free text", () => {
    const rates = errorRates(readFreeText(), (sessions) => ({
      enrol: sessions.slice(0, 4),
      own: sessions.slice(4).flatMap((session) => windows(session, 200)),
      foreign: sessions.slice(4).flatMap((session) => windows(session, 200)),
    }));
    expect(mean(rates)).toBeLessThan(0.038);
  });

  it("are told from masqueraders by their commands", () => {
    const people = readCommands();
    const targets = [...people].map(([id, { commands }]) => ({
      id,
      groups: [],
      train: commands.slice(0, 5_000),
      blocks: Array.from({ length: 100 }, (_, block) =>
        commands.slice(5_000 + 100 * block, 5_100 + 100 * block),
      ),
    }));
    const own: number[] = [];
    const masquerades: number[] = [];
    for (const { target, block, score } of scoreSequences(targets, { update: true, keys: null })) {
      const masquerade = people.get(target)?.masquerades[block] === true;
      (masquerade ? masquerades : own).push(score);
    }
    expect(masquerades.length).toBeGreaterThan(20);
    expect(errorRate(own, masquerades)).toBeLessThan(0.08);
  });
});

interface Split {
  readonly enrol: readonly TypedKeys[];
  readonly own: readonly TypedKeys[];
  /** What others use against this person. */
  readonly foreign: readonly TypedKeys[];
}

function errorRates(
  people: ReadonlyMap<string, readonly TypedKeys[]>,
  split: (sessions: readonly TypedKeys[]) => Split,
): number[] {
  const parts = new Map([...people].map(([person, sessions]) => [person, split(sessions)]));
  const samples = new Map<string, TypedKeys>();
  for (const [person, { own, foreign }] of parts) {
    for (const [index, keys] of own.entries()) samples.set(`own ${person} ${index}`, keys);
    for (const [index, keys] of foreign.entries()) samples.set(`foreign ${person} ${index}`, keys);
  }
  const targets: KeystrokeTarget[] = [...parts].map(([id, { enrol }]) => ({
    id,
    enrol,
    tests: [...samples.keys()].filter(
      (name) => name.startsWith(`own ${id} `) || !/^own /.test(name),
    ),
  }));
  const scores = new Map(
    targets.map(({ id }) => [id, { own: [0].slice(1), foreign: [0].slice(1) }]),
  );
  const frozen = { update: false, keys: null, stream: false };
  for (const { target, sample, score } of scoreKeystrokes({ samples, targets }, frozen)) {
    const [kind, person] = String(sample).split(" ");
    if (kind === "own") scores.get(target)?.own.push(score);
    else if (person !== target) scores.get(target)?.foreign.push(score);
  }
  return [...scores.values()].map(({ own, foreign }) => errorRate(own, foreign));
}

/** Where as many own ones are above a threshold as foreign ones are below: the mean of both there. */
function errorRate(own: readonly number[], foreign: readonly number[]): number {
  const thresholds = [...own, ...foreign].sort((a, b) => a - b);
  for (const threshold of thresholds) {
    const rejected = own.filter((one) => one > threshold).length / own.length;
    const accepted = foreign.filter((one) => one <= threshold).length / foreign.length;
    if (accepted >= rejected) return (accepted + rejected) / 2;
  }
  return 1;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function rows(name: string): readonly string[] {
  return gunzipSync(readFileSync(join(FOLDER, name)))
    .toString("utf8")
    .trimEnd()
    .split("\n");
}

function readPassword(): ReadonlyMap<string, readonly TypedKeys[]> {
  const [head = "", ...lines] = rows("cmu-password/cmu-dev.csv.gz");
  const downs = head.split(",").flatMap((name, index) => (name.startsWith("DD.") ? [index] : []));
  const k = downs.map((index) => String(index));
  const people = new Map<string, TypedKeys[]>();
  for (const line of lines) {
    const cells = line.split(",");
    let at = 0;
    const t = [0, ...downs.map((index) => (at += Number(cells[index])))];
    push(people, cells[0] ?? "", { k: ["first", ...k], t });
  }
  return firstOf(people);
}

function readFreeText(): ReadonlyMap<string, readonly TypedKeys[]> {
  const people = new Map<string, { k: string[]; t: number[] }[]>();
  for (const line of rows("villani-freetext/villani-free-dev.tsv.gz").slice(1)) {
    const [person = "", session, key = "", down] = line.split("\t");
    const sessions = people.get(person) ?? [];
    people.set(person, sessions);
    const one = (sessions[Number(session)] ??= { k: [], t: [] });
    one.k.push(key);
    one.t.push(Number(down));
  }
  return firstOf(people);
}

function readCommands(): ReadonlyMap<string, { commands: string[]; masquerades: boolean[] }> {
  const people = new Map<string, { commands: string[]; masquerades: boolean[] }>();
  for (const line of rows("schonlau-sea/sea-dev.tsv.gz")) {
    const [person = "", index, label, command = ""] = line.split("\t");
    const one = people.get(person) ?? { commands: [], masquerades: [] };
    people.set(person, one);
    one.commands.push(command);
    const place = Number(index) - 5_000;
    if (place >= 0 && place % 100 === 0) one.masquerades.push(label === "1");
  }
  // With fewer people there is no background to compare with.
  return longRun ? people : new Map([...people].slice(0, 15));
}

function windows({ k, t }: TypedKeys, keys: number): TypedKeys[] {
  const out: TypedKeys[] = [];
  for (let from = 0; from + keys <= k.length; from += keys) {
    out.push({ k: k.slice(from, from + keys), t: t.slice(from, from + keys) });
  }
  return out;
}

function firstOf<T>(people: ReadonlyMap<string, T>): ReadonlyMap<string, T> {
  return new Map([...people].slice(0, PEOPLE));
}

function push<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}
