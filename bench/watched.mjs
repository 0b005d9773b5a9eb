// A person whom the sidecar knows, and 64 people to compare with, for the cost of watching behaviour.
import {
  closeKeystrokeProfile,
  createSiteHabits,
  DEFAULT_RISK_POLICY,
  learnSample,
  openKeystrokeProfile,
} from "../dist/behaviour/index.js";

const PEOPLE = 64;
const KEYS_LEARNT = 3_000;
/** Nobody is asked: the bench types as nobody does. */
const NEVER = { notify: null, warn: null, reauth: null, suspend: null, kill: null };

/** `profile`: of the person of the session, as `profile-known` carries it. */
export function createWatchedSite(person) {
  const members = Array.from({ length: PEOPLE }, (_, index) => {
    const keystroke = openKeystrokeProfile();
    learnSample(keystroke, { phrase: null, presses: pressesOf(index) });
    return {
      person: index === 0 ? person : `p${index}`,
      groups: [],
      profile: { version: 1, keystroke: closeKeystrokeProfile(keystroke) },
    };
  });
  const site = createSiteHabits(() => members);
  return {
    profile: JSON.stringify(members[0].profile),
    behaviour: {
      policy: { ...DEFAULT_RISK_POLICY, steps: NEVER },
      mode: "enforce",
      site: () => site,
    },
  };
}

/** The letters that the bench types, at a hand's pace; each person has another one. */
function pressesOf(index) {
  const letters = "echo abcdefgh ";
  let at = 0;
  return Array.from({ length: KEYS_LEARNT }, (_, place) => {
    at += 80_000 + ((index * 7_919 + place * 104_729) % 160_000);
    return { key: letters[place % letters.length], at };
  });
}
