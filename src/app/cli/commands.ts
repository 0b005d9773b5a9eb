import type { Command } from "./command.js";

/**
 * The modules of the commands by their first word, in the order of help. Each is loaded when it is
 * asked for: a program that only prints a code or speaks to a running sidecar needs no sidecar in it.
 */
const GROUPS: Readonly<Record<string, () => Promise<readonly Command[]>>> = {
  run: async () => [(await import("./run.js")).runCommand],
  check: async () => [(await import("./check.js")).checkCommand],
  rules: loadRulesCommands,
  replay: async () => [(await import("./replay.js")).replayCommand],
  doctor: async () => [(await import("./doctor/doctor.js")).doctorCommand],
  score: async () => [(await import("./score/score.js")).scoreCommand],
  people: async () => (await import("./people.js")).PEOPLE_COMMANDS,
  audit: async () => (await import("./audit.js")).AUDIT_COMMANDS,
  recording: loadRecordingCommands,
  report: async () => [(await import("./report.js")).reportCommand],
  core: async () => (await import("./core.js")).CORE_COMMANDS,
  ctl: async () => (await import("./ctl/index.js")).CTL_COMMANDS,
  completion: async () => [(await import("./completion.js")).completionCommand(loadCommands)],
};

/** The commands that begin with `first`; every one where it is absent or begins none. */
export async function loadCommands(first?: string): Promise<readonly Command[]> {
  const group = first === undefined || !Object.hasOwn(GROUPS, first) ? undefined : GROUPS[first];
  if (group !== undefined) return await group();
  const groups = await Promise.all(Object.values(GROUPS).map((load) => load()));
  return groups.flat();
}

async function loadRecordingCommands(): Promise<readonly Command[]> {
  const { RECORDING_COMMANDS } = await import("./recording.js");
  const { harCommand } = await import("./recording-har.js");
  return [...RECORDING_COMMANDS, harCommand];
}

async function loadRulesCommands(): Promise<readonly Command[]> {
  const { rulesTestCommand } = await import("./rules-test.js");
  const { rulesExplainCommand } = await import("./rules-explain.js");
  const { rulesImportSigmaCommand } = await import("./rules-import.js");
  return [rulesTestCommand, rulesExplainCommand, rulesImportSigmaCommand];
}
