import type { FaultTable } from "./entry.js";

export const sshFaults = {} as const satisfies FaultTable;
