import { describe, expect, it } from "vitest";
import type { EventDraft } from "../../../events/index.js";
import { encodeUtf8, requestId, type Micros, type WallMicros } from "../../../kernel/index.js";
import {
  serializeInstruction,
  type Effect,
  type InputBody,
  type Instruction,
} from "../../../model/index.js";
import type { SessionSeed } from "../../../session/index.js";
import { seedOf } from "../../../session/seed.testing.js";
import { createSeededRandom, longRun, seed } from "../../../testing/index.js";
import { checkInstruction, createInstructionParser } from "../codec/index.js";
import { FIXTURES, fixturesAreThere, readFixture, type FixtureName } from "../fixtures.testing.js";
import { createDesktopSession } from "./desktop-session.js";
import { understandDesktop } from "./understand.js";

const RULES = `
apiVersion: chaperone/v1
kind: RulePack
metadata: { name: lab, version: 1.0.0 }
rules:
  - id: no-sudo
    name: No sudo
    criticality: high
    match: { command: { via: [sudo] } }
    action: block
  - id: who
    name: Who is it
    criticality: high
    match: { command: { exec: passwd } }
    action: { do: reauth, factors: [totp] }
`;
const NO_RULES = RULES.slice(0, RULES.indexOf("rules:")) + "rules: []\n";
const RETURN = "65293";
/** What the recordings of real sessions hold and nobody may find again. */
const SECRETS = ["PASTED-secret-value-123", "remote-copied-42", "chap-demo-1", "vncdemo1"].flatMap(
  (secret) => [secret, Buffer.from(secret).toString("base64").slice(0, 10)],
);

class DesktopLab {
  readonly effects: Effect[] = [];
  readonly events: EventDraft[] = [];
  readonly #session;
  #at = 0;

  constructor(
    rules: string,
    more: Partial<SessionSeed> = {},
    protocol: "rdp" | "vnc" | "telnet" = "rdp",
  ) {
    const seed = { ...seedOf({ rules }), ...more };
    this.#session = createDesktopSession({
      ...seed,
      facts: { ...seed.facts, protocol },
      readOnly: false,
      dump: true,
      understand: (judge) => understandDesktop({ protocol, policy: POLICY, judge }),
    });
    this.input({ kind: "opened" });
  }

  input(body: InputBody, ms = 1): readonly Effect[] {
    this.#at += ms * 1_000;
    const stamp = { at: this.#at as Micros, wall: this.#at as WallMicros };
    const effects = this.#session.step({ ...stamp, ...body });
    this.effects.push(...effects);
    this.events.push(...effects.flatMap((one) => (one.kind === "emit" ? [one.event] : [])));
    return effects;
  }

  says(from: "person" | "target", opcode: string, ...args: readonly string[]): readonly Effect[] {
    return this.input({ kind: "instruction", from, instruction: { opcode, args } });
  }

  types(text: string): void {
    for (const key of [...Array.from(text, (one) => String(one.codePointAt(0))), RETURN]) {
      this.says("person", "key", key, "1");
      this.says("person", "key", key, "0");
    }
  }

  said(to: "person" | "target", opcode?: string): readonly Instruction[] {
    return this.effects.flatMap((one) =>
      one.kind === "instruct" &&
      one.to === to &&
      (opcode === undefined || one.instruction.opcode === opcode)
        ? [one.instruction]
        : [],
    );
  }

  /** What of it goes to the disk. */
  get recorded(): readonly Effect[] {
    return this.effects.filter((one) => one.kind === "record");
  }

  told(type: EventDraft["type"]): readonly EventDraft["data"][] {
    return this.events.flatMap((event) => (event.type === type ? [event.data] : []));
  }
}

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

