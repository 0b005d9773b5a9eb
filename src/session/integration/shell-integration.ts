import { after, type ChannelId, type Micros } from "../../kernel/index.js";
import type { TerminalSize } from "../../model/index.js";
import {
  createHookTypist,
  createMarkStream,
  hooksFor,
  type HookTypist,
  type IntegratedShell,
  type Mark,
  type MarkStream,
  type Printed,
  type TypedLine,
} from "../../terminal/index.js";
import type { Outbox } from "../outbox.js";
import type { IntegrationSeed } from "./seed.js";
import { createRanLines, type RanLines, type ReleasedLine } from "./ran-lines.js";

/**
 * The third witness: the shell itself says what it runs, where it stands and how it ended. What it says
 * is a claim, of whoever has the shell: it can make a verdict stricter and never milder.
 */
export interface ShellIntegration {
  /** What the person types waits: hooks are being set up, or a shell is about to come. */
  readonly busy: boolean;
  /** The target printed: what is left of it goes on by `show`. */
  printed(bytes: Uint8Array): void;
  /** Something of the person's went to the target: a prompt at which something stands is none for us. */
  typed(): void;
  resized(size: TerminalSize): void;
  timer(): void;
  /** A line was judged and sent. */
  released(line: ReleasedLine): void;
  /** Where the shell at the prompt says that it stands; undefined: nobody says it. */
  readonly cwd: string | undefined;
}

export interface IntegrationDeps {
  readonly id: ChannelId;
  readonly seed: IntegrationSeed;
  readonly outbox: Outbox;
  readonly line: TypedLine;
  /** Of the terminal when it was asked for. */
  readonly pty: TerminalSize;
  readonly gated: () => boolean;
  readonly show: (bytes: Uint8Array) => void;
  /** The person's keys need not wait any more. */
  readonly opened: () => void;
  /** Another command runs than the one that was judged, or one that was not judged at all. */
  readonly ranOtherwise: (ran: { readonly text: string; readonly hidden: boolean }) => void;
  /** A prompt comes, of a shell that stands there; `failed`: what ran before it did. */
  readonly stands: (cwd: string, failed: boolean) => void;
}

/** Who types before a shell has come is kept waiting so long at most. */
const HOLD_MS = 3_000;
/** Something stands on the screen and nothing more comes: it may be a question to the person. */
const QUIET_MS = 500;
/** A prompt is whole when nothing more has come for so long: programs write it in one go. */
const DRAWN_MS = 40;
/** A shell answers to what is typed within milliseconds; one that takes longer does without. */
const ANSWER_MS = 5_000;
/** Its editor answers at once, or what was pressed means something else to it. */
const EDITOR_MS = 2_500;
/** The prompt stands as before as soon as it is drawn; for another one nobody waits longer. */
const ELSEWHERE_MS = 600;
/** A gate that is closed is looked at again. */
const GATED_MS = 250;
/** Lines at a prompt of which the shell says nothing, and for how long, until it is told. */
const SILENT_LINES = 2;
const SILENT_MS = 3_000;

const BY_DIALECT: Readonly<Record<string, IntegratedShell>> = {
  readline: "bash",
  zle: "zsh",
  fish: "fish",
};

type State =
  | { readonly name: "waiting"; readonly holdUntil: Micros }
  | { readonly name: "typing"; readonly typist: HookTypist; deadline: Micros; elsewhere: boolean }
  | { readonly name: "active" }
  /** It has come to nothing: marks are taken out, and mean nothing. */
  | { readonly name: "deaf" }
  | { readonly name: "off" };

export function createShellIntegration(deps: IntegrationDeps): ShellIntegration {
  return new ThirdWitness(deps);
}

class ThirdWitness implements ShellIntegration {
  readonly #deps: IntegrationDeps;
  readonly #nonce: string;
  readonly #marks: MarkStream;
  readonly #lines: RanLines = createRanLines();
  #state: State;
  #holding = true;
  #size: TerminalSize;
  readonly #startedAt: Micros;
  #printedAt: Micros;
  #count = 0;
  #shell = "";
  #cwd: string | undefined;
  #running: { readonly at: Micros; readonly claim: FinishedClaim } | null = null;
  #forged = false;
  #silent: { lines: number; since: Micros } | null = null;
  #lost = false;

  constructor(deps: IntegrationDeps) {
    const { seed, id, outbox } = deps;
    this.#deps = deps;
    // Each terminal has a word of its own: what one prints is nothing to another.
    this.#nonce = `${seed.nonce}${id.toString(36)}`;
    this.#marks = createMarkStream(this.#nonce);
    this.#size = deps.pty;
    this.#startedAt = outbox.at;
    this.#printedAt = outbox.at;
    this.#state = { name: "waiting", holdUntil: after(outbox.at, HOLD_MS) };
    this.#wake(this.#state.holdUntil);
  }

