import { standingIn, type ShellKnowledge } from "../shell/index.js";
import type { CommandToJudge } from "./command-desk.js";

/** Each text that a command may have, in each place where it may run; the likeliest first. */
export function* readingsOf({
  candidates,
  knowledge,
  elsewhere,
}: CommandToJudge): Generator<{ readonly candidate: string; readonly knowledge: ShellKnowledge }> {
  for (const candidate of candidates) {
    yield { candidate, knowledge };
    if (elsewhere !== undefined && elsewhere !== knowledge.cwd)
      yield { candidate, knowledge: standingIn(knowledge, elsewhere) };
  }
}
