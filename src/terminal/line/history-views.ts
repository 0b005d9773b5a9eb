import type { SessionHistory } from "./session-history.js";

/** The history as an expansion sees it. */
export type KnownHistory = Pick<SessionHistory, "length" | "at">;

/**
 * The history as the shell may have kept it instead: HISTCONTROL leaves out lines that begin with a blank
 * (ignorespace), that repeat the one before (ignoredups) or that come again later (erasedups), and a line
 * that was read off the screen may have blanks at its end. Only what differs from the whole list.
 */
export function otherViews(
  history: Pick<SessionHistory, "length" | "at" | "endSureOf">,
): readonly KnownHistory[] {
  const all = Array.from({ length: history.length }, (_, index) => history.at(index));
  const spaced = all.filter((entry) => entry === null || !entry.startsWith(" "));
  const views = [spaced, once(all), once(spaced), newestOf(all), newestOf(spaced)].filter(
    (entries) => entries.length < all.length,
  );
  const ends = all.map((entry, index) =>
    entry === null || history.endSureOf(index) ? entry : `${entry} `,
  );
  if (ends.some((entry, index) => entry !== all[index])) views.push(ends);
  return views.map((entries) => ({
    length: entries.length,
    at: (index) => entries[index] ?? null,
  }));
}

type Entries = readonly (string | null)[];

/** ignoredups. */
function once(entries: Entries): Entries {
  return entries.filter((entry, index) => entry === null || entry !== entries[index - 1]);
}

/** erasedups. */
function newestOf(entries: Entries): Entries {
  const newest = new Map(entries.map((entry, index) => [entry, index]));
  return entries.filter((entry, index) => entry === null || newest.get(entry) === index);
}
