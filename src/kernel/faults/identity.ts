import type { FaultTable } from "./entry.js";

export const identityFaults = {} as const satisfies FaultTable;
