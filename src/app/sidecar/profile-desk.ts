import type { ParentLink, ProfileDesk, StoredPart } from "../../runtime/index.js";
import type { ProfileQuestion } from "./behaviour-house.js";

/** A profile is read from a file: what takes longer is a parent that hangs. */
const ASK_DEADLINE_MS = 10_000;

/** Where profiles are, seen from a session process. */
export function createProfileDesk(link: Pick<ParentLink, "ask">): ProfileDesk {
  const ask = (question: ProfileQuestion): Promise<unknown> => link.ask(question, ASK_DEADLINE_MS);
  return {
    // Our own parent answers so.
    ask: async (session, part) =>
      (await ask({ kind: "profile-asked", session, part })) as StoredPart | null,
    keep(session, revision, profile) {
      void ask({ kind: "profile-learnt", session, revision, profile });
    },
  };
}
