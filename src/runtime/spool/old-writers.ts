import { readdirSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { RuntimeLog } from "./ports.js";
import { isAlive, type ProcessMark } from "./process-mark.js";
import { parseSegmentFile } from "./segment-name.js";

/** Workers end by themselves when their parent is gone; this is much longer than they take. */
const PATIENCE_MS = 3_000;
const LOOK_INTERVAL_MS = 20;

/**
 * Waits until nobody writes to the segments of an earlier run any more. A worker that outlives its
 * parent for too long is killed: it is ours by pid and start time, and its sessions have no parent.
 */
export async function waitForOldWriters(
  spoolDir: string,
  log: RuntimeLog,
  patienceMs = PATIENCE_MS,
): Promise<void> {
  const deadline = Date.now() + patienceMs;
  for (let alive = writersAlive(spoolDir); alive.length > 0; alive = writersAlive(spoolDir)) {
    if (Date.now() >= deadline) {
      for (const { pid } of alive) {
        log.warn("old-worker-killed", { pid });
        killProcess(pid);
      }
    }
    await sleep(LOOK_INTERVAL_MS);
  }
}

function writersAlive(spoolDir: string): readonly ProcessMark[] {
  const marks = new Map<string, ProcessMark>();
  for (const file of readdirSync(spoolDir)) {
    const segment = parseSegmentFile(file);
    if (segment !== null) marks.set(segment.stream, segment.process);
  }
  return [...marks.values()].filter((mark) => mark.pid !== process.pid && isAlive(mark));
}

function killProcess(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It ended between the look and the blow, which is what was wanted.
  }
}
