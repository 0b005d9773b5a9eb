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
} as const satisfies FaultTable;