/** What is said after the handshake, as the relay lets it through. */
function conversation(name: FixtureName): readonly {
  readonly t: number;
  readonly from: "person" | "target";
  readonly instruction: Instruction;
}[] {
  const all = readFixture(name);
  const ready = all.findIndex((one) => one.instruction.opcode === "ready");
  return all.slice(ready + 1).filter(({ instruction, from }) => {
    const checked = checkInstruction(instruction, from);
    return checked.ok && checked.value === "known";
  });
}

function replayed(name: FixtureName, rules: string): DesktopLab {
  const lab = new DesktopLab(rules);
  let before = 0;
  for (const { t, from, instruction } of conversation(name)) {
    lab.input({ kind: "instruction", from, instruction }, t - before);
    before = t;
  }
  lab.input({ kind: "disconnected", reason: "over" });
  return lab;
}

/** As `rdp-full`; terminals that guacd draws are all alike. */
function protocolOf(name: FixtureName): "rdp" | "vnc" | "telnet" {
  if (name.startsWith("ssh")) return "telnet";
  return name.startsWith("vnc") ? "vnc" : "rdp";
}

/** What one side said at once. */
interface Moment {
  readonly t: number;
  readonly from: "person" | "target";
  text: string;
}

/** The same through the codec: what came in one moment from one side is cut anywhere. */
function livedFromBytes(
  name: FixtureName,
  cut: (bytes: Uint8Array) => readonly Uint8Array[],
): DesktopLab {
  const lab = new DesktopLab(NO_RULES, {}, protocolOf(name));
  const parsers = { person: createInstructionParser(), target: createInstructionParser() };
  let before = 0;
  const arrive = ({ t, from, text }: Moment): void => {
    for (const piece of cut(encodeUtf8(text))) {
      const fed = parsers[from].feed(piece, (instruction) => {
        lab.input({ kind: "instruction", from, instruction }, t - before);
        before = t;
        return true;
      });
      if (!fed.ok) throw new Error(fed.error.message);
    }
  };
  const moments: Moment[] = [];
  for (const { t, from, instruction } of conversation(name)) {
    const text = serializeInstruction(instruction);
    const last = moments.at(-1);
    if (last?.from === from && last.t === t) last.text += text;
    else moments.push({ t, from, text });
  }
  for (const moment of moments) arrive(moment);
  lab.input({ kind: "disconnected", reason: "over" });
  return lab;
}

/** Longest piece, in bytes: within characters and within instructions. */
const PIECE_BYTES_MAX = 61;

const ACCEPTED = { type: "accepted" } as const;
const WRONG = { type: "refused", reason: "wrong" } as const;

/** One of each kind; all of them in the long run. */
const CUT: readonly FixtureName[] = longRun
  ? FIXTURES
  : ["ssh-full", "vnc-required-argv", "rdp-error-refused"];

