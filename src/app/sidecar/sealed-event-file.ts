import type { Fault, Result } from "../../kernel/index.js";
import type { LoggedEvent, SealedLog } from "../../sealing/index.js";
import type { EventFile } from "../../runtime/index.js";

/**
 * The event file together with the sealed log: an event stands in both or is not delivered. The sealed
 * log takes every event once, so what comes a second time after a fault or a crash does no harm.
 */
export function sealEventFile(file: EventFile, sealed: SealedLog): EventFile {
  /** Stand in the event file and found no room in the log yet: nothing is delivered before them. */
  let owed: readonly LoggedEvent[] = [];

  function keep(events: readonly LoggedEvent[]): Result<void, Fault> {
    const all = [...owed, ...events];
    const kept = sealed.append(all);
    if (kept.ok) owed = [];
    return kept;
  }

  return {
    get position() {
      return file.position;
    },
    append(lines) {
      const kept = keep(eventsOf(lines));
      return kept.ok ? file.append(lines) : kept;
    },
    async sync(): Promise<Result<void, Fault>> {
      const [inLog, inFile] = await Promise.all([sealed.sync(), file.sync()]);
      return inLog.ok ? inFile : inLog;
    },
    reopen: () => file.reopen(),
    moved: () => file.moved(),
    /** What a power loss kept in the event file and took from the sealed log is put back. */
    *linesAfter(from) {
      for (const line of file.linesAfter(from)) {
        const events = eventsOf(line);
        if (!keep(events).ok) owed = [...owed, ...events];
        yield line;
      }
    },
    close() {
      file.close();
    },
  };
}

/** Delivery has parsed every line already; one that is none is not there. */
function eventsOf(lines: Uint8Array): readonly LoggedEvent[] {
  return Buffer.from(lines.buffer, lines.byteOffset, lines.byteLength)
    .toString("utf8")
    .split("\n")
    .flatMap((line) => {
      const event = parsed(line);
      return event === null ? [] : [event];
    });
}

function parsed(line: string): LoggedEvent | null {
  if (line === "") return null;
  try {
    // Lines of the event file are objects that this program has written.
    return JSON.parse(line) as LoggedEvent;
  } catch {
    return null;
  }
}
