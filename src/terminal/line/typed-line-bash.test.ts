import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { LineReading } from "../../model/index.js";
import { typeAtBash } from "./typing-at-bash.testing.js";

/**
 * The typed line against readline itself: random people edit random lines at a real bash, and what was
 * read before Enter is compared with what bash's own history says it took. CHAPERONE_LONG=1 types more.
 */
const LONG = process.env["CHAPERONE_LONG"] === "1";
const SESSIONS = LONG ? 80 : 4;
const LINES_PER_SESSION = LONG ? 30 : 14;
/** A sample is too small for the share, and a busy machine makes some lines doubtful: none is missed silently. */
const EXACT_OF_SAMPLE = 0.85;
const SEED = Number(process.env["CHAPERONE_SEED"] ?? 20260);

const WORDS = [
  "alpha",
  "beta-2",
  "/tmp/dir",
  "foo_bar",
  "x",
  "--long-option=value",
  "a.b/c",
  "Zoë",
  "日本",
  "e\u0301a",
  "-rf",
];
const EDITS = [
  "\u0001",
  "\u0005",
  "\u0002",
  "\u0006",
  "a\u0002\u0004",
  "\u0008",
  "\u007f",
  "\u000b",
  "\u0015",
  "\u0017",
  "\u0019",
  "\u0014",
  "\u001bb",
  "\u001bf",
  "\u001bd",
  "\u001b\u007f",
  "\u001bu",
  "\u001bl",
  "\u001bc",
  "\u001bt",
  "\u001by",
  "\u001b\\",
  "\u001b[D",
  "\u001b[C",
  "\u001bOD",
  "\u001b[H",
  "\u001b[F",
  "\u001b[3~",
  "\u001b[1;5D",
  "\u001b[1;5C",
  "\u001b3",
  "\u001b-",
  "\u001f",
  "\u0018\u0015",
  "\u0018\u0018",
  "\u001b ",
  "\u0018\u007f",
  "\u0016\u0001",
  "\u000c",
  "\u001br",
  "\u001b[1~",
  "\u001b[4~",
];
const RECALLS = [
  "\u001b[A",
  "\u0010",
  "\u001b[B",
  "\u000e",
  "\u001b<",
  "\u001b>",
  "\u001b.",
  "\u0012al",
  "\u0012x\u0012",
  "\u0012be\u0007",
  "\u0012fo\u001b[D",
  "\t",
];

const word = fc.constantFrom(...WORDS);
const step = fc.oneof(
  { weight: 8, arbitrary: word.map((text) => `${text} `) },
  { weight: 3, arbitrary: word },
  { weight: 8, arbitrary: fc.constantFrom(...EDITS) },
  { weight: 2, arbitrary: fc.constantFrom(...RECALLS) },
  {
    weight: 1,
    arbitrary: fc.tuple(word, word).map(([a, b]) => `\u001b[200~${a}\r${b}\u001b[201~`),
  },
);
const typing = fc.record({
  steps: fc.array(step, { minLength: 1, maxLength: 14 }),
  enter: fc.constantFrom("\r", "\r", "\r", "\n", "\u000f"),
  pauses: fc.boolean(),
});
const session = fc.record({
  columns: fc.constantFrom(20, 33, 47, 80, 80, 120, 300),
  cuts: fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 6 }),
  lines: fc.array(typing, { minLength: LINES_PER_SESSION, maxLength: LINES_PER_SESSION }),
});

interface Tally {
  lines: number;
  exact: number;
  sure: number;
  told: number;
  readonly silent: string[];
  readonly missed: string[];
}

describe("the typed line against readline", () => {
  it(
    "reads what bash runs, and never is sure of something else",
    async () => {
      const tally: Tally = { lines: 0, exact: 0, sure: 0, told: 0, silent: [], missed: [] };
      for (const one of fc.sample(session, { numRuns: SESSIONS, seed: SEED })) {
        await runSession(one, tally);
      }
      console.info(
        `typed line: ${tally.exact} of ${tally.lines} lines exact ` +
          `(${((100 * tally.exact) / tally.lines).toFixed(2)} %), ${tally.sure} with confidence >= 0.9, ` +
          `${tally.missed.length} missed, ${tally.silent.length} of them silently (seed ${SEED})`,
      );
      if (process.env["CHAPERONE_SHOW"] === "1")
        for (const m of tally.missed) console.info(m.slice(0, 1200));
      expect(tally.silent.length, tally.silent.join("\n")).toBe(0);
      expect(tally.exact / tally.lines).toBeGreaterThan(LONG ? 0.97 : EXACT_OF_SAMPLE);
    },
    LONG ? 1_800_000 : 120_000,
  );
});

async function runSession(
  one: {
    columns: number;
    cuts: number[];
    lines: { steps: string[]; enter: string; pauses: boolean }[];
  },
  tally: Tally,
): Promise<void> {
  const bash = await typeAtBash({
    columns: one.columns,
    cuts: one.cuts,
    before: ["old alpha", "old beta gamma"],
    rc: "set +H",
  });
  try {
    for (const { steps, enter, pauses } of one.lines) {
      const before = bash.ran().at(-1)?.number ?? 0;
      for (const keys of steps) {
        await bash.type(keys);
        if (pauses) await bash.pause(4);
      }
      // In a search Ctrl-J only ends the search.
      const searched = steps.some((keys) => keys.startsWith("\u0012"));
      const readings = await bash.type(searched ? enter.replace("\n", "\r") : enter);
      if (readings.at(-1) === undefined) continue;
      const at = bash.output().length;
      await bash.ready();
      // Ctrl-D on an empty line.
      if (bash.gone()) return;
      const after = bash.ran().at(-1);
      const ran = after !== undefined && after.number > before ? after.text : "";
      weigh(tally, {
        reading: readings.at(-1)!,
        ran,
        script: [...steps, enter],
        columns: one.columns,
        output: bash.output().slice(Math.max(0, at - 900)),
      });
    }
  } finally {
    bash.close();
  }
}

function weigh(
  tally: Tally,
  one: { reading: LineReading; ran: string; script: string[]; columns: number; output: string },
): void {
  const { reading, ran } = one;
  tally.lines += 1;
  const exact = bare(reading.text) === bare(ran) && !reading.hidden;
  if (exact) tally.exact += 1;
  if (reading.confidence >= 0.9) tally.sure += 1;
  if (exact) return;
  const told =
    reading.confidence < 0.9 ||
    reading.candidates.some((candidate) => bare(candidate) === bare(ran));
  const words = `${JSON.stringify(one.script)} at ${one.columns} columns: read ${JSON.stringify(reading)}, bash ran ${JSON.stringify(ran)}\n   ${JSON.stringify(one.output)}`;
  tally.missed.push(words);
  if (told) tally.told += 1;
  else tally.silent.push(words);
}

/** Blanks at the ends of lines run nothing, and only keys know them. */
function bare(text: string): string {
  return text.trim().replace(/[ \t]+$/gm, "");
}
