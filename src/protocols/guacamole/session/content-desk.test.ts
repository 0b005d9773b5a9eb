import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { EventDraft } from "../../../events/index.js";
import type { Micros, WallMicros } from "../../../kernel/index.js";
import type { DesktopPolicy, Effect, InputBody } from "../../../model/index.js";
import { seedOf } from "../../../session/seed.testing.js";
import type { ContentLimits } from "./content-desk.js";
import { createDesktopSession } from "./desktop-session.js";
import { understandDesktop } from "./understand.js";

const NO_RULES = `
apiVersion: chaperone/v1
kind: RulePack
metadata: { name: lab, version: 1.0.0 }
rules:
  - id: no-keys
    name: Keys stay
    criticality: high
    match: { transfer: { direction: upload, content: { contains: "PRIVATE KEY" } } }
    action: block
`;
const OPEN: DesktopPolicy = {
  readOnly: false,
  copy: true,
  paste: true,
  upload: true,
  download: true,
  microphone: true,
  pipes: true,
  clipboardBytesMax: 1_000_000,
  fileBytesMax: 1_000_000,
};
const RETURN = 0xff0d;
const CTRL = 0xffe3;
const LIMITS: ContentLimits = { file: 1_000, clipboard: 100, session: 5_000 };

const base64 = (text: string): string => Buffer.from(text).toString("base64");
const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

/** A person whose files and clipboards are kept. */
class KeptDesktop {
  readonly effects: Effect[] = [];
  readonly #session;
  #at = 0;

  constructor(content: ContentLimits | null = LIMITS, policy: Partial<DesktopPolicy> = {}) {
    const seed = seedOf({ rules: NO_RULES });
    this.#session = createDesktopSession({
      ...seed,
      facts: { ...seed.facts, protocol: "rdp" },
      readOnly: false,
      dump: true,
      ...(content === null ? {} : { content }),
      understand: (judge) =>
        understandDesktop({
          protocol: "rdp",
          policy: { ...OPEN, ...policy },
          judge,
          pieces: content !== null,
        }),
    });
    this.input({ kind: "opened" });
    this.says("target", "sync", "1000");
  }

  input(body: InputBody): void {
    this.#at += 30_000;
    const stamp = { at: this.#at as Micros, wall: this.#at as WallMicros };
    this.effects.push(...this.#session.step({ ...stamp, ...body }));
  }

  says(from: "person" | "target", opcode: string, ...args: readonly string[]): void {
    this.input({ kind: "instruction", from, instruction: { opcode, args } });
  }

  presses(...keys: readonly number[]): void {
    for (const key of keys) this.says("person", "key", String(key), "1");
    for (const key of [...keys].reverse()) this.says("person", "key", String(key), "0");
  }

  types(text: string): void {
    for (const one of text) this.presses(one.codePointAt(0) ?? 0);
    this.presses(RETURN);
  }

  stream(from: "person" | "target", opener: readonly string[], text: string, cut = 3): void {
    const [opcode = "", ...args] = opener;
    this.says(from, opcode, ...args);
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length; at += cut)
      this.says(from, "blob", "1", bytes.subarray(at, at + cut).toString("base64"));
    this.says(from, "end", "1");
  }

  copies(text: string, from: "person" | "target" = "person"): void {
    this.stream(from, ["clipboard", "1", "text/plain"], text, 5_000);
  }

  uploads(name: string, text: string): void {
    this.stream("person", ["file", "1", "text/plain", name], text);
  }

  leaves(): this {
    this.input({ kind: "disconnected", reason: "over" });
    return this;
  }

  /** Texts of the contents that were kept, by number. */
  kept(): Readonly<Record<number, string>> {
    const found: Record<number, string> = {};
    for (const one of this.effects) {
      if (one.kind !== "record" || one.entry.type !== "content") continue;
      const { content, bytes } = one.entry;
      found[content] = (found[content] ?? "") + Buffer.from(bytes).toString();
    }
    return found;
  }

  told(type: EventDraft["type"]): readonly EventDraft["data"][] {
    return this.effects.flatMap((one) =>
      one.kind === "emit" && one.event.type === type ? [one.event.data] : [],
    );
  }
}

