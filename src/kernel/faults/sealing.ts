import type { FaultTable } from "./entry.js";

export const sealingFaults = {
  CHP_SEALING_KEY: {
    summary: "a key of the audit log can not be read or made",
    remedy:
      "check the folder named in the message: it belongs to the sidecar's user, its files are 0600; restore a lost key from your backup",
    retryable: false,
  },
  CHP_SEALING_WRITE: {
    summary: "the sealed audit log can not be written",
    remedy: "free space in `stateDir` or mend its disk; events wait in the spool meanwhile",
    retryable: true,
  },
  CHP_SEALING_BROKEN: {
    summary: "a record of the audit log is not what was written",
    remedy:
      "keep the folder as it is, compare it with a copy or with what the sinks received, and find out who could write to it",
    retryable: false,
  },
  CHP_SEALING_NO_LOG: {
    summary: "there is no sealed audit log",
    remedy: "name the folder `audit` in the state directory, or one segment of it",
    retryable: false,
  },
} as const satisfies FaultTable;
