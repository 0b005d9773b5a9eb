import type { Fault, Result } from "../../kernel/index.js";

/** Where a courier fetches events from: the outbox of the runtime. */
export interface EventSource {
  /** Position of the first byte that is still there. */
  readonly start: number;
  readonly end: number;
  /** Whole lines from `from` on; from `start` when `from` is gone. */
  read(from: number): Promise<Result<EventChunk, Fault>>;
  /** Waits until there is something after `from`, or until `signal` is aborted. */
  more(from: number, signal: AbortSignal): Promise<void>;
}

export interface EventChunk {
  readonly from: number;
  readonly lines: Uint8Array;
  readonly next: number;
}

/** Time and chance come from outside. */
export interface CourierClock {
  /** Milliseconds that only ever rise. */
  nowMs(): number;
  wallMs(): number;
  /** Ends early, without a fault, when `signal` is aborted. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

export interface CourierLog {
  info(event: string, facts?: Readonly<Record<string, unknown>>): void;
  warn(event: string, facts?: Readonly<Record<string, unknown>>): void;
  error(event: string, facts?: Readonly<Record<string, unknown>>): void;
}

/** What a courier has to say about its sink; becomes events. */
export interface CourierNews {
  readonly degraded: (sink: string, reason: string) => void;
  readonly recovered: (sink: string, facts: RecoveredFacts) => void;
  /** The position is on the disk: what is before it may be forgotten. */
  readonly saved: () => void;
}

export interface RecoveredFacts {
  readonly degradedMs: number;
  /** Events that a best-effort sink was not told, since it was degraded. */
  readonly dropped: number;
}
