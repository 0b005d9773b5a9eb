/** The seed of this test run: CHAPERONE_SEED, or 1. `./scripts/test` sets and prints it; with `--long` a fresh one. */
export const seed: number = readSeed(process.env["CHAPERONE_SEED"]);

/** True under `./scripts/test --long`: every row of each matrix instead of a sample. */
export const longRun: boolean = process.env["CHAPERONE_LONG"] === "1";

/** fast-check takes 32-bit seeds. */
function readSeed(text: string | undefined): number {
  if (text === undefined || text === "") return 1;
  const value = Number(text);
  if (!Number.isSafeInteger(value))
    throw new Error(`CHAPERONE_SEED is not a whole number: ${text}`);
  return value | 0;
}
