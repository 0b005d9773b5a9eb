import type { FaultTable } from "./entry.js";

export const runtimeFaults = {} as const satisfies FaultTable;
