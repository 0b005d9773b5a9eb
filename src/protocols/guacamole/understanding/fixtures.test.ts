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
  const [header = {}, ...rest] = text.trim().split("\n").map(asRecord);
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

/** What comes once the desktop is there: the handshake is read elsewhere. */
function afterHandshake(name: string): ReturnType<typeof recorded> {
  const { protocol, records } = recorded(name);
  const ready = records.findIndex(({ i }) => i[0] === "ready");
  return { protocol, records: records.slice(ready + 1) };
}

function replay(name: string): Person {
  const { protocol, records } = afterHandshake(name);
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
    expect(person.lines.slice(0, 2).map(({ text }) => text)).toEqual(COMMANDS);
    expect(person.lines.every(({ hidden }) => !hidden)).toBe(true);
  });

  it("tells clipboards of both ways, uploads and downloads with their names", () => {
    const ended = replay("rdp-full").told("stream-ended");
    expect(
      ended.map(({ stream: { kind, direction, name, bytes }, outcome }) => ({
        kind,
        direction,
        name,
        bytes,
        outcome,
      })),
    ).toEqual([
      told("clipboard", "from-client", "", 26),
      told("clipboard", "from-server", "", 16),
      told("upload", "from-client", "/upload-demo.txt", 11_600),
      told("download", "from-server", "/upload-demo.txt", 11_600),
      told("download", "from-server", "report.csv", 1_092),
    ]);
    const [up, down] = ended.slice(2, 4).map(({ stream }) => stream.sha256);
    expect(up).toBe(down);
  });

  it("keeps nothing of a password that answers the server's question", () => {
    const person = replay("vnc-required-argv");
    const ended = person.told("stream-ended");
    expect(ended.map(({ stream: { kind, name, bytes } }) => ({ kind, name, bytes }))).toEqual([
      { kind: "argv", name: "password", bytes: 0 },
    ]);
    expect(JSON.stringify(person.facts)).not.toMatch(/vncdemo1|dm5jZGVtbzE/);
    expect(person.toServer.some(({ opcode }) => opcode === "blob")).toBe(true);
  });

  it("passes on what it only reads, unchanged", () => {
    for (const name of ["rdp-full", "vnc-full", "ssh-full", "ssh-join-owner"]) {
      const { records } = afterHandshake(name);
      const sent = (d: Direction): readonly string[] =>
        records.filter((one) => one.d === d && one.i[0] !== "").map(({ i }) => i.join(","));
      const person = replay(name);
      const passed = (all: readonly { opcode: string; args: readonly string[] }[]): string[] =>
        all.flatMap(({ opcode, args }) => (opcode === "" ? [] : [[opcode, ...args].join(",")]));
      expect(passed(person.toClient)).toEqual(sent("from-server"));
      expect(passed(person.toServer)).toEqual(sent("from-client"));
    }
  });
});

function told(kind: string, direction: Direction, name: string, bytes: number): object {
  return { kind, direction, name, bytes, outcome: "completed" };
}
