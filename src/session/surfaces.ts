import type { ChannelId } from "../kernel/index.js";
import { LEAVE_ALTERNATE } from "./challenge-screen.js";
import type { OpenChannel } from "./channel-register.js";
import type { Outbox } from "./outbox.js";
import type { Surface } from "./question.js";

/** A terminal on which nothing runs yet: `ssh -t host command`, asked before the command starts. */
export function emptySurface(channel: OpenChannel, outbox: Outbox): Surface {
  return {
    channel: channel.id,
    get columns() {
      return channel.pty?.columns ?? COLUMNS_UNKNOWN;
    },
    cover: () => undefined,
    uncover: () => outbox.toPerson(channel.id, LEAVE_ALTERNATE),
  };
}

/** The terminal on which the person was last seen typing: where a question is noticed. */
export function liveliestSurface(
  channels: Iterable<OpenChannel>,
  lastTyped: ChannelId | null,
): Surface | null {
  let found: Surface | null = null;
  for (const { id, traffic } of channels) {
    if (traffic.type !== "terminal" || traffic.terminal.over) continue;
    if (found === null || id === lastTyped) found = traffic.terminal.surface;
  }
  return found;
}

const COLUMNS_UNKNOWN = 80;
