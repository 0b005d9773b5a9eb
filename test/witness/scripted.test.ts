import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SHELLS, type ShellName } from "../../src/session/shell-lab.testing.js";
import { longRun, seed } from "../../src/testing/seed.js";
import { CASES, type WitnessCase } from "./cases.js";
import { hasShell } from "./installed.js";
import { measure, type Manner, type Tally } from "./measure.js";
import { randomLines } from "./random-lines.js";

/**
 * What is told of a command against what the shell itself says it ran: scripted situations and random
 * editing, typed key after key and (in the long run) as fast as it goes.
 */

/** Share of commands whose text is exactly what ran. */
const EXACT: Readonly<Record<ShellName, number>> = {
  bash: 0.995,
  zsh: 0.995,
  fish: 0.98,
  mksh: 0.98,
  ash: 0.98,
  dash: 0.98,
};
/** A sample is too small for the shares: one in five may be missed, and none silently. */
const EXACT_OF_SAMPLE = 0.8;
const SAMPLE_CASES = 9;
const RANDOM_LINES_LONG = 400;
const RANDOM_LINES_SAMPLE = 4;
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

describe("what a shell runs is what is told", () => {
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
      }
    },
    longRun ? 3_600_000 : 60_000,
  );
});
