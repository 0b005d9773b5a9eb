import { ok, type Fault, type Result } from "../../kernel/index.js";
import type { LoggedText, SealedLog } from "../../sealing/index.js";
import { parseSpooledEvent, type EventFile } from "../../runtime/index.js";

/**
 * The event file together with the sealed log: an event stands in both or is not delivered. The sealed
 * log takes every event once, so what comes a second time after a fault or a crash does no harm.
 */
export function sealEventFile(file: EventFile, sealed: SealedLog): EventFile {
  /** Stand in the event file and found no room in the log yet: nothing is delivered before them. */
  let owed: readonly LoggedText[] = [];

  function keep(events: readonly LoggedText[]): Result<void, Fault> {
    if (owed.length === 0) return sealed.append(events);
    const kept = sealed.append([...owed, ...events]);
    if (kept.ok) owed = [];
    return kept;
  }

  return {
    get position() {
      return file.position;
    },
    append(lines, events) {
      const kept = keep(events);
      return kept.ok ? file.append(lines, events) : kept;
    },
    async sync(): Promise<Result<void, Fault>> {
      // Who would not take these first would move the cursor behind them.
      const paid = owed.length === 0 ? ok(undefined) : keep([]);
      if (!paid.ok) return paid;
      const [inLog, inFile] = await Promise.all([sealed.sync(), file.sync()]);
      return inLog.ok ? inFile : inLog;
    },
    reopen: () => file.reopen(),
    moved: () => file.moved(),
    /** What a power loss kept in the event file and took from the sealed log is put back. */
    *linesAfter(from) {
      for (const line of file.linesAfter(from)) {
        const event = parseSpooledEvent(line);
        const events = event === null ? [] : [event];
        if (!keep(events).ok) owed = [...owed, ...events];
        yield line;
      }
    },
    close() {
      file.close();
    },
  };
}
