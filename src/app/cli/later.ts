import type { Command } from "./command.js";
import { EXIT } from "./exit-code.js";

/** Commands whose names are fixed and whose work comes with a later version: they say so and fail. */
export const LATER_COMMANDS: readonly Command[] = [
  later(["core"], undefined, "the scoring core as a process of its own"),
];

function later(
  words: readonly string[],
  positionals: string | undefined,
  summary: string,
): Command {
  return {
    words,
    summary,
    options: {},
    examples: [],
    later: true,
    ...(positionals === undefined ? {} : { positionals }),
    run(call) {
      call.console.err(
        `chaperone ${words.join(" ")}: this version does not have it yet\n` +
          "  mend: see CHANGELOG.md for what each version brings",
      );
      return Promise.resolve(EXIT.couldNotRun);
    },
  };
}
