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
  CHP_RECORDING_KEY: {
    summary: "a key for recordings is not usable",
    remedy:
      "private keys stand in a file as `chaperone recording keygen` or `age-keygen` write it: AGE-SECRET-KEY-1..., one a line",
    retryable: false,
  },
  CHP_RECORDING_ENCRYPTED: {
    summary: "a recording is encrypted for somebody else",
    remedy: "name the file with a private key of one of its readers: `--identity FILE`",
    retryable: false,
  },
  CHP_RECORDING_ALTERED: {
    summary: "an encrypted recording is not as it was written",
    remedy:
      "use what could be read with care, compare the file with a copy, and find out who could write to it",
    retryable: false,
  },
  CHP_RECORDING_READ: {
    summary: "a recording can not be read",
    remedy:
      "name a .cast or .cast.age file that this product wrote; `chaperone replay` needs the header key `chaperone` in it",
    retryable: false,
  },
} as const satisfies FaultTable;
