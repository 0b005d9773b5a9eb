import { AUDIT_COMMANDS } from "./audit.js";
import { checkCommand } from "./check.js";
import type { Command } from "./command.js";
import { completionCommand } from "./completion.js";
import { CORE_COMMANDS } from "./core.js";
import { CTL_COMMANDS } from "./ctl/index.js";
import { doctorCommand } from "./doctor/doctor.js";
import { PEOPLE_COMMANDS } from "./people.js";
import { RECORDING_COMMANDS } from "./recording.js";
import { replayCommand } from "./replay.js";
import { reportCommand } from "./report.js";
import { rulesExplainCommand } from "./rules-explain.js";
import { rulesImportSigmaCommand } from "./rules-import.js";
import { rulesTestCommand } from "./rules-test.js";
import { runCommand } from "./run.js";
import { scoreCommand } from "./score/score.js";

/** Every command of the program; help, completion and the parser read this table. */
export const COMMANDS: readonly Command[] = [
  runCommand,
  checkCommand,
  rulesTestCommand,
  rulesExplainCommand,
  rulesImportSigmaCommand,
  replayCommand,
  doctorCommand,
  scoreCommand,
  ...PEOPLE_COMMANDS,
  ...AUDIT_COMMANDS,
  ...RECORDING_COMMANDS,
  reportCommand,
  ...CORE_COMMANDS,
  ...CTL_COMMANDS,
  completionCommand(() => COMMANDS),
];
