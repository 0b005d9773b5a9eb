/** What `session.closed` counts, taken from the session's own events. */
export interface SessionTally {
  channels: number;
  commands: number;
  blocked: number;
  reauths: number;
  toTarget: number;
  toPerson: number;
}

export function emptyTally(): SessionTally {
  return { channels: 0, commands: 0, blocked: 0, reauths: 0, toTarget: 0, toPerson: 0 };
}

/**
 * Adds one event, `type` being the catalog's name; `data` may come from a file, so nothing is taken on trust, and
 * it is asked for only where something in it is counted.
 */
export function addToTally(
  tally: SessionTally,
  event: { readonly type: string; readonly data: Readonly<Record<string, unknown>> },
): void {
  const { type } = event;
  if (type === "channel.opened") tally.channels += 1;
  else if (type === "reauth.requested") tally.reauths += 1;
  else if (type === "channel.closed") addBytes(tally, event.data["bytes"]);
  else if (type === "command.entered") {
    tally.commands += 1;
    if (STOPPED.has(event.data["decision"])) tally.blocked += 1;
  }
}

const STOPPED: ReadonlySet<unknown> = new Set(["blocked", "killed"]);

function addBytes(tally: SessionTally, bytes: unknown): void {
  if (typeof bytes !== "object" || bytes === null) return;
  if ("toTarget" in bytes && typeof bytes.toTarget === "number") tally.toTarget += bytes.toTarget;
  if ("toPerson" in bytes && typeof bytes.toPerson === "number") tally.toPerson += bytes.toPerson;
}
