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

export function createSuspensionDesk(deps: {
  readonly seed: SessionSeed;
  readonly outbox: Outbox;
  readonly gate: SessionGate;
  readonly questions: QuestionDesk;
  readonly surfaces: () => readonly Surface[];
  readonly killSession: (reason: string, trigger: string) => void;
}): SuspensionDesk {
  const { seed, outbox, gate, questions } = deps;
  let current: Suspension | null = null;
  let covered: readonly Surface[] = [];
  let said: string | undefined;

  function draw(): void {
    if (current === null) return;
    const text = {
      reason: current.reason,
      by: described(current.by),
      phrase: seed.facts.person.phrase,
      notes: said === undefined ? [] : [said],
    };
    for (const surface of covered) {
      if (surface.paint !== undefined) surface.paint({ type: "suspension", ...text });
      else outbox.toPerson(surface.channel, drawSuspension(text));
    }
  }

  function resume(by: Suspension["by"], reason: string): boolean {
    if (current === null) return false;
    current = null;
    said = undefined;
    outbox.clearTimer("suspension", null);
    outbox.emit({
      type: "session.resumed",
      data: { session: outbox.session, reason, by: by.kind, actor: by.name },
    });
    // The terminal with the question is covered twice, and is given back by the question.
    for (const surface of covered) surface.uncover();
    covered = [];
    questions.thaw();
    gate.release("suspension");
    return true;
  }

  return {
    get current() {
      return current;
    },
    suspend(by, reason) {
      if (current !== null) return false;
      current = { by, reason, since: outbox.wall };
      outbox.emit({
        type: "session.suspended",
        data: { session: outbox.session, reason, by: by.kind, actor: by.name },
      });
      gate.hold("suspension");
      questions.freeze();
      covered = deps.surfaces();
      for (const surface of covered) surface.cover();
      draw();
      outbox.setTimer("suspension", null, after(outbox.at, seed.suspension.timeoutMs));
      return true;
    },
    resume,
    redraw: draw,
    say(text) {
      said = text;
      draw();
      return current !== null;
    },
    timedOut() {
      if (current === null) return;
      const { onTimeout } = seed.suspension;
      switch (onTimeout) {
        case "resume":
          resume({ kind: "policy", name: "suspension.timeout" }, "it was suspended long enough");
          return;
        case "kill":
          deps.killSession("It was suspended too long.", "suspension.timeout");
          return;
        default:
          unreachable(onTimeout);
      }
    },
  };
}

/** "operator maria", for the person to see. */
function described({ kind, name }: Suspension["by"]): string {
  return name === "" ? kind : `${kind} ${name}`;
}
