import { spawn } from "node:child_process";
import type { Exit } from "../../../../model/index.js";

/** A program of an embedded target, with or without a terminal. */
export interface LocalProcess {
  readonly pid: number | undefined;
  /** `written` is called when the program's input has taken the bytes (or never will). */
  write(bytes: Uint8Array, written: () => void): void;
  readonly queuedBytes: number;
  /** End of input. */
  end(): void;
  pause(): void;
  resume(): void;
  /** `name` as in RFC 4254 section 6.10, without SIG. */
  signal(name: string): void;
  /** The channel is gone: SIGHUP, and SIGKILL for what does not go. */
  hangUp(): void;
}

export interface ProcessEvents {
  output(bytes: Uint8Array, stream: "stdout" | "stderr"): void;
  drained(): void;
  /** The program has ended; on pipes, children that it left may still write. */
  exited(exit: Exit): void;
  /** All output has been given; the last call. */
  closed(): void;
  /** It could not be started. */
  failed(message: string): void;
}

export interface PipeStart {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly runAs?: { readonly uid: number; readonly gid: number };
}

/** A program on pipes, in a process group of its own so that signals reach its children. */
export function startOnPipes(start: PipeStart, events: ProcessEvents): LocalProcess {
  const child = spawn(start.file, start.args, {
    cwd: start.cwd,
    env: { ...start.env },
    stdio: ["pipe", "pipe", "pipe"],
    detached: true,
    ...(start.runAs ?? {}),
  });
  let running = true;
  child.once("error", (cause) => {
    if (child.pid === undefined) {
      running = false;
      events.failed(cause.message);
    }
  });
  child.stdout.on("data", (chunk: Buffer) => events.output(chunk, "stdout"));
  child.stderr.on("data", (chunk: Buffer) => events.output(chunk, "stderr"));
  // EPIPE: the program does not read any more; what was meant for it has nowhere to go.
  for (const stream of [child.stdin, child.stdout, child.stderr])
    stream.on("error", () => undefined);
  child.stdin.on("drain", () => events.drained());
  child.once("exit", (code, signal) => {
    running = false;
    events.exited(exitOf(code, signal));
  });
  child.once("close", () => {
    if (child.pid !== undefined) events.closed();
  });
  return {
    pid: child.pid,
    write: (bytes, written) => {
      if (!child.stdin.writable) written();
      else child.stdin.write(bytes, () => written());
    },
    get queuedBytes() {
      return child.stdin.writableLength;
    },
    end: () => child.stdin.end(),
    pause() {
      child.stdout.pause();
      child.stderr.pause();
    },
    resume() {
      child.stdout.resume();
      child.stderr.resume();
    },
    signal: (name) => {
      if (running) signalGroup(child.pid, name);
    },
    hangUp() {
      child.stdin.destroy();
      child.stdout.destroy();
      child.stderr.destroy();
      if (running) hangUp(child.pid, () => running);
    },
  };
}

/** The signals of RFC 4254 section 6.10; a client can send no others. */
const SIGNALS: ReadonlySet<string> = new Set(
  "ABRT ALRM FPE HUP ILL INT KILL PIPE QUIT SEGV TERM USR1 USR2".split(" "),
);

export function signalGroup(pid: number | undefined, name: string): void {
  if (pid === undefined || pid <= 1 || !SIGNALS.has(name)) return;
  try {
    process.kill(-pid, `SIG${name}`);
  } catch {
    // Gone already: that is what a signal to a program that has just ended does.
  }
}

/** Time that programs get to tidy up after SIGHUP. */
const HANGUP_GRACE_MS = 2_000;

export function hangUp(pid: number | undefined, stillRunning: () => boolean): void {
  signalGroup(pid, "HUP");
  // A stopped program (Ctrl-Z) must run to receive it.
  if (pid !== undefined && pid > 1) {
    try {
      process.kill(-pid, "SIGCONT");
    } catch {
      // Gone already.
    }
  }
  setTimeout(() => {
    if (stillRunning()) signalGroup(pid, "KILL");
  }, HANGUP_GRACE_MS).unref();
}

function exitOf(code: number | null, signal: NodeJS.Signals | null): Exit {
  if (signal === null) return { type: "code", code: code ?? 255 };
  return { type: "signal", signal: signal.slice(3), coreDumped: false, message: "" };
}
