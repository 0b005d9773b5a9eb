import { describe, expect, it } from "vitest";

import { describeValue, play } from "./playbook.js";

type Effect = { readonly kind: "say"; readonly text: string } | { readonly kind: "count" };
const parrot = { step: (input: string): readonly Effect[] => [{ kind: "say", text: input }] };

describe("a playbook", () => {
  it("passes when the machine does what the scene says", () => {
    play(parrot).sees("hello").does({ kind: "say", text: "hello" }).ends();
  });

  it("shows the whole scene as a diff when it does something else", () => {
    const scene = play(parrot).sees("hello").does("silence");
    expect(() => scene.ends()).toThrow(/say text="hello"/);
  });

  it("counts what the machine does unasked, before the next input and at the end", () => {
    expect(() => play(parrot).sees("one").sees("two").does('say text="two"').ends()).toThrow();
    expect(() => play(parrot).sees("one").ends()).toThrow();
  });

  it("leaves out effects it is not about", () => {
    play(parrot, { about: (effect) => effect.kind === "count" })
      .sees("hello")
      .ends();
  });

  it("can ask for one effect among many", () => {
    play(parrot)
      .sees("hello")
      .doesSome("a greeting", (effect) => effect.kind === "say")
      .ends();
    const scene = play(parrot)
      .sees("hello")
      .doesSome("a count", (effect) => effect.kind === "count");
    expect(() => scene.ends()).toThrow();
  });

  it.fails("fails its test when nobody compared it", () => {
    play(parrot).sees("hello");
  });

  it("describes bytes as text and leaves times out", () => {
    const effect = { kind: "send", at: 5, wall: 6, bytes: Uint8Array.of(0x6c, 0x73, 13) };
    expect(describeValue(effect)).toBe('send bytes="ls\\r"');
  });
});
