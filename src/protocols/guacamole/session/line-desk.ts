import type { CommandDecision } from "../../../events/index.js";
import { unreachable, type ChannelId } from "../../../kernel/index.js";
import type { LineReading } from "../../../model/index.js";
import {
  outcomeAfter,
  outcomeOf,
  type ChallengeResult,
  type CommandDesk,
  type Judgement,
  type Outbox,
  type Question,
  type QuestionOrder,
  type Stopped,
} from "../../../session/index.js";
import { isEvidentCommand } from "../understanding/index.js";
import type { DesktopScreen } from "./desktop-screen.js";

/** Lines that wait for their Return: judged exactly as those of a terminal, and told. */
export interface LineDesk {
  /** `unseen`: why it is not known at all what is entered. */
  judge(reading: LineReading, unseen?: string): void;
}

export interface LineDeskDeps {
  readonly outbox: Outbox;
  readonly channel: ChannelId;
  readonly commands: CommandDesk;
  readonly screen: DesktopScreen;
  readonly ask: (order: QuestionOrder) => void;
  /** Something else is asked first, or the session stands still: true until it may go on. */
  readonly gated: () => boolean;
  /** False when too much waits already. */
  readonly whenOpen: (deed: () => void) => boolean;
  /** The Return goes to the desktop. */
  readonly release: () => void;
  /** While something covered the desktop, keys came up unseen: nothing stays pressed there. */
  readonly lift: () => void;
  /** Neither its press nor its release ever arrives; the text stays where it was typed. */
  readonly drop: () => void;
  /** Something for whoever looks at the recording. */
  readonly mark: (label: string) => void;
  readonly kill: (reason: string, trigger: string) => void;
  readonly suspend: (reason: string, trigger: string) => void;
}

interface EnteredLine {
  readonly reading: LineReading;
  readonly unseen: string | undefined;
}

/** Nobody sees what the desktop makes of the keys. */
const KEYS_ALONE = "keys alone do not tell for certain what this line is";

interface HeldLine {
  readonly reading: LineReading;
  readonly judgement: Judgement;
}

export function createLineDesk(deps: LineDeskDeps): LineDesk {
  return new HeldLines(deps);
}

class HeldLines implements LineDesk {
  readonly #deps: LineDeskDeps;

  constructor(deps: LineDeskDeps) {
    this.#deps = deps;
  }

  judge(reading: LineReading, unseen?: string): void {
    this.#judge({ reading, unseen }, false);
  }

  /** `waited`: something covered the desktop since the Return was pressed. */
  #judge(entered: EnteredLine, waited: boolean): void {
    const { commands } = this.#deps;
    // How it was typed may ask who is there first: the line is judged behind that.
    commands.behaviour.entered();
    if (this.#waits(entered)) return;
    const { reading, unseen } = entered;
    const nothing = reading.candidates.every((one) => one.trim() === "");
    if (nothing && !reading.hidden && reading.unknowable === undefined && unseen === undefined) {
      this.#release(null);
      if (waited) this.#deps.lift();
      return;
    }
    const judgement = commands.judge({
      candidates: reading.candidates,
      channelKind: "shell",
      knowledge: {},
      shells: "any",
      confidence: reading.confidence,
      uncertain: unseen ?? KEYS_ALONE,
      hidden: reading.hidden,
      context: reading.context,
      ...(reading.program === undefined ? {} : { program: reading.program }),
      ...(reading.unknowable === undefined ? {} : { unknowable: reading.unknowable }),
    });
    // Prose is typed here too: what is no command for certain says nothing about how the person works.
    if (!reading.hidden && isEvidentCommand(reading.text)) {
      const { analysis } = judgement;
      commands.behaviour.command({ channel: this.#deps.channel, analysis, held: reading });
      if (this.#waits(entered)) return;
    }
    this.#respond({ reading, judgement }, waited);
  }

  /** Something is asked first: the line is held, and judged anew behind it. */
  #waits(entered: EnteredLine): boolean {
    const { gated, whenOpen, drop } = this.#deps;
    if (!gated()) return false;
    if (!whenOpen(() => this.#judge(entered, true))) drop();
    return true;
  }

  #respond(held: HeldLine, waited: boolean): void {
    const { judgement, reading } = held;
    const shown = reading.hidden ? {} : { held: reading.text };
    const outcome = outcomeOf(judgement, { action: "command", surface: true, ...shown });
    switch (outcome.type) {
      case "release":
        this.#release(held, outcome.decision);
        if (waited) this.#deps.lift();
        return;
      case "ask":
        this.#deps.ask({
          subject: this.#deps.channel,
          surface: this.#deps.screen.surface,
          questions: outcome.questions,
          trigger: judgement.trigger,
          reason: judgement.reason,
          then: (result, last) => this.#answered(held, result, last),
          ...shown,
        });
        return;
      case "block":
      case "suspend":
      case "kill":
        this.#stop(held, outcome);
        return;
      default:
        unreachable(outcome);
    }
  }

  #answered(held: HeldLine, result: ChallengeResult, last: Question): void {
    if (result.type === "abandoned") {
      this.#tell(held, "unanswered");
      return;
    }
    if (result.type === "passed" && held.judgement.asksFactor) {
      this.#deps.commands.grantGrace(held.judgement);
    }
    const outcome = outcomeAfter(held.judgement, result, last);
    if (outcome.type === "release") {
      this.#release(held, outcome.decision);
      this.#deps.lift();
    } else if (outcome.type !== "ask") this.#stop(held, outcome);
  }

  #release(held: HeldLine | null, decision: CommandDecision = "allowed"): void {
    if (held !== null) this.#tell(held, decision);
    this.#deps.release();
  }

  /** The text stays where it was typed; neither press nor release of its Return ever arrive. */
  #stop(held: HeldLine, { type, notice, decision }: Stopped): void {
    this.#tell(held, decision);
    const { judgement } = held;
    if (type === "kill") {
      if (judgement.lockPerson) {
        const { trigger: rule, reason } = judgement;
        this.#deps.outbox.add({ kind: "lock-person", rule, reason });
      }
      this.#deps.kill(judgement.reason, judgement.trigger);
      return;
    }
    this.#deps.drop();
    if (type === "suspend") {
      this.#deps.suspend(judgement.reason, judgement.trigger);
    } else this.#deps.screen.notice(notice);
  }

  #tell({ reading, judgement }: HeldLine, decision: CommandDecision): void {
    this.#deps.commands.tell(judgement, {
      channel: this.#deps.channel,
      decision: decision === "allowed" && judgement.alert ? "alerted" : decision,
      text: reading.text,
      ...(reading.typed === undefined ? {} : { typed: reading.typed }),
      hidden: reading.hidden,
      source: reading.source,
      confidence: reading.confidence,
      context: reading.context,
      ...(reading.program === undefined ? {} : { program: reading.program }),
      candidates: reading.candidates,
    });
    if (decision === "allowed") return;
    const { trigger } = judgement;
    this.#deps.mark(`${decision}${trigger === "" ? "" : ` ${trigger}`}`);
  }
}
