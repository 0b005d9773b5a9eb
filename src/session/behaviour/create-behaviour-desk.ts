import type { Outbox } from "../outbox.js";
import type { SessionSeed } from "../session.js";
import { UNWATCHED, type BehaviourDesk } from "./behaviour-desk.js";
import type { RiskDeeds } from "./risk-desk.js";
import { WatchedDesk } from "./watched-desk.js";

/** Where the seed says nothing of behaviour, nothing is made. */
export function createBehaviourDesk(deps: {
  readonly seed: SessionSeed;
  readonly outbox: Outbox;
  readonly deeds: RiskDeeds;
  /** True while somebody else has the keyboard. */
  readonly steered: () => boolean;
}): BehaviourDesk {
  const { behaviour } = deps.seed;
  return behaviour === undefined ? UNWATCHED : new WatchedDesk(deps, behaviour);
}
