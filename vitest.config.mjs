// Two projects: the rooms (fast, no processes) and the end-to-end tests (real OpenSSH, real sidecar).
// The end-to-end tests come second, two files at a time: starting sidecars takes both of two cores.
import { defineConfig } from "vitest/config";

const shared = {
  setupFiles: ["test/setup.ts"],
  pool: "forks",
};

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...shared,
          name: "rooms",
          include: [
            "src/**/*.test.ts",
            "test/tidy/**/*.test.ts",
            "test/witness/**/*.test.ts",
            "test/evasions/**/*.test.ts",
            "test/packs/**/*.test.ts",
          ],
          testTimeout: 60_000,
          hookTimeout: 120_000,
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          ...shared,
          name: "e2e",
          include: [
            "test/e2e/**/*.test.ts",
            "test/admin/**/*.test.ts",
            "test/core/**/*.test.ts",
            "test/sinks/**/*.test.ts",
            "test/stepping-in/**/*.test.ts",
            "test/web/**/*.test.ts",
            "test/desktop/**/*.test.ts",
          ],
          globalSetup: ["test/e2e/build.ts"],
          testTimeout: 120_000,
          hookTimeout: 180_000,
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
