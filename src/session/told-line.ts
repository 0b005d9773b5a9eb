import type { CommandDecision } from "../events/index.js";
import type { ChannelId } from "../kernel/index.js";
import type { ToldCommand } from "./command-desk.js";
import type { CommandLog } from "./command-log.js";
import type { HeldLine } from "./terminal-gate.js";

/** A typed line as it is told, with the lines before it that it goes on with. */
export function toldLine(
  channel: ChannelId,
  commands: CommandLog,
  { reading, judgement, decision }: HeldLine & { readonly decision: CommandDecision },
): ToldCommand {
  return {
    channel,
    decision: decision === "allowed" && judgement.alert ? "alerted" : decision,
    text: commands.text(reading),
    ...(reading.typed === undefined ? {} : { typed: commands.typed(reading) }),
    hidden: reading.hidden,
    source: reading.source,
    confidence: reading.confidence,
    context: reading.context,
    ...(reading.program === undefined ? {} : { program: reading.program }),
    candidates: commands.candidates(reading) ?? [],
  };
}
