import type { FaultTable } from "./entry.js";

export const behaviourFaults = {
  CHP_BEHAVIOUR_PROFILE: {
    summary: "a stored profile of a person's behaviour can not be read",
    remedy:
      "the person is learnt anew from the next session on; erase the stored profile if this comes again",
    retryable: false,
  },
} as const satisfies FaultTable;
