import { mkdirSync } from "node:fs";
import { appendFile, rename, stat } from "node:fs/promises";
import { join } from "node:path";
import type { RefusedParcel } from "../sink.js";

/**
 * Events that a receiver will never take, with its reason: one JSON object a line, the event whole,
 * so that they can be told again by hand. Two files of this size are kept, the older is replaced.
 */
export interface DeadLetters {
  readonly path: string;
  /** Rejects with what the file system says: then the events are not given up. */
  add(refused: readonly RefusedParcel[], atMs: number): Promise<void>;
}

const FILE_BYTES_MAX = 64 * 1024 * 1024;

export function openDeadLetters(dir: string, name: string): DeadLetters {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const path = join(dir, `${name}.dead-letters.ndjson`);
  return {
    path,
    async add(refused, atMs) {
      const { size } = await stat(path).catch(() => ({ size: 0 }));
      if (size > FILE_BYTES_MAX) await rename(path, `${path}.1`);
      const time = new Date(atMs).toISOString();
      const lines = refused.map(
        ({ parcel: { id, format, text, event }, reason }) =>
          `${JSON.stringify({ time, sink: name, reason, id, type: event.type, format, text })}\n`,
      );
      // Before the cursor passes them: the outbox forgets what it has passed.
      await appendFile(path, lines.join(""), { mode: 0o600, flush: true });
    },
  };
}
