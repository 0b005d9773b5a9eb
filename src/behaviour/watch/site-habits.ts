import type { BehaviourProfile } from "../behaviour-profile.js";
import type { ContextProfile } from "../context/index.js";
import { createCrowd, openKeystrokeProfile, type Crowd } from "../keystroke/index.js";
import { createCommandCounts, createCommandCrowd, type CommandCrowd } from "../sequence/index.js";

/** How the people of the site behave, for comparison. Made once, read by every session. */
export interface SiteHabits {
  readonly typing: Crowd;
  readonly commands: CommandCrowd;
  /** Of those who share a group with the person, without the person. */
  contextsOf(person: string, groups: readonly string[]): readonly ContextProfile[];
}

export interface SiteMember {
  readonly person: string;
  readonly groups: readonly string[];
  readonly profile: BehaviourProfile;
}

/** Peers whose context is mixed in for a newcomer; more would change no p-value. */
const PEERS_MAX = 32;

/**
 * Each part is made when it is asked for first: a site where nobody types a key pays for none.
 * `members`: asked once for each part, so that nobody has to keep them unpacked.
 */
export function createSiteHabits(members: () => readonly SiteMember[]): SiteHabits {
  let typing: Crowd | null = null;
  let commands: CommandCrowd | null = null;
  let contexts:
    readonly (Omit<SiteMember, "profile"> & { readonly context: ContextProfile })[] | null = null;
  return {
    get typing() {
      typing ??= createCrowd(
        members().flatMap(({ person, profile: { keystroke } }) =>
          keystroke === undefined ? [] : [{ person, ...openKeystrokeProfile(keystroke) }],
        ),
      );
      return typing;
    },
    get commands() {
      commands ??= createCommandCrowd(
        members().flatMap(({ person, groups, profile: { sequence } }) =>
          sequence === undefined
            ? []
            : [{ person, groups, counts: createCommandCounts(sequence.counts) }],
        ),
      );
      return commands;
    },
    contextsOf(person, groups) {
      contexts ??= members().flatMap(({ person: name, groups: of, profile: { context } }) =>
        context === undefined ? [] : [{ person: name, groups: of, context }],
      );
      return contexts
        .filter((one) => one.person !== person && one.groups.some((name) => groups.includes(name)))
        .slice(0, PEERS_MAX)
        .map(({ context }) => context);
    },
  };
}

/** A site of which nothing is known. */
export const NO_HABITS: SiteHabits = createSiteHabits(() => []);
