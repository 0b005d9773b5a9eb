import { accessSync, constants, existsSync, statSync } from "node:fs";
import { isAbsolute } from "node:path";
import { describeFault, fault } from "../../../../kernel/index.js";
import type { Exit, PtyFacts } from "../../../../model/index.js";
import type { Channel } from "../../connection/channel.js";
import type { Opening } from "../../connection/connection.js";
import type { DialPlan } from "../../ports.js";
import { readRequest } from "../../wire/asked.js";
import { encodeExit } from "../../wire/exit.js";
import { localAccount } from "./account.js";
import { startOnPipes, type LocalProcess, type ProcessEvents } from "./local-process.js";
import { startPty, type PtyProcess } from "./pty-process.js";

export type EmbeddedPlan = Extract<DialPlan, { type: "embedded" }>;
export type EmbeddedChannel = Channel;

/** Where distributions keep OpenSSH's sftp-server. */
const SFTP_SERVERS = [
  "/usr/lib/openssh/sftp-server",
  "/usr/libexec/openssh/sftp-server",
  "/usr/libexec/sftp-server",
  "/usr/lib/ssh/sftp-server",
  "/usr/lib/sftp-server",
];
const PATH = "/usr/local/bin:/usr/bin:/bin";
const PATH_ROOT = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
const SIZE_DEFAULT = { columns: 80, rows: 24 };

interface Program {
  readonly file: string;
  readonly args: readonly string[];
}

/** The target's end of a session channel, played by a local program instead of an SSH server. */
export function createEmbeddedChannel(
  plan: EmbeddedPlan,
  opening: Opening,
  released: () => void,
): EmbeddedChannel {
  const { listener } = opening;
  const environment = new Map<string, string>();
  let pty: PtyFacts | null = null;
  let local: LocalProcess | null = null;
  let terminal: PtyProcess | null = null;
  let window = opening.windowBytes;
  let windowGranted = opening.windowBytes;
  let closed = false;
  let inputEnded = false;

  const events: ProcessEvents = {
    output(bytes, stream) {
      if (closed) return;
      window -= bytes.length;
      if (window <= 0) local?.pause();
      listener.data(bytes, stream);
    },
    drained: () => undefined, // `write` reports every chunk
    exited: (exit) => tellExit(exit),
    closed: () => finish(),
    failed(reason) {
      const told = describeFault(fault("CHP_SSH_EMBEDDED_SHELL", `${shell().file}: ${reason}`));
      const [end, stream] =
        pty === null ? (["\n", "stderr"] as const) : (["\r\n", "stdout"] as const);
      listener.data(Buffer.from(`${told}${end}`), stream);
      tellExit({ type: "code", code: 127 });
      finish();
    },
  };

  function tellExit(exit: Exit): void {
    const encoded = encodeExit(exit);
    if (closed || encoded === null) return;
    listener.request({ ...encoded, wantReply: false, answer: () => undefined });
  }

  function finish(): void {
    if (closed) return;
    listener.eof();
    shut();
  }

  function shut(): void {
    if (closed) return;
    closed = true;
    released();
    listener.closed("peer");
  }

  function run(program: Program): boolean {
    if (local !== null) return false;
    const account = localAccount(plan.runAs?.uid);
    const cwd = plan.cwd ?? (isDirectory(account.home) ? account.home : "/");
    const start = {
      ...program,
      cwd,
      env: buildEnvironment(account.name, account.home),
      ...(plan.runAs === undefined ? {} : { runAs: plan.runAs }),
    };
    try {
      // In a terminal a program that is not there would only be a shell that ends at once.
      if (isAbsolute(program.file)) accessSync(program.file, constants.X_OK);
      if (pty === null) local = startOnPipes(start, events);
      else {
        const { columns, rows } = pty;
        terminal = startPty({ ...start, ...orDefault(columns, rows) }, events);
        local = terminal;
      }
    } catch (cause) {
      const message = cause instanceof Error ? cause.message : "the program can not be started";
      // After the reply to the request, as a program that fails by itself would.
      queueMicrotask(() => events.failed(message));
      return true;
    }
    if (window <= 0) local.pause();
    if (inputEnded) local.end();
    return true;
  }

  /** Built anew: nothing of the sidecar's own environment reaches a person's program. */
  function buildEnvironment(name: string, home: string): Record<string, string> {
    const root = (plan.runAs?.uid ?? process.getuid?.()) === 0;
    return {
      ...Object.fromEntries(environment),
      HOME: home,
      USER: name,
      LOGNAME: name,
      SHELL: shell().file,
      PATH: root ? PATH_ROOT : PATH,
      ...(pty === null ? {} : { TERM: pty.term === "" ? "dumb" : pty.term }),
    };
  }

  function shell(): Program {
    const [file = "/bin/sh", ...args] = plan.command;
    return { file, args };
  }

  function requested(type: string, body: Uint8Array): boolean {
    const asked = readRequest(type, body);
    switch (asked?.type) {
      case "pty":
        if (local !== null) return false;
        pty = asked.pty;
        return true;
      case "env":
        environment.set(asked.name, asked.value);
        return true;
      case "shell":
        return run(shell());
      case "exec":
        return run({ file: shell().file, args: ["-c", asked.command] });
      case "subsystem": {
        const server = SFTP_SERVERS.find((file) => existsSync(file));
        return asked.name === "sftp" && server !== undefined && run({ file: server, args: [] });
      }
      case "window-change":
        terminal?.resize(asked.size.columns, asked.size.rows);
        return true;
      case "signal":
        local?.signal(asked.name);
        return true;
      case "break":
      case "agent":
      case "x11":
      case "unknown":
      case undefined:
        return false;
    }
  }

  return {
    get queuedBytes() {
      return local?.queuedBytes ?? 0;
    },
    send(bytes) {
      if (local === null || closed) {
        listener.sent(bytes.length);
        return;
      }
      local.write(new Uint8Array(bytes), () => listener.sent(bytes.length));
    },
    eof() {
      inputEnded = true;
      local?.end();
    },
    request(type, body, reply) {
      const success = !closed && requested(type, body);
      reply?.(success);
    },
    close() {
      if (closed) return;
      local?.hangUp();
      shut();
    },
    discard: () => undefined,
    consumed(bytes) {
      const paused = window <= 0;
      window += bytes;
      if (paused && window > 0) local?.resume();
    },
    widen(windowBytes) {
      if (windowBytes <= windowGranted) return;
      const more = windowBytes - windowGranted;
      windowGranted = windowBytes;
      this.consumed(more);
    },
  };
}

function orDefault(columns: number, rows: number): { columns: number; rows: number } {
  return columns > 0 && rows > 0 ? { columns, rows } : SIZE_DEFAULT;
}

function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
