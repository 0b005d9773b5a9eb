import type { CommandDesk } from "../command-desk.js";
import type { SessionLife } from "../life.js";
import type { Observers } from "../observers.js";
import type { Outbox } from "../outbox.js";
import type { SessionSeed } from "../session.js";
import type { SteeringDesk } from "../steering-desk.js";
import type { SuspensionDesk } from "../suspension-desk.js";
import { UNWATCHED, type BehaviourDesk } from "./behaviour-desk.js";
import { WatchedDesk } from "./watched-desk.js";

/**
 * Whoever watches the session; where the seed says nothing of behaviour, nobody, and nothing is made.
 * `desks`: asked when something has to be done, for they are made after it.
 */
export function watchOf(
  seed: SessionSeed,
  outbox: Outbox,
  desks: () => {
    readonly desk: CommandDesk;
    readonly observers: Pick<Observers, "controller">;
    readonly steering: SteeringDesk;
    readonly suspension: SuspensionDesk;
    readonly life: SessionLife;
  },
): BehaviourDesk {
  if (seed.behaviour === undefined) return UNWATCHED;
  return new WatchedDesk(
    {
      seed,
      outbox,
      steered: () => desks().observers.controller !== null,
      memory: () => desks().desk.memory,
      deeds: {
        askProof: (reason, wanted) => desks().steering.askProof(reason, wanted),
        warn: (text) => void desks().steering.message(text),
        suspend: (reason) => void desks().suspension.suspend({ kind: "risk", name: "" }, reason),
        kill: (reason) => desks().life.endTelling(reason, "risk"),
      },
    },
    seed.behaviour,
  );
}
