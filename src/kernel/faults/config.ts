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
} as const satisfies FaultTable;
