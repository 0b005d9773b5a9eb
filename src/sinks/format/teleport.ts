import { sessionOf, type ToldEvent } from "../told-event.js";
import { programName } from "./address.js";
import { withoutUndefined } from "./fields.js";
import type { Story, StoryKind } from "./story.js";

/** The event name, and the code: group, number, and I, W or E for the severity. */
type Dialect = readonly [event: string, code: string];

/**
 * The audit events of Teleport that rules for it look at (`event`, `code`, `program`, `argv`, `sid`,
 * `user`, `login`, `success`). What Teleport has no event for is named `chaperone.<type>`, so that
 * nothing is lost and nothing is taken for something else.
 */
const DIALECT: Readonly<Partial<Record<StoryKind, (story: Story) => Dialect>>> = {
  "session-opened": () => ["session.start", "T2000I"],
  "session-closed": () => ["session.end", "T2004I"],
  login: ({ outcome }) => ["user.login", outcome === "success" ? "T1000I" : "T1000W"],
  command: () => ["session.command", "T4000I"],
  "file-sent": ({ outcome }) => ["scp", outcome === "success" ? "T3005I" : "T3005E"],
  "file-fetched": ({ outcome }) => ["scp", outcome === "success" ? "T3004I" : "T3004E"],
  "tunnel-opened": () => ["port", "T3003I"],
  "tunnel-refused": () => ["port", "T3003E"],
  "account-locked": () => ["lock.created", "TLK00I"],
  "account-unlocked": () => ["lock.deleted", "TLK01I"],
};

/** Codes of our own events: not in any group of Teleport's. */
const OWN_CODE = { information: "TCHP0I", warning: "TCHP0W" } as const;

export function toTeleport(event: ToldEvent, story: Story): Readonly<Record<string, unknown>> {
  const session = sessionOf(event);
  const [name, code] = DIALECT[story.kind]?.(story) ?? ownName(event, story);
  return withoutUndefined({
    event: name,
    code,
    uid: event.id,
    time: event.time,
    ei: event.sequence,
    user: session?.person ?? story.person,
    login: session?.account,
    sid: session?.id,
    namespace: session === undefined ? undefined : "default",
    server_id: session?.target,
    server_hostname: session?.target,
    "addr.remote": session?.origin ?? story.origin,
    proto: session?.protocol,
    ...loginFields(story),
    ...commandFields(story),
    ...(story.file === undefined ? {} : { path: story.file.path, len: story.file.bytes }),
    message: story.message,
    truncated: event.cut === undefined ? undefined : true,
    untruncated_bytes: event.cut?.untruncatedBytes,
    grouped_count: event.grouped?.count,
    chaperone: event.data,
  });
}

function ownName(event: ToldEvent, story: Story): Dialect {
  return [`chaperone.${event.type}`, story.alert ? OWN_CODE.warning : OWN_CODE.information];
}

function loginFields({ kind, outcome, reason, factor }: Story): Readonly<Record<string, unknown>> {
  if (kind !== "login") return {};
  const failed = outcome === "failure";
  return { success: !failed, error: failed ? reason : undefined, method: factor };
}

/** Teleport sees programs start; where we know no program, the line stands in their place. */
function commandFields({ kind, command, outcome }: Story): Readonly<Record<string, unknown>> {
  if (kind !== "command") return {};
  const program = command?.program ?? command?.text ?? "";
  return {
    program: programName(program),
    path: program,
    argv: command?.argv?.slice(1) ?? [],
    // What was not let through did not run; its code is that of "can not execute".
    return_code: outcome === "success" ? 0 : 126,
    interactive: command?.interactive ?? false,
  };
}
