import { beforeAll, describe, expect, it } from "vitest";
import {
  createSiteHabits,
  DEFAULT_RISK_POLICY,
  NO_HABITS,
  parseBehaviourProfile,
  type BehaviourProfile,
} from "../../../behaviour/index.js";
import { createTypist, type Typist } from "../../../behaviour/typist.testing.js";
import type { EventDraft } from "../../../events/index.js";
import { micros, sessionId, wallMicros } from "../../../kernel/index.js";
import type { Effect, InputBody } from "../../../model/index.js";
import { seedOf } from "../../../session/seed.testing.js";
import { createDesktopSession } from "./desktop-session.js";
import { understandDesktop } from "./understand.js";

const RETURN = 0xff0d;
const LINES = ["ls -la /var/log", "systemctl status nginx", "tail error.log", "git status"];
const LINES_A_DAY = 16;
const DAYS = 5;
const THINKING_US = 2_000_000;
const POLICY = {
  readOnly: false,
  copy: true,
  paste: true,
  upload: true,
  download: true,
  microphone: false,
  pipes: false,
  clipboardBytesMax: 1_000_000,
  fileBytesMax: 1_000_000,
};

type Shelf = Map<string, BehaviourProfile>;

/** A desktop on which people type, at times that their typist gives, with keys that come up again. */
class Day {
  readonly events: EventDraft[] = [];
  readonly #session;
  readonly #shelf: Shelf;
  readonly #person: string;
  readonly #startsMs: number;
  #at = 0;
  returns = 0;

  constructor(person: string, day: number, shelf: Shelf) {
    this.#person = person;
    this.#shelf = shelf;
    this.#startsMs = Date.UTC(2026, 10, 2 + day, 9);
    const seed = seedOf({});
    const known = [...shelf].map(([name, profile]) => ({
      person: name,
      groups: ["dba"],
      profile,
    }));
    const site = shelf.size < 2 ? NO_HABITS : createSiteHabits(() => known);
    this.#session = createDesktopSession({
      ...seed,
      facts: {
        ...seed.facts,
        protocol: "rdp",
        id: sessionId(`s-${person}`),
        person: { ...seed.facts.person, name: person },
      },
      behaviour: { policy: DEFAULT_RISK_POLICY, mode: "enforce", site: () => site },
      readOnly: false,
      dump: false,
      understand: (judge) => understandDesktop({ protocol: "rdp", policy: POLICY, judge }),
    });
    this.input({ kind: "opened" });
    this.#says("target", "size", "0", "800", "600");
    this.#says("target", "sync", "5000");
  }

  input(body: InputBody): void {
    const wall = wallMicros(this.#startsMs * 1_000 + this.#at);
    for (const effect of this.#session.step({ ...body, at: micros(this.#at), wall })) {
      this.#note(effect);
    }
  }

  #note(effect: Effect): void {
    if (effect.kind === "emit") this.events.push(effect.event);
    else if (effect.kind === "instruct" && effect.to === "target") {
      const { opcode, args } = effect.instruction;
      if (opcode === "key" && args[0] === String(RETURN) && args[1] === "1") this.returns += 1;
    } else if (effect.kind === "ask-profile") {
      const kept = this.#shelf.get(this.#person);
      const profile = kept === undefined ? null : JSON.stringify(kept);
      this.input({ kind: "profile-known", part: effect.part, profile, revision: 0 });
    } else if (effect.kind === "keep-profile") {
      const brought = parseBehaviourProfile(effect.profile);
      if (!brought.ok) throw new Error(brought.error.message);
      this.#shelf.set(this.#person, { ...this.#shelf.get(this.#person), ...brought.value });
    }
  }

  #says(from: "person" | "target", opcode: string, ...args: readonly string[]): void {
    this.input({ kind: "instruction", from, instruction: { opcode, args } });
  }

  /** `heldMs`: how long this person keeps keys down. */
  types(typist: Typist, text: string, heldMs: number): void {
    const keys = typist.phrase(`${text}\r`);
    const shift = this.#at + THINKING_US - (keys[0]?.at ?? 0);
    for (const { key, at } of keys) {
      const keysym = key === "\r" ? RETURN : (key.codePointAt(0) ?? 0);
      this.#at = Math.max(this.#at, at + shift);
      this.#says("person", "key", String(keysym), "1");
      this.#at += heldMs * 1_000;
      this.#says("person", "key", String(keysym), "0");
    }
  }

  works(typist: Typist, heldMs: number): void {
    for (let line = 0; line < LINES_A_DAY; line += 1) {
      this.types(typist, LINES[line % LINES.length] ?? "", heldMs);
    }
  }

  leave(): void {
    this.input({ kind: "disconnected", reason: "the client went" });
  }

  told(type: EventDraft["type"]): readonly EventDraft["data"][] {
    return this.events.flatMap((event) => (event.type === type ? [event.data] : []));
  }
}

