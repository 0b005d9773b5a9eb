import type { Command } from "../command.js";
import { EXIT } from "../exit-code.js";
import { commandHelp, groupHelp } from "../help.js";
import { APPROVAL_COMMANDS } from "./approvals.js";
import { PEOPLE_CTL_COMMANDS } from "./people.js";
import { RECORDING_COMMANDS } from "./recordings.js";
import { RULE_CTL_COMMANDS } from "./rules.js";
import { SESSION_COMMANDS } from "./sessions.js";
import { STATUS_COMMANDS } from "./status.js";
import { TOKEN_COMMANDS } from "./tokens.js";

const COMMANDS: readonly Command[] = [
  ...STATUS_COMMANDS,
  ...SESSION_COMMANDS,
  ...APPROVAL_COMMANDS,
  ...PEOPLE_CTL_COMMANDS,
  ...RULE_CTL_COMMANDS,
  ...RECORDING_COMMANDS,
  ...TOKEN_COMMANDS,
];

/** `chaperone ctl` alone: what there is. Last, because every other begins with the same word. */
const groupCommand: Command = {
  words: ["ctl"],
  summary: "speaks to a running sidecar: sessions, approvals, people, rules (ctl --help)",
  options: {},
  notes: groupHelp(COMMANDS),
  examples: ["chaperone ctl sessions", "chaperone ctl kill --help"],
  run({ console }) {
    console.out(commandHelp(groupCommand, console.style));
    return Promise.resolve(EXIT.usage);
  },
};

/** `chaperone ctl ...`: everything that speaks to the control API of a running sidecar. */
export const CTL_COMMANDS: readonly Command[] = [...COMMANDS, groupCommand];
