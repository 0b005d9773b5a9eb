import type { Fault, Result } from "../../kernel/index.js";
import type { EventFile } from "../../runtime/index.js";

export interface EventFileNews {
  /** Nothing can be written any more; told once until it recovers. */
  readonly degraded: (why: Fault) => void;
  /** What was refused is written, and on the disk. */
  readonly recovered: () => void;
}

/** The same event file, telling when it can not be written and when it can again. */
export function watchEventFile(file: EventFile, news: EventFileNews): EventFile {
  let degraded = false;
  // What was refused comes again first: a disk that only syncs is not yet one that can be written.
  let refused = false;

  function noticed(result: Result<void, Fault>): Result<void, Fault> {
    if (!result.ok && !degraded) {
      degraded = true;
      news.degraded(result.error);
    }
    return result;
  }

  return {
    get position() {
      return file.position;
    },
    append(lines, events) {
      const appended = file.append(lines, events);
      refused = !appended.ok;
      return noticed(appended);
    },
    async sync() {
      const synced = await file.sync();
      if (synced.ok && degraded && !refused) {
        degraded = false;
        news.recovered();
      }
      return noticed(synced);
    },
    reopen: () => file.reopen(),
    moved: () => file.moved(),
    linesAfter: (from) => file.linesAfter(from),
    close: () => file.close(),
  };
}
