import { escapeControls } from "../../kernel/index.js";
import { CRITICALITIES } from "../format/index.js";
import type { Parcel } from "../sink.js";
import { sessionOf } from "../told-event.js";

/** So many events are told line by line; the others are counted. */
const LINES_MAX = 200;
/** A command in a mail; the whole one stands in the event. */
const COMMAND_CHARACTERS_MAX = 500;

/** `[chaperone] critical: Command blocked (and 3 more)` */
export function digestSubject(parcels: readonly Parcel[], prefix: string): string {
  const worst = worstOf(parcels);
  if (worst === undefined) return prefix;
  const others = parcels.length - 1;
  const more = others === 0 ? "" : ` (and ${others} more)`;
  return escapeControls(`${prefix} ${worst.story.severity}: ${worst.story.name}${more}`);
}

/** One paragraph an event, the first events first; control characters are shown as such. */
export function digestText(parcels: readonly Parcel[]): string {
  const told = parcels.slice(0, LINES_MAX).map(paragraph);
  const rest = parcels.length - told.length;
  if (rest > 0) told.push(`... and ${rest} more events, which are in the event file.`);
  return `${told.join("\n\n")}\n`;
}

function worstOf(parcels: readonly Parcel[]): Parcel | undefined {
  return [...parcels].sort(
    (a, b) => CRITICALITIES.indexOf(b.story.severity) - CRITICALITIES.indexOf(a.story.severity),
  )[0];
}

function paragraph({ event, story }: Parcel): string {
  const { command, reason, rule } = story;
  const lines = [
    `${event.time}  ${story.severity}  ${story.name}`,
    `  ${story.message}`,
    ...(command?.text === undefined ? [] : [`  command: ${shortened(command.text)}`]),
    ...(rule === undefined
      ? []
      : [`  rule: ${rule.id}${rule.name === undefined ? "" : ` (${rule.name})`}`]),
    ...(reason === undefined ? [] : [`  reason: ${reason}`]),
    ...(event.grouped === undefined ? [] : [`  told once for ${event.grouped.count} of its kind`]),
    `  session: ${sessionOf(event)?.id ?? "-"}  event: ${event.id}`,
  ];
  return lines.map(escapeControls).join("\n");
}

function shortened(text: string): string {
  const rest = text.length - COMMAND_CHARACTERS_MAX;
  return rest <= 0 ? text : `${text.slice(0, COMMAND_CHARACTERS_MAX)}... (${rest} more characters)`;
}
