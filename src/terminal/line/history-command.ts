import type { LineReading } from "../../model/index.js";
import { otherViews, type KnownHistory } from "./history-views.js";
import type { SessionHistory } from "./session-history.js";

/**
 * `fc -s [old=new ...] [command]` runs a command from before again, and bash keeps that one in its history
 * instead of the line: by number from the newest (`-2`), or by its beginning. What it can not be known to
 * bring stays as it was typed, and is judged as a way to run what does not show.
 */
export function rerun(
  reading: LineReading,
  history: Pick<SessionHistory, "length" | "at" | "sureOf" | "endSureOf">,
): LineReading {
  const match = FC.exec(reading.text);
  if (reading.hidden || match === null) return reading;
  const { command = "-1", pairs = "" } = match.groups ?? {};
  const place = placeOf(command, history);
  const text = place === null ? null : changed(history.at(place), pairs);
  if (place === null || text === null) return reading;
  const others = otherViews(history).map((view) => {
    const at = placeOf(command, view);
    return at === null ? null : changed(view.at(at), pairs);
  });
  const sure = history.sureOf(place) && others.every((other) => other?.trim() === text.trim());
  return {
    ...reading,
    text,
    typed: reading.text,
    confidence: Math.min(reading.confidence, sure ? SURE : DOUBTED),
    candidates: [...new Set([text, ...reading.candidates, ...others.filter((o) => o !== null)])],
  };
}

/** The entry with each `old=new` carried out. */
function changed(entry: string | null, pairs: string): string | null {
  if (entry === null || entry.includes("\n")) return null;
  let text = entry;
  for (const pair of pairs.trim().split(/\s+/)) {
    const at = pair.indexOf("=");
    if (at > 0) text = text.replaceAll(pair.slice(0, at), () => pair.slice(at + 1));
  }
  return text;
}

const SURE = 0.99;
const DOUBTED = 0.6;
/** Words in quotes, and several commands in a line, are left as they are. */
const FC =
  /^\s*fc\s+-s(?<pairs>(?:\s+[^\s'"\\$`;&|<>=]+=[^\s'"\\$`;&|<>]*)*)(?:\s+(?<command>[^\s'"\\$`;&|<>=]+))?\s*$/;

function placeOf(command: string, history: KnownHistory): number | null {
  if (/^-\d+$/.test(command)) return history.length + Number(command);
  // Other numbers count from before the session.
  if (/^\d+$/.test(command)) return null;
  for (let place = history.length - 1; place >= 0; place -= 1) {
    const entry = history.at(place);
    if (entry === null) return null;
    if (entry.startsWith(command)) return place;
  }
  return null;
}
