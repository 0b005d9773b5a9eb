import { createRequire } from "node:module";

/** The part of node-pty that the tests use. */
export interface Pty {
  write(data: string): void;
  resize(columns: number, rows: number): void;
  kill(signal: string): void;
  onData(take: (data: string) => void): void;
  onExit(take: (exit: { exitCode: number; signal?: number }) => void): void;
}

interface NodePty {
  readonly spawn: (
    file: string,
    args: string[],
    options: { name: string; cols: number; rows: number; env: NodeJS.ProcessEnv },
  ) => Pty;
}

// The package declares its types under the name @lydell/node-pty, not under the one it is installed by.
const nodePty = createRequire(import.meta.url)("node-pty") as NodePty;

export const spawnPty: NodePty["spawn"] = (file, args, options) =>
  nodePty.spawn(file, args, options);
