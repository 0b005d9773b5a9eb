import { createHash } from "node:crypto";
import { micros, type Micros } from "../../../kernel/index.js";
import type { LineReading } from "../../../model/index.js";
import type { Fact } from "./facts.js";
import { createUnderstanding } from "./create-understanding.js";
import { instruction, type Direction, type Instruction } from "./instruction.js";
import type { Digest, StreamPolicy } from "./stream-facts.js";
import type { Reading, Understanding, UnderstandingOptions } from "./understanding.js";

const OPEN = { allowed: true, bytesMax: 64 * 1024 * 1024 };

/** Everything may pass. */
export const OPEN_POLICY: StreamPolicy = {
  clipboard: { upload: OPEN, download: OPEN },
  upload: OPEN,
  download: OPEN,
  listing: true,
  pipe: { upload: true, download: true },
  microphone: true,
  usb: true,
};

export function sha256Digest(): Digest {
  const hash = createHash("sha256");
  return { update: (bytes) => hash.update(bytes), hex: () => hash.digest("hex") };
}

/** Names of keys as tests write them. */
export const KEYSYMS = {
  Enter: 0xff0d,
  KeypadEnter: 0xff8d,
  Backspace: 0xff08,
  Tab: 0xff09,
  Escape: 0xff1b,
  Home: 0xff50,
  Left: 0xff51,
  Up: 0xff52,
  Right: 0xff53,
  Down: 0xff54,
  End: 0xff57,
  Insert: 0xff63,
  Delete: 0xffff,
  Shift: 0xffe1,
  Ctrl: 0xffe3,
  Alt: 0xffe9,
  Super: 0xffeb,
  AltGr: 0xfe03,
} as const;
export type KeyName = keyof typeof KEYSYMS;

/** A person at a desktop: presses keys, clicks, and answers for held lines as told. */
export class Person {
  readonly understanding: Understanding;
  readonly facts: Fact[] = [];
  readonly toServer: Instruction[] = [];
  readonly toClient: Instruction[] = [];
  /** Lines that were held, in order. */
  readonly lines: LineReading[] = [];
  /** What becomes of held lines; `wait`: nothing yet. */
  verdict: (line: LineReading) => "release" | "drop" | "wait" = () => "release";
  #now = 1_000_000;

  constructor(options: Partial<UnderstandingOptions> = {}) {
    this.understanding = createUnderstanding({
      protocol: "rdp",
      policy: OPEN_POLICY,
      createDigest: sha256Digest,
      ...options,
    });
  }

  get now(): Micros {
    return micros(this.#now);
  }

  wait(ms: number): this {
    this.#now += ms * 1_000;
    return this;
  }

  down(key: KeyName | number): this {
    return this.client(instruction("key", String(keysymOf(key)), "1"));
  }

  up(key: KeyName | number): this {
    return this.client(instruction("key", String(keysymOf(key)), "0"));
  }

  press(...keys: readonly (KeyName | number)[]): this {
    for (const key of keys) this.down(key).wait(60).up(key).wait(40);
    return this;
  }

  type(text: string): this {
    for (const character of text) this.press(keysymOfCharacter(character));
    return this;
  }

  /** `chord("Ctrl", "c")`: the last one is pressed while the others are down. */
  chord(...keys: readonly string[]): this {
    const named = keys.map((key) => (isKeyName(key) ? KEYSYMS[key] : keysymOfCharacter(key)));
    for (const key of named) this.down(key).wait(30);
    for (const key of named.toReversed()) this.up(key).wait(30);
    return this;
  }

  click(button = 1): this {
    this.client(instruction("mouse", "100", "100", String(button))).wait(80);
    return this.client(instruction("mouse", "100", "100", "0")).wait(80);
  }

  copies(text: string, from: Direction = "from-client", index = "7"): this {
    this.#give(instruction("clipboard", index, "text/plain"), from);
    this.#give(instruction("blob", index, Buffer.from(text).toString("base64")), from);
    return this.#give(instruction("end", index), from);
  }

  client(given: Instruction): this {
    return this.#give(given, "from-client");
  }

  server(given: Instruction): this {
    return this.#give(given, "from-server");
  }

  #give(given: Instruction, direction: Direction): this {
    this.take(this.understanding.read(given, direction, this.now), direction);
    return this;
  }

  take(reading: Reading, direction: Direction): void {
    const there = direction === "from-client" ? this.toServer : this.toClient;
    const back = direction === "from-client" ? this.toClient : this.toServer;
    there.push(...reading.forward);
    back.push(...reading.answer);
    this.facts.push(...reading.facts);
    for (const fact of reading.facts) if (fact.kind === "line-held") this.#decide(fact.reading);
  }

  #decide(line: LineReading): void {
    this.lines.push(line);
    const verdict = this.verdict(line);
    if (verdict === "wait") return;
    this.answer(verdict);
  }

  answer(verdict: "release" | "drop"): void {
    const { understanding } = this;
    const reading =
      verdict === "release"
        ? understanding.releaseLine(this.now)
        : understanding.dropLine(this.now);
    this.take(reading, "from-client");
  }

  told<K extends Fact["kind"]>(kind: K): readonly Extract<Fact, { kind: K }>[] {
    return this.facts.filter((fact): fact is Extract<Fact, { kind: K }> => fact.kind === kind);
  }

  /** Keysyms of presses that reached the server. */
  get pressed(): readonly number[] {
    return this.toServer.flatMap(({ opcode, args }) =>
      opcode === "key" && args[1] === "1" ? [Number(args[0])] : [],
    );
  }
}

function isKeyName(key: string): key is KeyName {
  return Object.hasOwn(KEYSYMS, key);
}

function keysymOf(key: KeyName | number): number {
  return typeof key === "number" ? key : KEYSYMS[key];
}

export function keysymOfCharacter(character: string): number {
  const code = character.codePointAt(0) ?? 0;
  return code < 0x100 ? code : 0x01000000 + code;
}
