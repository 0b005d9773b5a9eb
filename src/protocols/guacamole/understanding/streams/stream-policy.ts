import { STATUS, type Direction } from "../instruction.js";
import type { StreamFacts, StreamPolicy, StreamVerdict, WayPolicy } from "../stream-facts.js";
import { matchesType } from "./stream-words.js";

/** Options of guacd's terminal that a client may change while it runs; they hold nothing secret. */
const TERMINAL_OPTIONS: ReadonlySet<string> = new Set(["color-scheme", "font-name", "font-size"]);

/**
 * What the policy says of a stream as far as it is known by now. `required`: names that the server has
 * asked for, which the client may answer.
 */
export function judgeByPolicy(
  policy: StreamPolicy,
  stream: StreamFacts,
  required: ReadonlySet<string>,
): Exclude<StreamVerdict, { type: "held" }> {
  const { kind, direction, name } = stream;
  switch (kind) {
    case "clipboard":
    case "upload":
    case "download":
      return judgeWay(wayOf(policy, stream) ?? CLOSED, stream);
    case "listing":
      return policy.listing ? ALLOWED : refused("folders of this target may not be listed");
    case "pipe":
      return pipeAllowed(policy, direction) ? ALLOWED : refused("named pipes may not be used");
    case "argv":
      return direction === "from-server" || TERMINAL_OPTIONS.has(name) || required.has(name)
        ? ALLOWED
        : refused("this setting may not be changed");
    case "audio":
      return direction === "from-server" || policy.microphone
        ? ALLOWED
        : refused("the microphone may not be used");
    case "video":
      return ALLOWED;
    case "usb":
      return policy.usb ? ALLOWED : refused("USB devices may not be connected");
  }
}

/** Limits and types of this kind of stream in this direction; null: it has none. */
export function wayOf(
  policy: StreamPolicy,
  { kind, direction }: Pick<StreamFacts, "kind" | "direction">,
): WayPolicy | null {
  if (kind === "clipboard")
    return direction === "from-client" ? policy.clipboard.upload : policy.clipboard.download;
  if (kind === "upload") return policy.upload;
  return kind === "download" ? policy.download : null;
}

const ALLOWED = { type: "allowed" } as const;
const CLOSED: WayPolicy = { allowed: false, bytesMax: 0 };

function refused(
  reason: string,
  status: number = STATUS.forbidden,
): Exclude<StreamVerdict, { type: "held" }> {
  return { type: "refused", reason, status };
}

function judgeWay(way: WayPolicy, stream: StreamFacts): Exclude<StreamVerdict, { type: "held" }> {
  const { kind, bytes, detected, mimetype } = stream;
  if (!way.allowed) return refused(`${NAMES[kind] ?? kind} is not allowed on this target`);
  if (bytes > way.bytesMax)
    return refused(`it is longer than ${String(way.bytesMax)} bytes`, STATUS.tooLong);
  const known = [mimetype, detected ?? ""].filter((type) => type !== "");
  for (const type of known)
    if (way.refusedTypes?.some((pattern) => matchesType(pattern, type)) === true)
      return refused(`files of the type ${type} are not allowed on this target`);
  // What the sender calls it is a claim; what its bytes are decides as soon as they are known.
  const decisive = detected ?? mimetype;
  const listed = way.types === undefined || way.types.some((one) => matchesType(one, decisive));
  return listed ? ALLOWED : refused(`files of the type ${decisive} are not allowed on this target`);
}

const NAMES: Readonly<Record<string, string>> = {
  clipboard: "copying and pasting in this direction",
  upload: "uploading files",
  download: "downloading files",
};

function pipeAllowed({ pipe }: StreamPolicy, direction: Direction): boolean {
  return direction === "from-client" ? pipe.upload : pipe.download;
}