describe("what files and clipboards held", () => {
  it("is kept where it was asked for, and the event says where and how much", () => {
    const desktop = new KeptDesktop();
    desktop.uploads("notes.txt", "what was sent");
    desktop.copies("copied there", "target");
    desktop.leaves();
    expect(desktop.kept()).toEqual({ 1: "what was sent", 2: "copied there" });
    expect(desktop.told("file.transferred")).toMatchObject([
      {
        path: "notes.txt",
        bytes: 13,
        sha256: sha256("what was sent"),
        contentFile: expect.stringMatching(/-0\.content-1$/) as string,
        contentBytes: 13,
      },
    ]);
    expect(desktop.told("clipboard.transferred")).toMatchObject([
      { direction: "download", contentFile: expect.stringMatching(/-0\.content-2$/) as string },
    ]);
    const ends = desktop.effects.flatMap((one) =>
      one.kind === "record" && one.entry.type === "content-end" ? [one.entry.content] : [],
    );
    expect(ends).toEqual([1, 2]);
  });

  it("is not kept where nobody asked for it", () => {
    const desktop = new KeptDesktop({ file: 0, clipboard: 0, session: 10 });
    const silent = new KeptDesktop(null);
    for (const one of [desktop, silent]) {
      one.uploads("notes.txt", "what was sent");
      one.copies("some words");
      one.leaves();
      expect(one.kept()).toEqual({});
      expect(JSON.stringify(one.told("file.transferred"))).not.toContain("content");
      expect(JSON.stringify(one.told("clipboard.transferred"))).not.toContain("content");
    }
  });

  it.each([
    ["of a file", { file: 10 }, 10],
    ["of a file and no more", { file: 13 }, 13],
    ["of a session", { session: 5 }, 5],
  ])("ends at the limit %s, and the event says so", (_what, limit, contentBytes) => {
    const desktop = new KeptDesktop({ ...LIMITS, ...limit });
    desktop.uploads("notes.txt", "what was sent");
    desktop.uploads("more.txt", "and more");
    const text = "what was sent".slice(0, contentBytes);
    expect(desktop.kept()[1]).toBe(text);
    const [first, second] = desktop.told("file.transferred");
    expect(first).toMatchObject({ bytes: 13, contentBytes, sha256: sha256("what was sent") });
    if ("session" in limit) expect(second).not.toHaveProperty("contentFile");
  });

  it("of a file that was refused on its way is kept as far as it came: it is evidence", () => {
    const desktop = new KeptDesktop();
    desktop.uploads("id.txt", "-----BEGIN PRIVATE KEY-----");
    desktop.leaves();
    expect("-----BEGIN PRIVATE KEY-----".startsWith(desktop.kept()[1] ?? "?")).toBe(true);
    expect(desktop.told("file.transferred")).toMatchObject([{ outcome: "blocked" }]);
  });

  it("of a clipboard that policy refuses is nowhere", () => {
    const desktop = new KeptDesktop(LIMITS, { paste: false });
    desktop.copies("some words");
    expect(desktop.leaves().kept()).toEqual({});
  });

  it("is no password: what is pasted where one is asked for leaves neither text, digest nor length", () => {
    const desktop = new KeptDesktop();
    desktop.types("sudo ls");
    desktop.copies("correct horse battery");
    desktop.presses(CTRL, "v".codePointAt(0) ?? 0);
    desktop.presses(RETURN);
    desktop.leaves();
    expect(desktop.kept()).toEqual({});
    const [told] = desktop.told("clipboard.transferred");
    expect(told).toMatchObject({ bytes: 0, hidden: true });
    expect(told).not.toHaveProperty("sha256");
    expect(JSON.stringify(desktop.effects.filter(({ kind }) => kind !== "instruct"))).not.toContain(
      sha256("correct horse battery"),
    );
  });

  it("of a clipboard that is pasted as a password later is not kept, and the recording says so", () => {
    const desktop = new KeptDesktop();
    desktop.copies("correct horse battery");
    desktop.types("sudo ls");
    desktop.presses(CTRL, "v".codePointAt(0) ?? 0);
    desktop.presses(RETURN);
    desktop.copies("some words");
    desktop.leaves();
    expect(desktop.kept()).toEqual({ 2: "some words" });
    const marks = desktop.effects.flatMap((one) =>
      one.kind === "record" && one.entry.type === "instruction" ? [one.entry.instruction] : [],
    );
    expect(marks).toContainEqual({
      opcode: "log",
      args: ["content-1 is not kept: it may be a password"],
    });
  });

  it("of a clipboard is not kept when it may have been pasted with the mouse as a password", () => {
    const desktop = new KeptDesktop();
    desktop.copies("correct horse battery");
    desktop.types("sudo ls");
    desktop.says("person", "mouse", "10", "10", "4");
    expect(desktop.leaves().kept()).toEqual({});
  });

  it("looks like no password", () => {
    const desktop = new KeptDesktop();
    desktop.copies("Summer2026!");
    expect(desktop.leaves().kept()).toEqual({});
  });

  it("of a clipboard that is refused for its length is kept as far as it came, but no password", () => {
    const desktop = new KeptDesktop(LIMITS, { clipboardBytesMax: 12 });
    desktop.stream("person", ["clipboard", "1", "text/plain"], "far too many words", 6);
    desktop.stream("person", ["clipboard", "1", "text/plain"], "Summer2026!Summer", 14);
    desktop.types("sudo ls");
    desktop.stream("person", ["clipboard", "1", "text/plain"], "correct horse battery", 6);
    desktop.leaves();
    expect(desktop.kept()).toEqual({ 1: "far too many words" });
    const told = desktop.told("clipboard.transferred");
    expect(told.map((data) => ("outcome" in data ? data.outcome : ""))).toEqual([
      "blocked",
      "blocked",
      "blocked",
    ]);
    expect(told[2]).toMatchObject({ bytes: 0, hidden: true });
  });

  it("is never more than was asked for, and always the beginning of what came", () => {
    const stream = fc.record({
      from: fc.constantFrom("person" as const, "target" as const),
      kind: fc.constantFrom("file", "clipboard"),
      text: fc.string({ maxLength: 400 }),
      cut: fc.integer({ min: 1, max: 90 }),
    });
    const limits = fc.record({ file: fc.nat(300), clipboard: fc.nat(100), session: fc.nat(600) });
    fc.assert(
      fc.property(fc.array(stream, { maxLength: 8 }), limits, (streams, most) => {
        const desktop = new KeptDesktop(most);
        for (const { from, kind, text, cut } of streams) {
          const name = kind === "file" ? ["a.txt"] : [];
          desktop.stream(from, [kind, "1", "text/plain", ...name], text, cut);
        }
        const kept = Object.values(desktop.leaves().kept());
        expect(kept.join("").length).toBeLessThanOrEqual(most.session);
        for (const one of kept) {
          expect(streams.some(({ text }) => text.startsWith(one))).toBe(true);
          expect(one.length).toBeLessThanOrEqual(Math.max(most.file, most.clipboard));
        }
      }),
      { numRuns: 60 },
    );
  });

  it("is never an answer to the question for a credential", () => {
    const desktop = new KeptDesktop();
    desktop.says("target", "required", "password");
    desktop.says("person", "argv", "1", "text/plain", "password");
    desktop.says("person", "blob", "1", base64("vncdemo1"));
    desktop.says("person", "end", "1");
    expect(desktop.leaves().kept()).toEqual({});
  });
});
