import { FAULTS } from "../../src/kernel/fault.js";
import { code, generatedPage, table } from "./markdown.js";

/** docs/reference/faults.md: every expected failure and what to do about it. */
export function faultsPage(): string {
  const rows = Object.entries(FAULTS)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, entry]) => [
      code(name),
      entry.summary,
      entry.remedy,
      entry.retryable ? "yes" : "no",
    ]);
  return (
    generatedPage(
      "Faults",
      "What can go wrong outside, by code. A fault is printed as `file:line:column CODE message` where there is a place in a file. *Again* says whether the same may succeed later by itself.",
    ) +
    "\n" +
    table(["code", "what happened", "what to do", "again"], rows)
  );
}
