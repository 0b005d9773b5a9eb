import type { Fault, Result } from "../../kernel/index.js";
import type { SpooledEvent } from "./spooled-event.js";

/** The event file as the delivery needs it; sinks/file is one. Synchronous, but for waiting for the disk. */
export interface EventFile {
  /** Where the next line will stand. */
  readonly position: FilePosition;
  /** Appends whole lines, which are these events; on a fault nothing of them is left in the file. */
  append(lines: Uint8Array, events: readonly SpooledEvent[]): Result<void, Fault>;
  /** Waits until what was appended survives a power loss. */
  sync(): Promise<Result<void, Fault>>;
  /** Opens the path anew, after somebody has renamed the file (logrotate). */
  reopen(): Result<void, Fault>;
  /** True when the path no longer leads to the file that is open. */
  moved(): boolean;
  /** Every whole line that was appended after `from` (all lines when null), oldest first. */
  linesAfter(from: FilePosition | null): Iterable<Buffer>;
  close(): void;
}

/** Where events wait for the sinks (runtime/outbox), as the delivery fills it. */
export interface OutboxEnd {
  /** Where the next line will stand. */
  readonly end: number;
  /** Appends whole lines; on a fault nothing of them is left. */
  append(lines: Uint8Array): Result<void, Fault>;
  /** Forgets what was appended in this turn from `position` on. */
  takeBack(position: number): void;
  sync(): Promise<Result<void, Fault>>;
  /** Every whole line after `from` (all lines when null), oldest first. */
  linesAfter(from: number | null): Iterable<Buffer>;
}

export interface FilePosition {
  /** Survives renaming. */
  readonly inode: string;
  readonly size: number;
}

/** The operations log as the runtime uses it. `event` is a stable kebab-case name; no command text. */
export interface RuntimeLog {
  info(event: string, facts?: LogFacts): void;
  warn(event: string, facts?: LogFacts): void;
  error(event: string, facts?: LogFacts): void;
}
export type LogFacts = Readonly<Record<string, unknown>>;
