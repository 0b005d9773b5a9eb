import {
  createSiteHabits,
  joinProfiles,
  type BehaviourProfile,
  type SiteHabits,
} from "../../behaviour/index.js";

/** What is known of people in a replay; nothing of it is stored. */
export interface ProfileShelf {
  site(): SiteHabits;
  read(person: string): { readonly profile: BehaviourProfile | null; readonly revision: number };
  keep(
    who: { readonly person: string; readonly groups: readonly string[] },
    brought: BehaviourProfile,
  ): void;
}

interface Kept {
  readonly groups: readonly string[];
  readonly profile: BehaviourProfile;
  readonly revision: number;
}

/**
 * `learns`: recordings teach, in the order in which they are played, from what is stored or from nothing.
 * Without it every recording is compared with what is stored.
 */
export function createProfileShelf(
  stored: readonly {
    readonly person: string;
    readonly groups: readonly string[];
    readonly profile: BehaviourProfile;
  }[],
  { learns }: { readonly learns: boolean },
): ProfileShelf {
  const kept = new Map<string, Kept>(
    stored.map(({ person, ...rest }) => [person, { ...rest, revision: 1 }]),
  );
  let site: SiteHabits | null = null;
  return {
    site() {
      site ??= createSiteHabits(() =>
        [...kept].map(([person, { groups, profile }]) => ({ person, groups, profile })),
      );
      return site;
    },
    read(person) {
      const one = kept.get(person);
      return { profile: one?.profile ?? null, revision: one?.revision ?? 0 };
    },
    keep({ person, groups }, brought) {
      if (!learns) return;
      const before = kept.get(person);
      const profile = joinProfiles(before?.profile ?? { version: 1 }, brought, false);
      kept.set(person, { groups, profile, revision: (before?.revision ?? 0) + 1 });
      site = null;
    },
  };
}
