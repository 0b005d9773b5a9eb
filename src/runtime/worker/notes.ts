import type { SessionId } from "../../kernel/index.js";
import type { ConnectionId, Notice, Story } from "./messages.js";

/**
 * What a worker tells without an answer, gathered: each message wakes two processes, and a connection
 * would send half a dozen of these while it is set up and torn down.
 */
export interface Notes {
  /** The spool has more. */
  spooled(): void;
  connectionEnded(connection: ConnectionId): void;
  /** What waits to be told of the spool goes along with another message: true when there is something. */
  takeSpooled(): boolean;
  /** Told at once, with whatever waits: its place is free for the person's next session. */
  sessionEnded(session: SessionId, story: Story): void;
}

/**
 * The parent hears of these so much later at most. Together with the delay of its fsync it stays within
 * the 50 ms in which an event reaches the disk of the event file; the spool has it all the time.
 */
const TOLD_WITHIN_MS = 25;

export function createNotes(send: (notice: Notice) => void): Notes {
  let spooled = false;
  let connections: ConnectionId[] = [];
  let timer: NodeJS.Timeout | null = null;

  function flush(sessions: Notice["sessions"]): void {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    const notice: Notice = { spooled, connections, sessions };
    spooled = false;
    connections = [];
    send(notice);
  }

  function soon(): void {
    timer ??= setTimeout(() => flush([]), TOLD_WITHIN_MS);
  }

  return {
    spooled() {
      spooled = true;
      soon();
    },
    connectionEnded(connection) {
      connections.push(connection);
      soon();
    },
    takeSpooled() {
      const taken = spooled;
      spooled = false;
      if (connections.length === 0 && timer !== null) {
        clearTimeout(timer);
        timer = null;
      }
      return taken;
    },
    sessionEnded: (session, story) => flush([[session, story]]),
  };
}
