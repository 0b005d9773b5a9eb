import type { FaultTable } from "./entry.js";

export const rulesFaults = {} as const satisfies FaultTable;