describe.skipIf(!fixturesAreThere())("a recorded session, lived again", () => {
  it.each(CUT)("as %s, tells the same however the network cut it", (name) => {
    const random = createSeededRandom(seed);
    const one = livedFromBytes(name, (bytes) => [bytes]);
    const other = livedFromBytes(name, (bytes) => random.cut(bytes, PIECE_BYTES_MAX));
    expect(other.events).toEqual(one.events);
    expect(other.effects.length).toBe(one.effects.length);
    const written = JSON.stringify([other.events, other.recorded]);
    for (const secret of SECRETS) expect(written).not.toContain(secret);
  });

  it("answers a question with what was typed into it then, and nothing of that is anywhere", () => {
    const lab = new DesktopLab(RULES.replace("exec: passwd", "exec: seq"));
    const answers: string[] = [];
    let before = 0;
    for (const { t, from, instruction } of conversation("rdp-overlay-reauth-kill")) {
      for (const one of lab.input({ kind: "instruction", from, instruction }, t - before)) {
        if (one.kind !== "verify-factor") continue;
        const { request, answer } = one;
        answers.push(answer.answer.reveal((bytes) => Buffer.from(bytes).toString()));
        const right = answers.at(-1) === "123456";
        const outcome = right ? ACCEPTED : WRONG;
        lab.input({ kind: "factor-verified", request, outcome }, 0);
      }
      before = t;
    }
    expect(answers).toHaveLength(2);
    expect(lab.told("command.entered")).toContainEqual(
      expect.objectContaining({ decision: "reauthenticated" }),
    );
    expect(JSON.stringify([lab.events, lab.recorded])).not.toContain("123456");
    const keys = lab.said("target", "key").map(({ args }) => args[0]);
    expect(keys.map((key) => String.fromCodePoint(Number(key))).join("")).not.toMatch(
      /1+2+3+4+5+6/,
    );
  });

  it("of RDP passes unchanged where no rule speaks against it", () => {
    const lab = replayed("rdp-full", NO_RULES);
    const all = conversation("rdp-full");
    for (const [from, to] of [
      ["person", "target"],
      ["target", "person"],
    ] as const) {
      const given = all.flatMap((one) => (one.from === from ? [one.instruction] : []));
      expect(lab.said(to).map(serializeInstruction)).toEqual(given.map(serializeInstruction));
    }
  });

  it.each(["rdp-full", "vnc-full"] as const)(
    "of %s tells lines and clipboards, no secret",
    (name) => {
      const lab = replayed(name, NO_RULES);
      const lines = lab
        .told("command.entered")
        .flatMap((data) => ("text" in data ? [data.text] : []));
      expect(lines.slice(0, 2)).toEqual([
        "whoami > ~/t1; ls -la /etc/passwd",
        expect.stringMatching(/^sudo rm -rf \/tmp\/none;/),
      ]);
      expect(lab.told("clipboard.transferred").length).toBeGreaterThanOrEqual(2);
      if (name === "rdp-full") {
        expect(lab.told("file.transferred").length).toBeGreaterThanOrEqual(3);
      }
      const written = JSON.stringify([
        lab.events,
        lab.effects.filter((one) => one.kind === "record"),
      ]);
      for (const secret of ["PASTED-secret-value-123", "remote-copied-42", "chap-demo-1"]) {
        expect(written.includes(secret)).toBe(false);
        expect(written.includes(Buffer.from(secret).toString("base64").slice(0, 16))).toBe(false);
      }
    },
  );

  it("never gives a forbidden line its Return, and everything else as before", () => {
    const lab = replayed("rdp-full", RULES);
    const free = replayed("rdp-full", NO_RULES);
    expect(lab.told("command.entered")).toContainEqual(
      expect.objectContaining({ rules: ["no-sudo"], decision: "blocked" }),
    );
    const returns = (one: DesktopLab): number =>
      one.said("target", "key").filter(({ args }) => args[0] === RETURN && args[1] === "1").length;
    expect(returns(lab)).toBeLessThan(returns(free));
    expect(lab.said("person", "img").some(({ args }) => args[2] === "9001")).toBe(true);
  });
});

describe("a desktop", () => {
  it("tells once what was refused, however often it comes", () => {
    const lab = new DesktopLab(NO_RULES);
    for (let n = 0; n < 3; n += 1) lab.says("person", "blob", "17", "AAAA");
    expect(lab.said("target", "blob")).toEqual([]);
    lab.says("person", "usbconnect");
    lab.says("person", "usbconnect");
    expect(lab.said("target")).toEqual([]);
    expect(lab.told("action.taken")).toMatchObject([
      { action: "refuse", reason: "policy.desktop: unknown-stream: blob" },
      { action: "refuse", reason: "policy.desktop: unknown: usbconnect" },
    ]);
  });
});