  get busy(): boolean {
    const { name } = this.#state;
    return name === "typing" || (name === "waiting" && this.#holding);
  }

  get cwd(): string | undefined {
    return this.#running === null && !this.#forged && !this.#lost ? this.#cwd : undefined;
  }

  printed(bytes: Uint8Array): void {
    this.#printedAt = this.#deps.outbox.at;
    if (this.#state.name === "off") {
      this.#deps.show(bytes);
      return;
    }
    for (const piece of this.#marks.feed(bytes)) this.#take(piece);
    if (this.#state.name === "waiting") {
      const drawn = this.#deps.line.idleEditor !== null;
      if (drawn || this.#holding) this.#wake(after(this.#printedAt, drawn ? DRAWN_MS : QUIET_MS));
    }
    this.#advance();
  }

  typed(): void {
    if (this.#state.name !== "waiting") return;
    this.#state = { name: "off" };
    this.#deps.outbox.clearTimer("integration", this.#deps.id);
    const rest = this.#marks.rest();
    if (rest.length > 0) this.#deps.show(rest);
    this.#tell("absent", "something was typed before a shell had come");
  }

  resized(size: TerminalSize): void {
    this.#size = size;
    if (this.#state.name === "typing") this.#state.typist.resized(size);
  }

  timer(): void {
    if (this.#state.name === "waiting") this.#await(this.#state.holdUntil);
    else if (this.#state.name === "typing") {
      this.#advance();
      this.#overdue();
    }
  }

  released(line: ReleasedLine): void {
    if (this.#state.name !== "active") return;
    this.#lines.released(line);
    if (this.#running !== null || line.program || line.alone.trim() === "") return;
    const { at } = this.#deps.outbox;
    this.#silent ??= { lines: 0, since: at };
    this.#silent.lines += 1;
    const long = at - this.#silent.since > SILENT_MS * 1_000;
    if (this.#silent.lines <= SILENT_LINES || !long || this.#lost) return;
    this.#lost = true;
    this.#tell("lost", "the shell at the prompt says nothing any more");
  }

  // --- setting up ------------------------------------------------------------------------------

  #await(holdUntil: Micros): void {
    const { outbox, line } = this.#deps;
    const quietAt = after(this.#printedAt, QUIET_MS);
    const heldUntil =
      this.#printedAt > this.#startedAt && quietAt < holdUntil ? quietAt : holdUntil;
    const held = outbox.at >= heldUntil;
    if (line.idleEditor !== null) {
      const drawnAt = after(this.#printedAt, DRAWN_MS);
      if (outbox.at < drawnAt) this.#wake(drawnAt);
      else if (this.#deps.gated()) this.#wake(after(outbox.at, GATED_MS));
      else {
        this.#begin();
        return;
      }
    } else if (!held) this.#wake(heldUntil);
    if (!held || !this.#holding) return;
    this.#holding = false;
    this.#deps.opened();
  }

  #begin(): void {
    const { seed, line, outbox } = this.#deps;
    const shell = seed.shell === "auto" ? BY_DIALECT[line.idleEditor ?? ""] : seed.shell;
    if (shell === undefined) {
      this.#state = { name: "off" };
      this.#tell("absent", "the shell is none that can be asked");
      this.#deps.opened();
      return;
    }
    const typist = createHookTypist(hooksFor(shell, this.#nonce), {
      size: this.#size,
      screen: line.repaint(),
    });
    this.#state = { name: "typing", typist, deadline: outbox.at, elsewhere: false };
    this.#advance();
  }

  #advance(): void {
    const state = this.#state;
    if (state.name !== "typing") return;
    const { outbox, id, gated } = this.#deps;
    // Nothing passes to a target while a question is open or the session stands still.
    if (gated()) {
      this.#wake(after(outbox.at, GATED_MS));
      return;
    }
    const keys = state.typist.next();
    if (keys.length > 0) {
      outbox.toTarget(id, keys);
      state.deadline = after(outbox.at, state.typist.entered ? ANSWER_MS : EDITOR_MS);
      this.#wake(state.deadline);
    }
    if (state.typist.state === "done") this.#finish(state.typist);
    else if (state.typist.state === "elsewhere" && !state.elsewhere) {
      state.elsewhere = true;
      state.deadline = after(outbox.at, ELSEWHERE_MS);
      this.#wake(state.deadline);
    }
  }

  #overdue(): void {
    const state = this.#state;
    if (state.name !== "typing") return;
    const { outbox, id, gated } = this.#deps;
    if (outbox.at < state.deadline || gated()) {
      this.#wake(gated() ? after(outbox.at, GATED_MS) : state.deadline);
      return;
    }
    const { typist } = state;
    const keys = state.elsewhere ? NOTHING : typist.giveUp();
    if (keys.length === 0) {
      this.#finish(typist, typist.state === "done" ? NOTHING : typist.shown());
      return;
    }
    outbox.toTarget(id, keys);
    state.elsewhere = true;
    state.deadline = after(outbox.at, ELSEWHERE_MS);
    this.#wake(state.deadline);
  }

  /** The shell stands at its prompt; `shown`: at another one than before. */
  #finish(typist: HookTypist, shown: Uint8Array = NOTHING): void {
    this.#deps.outbox.clearTimer("integration", this.#deps.id);
    this.#holding = false;
    this.#state = typist.ready ? ACTIVE : DEAF;
    if (shown.length > 0) this.#deps.show(shown);
    if (typist.ready) this.#tell("active");
    else this.#tell("absent", "the shell did not answer");
    this.#deps.opened();
  }

  // --- what it says ----------------------------------------------------------------------------

  #take(piece: Printed): void {
    const state = this.#state;
    if (piece.kind === "mark") {
      if (!this.#inOrder(piece.mark)) return;
      if (state.name === "typing") this.#settingUp(state.typist, piece.mark);
      else if (state.name === "active") this.#told(piece.mark);
      return;
    }
    if (piece.kind === "foreign" && (state.name === "typing" || state.name === "active")) {
      this.#foreign("it does not know the secret of this session");
    } else if (state.name === "typing") state.typist.printed(piece.bytes);
    else this.#deps.show(piece.bytes);
  }

  #settingUp(typist: HookTypist, mark: Mark): void {
    typist.marked(mark);
    if (mark.kind === "ready") this.#shell = mark.shell;
    else if (mark.kind === "prompt") this.#stands(mark.cwd, false);
  }

  /** A shell counts its marks: one that was printed before is printed again by somebody else. */
  #inOrder(mark: Mark): boolean {
    if (mark.count > this.#count) {
      this.#count = mark.count;
      return true;
    }
    this.#foreign("it was seen before");
    return false;
  }

  #foreign(reason: string): void {
    if (this.#forged) return;
    this.#forged = true;
    this.#tell("forged", reason);
  }

  #told(mark: Mark): void {
    this.#silent = null;
    if (this.#lost) {
      this.#lost = false;
      this.#tell("active");
    }
    if (mark.kind === "executing") this.#executing(mark);
    else if (mark.kind === "prompt") this.#prompt(mark);
  }

  #executing(mark: Extract<Mark, { kind: "executing" }>): void {
    const { verdict, hidden } = this.#lines.ran(mark);
    const claim: FinishedClaim = { text: mark.text, hidden, verdict, cut: mark.cut };
    this.#running = { at: this.#deps.outbox.at, claim };
    if (verdict === "different") this.#deps.ranOtherwise({ text: mark.text, hidden });
  }

  #prompt(mark: Extract<Mark, { kind: "prompt" }>): void {
    const { outbox, id } = this.#deps;
    this.#lines.prompted();
    if (this.#running !== null) {
      const { at, claim } = this.#running;
      this.#running = null;
      outbox.emit({
        type: "command.finished",
        data: {
          session: outbox.session,
          channel: id,
          ...(claim.hidden || claim.verdict === "unknown" ? {} : { text: claim.text }),
          hidden: claim.hidden,
          judged: claim.verdict,
          exitCode: mark.exitCode,
          cwd: mark.cwd,
          durationMs: Math.round((outbox.at - at) / 1_000),
        },
      });
    }
    this.#stands(mark.cwd, mark.exitCode !== 0);
  }

  #stands(cwd: string, failed: boolean): void {
    this.#cwd = cwd.startsWith("/") ? cwd : undefined;
    if (this.#cwd !== undefined && !this.#forged) this.#deps.stands(this.#cwd, failed);
  }

  #tell(state: "active" | "absent" | "lost" | "forged", reason?: string): void {
    const { outbox, id } = this.#deps;
    outbox.emit({
      type: "integration.changed",
      data: {
        session: outbox.session,
        channel: id,
        state,
        ...(this.#shell === "" ? {} : { shell: this.#shell }),
        ...(reason === undefined ? {} : { reason }),
      },
    });
  }

  #wake(at: Micros): void {
    this.#deps.outbox.setTimer("integration", this.#deps.id, at);
  }
}

interface FinishedClaim {
  readonly text: string;
  readonly hidden: boolean;
  readonly verdict: "same" | "different" | "unknown";
  readonly cut: boolean;
}

const NOTHING = new Uint8Array(0);
const ACTIVE: State = { name: "active" };
const DEAF: State = { name: "deaf" };
