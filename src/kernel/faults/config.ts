import type { FaultTable } from "./entry.js";

export const configFaults = {
  CHP_CONFIG_UNREADABLE: {
    summary: "a configuration file can not be read",
    remedy: "check that the path exists and that the sidecar's user may read it",
    retryable: false,
  },
  CHP_CONFIG_YAML: {
    summary: "the file is not valid YAML",
    remedy: "mend the syntax at the place shown; a YAML linter or your editor shows it too",
    retryable: false,
  },
  CHP_CONFIG_SHAPE: {
    summary: "a key is unknown or a value has the wrong form",
    remedy: "compare the place shown with docs/reference/configuration.md",
    retryable: false,
  },
  CHP_CONFIG_CONFLICT: {
    summary: "two parts of the configuration contradict each other",
    remedy: "change one of the two; the message names both",
    retryable: false,
  },
  CHP_CONFIG_UNSAFE: {
    summary: "the configuration asks for something that would not be safe",
    remedy: "give `runAs` to embedded targets, or keep the listener on loopback (127.0.0.1)",
    retryable: false,
  },
  CHP_CONFIG_SECRET: {
    summary: "a secret that the configuration refers to is not there",
    remedy: "set the environment variable or create the file (mode 0600) named at the place shown",
    retryable: false,
  },
  CHP_CONFIG_RULES_MISSING: {
    summary: "a rule file that the configuration names does not exist",
    remedy: "check the path under `rules`; relative paths start at the configuration file's folder",
    retryable: false,
  },
} as const satisfies FaultTable;
