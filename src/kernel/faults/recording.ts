import type { FaultTable } from "./entry.js";

export const recordingFaults = {} as const satisfies FaultTable;
