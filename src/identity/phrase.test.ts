import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { derivePhrase, ensurePhraseKey, parsePhrase, wordsOf } from "./phrase.js";

describe("a person's phrase", () => {
  it("is derived when none was chosen, differs by person, and stays as long as stateDir does", async () => {
    const folder = mkdtempSync(join(tmpdir(), "chaperone-phrase-"));
    try {
      const key = await ensurePhraseKey(join(folder, "var"));
      const again = await ensurePhraseKey(join(folder, "var"));
      if (!key.ok || !again.ok) throw new Error("no phrase key");
      const alice = derivePhrase(key.value, "alice");
      expect(alice).toMatch(/^[a-z]{5}-[a-z]{5}-[a-z]{5}$/);
      expect(derivePhrase(again.value, "alice")).toBe(alice);
      expect(derivePhrase(key.value, "bob")).not.toBe(alice);
      expect(parsePhrase(alice).ok).toBe(true);
      expect(statSync(join(folder, "var", "phrase.key")).mode & 0o777).toBe(0o600);
      expect(statSync(join(folder, "var")).mode & 0o777).toBe(0o700);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("is made of proquints", () => {
    // From the proquint paper: 127.0.0.1 is lusab-babad, 63.84.220.193 is gutih-tugad.
    expect(wordsOf(Uint8Array.of(127, 0, 0, 1))).toBe("lusab-babad");
    expect(wordsOf(Uint8Array.of(63, 84, 220, 193))).toBe("gutih-tugad");
  });

  it.each([
    "abc",
    "x".repeat(101),
    "blue\u001b[2J heron",
    "blue\u202eheron",
    " blue heron",
    "a\tbcd",
  ])("can not be %j", (text) => {
    expect(parsePhrase(text).ok).toBe(false);
  });

  it.each(["blue heron 7", "três tigres", "青い鷺が飛ぶ"])("can be %j", (text) => {
    expect(parsePhrase(text).ok).toBe(true);
  });
});
