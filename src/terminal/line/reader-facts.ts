import type { LineState } from "./line-state.js";
import type { ReaderFacts } from "./run-decoder.js";
import { asksToCorrect } from "./spelling.js";
import type { ShellSettings } from "./shell-settings.js";
import type { Witnesses } from "./witnesses.js";

/** What the meaning of the next key depends on, as the witnesses see it now. */
export function readerFacts(
  { screen, dialect, context, trust }: Witnesses,
  seen: {
    readonly line: LineState;
    readonly settings: ShellSettings;
    readonly editsItself: () => boolean;
  },
): ReaderFacts {
  const { line, settings } = seen;
  return {
    honoursPaste: () => screen.modes.bracketedPaste && !context.inProgram && !line.awaited,
    quotes: () =>
      line.marked &&
      dialect.current !== "fish" &&
      !context.inProgram &&
      !trust.rebound &&
      trust.trusted,
    interruptRuns: () => trust.rebound,
    maybeCooked: () => !line.marked && dialect.current !== "ash" && !seen.editsItself(),
    lineHasText: () => line.pressed > 0 && !line.flushed,
    viMode: () => settings.viMode && dialect.current !== "zle" && dialect.current !== "fish",
    runsByMeta: () => dialect.current === "zle" && !context.inProgram,
    entersBySequence: () =>
      dialect.current === "fish" ||
      (line.marked && dialect.current !== "plain") ||
      context.multiplexed ||
      context.inProgram,
    asksToCorrect: () => !line.marked && asksToCorrect(screen),
  };
}
