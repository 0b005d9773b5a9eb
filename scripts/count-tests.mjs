// Adds the checks to the test runner's report and says the sum in one plain line.
//   count-tests.mjs REPORT.json TESTS-EXIT CHECKS-PASSED CHECKS-FAILED
import { readFileSync } from "node:fs";

const [report, testsExit, checksPassed, checksFailed] = process.argv.slice(2);
let tests = { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0 };
try {
  tests = JSON.parse(readFileSync(report, "utf8"));
} catch (error) {
  console.error(`the test runner left no report: ${error.message}`);
}

const passed = Number(checksPassed) + tests.numPassedTests;
let failed = Number(checksFailed) + tests.numFailedTests;
// A file that did not load, an error outside a test, no report: the runner failed without a failed test.
if (failed === 0 && testsExit !== "0") failed = 1;
const skipped = tests.numPendingTests + tests.numTodoTests;
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exitCode = failed === 0 ? 0 : 1;
