import { existsSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { micros } from "../../../kernel/index.js";
import { instruction, type Direction } from "./instruction.js";
import { Person } from "./understanding.testing.js";

const FOLDER = new URL("../../../../../shared/data/guac-fixtures/", import.meta.url);

/** Recordings of real desktops; they are not part of the project. */
const here = existsSync(FOLDER);

interface Recorded {
  readonly t: number;
  readonly d: Direction;
  readonly i: readonly string[];
}

function recorded(name: string): { protocol: string; records: readonly Recorded[] } {
  const text = gunzipSync(readFileSync(new URL(`${name}.jsonl.gz`, FOLDER))).toString("utf8");
  const [header = {}, ...rest] = text
    .trim()
    .split("\n")
    .map(asRecord);
  const records = rest.flatMap(({ t, d, i }) => {
    if ((d !== "c2s" && d !== "s2c") || !Array.isArray(i)) return [];
    const direction: Direction = d === "c2s" ? "from-client" : "from-server";
    return [{ t: Number(t), d: direction, i: i.map(String) }];
  });
  return { protocol: String(header["protocol"]), records };
}

function asRecord(line: string): Record<string, unknown> {
  const parsed: unknown = JSON.parse(line);
  return typeof parsed === "object" && parsed !== null ? { ...parsed } : {};
}

function replay(name: string): Person {
  const { protocol, records } = recorded(name);
  const person = new Person({ protocol });
  for (const { t, d, i } of records) {
    const [opcode = "", ...args] = i;
    person.take(person.understanding.read(instruction(opcode, ...args), d, micros(t * 1_000)), d);
  }
  person.take(person.understanding.end(micros(1e12)), "from-client");
  return person;
}

const COMMANDS = [
  "whoami > ~/t1; ls -la /etc/passwd",
  'sudo rm -rf /tmp/none; echo DONE "$HOME" #x',
];

describe.skipIf(!here)("recordings of real desktops", () => {
  it.each(["rdp-full", "vnc-full", "ssh-full"])("tells the lines typed in %s", (name) => {
    const person = replay(name);
      name,
      person.lines.map((l) => [l.text, l.confidence, l.hidden, l.candidates.length]),
      person.understanding.counts,
      person.facts
        .filter((f) => !["keys-timed", "mouse-moved", "line-held"].includes(f.kind))
        .map((f) => JSON.stringify(f).slice(0, 300)),
    );
    expect(person.lines.slice(0, 2).map(({ text }) => text)).toEqual(COMMANDS);
  });
});
