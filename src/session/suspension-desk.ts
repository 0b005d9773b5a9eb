import { after, unreachable } from "../kernel/index.js";
import type { Suspension } from "../model/index.js";
import { drawSuspension } from "./challenge-screen.js";
import type { SessionGate } from "./gate.js";
import type { Outbox } from "./outbox.js";
import type { QuestionDesk } from "./question-desk.js";
import type { Surface } from "./question.js";
import type { SessionSeed } from "./session.js";

/**
 * A suspended session stands still: nothing passes to the target, streams stand in both directions,
 * terminals show why. What the target prints is recorded and shown when the session goes on.
 */
export interface SuspensionDesk {
  readonly current: Suspension | null;
  /** False when it was suspended already. */
  suspend(by: Suspension["by"], reason: string): boolean;
  /** False when it was not suspended. */
  resume(by: Suspension["by"], reason: string): boolean;
  /** Terminals that were opened or resized meanwhile are drawn again. */
  redraw(): void;
  say(text: string): boolean;
  timedOut(): void;
}

interface SuspensionDeskDeps {
  readonly seed: SessionSeed;
  readonly outbox: Outbox;
  readonly gate: SessionGate;
  readonly questions: QuestionDesk;
  readonly surfaces: () => readonly Surface[];
  readonly killSession: (reason: string, trigger: string) => void;
  /** Marks the recordings of the session's terminals. */
  readonly marked?: (label: string) => void;
}

export function createSuspensionDesk(deps: SuspensionDeskDeps): SuspensionDesk {
  return new SessionSuspension(deps);
}

class SessionSuspension implements SuspensionDesk {
  readonly #deps: SuspensionDeskDeps;
  readonly #seed: SessionSeed;
  readonly #outbox: Outbox;
  readonly #gate: SessionGate;
  readonly #questions: QuestionDesk;
  #current: Suspension | null = null;
  #covered: readonly Surface[] = [];
  #said: string | undefined;

  constructor(deps: SuspensionDeskDeps) {
    this.#deps = deps;
    const { seed, outbox, gate, questions } = deps;
    this.#seed = seed;
    this.#outbox = outbox;
    this.#gate = gate;
    this.#questions = questions;
  }

  redraw(): void {
    if (this.#current === null) return;
    const text = {
      reason: this.#current.reason,
      by: shownAs(this.#current.by),
      phrase: this.#seed.facts.person.phrase,
      notes: this.#said === undefined ? [] : [this.#said],
    };
    for (const surface of this.#covered) {
      if (surface.paint !== undefined) surface.paint({ type: "suspension", ...text });
      else this.#outbox.toPerson(surface.channel, drawSuspension(text));
    }
  }

  resume(by: Suspension["by"], reason: string): boolean {
    if (this.#current === null) return false;
    this.#current = null;
    this.#said = undefined;
    this.#outbox.clearTimer("suspension", null);
    this.#outbox.emit({
      type: "session.resumed",
      data: { session: this.#outbox.session, reason, by: by.kind, actor: by.name },
    });
    this.#deps.marked?.(`session resumed ${described(by)}`);
    // The terminal with the question is covered twice, and is given back by the question.
    for (const surface of this.#covered) surface.uncover();
    this.#covered = [];
    this.#questions.thaw();
    this.#gate.release("suspension");
    return true;
  }

  get current(): Suspension | null {
    return this.#current;
  }

  suspend(by: Suspension["by"], reason: string): boolean {
    if (this.#current !== null) return false;
    this.#current = { by, reason, since: this.#outbox.wall };
    this.#outbox.emit({
      type: "session.suspended",
      data: { session: this.#outbox.session, reason, by: by.kind, actor: by.name },
    });
    this.#deps.marked?.(`session suspended ${described(by)}`);
    this.#gate.hold("suspension");
    this.#questions.freeze();
    this.#covered = this.#deps.surfaces();
    for (const surface of this.#covered) surface.cover();
    this.redraw();
    this.#outbox.setTimer(
      "suspension",
      null,
      after(this.#outbox.at, this.#seed.suspension.timeoutMs),
    );
    return true;
  }

  say(text: string): boolean {
    // What is said while the session goes on is shown there: it must not turn up in a later suspension.
    if (this.#current === null) return false;
    this.#said = text;
    this.redraw();
    return true;
  }

  timedOut(): void {
    if (this.#current === null) return;
    const { onTimeout } = this.#seed.suspension;
    switch (onTimeout) {
      case "resume":
        this.resume({ kind: "policy", name: "suspension.timeout" }, "it was suspended long enough");
        return;
      case "kill":
        this.#deps.killSession("It was suspended too long.", "suspension.timeout");
        return;
      default:
        unreachable(onTimeout);
    }
  }
}

/** For the person to see: "operator maria", "policy (operator ops)" where policy acts on what ops had asked. */
function shownAs(by: Suspension["by"]): string {
  if (by.kind !== "policy" || by.name === "") return described(by);
  return `policy (${by.name.replace(":", " ")})`;
}

/** "operator maria" */
function described({ kind, name }: Suspension["by"]): string {
  return name === "" ? kind : `${kind} ${name}`;
}
