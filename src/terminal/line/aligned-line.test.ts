import { describe, expect, it } from "vitest";
import { aligned } from "./aligned-line.js";

const READLINE = { column: 5, columns: 80, masks: false };
const BUSYBOX = { column: 5, columns: 80, masks: true };

describe("a line into which the editor has put something", () => {
  it.each([
    ["say a      last", "say a\t", "say a\tlast"],
    ["say 日     last", "say 日\t", "say 日\tlast"],
    ["say Zo^Al.txt", "say Zo\u0001", "say Zo\u0001l.txt"],
    ["say ^A pha x^B", "say \u0001 x\u0002", "say \u0001 pha x\u0002"],
    ["other ^A", "say \u0001", "other \u0001"],
    ["other ^B", "say \u0001", "other ^B"],
    ["say al", "say a", "say al"],
  ])("%j was %j, and is %j", (shown, known, text) => {
    expect(aligned(shown, known, READLINE)).toBe(text);
  });

  it.each([
    ["say ??? alp", "say 한글🎉 al", "say 한글🎉 alp"],
    ["say ?? ?? beta", "say 日本 日本 bet", "say 日本 日本 beta"],
  ])("%j was %j, and is %j in busybox", (shown, known, text) => {
    expect(aligned(shown, known, BUSYBOX)).toBe(text);
  });
});
