import type { ChannelId, Micros } from "../kernel/index.js";
import type { Input } from "../model/index.js";
import type { ChannelRegister } from "./channel-register.js";
import type { CommandDesk } from "./command-desk.js";
import { EXIT_KILLED, terminalNotice } from "./notice.js";
import type { Observers } from "./observers.js";
import type { Outbox } from "./outbox.js";
import type { QuestionDesk } from "./question-desk.js";
import type { SessionSeed } from "./session.js";
import type { TerminalChannel } from "./terminal-channel.js";

type Of<K extends Input["kind"]> = Extract<Input, { kind: K }>;

/** Beginning and end of a session, and what is told about them. */
export interface SessionLife {
  /** It is ending: nothing is asked any more, and nothing passes. */
  readonly closing: boolean;
  opened(): void;
  killOrdered(input: Of<"kill-ordered">): void;
  end(reason: string, trigger: string): void;
  /** The same, with the reason on every terminal first. */
  endTelling(reason: string, trigger: string): void;
  /** The last thing of all. */
  disconnected(reason: string): void;
}

/** What is told of channels at the end of a session. */
export type LivedChannels = Pick<ChannelRegister, "closed" | "totals" | "blindSpans"> & {
  all(): Iterable<{ readonly id: ChannelId }>;
};

const ASK_ADMINISTRATOR = "Ask the administrator of this gateway.";

export function createSessionLife(deps: {
  readonly seed: SessionSeed;
  readonly outbox: Outbox;
  readonly register: LivedChannels;
  readonly questions: QuestionDesk;
  readonly observers: Pick<Observers, "end">;
  /** Those on which something can still be shown. */
  readonly terminals: () => readonly Pick<TerminalChannel, "id" | "reveal">[];
  readonly commandCounts: () => CommandDesk["counts"];
}): SessionLife {
  const { seed, outbox, register, questions, observers } = deps;
  let openedAt = 0 as Micros;
  let closing: { readonly reason: string } | null = null;

  function opened(): void {
    openedAt = outbox.at;
    outbox.emit({
      type: "session.opened",
      data: {
        session: outbox.session,
        groups: seed.facts.person.groups,
        clientVersion: seed.facts.clientVersion,
        authMethods: seed.facts.authMethods,
        targetLabels: seed.facts.target.labels,
        rulesDigest: seed.rules.current().digest,
        ...(seed.facts.context === undefined ? {} : { context: seed.facts.context }),
      },
    });
  }

  function killOrdered({ by, reason }: Of<"kill-ordered">): void {
    outbox.emit({
      type: "action.taken",
      data: {
        session: outbox.session,
        action: "kill",
        target: "session",
        reason: `${by}: ${reason}`,
        outcome: "ended",
      },
    });
    const next = by === "shutdown" ? "Connect again in a moment." : ASK_ADMINISTRATOR;
    endTelling(reason, by, next);
  }

  /** The reason is shown on every terminal first. */
  function endTelling(reason: string, trigger: string, next = ASK_ADMINISTRATOR): void {
    if (closing !== null) return;
    const shown = deps.terminals();
    begin(reason, trigger);
    const notice = terminalNotice({ headline: "Chaperone ends this session.", reason, next });
    for (const terminal of shown) {
      terminal.reveal();
      outbox.toPerson(terminal.id, notice);
    }
    outbox.add({ kind: "close-session", reason, exitCode: EXIT_KILLED });
  }

  function end(reason: string, trigger: string): void {
    if (closing !== null) return;
    begin(reason, trigger);
    outbox.add({ kind: "close-session", reason, exitCode: EXIT_KILLED });
  }

  /** From here on nothing is asked, and nothing passes. */
  function begin(reason: string, trigger: string): void {
    closing = { reason: trigger === "" ? reason : `killed: ${trigger}` };
    questions.abandon();
  }

  function disconnected(reason: string): void {
    closing ??= { reason };
    questions.abandon();
    observers.end();
    for (const { id } of [...register.all()]) {
      register.closed(id, { toTarget: 0, toPerson: 0 }, "disconnected");
    }
    const { totals } = register;
    outbox.emit({
      type: "session.closed",
      data: {
        session: outbox.session,
        reason: closing.reason,
        durationMs: Math.max(0, Math.floor((outbox.at - openedAt) / 1_000)),
        bytes: totals.bytes,
        counts: { channels: totals.channels, ...deps.commandCounts(), reauths: questions.reauths },
        blindSpans: register.blindSpans(openedAt),
      },
    });
  }

  return {
    get closing() {
      return closing !== null;
    },
    opened,
    killOrdered,
    end,
    endTelling,
    disconnected,
  };
}
