// Every run has one seed, printed by ./scripts/test and taken from CHAPERONE_SEED, so that a failure
// of a property or of a sampled matrix can be run again exactly.
import fc from "fast-check";

import { longRun, seed } from "../src/testing/seed.js";

/** Runs of each property: a sample in the short run, many in the long one. */
const RUNS_SHORT = 100;
const RUNS_LONG = 1_000;

fc.configureGlobal({ seed, numRuns: longRun ? RUNS_LONG : RUNS_SHORT });
