import { createSiteHabits, parseBehaviourProfile, type SiteHabits } from "../../behaviour/index.js";
import type { PackedMember } from "./behaviour-house.js";

/** What session processes and replay compare with; unpacked when somebody is compared. */
export function unpackHabits(members: readonly PackedMember[]): SiteHabits {
  return createSiteHabits(() =>
    members.flatMap(({ person, groups, profile }) => {
      const parsed = parseBehaviourProfile(profile);
      return parsed.ok ? [{ person, groups, profile: parsed.value }] : [];
    }),
  );
}
