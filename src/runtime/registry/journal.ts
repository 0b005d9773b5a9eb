import {
  closeSync,
  existsSync,
  fdatasync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  renameSync,
} from "node:fs";
import { dirname } from "node:path";
import { describeError, err, fault, type Fault, ok, type Result } from "../../kernel/index.js";
import { syncFolder, writeAll } from "../spool/spool-writer.js";
import {
  applyEntry,
  emptyMemory,
  entriesOf,
  outdated,
  parseEntry,
  type Entry,
  type Memory,
} from "./memory.js";

/** What the registry must remember across restarts: an append-only file, folded into `memory`. */
export interface Journal {
  /** As of everything that was asked to be noted, on the disk or not yet. */
  readonly memory: Memory;
  /** Answers ok once the entry survives a power loss. Entries that come meanwhile share one sync. */
  note(entry: Entry): Promise<Result<void, Fault>>;
  close(): void;
}

interface Waiting {
  readonly line: string;
  readonly settle: (result: Result<void, Fault>) => void;
}

/** Entries that wait for the disk; more means that it hangs, and what needs them is refused. */
const WAITING_MAX = 1_024;

/** Grown by this much, the file is written anew: what it says of one person or address is one line. */
const JOURNAL_BYTES_MAX = 16 * 1024 * 1024;

/** Reads the file (a torn last line is dropped), writes it anew without what is outdated, opens it. */
export function openJournal(path: string, nowMs: number): Result<Journal, Fault> {
  try {
    const memory = readMemory(path, nowMs);
    rewrite(path, memory);
    return ok(journal(path, memory));
  } catch (error) {
    return err(fault("CHP_RUNTIME_REGISTRY_JOURNAL", `${path}: ${describeError(error)}`));
  }
}

function journal(path: string, memory: Memory): Journal {
  let fd = openSync(path, "a", 0o600);
  let waiting: Waiting[] = [];
  let writing = false;
  let written = 0;
  let broken: Fault | null = null;

  async function write(): Promise<void> {
    writing = true;
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      const lines = batch.map((one) => one.line).join("");
      const result = broken === null ? await commit(path, fd, lines) : err(broken);
      written += lines.length;
      if (written > JOURNAL_BYTES_MAX) compact();
      for (const one of batch) one.settle(result);
    }
    writing = false;
  }

  function compact(): void {
    try {
      rewrite(path, memory);
      closeSync(fd);
      fd = openSync(path, "a", 0o600);
      written = 0;
    } catch (error) {
      // Perhaps the open file is no longer the one that would be read at the next start.
      broken = fault("CHP_RUNTIME_REGISTRY_JOURNAL", `${path}: ${describeError(error)}`);
    }
  }

  return {
    memory,
    note(entry) {
      if (waiting.length >= WAITING_MAX) {
        return Promise.resolve(
          err(fault("CHP_RUNTIME_REGISTRY_JOURNAL", `${path}: the disk does not keep up`)),
        );
      }
      applyEntry(memory, entry);
      return new Promise((settle) => {
        waiting.push({ line: `${JSON.stringify(entry)}\n`, settle });
        if (!writing) void write();
      });
    },
    close: () => closeSync(fd),
  };
}

function commit(path: string, fd: number, lines: string): Promise<Result<void, Fault>> {
  const failed = (error: unknown): Result<void, Fault> =>
    err(fault("CHP_RUNTIME_REGISTRY_JOURNAL", `${path}: ${describeError(error)}`));
  return new Promise((settle) => {
    let size = 0;
    try {
      size = fstatSync(fd).size;
      writeAll(fd, Buffer.from(lines, "utf8"));
    } catch (error) {
      takeBack(fd, size);
      settle(failed(error));
      return;
    }
    fdatasync(fd, (error) => settle(error === null ? ok(undefined) : failed(error)));
  });
}

function takeBack(fd: number, size: number): void {
  try {
    ftruncateSync(fd, size);
  } catch {
    // A torn line stays; reading drops it, and its entry was never confirmed.
  }
}

function readMemory(path: string, nowMs: number): Memory {
  const memory = emptyMemory();
  if (!existsSync(path)) return memory;
  for (const line of readFileSync(path, "utf8").split("\n")) {
    const entry = parseEntry(line);
    if (entry === null) continue;
    // A lock that is over still ends the one before it.
    if (!outdated(entry, nowMs)) applyEntry(memory, entry);
    else if (entry.kind === "person-lock") memory.personLocks.delete(entry.person);
  }
  return memory;
}

function rewrite(path: string, memory: Memory): void {
  const fresh = `${path}.new`;
  const fd = openSync(fresh, "w", 0o600);
  try {
    for (const entry of entriesOf(memory)) {
      writeAll(fd, Buffer.from(`${JSON.stringify(entry)}\n`, "utf8"));
    }
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(fresh, path);
  syncFolder(dirname(path));
}
