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

interface SessionLifeDeps {
  readonly seed: SessionSeed;
  readonly outbox: Outbox;
  readonly register: LivedChannels;
  readonly questions: QuestionDesk;
  readonly observers: Pick<Observers, "end">;
  /** Those on which something can still be shown. */
  readonly terminals: () => readonly Pick<TerminalChannel, "id" | "reveal">[];
  readonly commandCounts: () => CommandDesk["counts"];
}

export function createSessionLife(deps: SessionLifeDeps): SessionLife {
  return new ToldLife(deps);
}

class ToldLife implements SessionLife {
  readonly #deps: SessionLifeDeps;
  readonly #seed: SessionSeed;
  readonly #outbox: Outbox;
  readonly #register: LivedChannels;
  readonly #questions: QuestionDesk;
  readonly #observers: Pick<Observers, "end">;
  #openedAt = 0 as Micros;
  #closing: { readonly reason: string } | null = null;

  constructor(deps: SessionLifeDeps) {
    this.#deps = deps;
    const { seed, outbox, register, questions, observers } = deps;
    this.#seed = seed;
    this.#outbox = outbox;
    this.#register = register;
    this.#questions = questions;
    this.#observers = observers;
  }

  opened(): void {
    this.#openedAt = this.#outbox.at;
    this.#outbox.emit({
      type: "session.opened",
      data: {
        session: this.#outbox.session,
        groups: this.#seed.facts.person.groups,
        clientVersion: this.#seed.facts.clientVersion,
        authMethods: this.#seed.facts.authMethods,
        targetLabels: this.#seed.facts.target.labels,
        rulesDigest: this.#seed.rules.current().digest,
        ...(this.#seed.facts.context === undefined ? {} : { context: this.#seed.facts.context }),
      },
    });
  }

  killOrdered({ by, reason }: Of<"kill-ordered">): void {
    this.#outbox.emit({
      type: "action.taken",
      data: {
        session: this.#outbox.session,
        action: "kill",
        target: "session",
        reason: `${by}: ${reason}`,
        outcome: "ended",
      },
    });
    const next = by === "shutdown" ? "Connect again in a moment." : ASK_ADMINISTRATOR;
    this.endTelling(reason, by, next);
  }

  /** The reason is shown on every terminal first. */
  endTelling(reason: string, trigger: string, next = ASK_ADMINISTRATOR): void {
    if (this.#closing !== null) return;
    const shown = this.#deps.terminals();
    this.#begin(reason, trigger);
    const notice = terminalNotice({ headline: "Chaperone ends this session.", reason, next });
    for (const terminal of shown) {
      terminal.reveal();
      this.#outbox.toPerson(terminal.id, notice);
    }
    this.#outbox.add({ kind: "close-session", reason, exitCode: EXIT_KILLED });
  }

  end(reason: string, trigger: string): void {
    if (this.#closing !== null) return;
    this.#begin(reason, trigger);
    this.#outbox.add({ kind: "close-session", reason, exitCode: EXIT_KILLED });
  }

  disconnected(reason: string): void {
    this.#closing ??= { reason };
    this.#questions.abandon();
    this.#observers.end();
    for (const { id } of [...this.#register.all()]) {
      this.#register.closed(id, { toTarget: 0, toPerson: 0 }, "disconnected");
    }
    const { totals } = this.#register;
    this.#outbox.emit({
      type: "session.closed",
      data: {
        session: this.#outbox.session,
        reason: this.#closing.reason,
        durationMs: Math.max(0, Math.floor((this.#outbox.at - this.#openedAt) / 1_000)),
        bytes: totals.bytes,
        counts: {
          channels: totals.channels,
          ...this.#deps.commandCounts(),
          reauths: this.#questions.reauths,
        },
        blindSpans: this.#register.blindSpans(this.#openedAt),
      },
    });
  }

  get closing(): boolean {
    return this.#closing !== null;
  }

  /** From here on nothing is asked, and nothing passes. */
  #begin(reason: string, trigger: string): void {
    this.#closing = { reason: trigger === "" ? reason : `killed: ${trigger}` };
    this.#questions.abandon();
  }
}