describe("a Return on a line that nobody has seen", () => {
  function recalled(more: Partial<SessionSeed> = {}): DesktopLab {
    const lab = new DesktopLab(RULES, more);
    for (const key of ["65362", RETURN]) {
      lab.says("person", "key", key, "1");
      lab.says("person", "key", key, "0");
    }
    return lab;
  }
  const entered = (lab: DesktopLab) =>
    lab.said("target", "key").some(({ args }) => args[0] === RETURN);

  it("is told with hardly any confidence, and entered where policy lets it", () => {
    const lab = recalled();
    expect(entered(lab)).toBe(true);
    expect(lab.told("command.entered")).toMatchObject([
      { text: "", confidence: 0.05, decision: "alerted", hidden: false },
    ]);
  });

  it("is not entered where policy says that what is not sure is blocked", () => {
    const doubt = { ...seedOf({}).doubt, onUncertain: "block" } as const;
    const lab = recalled({ doubt });
    expect(entered(lab)).toBe(false);
    expect(lab.told("command.entered")).toMatchObject([{ decision: "blocked" }]);
    expect(lab.told("action.taken")).toMatchObject([{ reason: "policy.onUncertain" }]);
  });
});

describe("somebody who looks on at a desktop", () => {
  const maria = { id: "o-1", name: "maria", mode: "watch" } as const;
  const shownTo = (lab: DesktopLab, id: string) =>
    lab.effects.flatMap((one) => (one.kind === "observed" && one.to === id ? [one.entry] : []));
  function watched(): DesktopLab {
    const lab = new DesktopLab(NO_RULES);
    lab.says("target", "size", "0", "800", "600");
    lab.says("target", "sync", "5000");
    lab.input({ kind: "observe", id: "o-1", observer: maria });
    return lab;
  }

  it("is let in, told of, and shown what guacd draws for them, and nothing else", () => {
    const lab = watched();
    expect(lab.effects).toContainEqual({ kind: "look-on", observer: "o-1", on: true });
    expect(lab.told("operator.joined")).toMatchObject([{ by: "maria", mode: "watch" }]);
    expect(lab.said("person", "img").some(({ args }) => args[2] === "9001")).toBe(true);
    const drawn = [
      ["size", "0", "800", "600"],
      ["img", "3", "14", "0", "image/png", "0", "0"],
      ["blob", "3", "AAAA"],
      ["end", "3"],
      ["clipboard", "5", "text/plain"],
      ["blob", "5", "c2VjcmV0"],
      ["end", "5"],
      ["argv", "7", "text/plain", "color-scheme"],
      ["sync", "6000"],
    ].map(([opcode = "", ...args]) => ({ opcode, args }));
    lab.input({ kind: "watched", observer: "o-1", drawn });
    const [entry] = shownTo(lab, "o-1");
    expect(entry).toMatchObject({ type: "drawn", channel: 0 });
    const text = entry?.type === "drawn" ? entry.text : "";
    expect(text.match(/\d+\.(?:size|img|blob|end|sync)/g)).toHaveLength(5);
    expect(text).not.toMatch(/clipboard|argv|c2VjcmV0/);
  });

  it("can not take the keyboard, and is gone when they leave or guacd lets them go", () => {
    const lab = watched();
    lab.input({ kind: "observe", id: "o-2", observer: { ...maria, id: "o-2", mode: "control" } });
    expect(lab.effects.at(-1)).toMatchObject({ kind: "done", outcome: { type: "refused" } });
    lab.input({ kind: "observe", id: "o-1", observer: null });
    expect(lab.effects).toContainEqual({ kind: "look-on", observer: "o-1", on: false });
    lab.input({ kind: "watched", observer: "o-1", drawn: [{ opcode: "sync", args: ["7"] }] });
    expect(shownTo(lab, "o-1")).toEqual([]);
    lab.input({ kind: "observe", id: "o-3", observer: { ...maria, id: "o-3" } });
    lab.input({ kind: "watched", observer: "o-3", drawn: null });
    expect(shownTo(lab, "o-3")).toMatchObject([{ type: "end" }]);
    expect(lab.told("operator.left")).toHaveLength(2);
  });

  it("is nobody's news but the sidecar's: what guacd says of it stays here", () => {
    const lab = watched();
    lab.says("target", "msg", "1", "user-1", "maria");
    expect(lab.said("person", "msg")).toEqual([]);
  });
});

