import {
  chmodSync,
  mkdirSync,
  readFileSync,
  renameSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describeError, err, fault, type Fault, ok, type Result } from "../../kernel/index.js";
import { isAlive, markOfThisProcess, type ProcessMark } from "./process-mark.js";

/** The one folder that a sidecar writes to; nobody else's while it runs. */
export interface StateDir {
  readonly path: string;
  /** Segments and the delivery cursor. */
  readonly spool: string;
  readonly registry: string;
  /** Gives the folder free for the next sidecar. */
  release(): void;
}

const LOCK = "sidecar.lock";
const OWNER_ONLY = 0o700;

/** Makes the folder (0700) and takes it for this process. A lock whose process is dead is no lock. */
export function openStateDir(path: string): Result<StateDir, Fault> {
  const spool = join(path, "spool");
  const registry = join(path, "registry");
  try {
    for (const dir of [path, spool, registry])
      mkdirSync(dir, { recursive: true, mode: OWNER_ONLY });
    // Made by somebody else, wider than we would: events and keys must not be readable by others.
    if ((statSync(path).mode & 0o077) !== 0) chmodSync(path, OWNER_ONLY);
  } catch (error) {
    return err(fault("CHP_RUNTIME_STATE_DIR", `${path}: ${describeError(error)}`));
  }
  const lock = join(path, LOCK);
  const taken = takeLock(lock);
  if (!taken.ok) return taken;
  return ok({
    path,
    spool,
    registry,
    release() {
      const holder = readLock(lock);
      if (holder?.pid === process.pid) unlinkSync(lock);
    },
  });
}

/** Two sidecars that find the same stale lock: each sets it aside, and only one makes the new one. */
const LOCK_ATTEMPTS = 3;

function takeLock(lock: string): Result<void, Fault> {
  const mine = JSON.stringify(markOfThisProcess());
  try {
    for (let attempt = 0; attempt < LOCK_ATTEMPTS; attempt += 1) {
      if (writeNew(lock, mine)) return ok(undefined);
      const holder = readLock(lock);
      if (holder !== null && isAlive(holder)) {
        return err(fault("CHP_RUNTIME_STATE_LOCKED", `${lock}: held by process ${holder.pid}`));
      }
      setAside(lock, holder);
    }
    return err(fault("CHP_RUNTIME_STATE_LOCKED", `${lock}: several sidecars start at once`));
  } catch (error) {
    return err(fault("CHP_RUNTIME_STATE_DIR", `${lock}: ${describeError(error)}`));
  }
}

function writeNew(lock: string, text: string): boolean {
  try {
    writeFileSync(lock, text, { flag: "wx", mode: 0o600 });
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw error;
  }
}

/** Renamed, not deleted: when it is another lock by now, it is put back. */
function setAside(lock: string, stale: ProcessMark | null): void {
  const aside = `${lock}.stale-${process.pid}`;
  try {
    renameSync(lock, aside);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return;
    throw error;
  }
  const moved = readLock(aside);
  if (moved !== null && (moved.pid !== stale?.pid || moved.born !== stale.born)) {
    renameSync(aside, lock);
  } else {
    unlinkSync(aside);
  }
}

/** Null when there is none, or when a crash or a full disk left an empty one. */
function readLock(lock: string): ProcessMark | null {
  try {
    const value: unknown = JSON.parse(readFileSync(lock, "utf8"));
    if (typeof value !== "object" || value === null) return null;
    if (!("pid" in value) || typeof value.pid !== "number") return null;
    return { pid: value.pid, born: "born" in value ? String(value.born) : "" };
  } catch {
    return null;
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
