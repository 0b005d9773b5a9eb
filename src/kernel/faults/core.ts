import type { FaultTable } from "./entry.js";

export const coreFaults = {
  CHP_CORE_NO_SQLITE: {
    summary: "no driver for the embedded store of the scoring core works here",
    remedy:
      "run Node 22.13 or newer, or let npm install the optional platform package of `libsql`, or give the core a PostgreSQL (`scoring.store`)",
    retryable: false,
  },
  CHP_CORE_STORE: {
    summary: "the store of the scoring core can not be read or written",
    remedy:
      "look at the disk, the server and the rights of the store that is named; events wait meanwhile",
    retryable: true,
  },
  CHP_CORE_STORE_TAKEN: {
    summary: "another scoring core works on this store",
    remedy:
      "stop the other core; one store has one core, because what it has learnt is in its memory",
    retryable: true,
  },
  CHP_CORE_STORE_NEWER: {
    summary: "the store was written by a newer version of the scoring core",
    remedy: "run the version that wrote it, or a newer one",
    retryable: false,
  },
  CHP_CORE_REPORT: {
    summary: "a report can not be made as it was asked for",
    remedy: "see `chaperone report --help` for names, columns and filters",
    retryable: false,
  },
  CHP_CORE_LINK: {
    summary: "the scoring core can not be reached",
    remedy:
      "look whether the core runs and whether address, certificate and token are right; events wait meanwhile, and sessions go on",
    retryable: true,
  },
  CHP_CORE_MESSAGE: {
    summary: "a message on the link to the scoring core is none",
    remedy: "see that sidecar and core are of the same version; the link is made anew",
    retryable: true,
  },
} as const satisfies FaultTable;
