import type { Analysis } from "../model/index.js";
import { readsCommands } from "../shell/index.js";

/**
 * Does this command start something that reads commands from the channel's stdin? Then what is sent
 * there are commands, and they are judged like typed ones (`ssh host bash -s < script`).
 */
export function readsCommandsFromStdin(analysis: Analysis): boolean {
  return analysis.invocations.some(readsCommands);
}
