import type { CommandDecision } from "../events/index.js";
import type { Micros } from "../kernel/index.js";
import type { CommandDesk, ToldCommand } from "./command-desk.js";
import type { CommandLog } from "./command-log.js";
import type { OwedCommand } from "./owed-command.js";
import type { RecordingOrder } from "./recording-order.js";
import type { TerminalDeps } from "./terminal-deps.js";
import type { HeldLine } from "./terminal-gate.js";
import { toldLine } from "./told-line.js";

/** Tells what became of the lines of one terminal: at once, or when it is known whether they ran. */
export interface CommandTelling {
  tell(held: HeldLine, decision: CommandDecision): void;
  /** The line is about to run. `ends`: the command is over whatever its grammar says. */
  released(held: HeldLine, decision: CommandDecision, ends: boolean): void;
}

interface CommandTellingDeps extends Pick<TerminalDeps, "id" | "outbox" | "recording"> {
  readonly desk: Pick<CommandDesk, "tell">;
  readonly commands: CommandLog;
  readonly owed: OwedCommand;
  readonly order: Pick<RecordingOrder, "add">;
  readonly startedAt: Micros;
}

export function createCommandTelling(deps: CommandTellingDeps): CommandTelling {
  const { id, outbox, desk, commands, owed, order } = deps;

  function tell(held: HeldLine, decision: CommandDecision): void {
    const { judgement } = held;
    desk.tell(judgement, toldOf(held, decision));
    if (decision !== "allowed") {
      const label = `${decision}${judgement.trigger === "" ? "" : ` ${judgement.trigger}`}`;
      order.add({ type: "mark", label, at: outbox.at });
    }
  }

  function toldOf(held: HeldLine, decision: CommandDecision): ToldCommand {
    const told = toldLine(id, commands, { ...held, decision });
    if (deps.recording.terminal === "off") return told;
    return { ...told, recordingOffsetMs: Math.floor((outbox.at - deps.startedAt) / 1_000) };
  }

  function released(held: HeldLine, decision: CommandDecision, ends: boolean): void {
    const { reading, judgement } = held;
    const tells = ends || commands.tells(judgement.analysis, reading);
    if (!tells && reading.asksForMore !== true) return;
    const begins = !ends && decision === "allowed" && commands.mayBegin(judgement, reading);
    if (tells && !begins) {
      tell(held, decision);
      return;
    }
    const told = toldOf(held, decision);
    if (tells) owed.owe(() => desk.tell(judgement, told), "prompt");
    else {
      owed.owe(() => {
        desk.tell(judgement, told);
        commands.dropped();
      });
    }
  }

  return { tell, released };
}
