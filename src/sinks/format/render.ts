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
      return jsonLine(toCloudEvent(event));
    case "ocsf":
      return jsonLine(toOcsf(event, story, options));
    case "ecs":
      return jsonLine(toEcs(event, story, options));
    case "teleport":
      return jsonLine(toTeleport(event, story));
    default:
      return unreachable(format);
  }
}

export function isJson(format: FormatName): boolean {
  return format !== "cef" && format !== "leef";
}

/**
 * JSON by itself escapes the controls below U+0020 only; the others, and what turns the direction of
 * writing, would reach the screens of those who read the receiver's logs.
 */
function jsonLine(value: unknown): string {
  return JSON.stringify(value).replace(
    UNSAFE_IN_JSON,
    (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

const UNSAFE_IN_JSON = /[\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;
