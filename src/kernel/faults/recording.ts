import type { FaultTable } from "./entry.js";

export const recordingFaults = {
  CHP_RECORDING_WRITE: {
    summary: "a recording can not be written",
    remedy: "free space in `stateDir` or mend the permissions of its `recordings` folder",
    retryable: true,
  },
  CHP_RECORDING_OVERFLOW: {
    summary: "a recording could not be written as fast as its terminal produced output",
    remedy: "give the recordings a faster disk; the place of the gap is marked in the recording",
    retryable: true,
  },
  CHP_RECORDING_READ: {
    summary: "a recording can not be read",
    remedy:
      "name a .cast file that this product wrote; `chaperone replay` needs the header key `chaperone` in it",
    retryable: false,
  },
} as const satisfies FaultTable;
