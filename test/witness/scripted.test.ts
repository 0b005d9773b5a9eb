import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SHELLS, type ShellName } from "../../src/session/shell-lab.testing.js";
import { longRun, seed } from "../../src/testing/seed.js";
import { CASES, type WitnessCase } from "./cases.js";
import { dressedLines } from "./dressed-lines.js";
import { habitLines } from "./habit-lines.js";
import { hasShell } from "./installed.js";
import { isExact, measure, type Compared, type Manner, type Tally } from "./measure.js";
import { mixedLines } from "./mixed-lines.js";
import { profileLines } from "./profile-lines.js";
import { randomLines } from "./random-lines.js";

/**
 * What is told of a command against what the shell itself says it ran: scripted situations and random
 * editing, typed key after key and (in the long run) as fast as it goes.
 */

/** Share of commands whose text is exactly what ran. */
const EXACT: Readonly<Record<ShellName, number>> = {
  bash: 0.995,
  zsh: 0.995,
  fish: 0.995,
  mksh: 0.98,
  ash: 0.98,
  dash: 0.98,
};
/** A sample is too small for the shares: one in five may be missed, and none silently. */
const EXACT_OF_SAMPLE = 0.8;
const SAMPLE_CASES = 9;
const RANDOM_LINES_LONG = 400;
const RANDOM_LINES_SAMPLE = 3;
/** Two lines each. Screens that shrink while others print on them are the hardest of all. */
const MIXED_LONG = 100;
const EXACT_MIXED = 0.95;
/**
 * Shells as people set them up, and habits of people who know theirs: what draws with colours and widgets
 * of its own can not all be known, and what a shell refuses is told although it runs nothing.
 */
const LIVED_LONG = 100;
const EXACT_LIVED = 0.97;
/** Themes, widgets, abbreviations and tones of people's own: what is missing is in the guide's limits. */
const EXACT_DRESSED = 0.9;
const MANNERS: readonly Manner[] = longRun ? ["keys", "burst"] : ["keys"];

function casesOf(shell: ShellName): readonly WitnessCase[] {
  const own = CASES.filter((one) => one.in.includes(shell));
  if (longRun) return own;
  const plain = own.filter((one) => one.options === undefined && one.alone === undefined);
  return fc
    .sample(fc.shuffledSubarray(plain, { minLength: SAMPLE_CASES, maxLength: SAMPLE_CASES }), {
      numRuns: 1,
      seed,
    })
    .flat();
}

function livedIn(shell: ShellName): readonly WitnessCase[] | null {
  if (shell === "bash") return habitLines(shell, LIVED_LONG, seed);
  if (shell !== "zsh" && shell !== "fish") return null;
  return profileLines(shell, LIVED_LONG, seed);
}

async function checkShare(
  shell: ShellName,
  cases: readonly WitnessCase[],
  share: number,
): Promise<void> {
  const { exact, compared, wrong } = await measure(shell, cases, "keys");
  const told = wrong.map((one) => JSON.stringify(one)).join("\n");
  console.info(`${shell}, lived in: ${String(exact)} of ${String(compared.length)}\n${told}`);
  expect(exact / compared.length, told).toBeGreaterThanOrEqual(share);
}

function check(tally: Tally, share: number, what: string): void {
  const told = tally.wrong.map((one) => JSON.stringify(one)).join("\n");
  const { exact, compared, silent } = tally;
  console.info(
    `${tally.shell}, ${what}: ${String(exact)} of ${String(compared.length)} exact, ` +
      `${String(silent.length)} wrong in silence (seed ${String(seed)})\n${told}`,
  );
  expect(silent, told).toEqual([]);
  expect(exact / compared.length, told).toBeGreaterThanOrEqual(share);
}

/** Of what was told with a confidence, the share that was exactly what ran. */
function calibration(all: readonly Compared[]): { told: string; broken: string[] } {
  const broken: string[] = [];
  const lines: string[] = [];
  const told = all.filter((one) => one.told !== null);
  for (const confidence of [...new Set(told.map((one) => one.confidence))].sort((a, b) => b - a)) {
    const group = told.filter((one) => one.confidence === confidence);
    const exact = group.filter(isExact).length;
    const line = `${String(confidence)}: ${String(exact)} of ${String(group.length)}`;
    lines.push(line);
    // One more that is wrong than there may be is chance.
    if (exact + 1 < confidence * group.length) broken.push(line);
  }
  return { told: lines.join("; "), broken };
}

describe("what a shell runs is what is told", () => {
  const everything: Compared[] = [];

  it.concurrent.each(SHELLS)(
    "of %s",
    async (shell) => {
      if (!hasShell(shell)) {
        console.warn(`${shell} is not installed: what it runs is not compared`);
        return;
      }
      const lines = randomLines(shell, longRun ? RANDOM_LINES_LONG : RANDOM_LINES_SAMPLE, seed);
      for (const manner of MANNERS) {
        const scripted = await measure(shell, casesOf(shell), manner);
        check(scripted, longRun ? EXACT[shell] : EXACT_OF_SAMPLE, `scripted, ${manner}`);
        const random = await measure(shell, lines, manner);
        check(random, longRun ? EXACT[shell] : 0.5, `random, ${manner}`);
        everything.push(...scripted.compared, ...random.compared);
      }
      if (!longRun) return;
      const mixed = await measure(shell, mixedLines(shell, MIXED_LONG, seed), "keys");
      check(mixed, EXACT_MIXED, "mixed");
      everything.push(...mixed.compared);
      const lived = livedIn(shell);
      if (lived !== null) await checkShare(shell, lived, EXACT_LIVED);
      const hasThemes = shell === "zsh" || shell === "fish";
      if (hasThemes) await checkShare(shell, dressedLines(shell, LIVED_LONG, seed), EXACT_DRESSED);
    },
    longRun ? 3_600_000 : 60_000,
  );

  it("is as sure as it says", () => {
    const { told, broken } = calibration(everything);
    console.info(`confidence: exact of told: ${told}`);
    expect(broken).toEqual([]);
  });
});