describe("a question on a desktop", () => {
  function asked(): DesktopLab {
    const lab = new DesktopLab(RULES);
    lab.says("target", "size", "0", "800", "600");
    lab.says("target", "sync", "5000");
    lab.says("person", "key", "65505", "1"); // Shift, held down
    lab.types("passwd");
    return lab;
  }

  it("releases what is held down, covers the whole desktop, and shows it at once", () => {
    const lab = asked();
    const shift = lab.said("target", "key").filter(({ args }) => args[0] === "65505");
    expect(shift.map(({ args }) => args[1])).toEqual(["1", "0"]);
    const drawn = lab.said("person").map(serializeInstruction);
    const start = drawn.findIndex((one) => one.startsWith("4.size,4.9000"));
    expect(drawn.slice(start, start + 4)).toEqual([
      "4.size,4.9000,3.800,3.600;",
      "4.move,4.9000,1.0,1.0,1.0,7.1000001;",
      "4.rect,4.9000,1.0,1.0,3.800,3.600;",
      "5.cfill,2.14,4.9000,2.18,2.24,2.38,3.255;",
    ]);
    expect(drawn.at(-1)).toBe("4.sync,4.5000;");
    expect(lab.told("reauth.requested")).toHaveLength(1);
  });

  it("takes the code from the keys, tells nobody what was typed, and lets the line go on", () => {
    const lab = asked();
    const before = lab.said("target").length;
    const effects = Array.from("123456").flatMap((digit) =>
      lab.says("person", "key", String(digit.codePointAt(0)), "1"),
    );
    const verify = [...effects, ...lab.says("person", "key", RETURN, "1")].find(
      (one) => one.kind === "verify-factor",
    );
    if (verify?.kind !== "verify-factor") throw new Error("nothing is verified");
    expect(verify.answer.answer.reveal((bytes) => Buffer.from(bytes).toString())).toBe("123456");
    expect(lab.said("target")).toHaveLength(before);
    lab.input({
      kind: "factor-verified",
      request: verify.request,
      outcome: { type: "accepted" },
    });
    expect(lab.said("person", "dispose").at(-1)?.args).toEqual(["9000"]);
    // Its release came while the desktop was covered: it must not stay pressed there.
    expect(lab.said("target", "key").slice(-2)).toMatchObject([
      { args: [RETURN, "1"] },
      { args: [RETURN, "0"] },
    ]);
    expect(lab.told("command.entered")).toMatchObject([{ decision: "reauthenticated" }]);
    expect(JSON.stringify(lab.events)).not.toContain("123456");
  });

  it("is given up with Escape, and then the line gets no Return", () => {
    const lab = asked();
    lab.says("person", "key", "65307", "1");
    expect(lab.said("person", "dispose").at(-1)?.args).toEqual(["9000"]);
    expect(lab.said("target", "key").some(({ args }) => args[0] === RETURN)).toBe(false);
    expect(lab.told("command.entered")).toMatchObject([{ decision: "unanswered" }]);
  });

  it("is nothing that guacd hears of: what its own drawing is answered with stays here", () => {
    const lab = asked();
    const before = lab.said("target").length;
    lab.says("person", "ack", "90001", "OK", "0");
    lab.says("person", "sync", "5001");
    lab.says("person", "argv", "0", "text/plain", "password");
    expect(lab.said("target")).toHaveLength(before);
    lab.says("person", "sync", "5000");
    lab.says("person", "ack", "1", "OK", "0");
    expect(lab.said("target")).toHaveLength(before + 2);
  });

  it("does not answer what was asked before, when the answer comes too late", () => {
    const lab = asked();
    lab.input({ kind: "timer", timer: "challenge", channel: null });
    lab.input({ kind: "factor-verified", request: requestId(1), outcome: { type: "accepted" } });
    expect(lab.said("target", "key").some(({ args }) => args[0] === RETURN)).toBe(false);
  });
});
