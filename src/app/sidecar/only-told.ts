import type { ChannelPolicy, RuleHit } from "../../model/index.js";
import type { SessionSeed } from "../../session/index.js";
import { inShadow } from "../replay/shadow-ruleset.js";

/**
 * A session whose gateway only wants to be told: nothing that is found acts, because nobody would follow
 * it, and the events must not say otherwise. What rules would have done goes to `hit`.
 */
export function onlyTold(seed: SessionSeed, hit: (hits: readonly RuleHit[]) => void): SessionSeed {
  // What is only told counts for no rule of sessions where it acts, and nobody is asked.
  const { sharedHits, behaviour, ...rest } = seed; // eslint-disable-line @typescript-eslint/no-unused-vars -- left out
  const { proofOwed, ...facts } = seed.facts; // eslint-disable-line @typescript-eslint/no-unused-vars -- left out
  return {
    ...rest,
    facts,
    channels: EVERYTHING,
    doubt: { ...seed.doubt, onFault: "allow", onUncertain: "alert", onUnparsed: "alert" },
    stepUp: { ...seed.stepUp, blockedCommandsMax: 0 },
    rules: { current: () => inShadow(seed.rules.current(), hit) },
    ...(behaviour === undefined ? {} : { behaviour: { ...behaviour, mode: "shadow" } }),
  };
}

const EVERYTHING: ChannelPolicy = {
  shell: "allow",
  exec: "allow",
  sftp: "allow",
  subsystem: "allow",
  localForward: "allow",
  remoteForward: "allow",
  streamlocal: "allow",
  agent: "allow",
  x11: "allow",
};
