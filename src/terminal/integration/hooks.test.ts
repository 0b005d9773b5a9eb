import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { hooksFor, TOLD_CHARS_MAX, type IntegratedShell } from "./hooks.js";
import type { Mark } from "./mark.js";
import { createMarkStream } from "./mark-stream.js";

const NONCE = "cafe0001";
const SHELLS = ["bash", "zsh", "fish"] as const;

// fish makes folders of its own where it finds its home.
const home = mkdtempSync(join(tmpdir(), "chaperone-hooks-"));
afterAll(() => rmSync(home, { recursive: true, force: true, maxRetries: 20 }));

/** Runs the hooks in a shell of that kind and lets them tell these texts, one by one. */
function toldBy(shell: IntegratedShell, texts: readonly string[]): readonly Mark[] {
  const hooks = hooksFor(shell, NONCE).find(({ keys }) => keys.includes("__chp_m"))?.keys ?? "";
  const [, pasted = ""] = hooks.split("\x1b[200~");
  const [lines = ""] = pasted.split("\x1b[201~");
  const loop = {
    bash: 'n=1; for x; do n=$((n+1)); __chp_m E t "$x" $n >&2; done',
    zsh: 'for x; do __chp_m E t "$x"; done',
    fish: "for x in $argv; __chp_m E t $x; end",
  }[shell];
  const [file, ...args] = {
    bash: ["bash", "--norc", "-c", `${lines}\n${loop}`, "bash"],
    zsh: ["zsh", "-f", "-c", `${lines}\n${loop}`, "zsh"],
    fish: ["fish", "-N", "-c", `${lines}\n${loop}`],
  }[shell];
  const env = { PATH: process.env["PATH"], LANG: "C.UTF-8", HOME: home };
  const { stdout, stderr } = spawnSync(file ?? "", [...args, ...texts], { env });
  const stream = createMarkStream(NONCE);
  return [...stream.feed(stdout), ...stream.feed(stderr)].flatMap((piece) =>
    piece.kind === "mark" ? [piece.mark] : [],
  );
}

function told(shell: IntegratedShell, texts: readonly string[]): readonly string[] {
  return toldBy(shell, texts).flatMap((mark) => (mark.kind === "executing" ? [mark.text] : []));
}

describe.each(SHELLS)("the hooks of %s", (shell) => {
  it("say that they are there, and count", () => {
    const marks = toldBy(shell, ["a", "b"]);
    expect(marks[0]).toEqual({ kind: "ready", count: 1, shell });
    expect(marks.map(({ count }) => count)).toEqual([1, 2, 3]);
  });

  it("bring back every text that a line can have", () => {
    const piece = fc.oneof(
      fc.constantFrom(
        "\\",
        ";",
        "%",
        "&",
        "\n",
        "\t",
        "'",
        '"',
        "$x",
        "`",
        "\\x41",
        "\x1b",
        "\x07",
      ),
      fc.constantFrom("\x01", "\x1f", "\x7f", "\u00e9", "\u0301", "\u{1f600}", " ", "\\\\x3b", "*"),
      fc.string({ unit: "grapheme", maxLength: 4 }),
    );
    const text = fc
      .array(piece, { minLength: 1, maxLength: 12 })
      .map((pieces) => `x${pieces.join("")}x`.replaceAll("\0", ""));
    const texts = fc.sample(text, 120);
    expect(told(shell, texts)).toEqual(texts);
  });

  it("cut what is longer than a line is, and say so", () => {
    const [, mark, next] = toldBy(shell, [
      "x".repeat(TOLD_CHARS_MAX + 1),
      "y".repeat(TOLD_CHARS_MAX),
    ]);
    expect(mark).toMatchObject({ cut: true, text: "x".repeat(TOLD_CHARS_MAX) });
    expect(next).toMatchObject({ cut: false, text: "y".repeat(TOLD_CHARS_MAX) });
  });

  it("are short enough for the line of a terminal, and hold nothing that recalls the history", () => {
    for (const { keys } of hooksFor(shell, NONCE)) {
      expect(keys.length).toBeLessThan(4_000);
      expect(keys).not.toContain("!");
      expect(keys.replace(/\r$/, "")).not.toMatch(/[\r\n]/);
    }
  });
});
