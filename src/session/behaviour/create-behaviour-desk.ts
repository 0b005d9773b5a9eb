import { UNWATCHED, type BehaviourDesk } from "./behaviour-desk.js";
import { WatchedDesk, type WatchedDeps } from "./watched-desk.js";

/** Where the seed says nothing of behaviour, nothing is made. */
export function createBehaviourDesk(deps: WatchedDeps): BehaviourDesk {
  const { behaviour } = deps.seed;
  return behaviour === undefined ? UNWATCHED : new WatchedDesk(deps, behaviour);
}
