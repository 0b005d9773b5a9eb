import { adminFaults } from "./faults/admin.js";
import { behaviourFaults } from "./faults/behaviour.js";
import { configFaults } from "./faults/config.js";
import { coreFaults } from "./faults/core.js";
import { ctlFaults } from "./faults/ctl.js";
import { guacamoleFaults } from "./faults/guacamole.js";
import { identityFaults } from "./faults/identity.js";
import { netFaults } from "./faults/net.js";
import { recordingFaults } from "./faults/recording.js";
import { rulesFaults } from "./faults/rules.js";
import { runtimeFaults } from "./faults/runtime.js";
import { sealingFaults } from "./faults/sealing.js";
import { sinksFaults } from "./faults/sinks.js";
import { sshFaults } from "./faults/ssh.js";
import { webFaults } from "./faults/web.js";
import type { FaultEntry } from "./faults/entry.js";
import { describePlace, type Place } from "./place.js";

/** Every expected failure of the product, by code. A room keeps its rows in faults/<room>.ts. */
export const FAULTS = {
  ...configFaults,
  ...rulesFaults,
  ...sshFaults,
  ...identityFaults,
  ...runtimeFaults,
  ...recordingFaults,
  ...netFaults,
  ...sinksFaults,
  ...sealingFaults,
  ...adminFaults,
  ...ctlFaults,
  ...behaviourFaults,
  ...coreFaults,
  ...guacamoleFaults,
  ...webFaults,
} as const;

export type FaultCode = keyof typeof FAULTS;

/** An expected failure: a code with a remedy, what exactly happened, and where, if there is a where. */
export interface Fault {
  readonly code: FaultCode;
  readonly message: string;
  readonly at?: Place;
}

export function fault(code: FaultCode, message: string, at?: Place): Fault {
  return at === undefined ? { code, message } : { code, message, at };
}

export function faultEntry(code: FaultCode): FaultEntry {
  return FAULTS[code];
}

/** One line for people: `file:line:column CODE message`. */
export function describeFault(value: Fault): string {
  const where = value.at === undefined ? "" : `${describePlace(value.at)} `;
  return `${where}${value.code} ${value.message}`;
}

/** What was thrown, in its own words: for the message of a fault. */
export function describeError(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
