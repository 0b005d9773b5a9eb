import type { Micros, SessionId } from "../../kernel/index.js";
import type { ObservedEntry } from "../../model/index.js";

/** Those who look on, of all sessions: what a session shows goes to each of them, bounded. */
export interface Observations {
  /** What a session process shows (`to`: one of the observers, or null for all of its session). */
  observed(session: SessionId, to: string | null, entry: ObservedEntry): void;
  open(session: SessionId): OpenObservation;
  /** All sessions of a dead process, or one that is over: whoever looked on is told. */
  ended(session: SessionId): void;
}

export interface OpenObservation {
  readonly id: string;
  readonly entries: AsyncIterable<ObservedEntry>;
  /** Ends it from this side. */
  close(reason: "left" | "over"): void;
}

/** What waits for one slow reader; a screenful of colours of a terminal is some 30 KiB. */
export const WAITING_BYTES_MAX = 1024 * 1024;
/** The same where it has been shown a desktop: a large one full of photographs comes all at once. */
const DRAWN_BYTES_MAX = 16 * 1024 * 1024;
const WAITING_ENTRIES_MAX = 4_096;
/** Of an entry without bytes. */
const ENTRY_BYTES = 64;

interface Waiting {
  readonly session: SessionId;
  put(entry: ObservedEntry): void;
}

export function createObservations(deps: {
  readonly newId: () => string;
  /** An observer is gone: the session need not show anything any more. */
  readonly left: (session: SessionId, id: string) => void;
}): Observations {
  const open = new Map<string, Waiting>();

  return {
    observed(session, to, entry) {
      if (to !== null) open.get(to)?.put(entry);
      else for (const one of [...open.values()]) if (one.session === session) one.put(entry);
    },
    ended(session) {
      for (const one of [...open.values()]) {
        if (one.session === session) one.put({ at: 0 as Micros, type: "end", reason: "over" });
      }
    },
    open(session) {
      const id = deps.newId();
      const queue = createQueue((tellSession) => {
        open.delete(id);
        if (tellSession) deps.left(session, id);
      });
      open.set(id, { session, put: queue.put });
      return { id, entries: queue.entries, close: queue.close };
    },
  };
}

/** One reader. `over`: nothing more is taken; true when the session does not know it yet. */
function createQueue(over: (tellSession: boolean) => void): {
  readonly put: (entry: ObservedEntry) => void;
  readonly close: (reason: "left" | "over") => void;
  readonly entries: AsyncIterable<ObservedEntry>;
} {
  let waiting: ObservedEntry[] = [];
  let bytes = 0;
  let wake: (() => void) | null = null;
  let ended = false;

  function end(reason: "over" | "too-slow" | "left", tellSession: boolean): void {
    if (ended) return;
    ended = true;
    if (reason === "too-slow") waiting = [];
    waiting.push({ at: 0 as Micros, type: "end", reason });
    over(tellSession);
    wake?.();
  }

  function put(entry: ObservedEntry): void {
    if (ended) return;
    if (entry.type === "end") {
      end(entry.reason, false);
      return;
    }
    waiting.push(entry);
    bytes += ENTRY_BYTES + payloadBytes(entry);
    const most = entry.type === "drawn" ? DRAWN_BYTES_MAX : WAITING_BYTES_MAX;
    if (bytes > most || waiting.length > WAITING_ENTRIES_MAX) end("too-slow", true);
    wake?.();
  }

  async function* read(): AsyncGenerator<ObservedEntry> {
    try {
      for (;;) {
        const batch = waiting;
        waiting = [];
        bytes = 0;
        for (const entry of batch) {
          yield entry;
          if (entry.type === "end") return;
        }
        if (waiting.length > 0) continue;
        await new Promise<void>((resolve) => (wake = resolve));
        wake = null;
      }
    } finally {
      end("left", true);
    }
  }

  return {
    put,
    close: (reason) => end(reason, true),
    entries: { [Symbol.asyncIterator]: () => read() },
  };
}

function payloadBytes(entry: ObservedEntry): number {
  if ("bytes" in entry) return entry.bytes.length;
  return entry.type === "drawn" ? entry.text.length : 0;
}