const PEOPLE = [
  { name: "alice", typist: 1, heldMs: 40 },
  { name: "bob", typist: 2, heldMs: 60 },
  { name: "carol", typist: 3, heldMs: 50 },
];

describe("the behaviour of people at desktops", () => {
  const shelf: Shelf = new Map();
  beforeAll(() => {
    for (let day = 0; day < DAYS; day += 1) {
      for (const { name, typist, heldMs } of PEOPLE) {
        const work = new Day(name, day, shelf);
        work.works(createTypist(typist, day), heldMs);
        work.leave();
      }
    }
  });
  const today = () => new Day("alice", DAYS, new Map(shelf));

  it("is learnt: how long between two keys and how long a key is held, and the commands", () => {
    const profile = shelf.get("alice");
    const features = profile?.keystroke?.timings.features.map(([name]) => name) ?? [];
    expect(profile?.keystroke?.timings.learnt).toBeGreaterThan(1_000);
    expect(profile?.sequence?.counts.commands.length).toBeGreaterThan(3);
    expect(profile?.context?.sessions).toBe(DAYS);
    expect(features).toEqual(expect.arrayContaining(["l", "l\ts"]));
  });

  it("asks the person themselves nothing", () => {
    const work = today();
    work.works(createTypist(1, 99), 40);
    expect(work.told("reauth.requested")).toEqual([]);
    expect(work.returns).toBe(LINES_A_DAY);
  });

  it("asks somebody else at their keyboard who they are, before the line that they type is entered", () => {
    const work = today();
    work.works(createTypist(9, 1), 130);
    expect(work.told("reauth.requested")).toMatchObject([{ trigger: "risk", factor: "totp" }]);
    expect(work.returns).toBe(work.told("command.entered").length);
    expect(work.returns).toBeLessThan(LINES_A_DAY);
  });

  it("holds nothing of what was typed into a password", () => {
    const typed = (secret: string): string => {
      const own: Shelf = new Map(shelf);
      const work = new Day("alice", DAYS, own);
      work.types(createTypist(1, 5), "sudo ls", 40);
      work.types(createTypist(1, 6), secret, 77);
      work.leave();
      return JSON.stringify(own.get("alice")?.keystroke?.timings);
    };
    expect(typed("correct horse")).toBe(typed("zzzz qqqq yyyy"));
  });

  it("is nothing where nobody asked for it", () => {
    const seed = seedOf({});
    const session = createDesktopSession({
      ...seed,
      facts: { ...seed.facts, protocol: "rdp" },
      readOnly: false,
      dump: false,
      understand: (judge) => understandDesktop({ protocol: "rdp", policy: POLICY, judge }),
    });
    const effects = session.step({ kind: "opened", at: micros(0), wall: wallMicros(0) });
    expect(effects.map((one) => one.kind)).toEqual(["emit"]);
  });
});
