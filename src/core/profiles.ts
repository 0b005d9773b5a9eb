import { ok, type Fault, type Result } from "../kernel/index.js";
import type { CoreMessage, SidecarMessage } from "./link/messages.js";
import { PROFILES, rowsOf, type ProfileRow, type Store } from "./store/index.js";

/**
 * How people behave, on its way from sidecar to sidecar. The core can not read it: it is sealed with a key
 * that it does not have, and named by digits that only sidecars can tell. It keeps the newest, and takes
 * a newer one only from a sidecar that knew the one that is kept: another is given that one first, and
 * joins them.
 */
export type ProfileAsked = Extract<SidecarMessage, { type: "ask-profile" | "profile" }>;
export type ProfileAnswer = Extract<CoreMessage, { type: "behaviour" }>;

export async function profileFor(
  store: Store,
  message: ProfileAsked,
  now: number,
): Promise<Result<ProfileAnswer, Fault>> {
  const { id, name } = message;
  const found = await store.profile(name);
  if (!found.ok) return found;
  const kept = found.value;
  const revision = kept?.revision ?? 0;
  // A store that was put back to an older state is brought up to date again.
  if (message.type === "ask-profile" || message.base < revision) {
    const sealed = kept?.sealed ?? null;
    return ok({ type: "behaviour", id, name, revision, sealed, yours: false });
  }
  const { sealed } = message;
  const next = message.base + 1;
  const row: ProfileRow = {
    name,
    // Of who is forgotten not even the name is kept.
    person: sealed === null ? "" : message.person,
    sealed,
    revision: next,
    changed: now,
  };
  const written = await store.commit([rowsOf(PROFILES, [row])]);
  if (!written.ok) return written;
  return ok({ type: "behaviour", id, name, revision: next, sealed, yours: true });
}

/** For a sidecar that was away: who has been erased since. */
export async function erasedSince(
  store: Store,
  since: number,
): Promise<Result<readonly ProfileAnswer[], Fault>> {
  const rows = await store.erasedProfiles(since, ERASED_MAX);
  if (!rows.ok) return rows;
  return ok(
    rows.value.map(({ name, revision }) => {
      return { type: "behaviour", id: 0, name, revision, sealed: null, yours: false };
    }),
  );
}

/** More are learnt of when the person comes again. */
const ERASED_MAX = 1_000;
