import type { LineReading } from "../model/index.js";
import type { Fate } from "../terminal/index.js";

/**
 * A line that was judged and released, but not told, because its editor takes Enter as a key of its own
 * just then (a choice of a menu, a line that goes on), or because it is doubtful and looks like the
 * beginning of a command: told late when it is seen to have run all the same.
 */
export interface OwedCommand {
  /** `until`: what decides, its editor or the prompt that follows. */
  owe(tell: () => void, until?: "editor" | "prompt"): void;
  /** Tells what ran; forgets what is part of a line that goes on. */
  settle(fate: Fate): void;
  /** The shell asks for a command, or for more of one. */
  asked(prompt: LineReading["prompt"]): void;
  /** What the shell asks for next will decide. */
  readonly waitsForPrompt: boolean;
  /** Nothing will decide it any more. */
  over(): void;
}

export function createOwedCommand(): OwedCommand {
  let owed: (() => void) | null = null;
  let byPrompt = false;

  function end(ran: boolean): void {
    const tell = owed;
    owed = null;
    if (ran) tell?.();
  }

  return {
    owe(tell, until = "editor") {
      owed = tell;
      byPrompt = until === "prompt";
    },
    settle(fate) {
      if (!byPrompt && fate !== "unknown") end(fate === "ran");
    },
    get waitsForPrompt() {
      return byPrompt && owed !== null;
    },
    asked(prompt) {
      if (byPrompt) end(prompt !== "continuation");
    },
    over() {
      end(true);
    },
  };
}
