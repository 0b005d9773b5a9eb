import { spawn, type ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";

/** A program that hangs is ended by this; no program of the tests takes nearly as long. */
const RUN_MS_MAX = 90_000;

export interface Finished {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Written to stdin, which is then closed. Absent: stdin is empty. */
  readonly stdin?: Uint8Array | string;
}

/** Runs a program to its end. Never throws for what the program does. */
export function run(
  program: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<Finished> {
  const child = start(program, args, options);
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout?.on("data", (chunk: Buffer) => stdout.push(chunk));
  child.stderr?.on("data", (chunk: Buffer) => stderr.push(chunk));
  // A program that ends without reading its input is an ordinary event here.
  child.stdin?.on("error", () => undefined);
  child.stdin?.end(options.stdin ?? "");
  const tooLong = setTimeout(() => child.kill("SIGKILL"), RUN_MS_MAX);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => {
      clearTimeout(tooLong);
      resolve({
        code,
        signal,
        stdout: Buffer.concat(stdout),
        stderr: Buffer.concat(stderr).toString(),
      });
    });
  });
}

/** Starts a program that goes on running; the caller ends it. */
export function start(
  program: string,
  args: readonly string[],
  options: RunOptions = {},
): ChildProcess {
  return spawn(program, args, {
    cwd: options.cwd,
    env: { ...process.env, LC_ALL: "C.UTF-8", ...options.env },
    stdio: ["pipe", "pipe", "pipe"],
  });
}

/** Fails with everything the program said unless it ended with 0. */
export function succeeded(what: string, finished: Finished): Finished {
  if (finished.code === 0) return finished;
  throw new Error(
    `${what} ended with ${finished.code ?? finished.signal ?? "nothing"}\n` +
      `stdout: ${finished.stdout.toString().slice(-4_000)}\nstderr: ${finished.stderr.slice(-4_000)}`,
  );
}

export function programThere(program: string): boolean {
  const folders = (process.env["PATH"] ?? "").split(":");
  return folders.some((folder) => existsSync(join(folder, program)));
}
