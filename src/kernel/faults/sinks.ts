import type { FaultTable } from "./entry.js";

export const sinksFaults = {
  CHP_SINK_UNAVAILABLE: {
    summary: "a sink takes no events at the moment",
    remedy: "look at the receiver: it is overloaded, full or in maintenance; events wait meanwhile",
    retryable: true,
  },
  CHP_SINK_DENIED: {
    summary: "a sink does not let the sidecar in, or is not at this address",
    remedy:
      "check the sink's address, token or password, and what they are allowed to do; events wait meanwhile",
    retryable: true,
  },
  CHP_SINK_REFUSED: {
    summary: "a sink refuses an event for what is in it",
    remedy:
      "read the reason in the sink's file of dead letters in `stateDir`/sinks, mend the receiver's mapping or limits, and tell those events again from there",
    retryable: false,
  },
  CHP_SINK_FILE: {
    summary: "the file of a sink can not be written",
    remedy: "free space or mend the permissions of the sink's `path`; events wait meanwhile",
    retryable: true,
  },
} as const satisfies FaultTable;
