// Development data, read where it lies beside the project; nothing of it is kept here.
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";

const FOLDER = fileURLToPath(new URL("../../../shared/data/behaviour/", import.meta.url));

/** Where the data is: `EVAL_DATA`, or `../shared/data/behaviour` beside the project. */
export function dataFolder() {
  const given = process.env.EVAL_DATA;
  const folder = given === undefined ? FOLDER : `${given}/`;
  return existsSync(folder) ? folder : null;
}

function rows(folder, name) {
  return gunzipSync(readFileSync(`${folder}${name}`))
    .toString("utf8")
    .trimEnd()
    .split("\n");
}

/** One password typed 400 times each: person to repetitions {k, t, up}, ms. */
export function readCmu(folder) {
  const [head, ...lines] = rows(folder, "cmu-password/cmu-dev.csv.gz");
  const columns = head.split(",");
  const holds = columns.flatMap((name, index) => (name.startsWith("H.") ? [index] : []));
  const downs = columns.flatMap((name, index) => (name.startsWith("DD.") ? [index] : []));
  const keys = holds.map((index) => columns[index].slice(2));
  const people = new Map();
  for (const line of lines) {
    const cells = line.split(",");
    const t = [0];
    for (const index of downs) t.push(t.at(-1) + Number(cells[index]));
    const up = t.map((down, index) => down + Number(cells[holds[index]]));
    push(people, cells[0], { k: keys, t, up });
  }
  return people;
}

/** Free text: person to six sessions of 500 keys {k, t, up}, ms. */
export function readVillani(folder) {
  const [, ...lines] = rows(folder, "villani-freetext/villani-free-dev.tsv.gz");
  const people = new Map();
  for (const line of lines) {
    const [person, session, key, down, up] = line.split("\t");
    const sessions = people.get(person) ?? [];
    people.set(person, sessions);
    const one = (sessions[Number(session)] ??= { k: [], t: [], up: [] });
    one.k.push(key);
    one.t.push(Number(down));
    one.up.push(Number(up));
  }
  return people;
}

/** Person to 15,000 commands and the label of each of the last 100 blocks of 100. */
export function readSea(folder) {
  const people = new Map();
  for (const line of rows(folder, "schonlau-sea/sea-dev.tsv.gz")) {
    const [person, , label, command] = line.split("\t");
    const one = people.get(person) ?? { commands: [], labels: [] };
    people.set(person, one);
    one.commands.push(command);
    one.labels.push(label === "1");
  }
  return new Map(
    [...people].map(([person, { commands, labels }]) => [
      person,
      {
        train: commands.slice(0, 5_000),
        blocks: cut(commands.slice(5_000), 100),
        masquerades: cut(labels.slice(5_000), 100).map((block) => block[0]),
      },
    ]),
  );
}

/** Person to typed command names in order. */
export function readPurdue(folder) {
  const people = new Map();
  for (const line of rows(folder, "purdue-unix/purdue-dev.tsv.gz").slice(1)) {
    const [person, , command] = line.split("\t");
    push(people, person, command);
  }
  return people;
}

export function cut(list, size) {
  const out = [];
  for (let from = 0; from + size <= list.length; from += size)
    out.push(list.slice(from, from + size));
  return out;
}

function push(map, key, value) {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}
