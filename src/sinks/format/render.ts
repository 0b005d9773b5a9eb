import { unreachable } from "../../kernel/index.js";
import type { ToldEvent } from "../told-event.js";
import { toCef } from "./cef.js";
import { toCloudEvent } from "./cloudevents.js";
import { toEcs } from "./ecs.js";
import { toLeef } from "./leef.js";
import { toOcsf } from "./ocsf/index.js";
import type { FormatOptions, Story } from "./story.js";
import { toTeleport } from "./teleport.js";

/** The languages in which a sink can be told what happened. */
export const FORMATS = ["cloudevents", "ocsf", "ecs", "cef", "leef", "teleport"] as const;
export type FormatName = (typeof FORMATS)[number];

/** One line without line breaks; JSON for the formats of which `isJson` is true. */
export function render(
  format: FormatName,
  event: ToldEvent,
  story: Story,
  options: FormatOptions,
): string {
  switch (format) {
    case "cef":
      return toCef(event, story, options);
    case "leef":
      return toLeef(event, story, options);
    case "cloudevents":
      return JSON.stringify(toCloudEvent(event));
    case "ocsf":
      return JSON.stringify(toOcsf(event, story, options));
    case "ecs":
      return JSON.stringify(toEcs(event, story, options));
    case "teleport":
      return JSON.stringify(toTeleport(event, story));
    default:
      return unreachable(format);
  }
}

export function isJson(format: FormatName): boolean {
  return format !== "cef" && format !== "leef";
}
