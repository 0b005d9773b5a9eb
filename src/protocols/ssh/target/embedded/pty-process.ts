import { randomInt } from "node:crypto";
import { chownSync, closeSync, constants, openSync, statSync, writeSync } from "node:fs";
import { createRequire } from "node:module";
import { constants as osConstants } from "node:os";
import { ReadStream } from "node:tty";
import type { Exit } from "../../../../model/index.js";
import { hangUp, signalGroup, type LocalProcess, type ProcessEvents } from "./local-process.js";

export interface PtyStart {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly columns: number;
  readonly rows: number;
  readonly runAs?: { readonly uid: number; readonly gid: number };
}

export interface PtyProcess extends LocalProcess {
  resize(columns: number, rows: number): void;
}

/**
 * node-pty's own class destroys the terminal 200 ms after the exit, read or not, and with Node 20
 * loses the end of the output already when the last writer closes. Its native part is sound: we
 * fork with it, keep the slave side open so that the kernel throws nothing away, and write a mark into
 * it once the program has ended. What stands before the mark is the whole output.
 */
export function startPty(start: PtyStart, events: ProcessEvents): PtyProcess {
  const terminal = fork(start, (code, signal) => drain(exitOf(code, signal)));
  const slave = openSync(
    terminal.pty,
    constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK,
  );
  giveTerminal(terminal.pty, start.runAs);
  const master = new ReadStream(terminal.fd);
  const mark = Buffer.from(`\0${Array.from({ length: 24 }, () => randomInt(10)).join("")}\0`);
  let ending: { readonly exit: Exit; carry: Buffer; unwritten: Buffer } | null = null;
  let quiet: NodeJS.Timeout | undefined;
  let over = false;

  master.on("data", (chunk: Buffer) => {
    if (over) return;
    if (ending === null) events.output(chunk, "stdout");
    else seek(ending, chunk);
  });
  // EIO: the kernel has hung up the terminal; nothing more will come.
  master.on("error", () => finish());
  master.on("close", () => finish());
  master.on("drain", () => events.drained());

  function drain(exit: Exit): void {
    if (over) return;
    ending = { exit, carry: Buffer.alloc(0), unwritten: mark };
    writeMark();
    expectMore();
  }

  /** The terminal may be full of output that is still to be read: the rest of the mark waits. */
  function writeMark(): void {
    if (ending === null || ending.unwritten.length === 0) return;
    try {
      ending.unwritten = ending.unwritten.subarray(writeSync(slave, ending.unwritten));
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== "EAGAIN") finish(); // errors of fs calls have codes
    }
  }

  function seek(end: { carry: Buffer; unwritten: Buffer }, chunk: Buffer): void {
    writeMark();
    const all = end.carry.length === 0 ? chunk : Buffer.concat([end.carry, chunk]);
    const at = all.indexOf(mark);
    const ready = at === -1 ? Math.max(0, all.length - mark.length + 1) : at;
    if (ready > 0) events.output(all.subarray(0, ready), "stdout");
    end.carry = all.subarray(ready);
    if (at !== -1) {
      end.carry = Buffer.alloc(0);
      finish();
    } else expectMore();
  }

  /** A terminal stopped by Ctrl-S never shows the mark; while nobody reads, time does not count. */
  function expectMore(): void {
    clearTimeout(quiet);
    quiet = setTimeout(() => {
      writeMark();
      if (master.isPaused()) expectMore();
      else finish();
    }, DRAIN_QUIET_MS);
  }

  function finish(): void {
    if (over) return;
    if (ending === null) {
      // Hung up by ourselves before the program has ended: its exit comes later and is told then.
      return;
    }
    over = true;
    clearTimeout(quiet);
    if (ending.carry.length > 0) events.output(ending.carry, "stdout");
    closeSync(slave);
    master.destroy();
    events.exited(ending.exit);
    events.closed();
  }

  return {
    pid: terminal.pid,
    write: (bytes, written) => {
      if (!over) master.write(bytes, () => written());
      else written();
    },
    get queuedBytes() {
      return master.writableLength;
    },
    // sshd leaves the terminal alone when the client sends EOF; so do we.
    end: () => undefined,
    pause: () => master.pause(),
    resume: () => master.resume(),
    resize: (columns, rows) => {
      if (!over && columns > 0 && rows > 0) native.resize(terminal.fd, columns, rows);
    },
    signal: (name) => signalGroup(terminal.pid, name),
    hangUp() {
      master.resume();
      if (ending === null) hangUp(terminal.pid, () => ending === null);
    },
  };
}

/** After the program's end: no byte for this long means that no byte is left. */
const DRAIN_QUIET_MS = 1_000;

interface NativePty {
  fork(...args: readonly unknown[]): {
    readonly fd: number;
    readonly pid: number;
    readonly pty: string;
  };
  resize(fd: number, columns: number, rows: number): void;
}

const require = createRequire(import.meta.url);
const binary = `@lydell/node-pty-${process.platform}-${process.arch}`;
const nodePty = createRequire(require.resolve("node-pty"));
const native = nodePty(`${binary}/pty.node`) as NativePty; // node-pty publishes no types for its inside

/** Order of the arguments: node-pty 1.1.0, unixTerminal. */
function fork(
  start: PtyStart,
  exited: (code: number, signal: number) => void,
): ReturnType<NativePty["fork"]> {
  const env = Object.entries(start.env).map(([name, value]) => `${name}=${value}`);
  const helper =
    process.platform === "darwin" ? nodePty.resolve(`${binary}/spawn-helper`) : "unused on Linux";
  return withoutGroups(start.runAs, () =>
    native.fork(
      start.file,
      [...start.args],
      env,
      start.cwd,
      Math.max(1, start.columns),
      Math.max(1, start.rows),
      start.runAs?.uid ?? -1,
      start.runAs?.gid ?? -1,
      false, // bytes, not text
      helper,
      exited,
    ),
  );
}

/**
 * The native fork sets user and group but leaves root's supplementary groups to the child. The call
 * is synchronous, so the process is without them for no other JavaScript.
 */
function withoutGroups<T>(runAs: PtyStart["runAs"], act: () => T): T {
  const { getgroups, setgroups } = process;
  if (runAs === undefined || process.getuid?.() !== 0 || !getgroups || !setgroups) return act();
  const before = getgroups.call(process);
  setgroups.call(process, [runAs.gid]);
  try {
    return act();
  } finally {
    setgroups.call(process, before);
  }
}

/** As sshd does, so that the person's programs may open their own terminal by name. */
function giveTerminal(path: string, runAs: PtyStart["runAs"]): void {
  if (runAs === undefined || process.getuid?.() !== 0) return;
  chownSync(path, runAs.uid, statSync(path).gid);
}

function exitOf(code: number, signal: number): Exit {
  if (signal === 0) return { type: "code", code };
  const name = Object.entries(osConstants.signals).find(([, number]) => number === signal)?.[0];
  return {
    type: "signal",
    signal: (name ?? "SIGKILL").slice(3),
    coreDumped: false,
    message: "",
  };
}
