import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { micros } from "../../kernel/index.js";
import type { LineReading } from "../../model/index.js";
import { createTypedLine } from "./create-typed-line.js";
import { typeAtBash, type Happening } from "./typing-at-bash.testing.js";

/** Plays a session again, with the target's bytes cut at other places. */
function playAgain(transcript: readonly Happening[], cuts: readonly number[]): LineReading[] {
  const line = createTypedLine({
    pty: { term: "xterm", columns: 40, rows: 12, widthPixels: 0, heightPixels: 0, modes: {} },
  });
  const readings: LineReading[] = [];
  let cut = 0;
  for (const [index, one] of transcript.entries()) {
    if (one.kind === "printed") {
      for (let from = 0; from < one.bytes.length;) {
        const size = cuts[cut++ % cuts.length] ?? 1;
        line.printed(one.bytes.subarray(from, from + size), one.at);
        from += size;
      }
    } else if (one.kind === "typed") {
      const next = transcript[index + 1];
      for (const run of line.decode(one.bytes)) {
        if (run.kind !== "submit" || next?.kind !== "read") line.pressed(run, one.at);
        else {
          line.settled(micros(one.at));
          readings.push(line.read(run));
          line.released(run, one.at, next.launched);
        }
      }
    }
  }
  return readings;
}

describe("readings", () => {
  it("are the same however the network cuts the target's bytes", async () => {
    const bash = await typeAtBash({ columns: 40, rows: 12, before: ["old alpha", "old beta"] });
    try {
      for (const keys of [
        "echo one two\u0001\u001bd true\r",
        "\u001b[A\u001b[A\u001b[D\u001b[Dx\r",
        "a b\u0012alp\r",
        `${"wide 日本 é ".repeat(6)}\u001bb\u001bb-\r`,
        "\u001b[200~one\rtwo\u001b[201~ x\u000f",
        "\u0003",
        "read -s x\rsecret\r",
        "true \f one\u0017two\r!!\r",
      ]) {
        await bash.type(keys);
        await bash.pause(30);
      }
    } finally {
      bash.close();
    }
    const { transcript } = bash;
    const expected = transcript.flatMap((one) => (one.kind === "read" ? [one.reading] : []));
    expect(expected.length).toBeGreaterThan(8);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1 }), (cuts) => {
        expect(playAgain(transcript, cuts)).toEqual(expected);
      }),
      { examples: [[[1]], [[100_000]]], numRuns: 40 },
    );
  });
});
