import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** Nobody waits longer for processes that were told to end. */
const GONE_WITHIN_MS = 15_000;
const LOOKED_EVERY_MS = 5;

/**
 * Ends every process that a shell with this home folder has left behind (jobs, editors that save what was
 * typed, servers that went into the background), and waits until they are gone: what they still wrote
 * would be written into a folder that is being taken away. Knows them by their folder and by what they
 * inherited; where there is no `/proc`, by nothing.
 */
export function endLeftovers(home: string): void {
  const deadline = Date.now() + GONE_WITHIN_MS;
  for (;;) {
    const left = processesOf(home);
    if (left.length === 0) return;
    if (Date.now() > deadline) throw new Error(`they do not end: ${left.join(" ")}`);
    for (const pid of left) end(pid);
    Atomics.wait(SLEEPER, 0, 0, LOOKED_EVERY_MS);
  }
}

const SLEEPER = new Int32Array(new SharedArrayBuffer(4));

function processesOf(home: string): readonly number[] {
  let names: readonly string[];
  try {
    names = readdirSync("/proc");
  } catch {
    return [];
  }
  return names
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && pid !== process.pid && belongsTo(pid, home));
}

/** A process that has ended, or is somebody else's, can not be read. */
function belongsTo(pid: number, home: string): boolean {
  try {
    const folder = readlinkSync(`/proc/${String(pid)}/cwd`);
    if (folder === home || folder.startsWith(`${home}/`)) return true;
    return readFileSync(`/proc/${String(pid)}/environ`, "latin1").includes(`=${home}`);
  } catch {
    return false;
  }
}

function end(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended meanwhile.
  }
}
