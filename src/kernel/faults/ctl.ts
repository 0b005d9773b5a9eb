import type { FaultTable } from "./entry.js";

export const ctlFaults = {
  CHP_CTL_NO_API: {
    summary: "no control API is found",
    remedy: "add `listen.admin` to the configuration, or give --url",
    retryable: false,
  },
  CHP_CTL_TOKEN: {
    summary: "no token for the control API is found",
    remedy: "run as a user who may read the token file, or give --token-file",
    retryable: false,
  },
} as const satisfies FaultTable;
