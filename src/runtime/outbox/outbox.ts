import {
  closeSync,
  constants,
  fdatasync,
  fdatasyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  unlinkSync,
} from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { describeError, err, fault, type Fault, ok, type Result } from "../../kernel/index.js";
import { blankDigits, openLine } from "../spool/checked-line.js";
import { createLineReader, LINE_BYTES_MAX, splitLines } from "../spool/line-reader.js";
import { syncFolder, writeAll } from "../spool/spool-writer.js";
import { cutTornEnd, listOutboxSegments, outboxFile } from "./outbox-segments.js";

/**
 * What waits for the sinks: the events of all streams in one order, in segments. A position is the
 * number of bytes ever written before it, so that one number says how far a sink has come. Segments
 * are deleted once nobody needs them any more; a sink that takes nothing costs disk, not memory.
 */
export interface Outbox {
  /** Position of the first byte that is still kept. */
  readonly start: number;
  /** Position after the last line. */
  readonly end: number;
  /** Appends whole lines, with their checksums; on a fault nothing of them is left. */
  append(lines: Uint8Array): Result<void, Fault>;
  /** Forgets everything from `position` on; only within the turn in which it was appended. */
  takeBack(position: number): void;
  /** Waits until what was appended survives a power loss. */
  sync(): Promise<Result<void, Fault>>;
  /**
   * Whole lines from `from` on, at least one when there is one; from `start` when `from` is gone. Spaces stand
   * where checksums were; a line that does not fit to its own is no JSON.
   */
  read(from: number): Promise<Result<OutboxChunk, Fault>>;
  /** Waits until there is something after `from`, or until `signal` is aborted; never fails. */
  more(from: number, signal: AbortSignal): Promise<void>;
  /** Deletes the segments that end at or before `position`. */
  release(position: number): void;
  /** Every whole line after `from` (all when null), oldest first, without its checksum; lent until the next one. */
  linesAfter(from: number | null): Iterable<Buffer>;
  close(): void;
}

export interface OutboxChunk {
  readonly from: number;
  readonly lines: Buffer;
  /** Where the next chunk begins. */
  readonly next: number;
}

export interface OutboxOptions {
  readonly dir: string;
  /** What may be kept in all; at the limit events wait in the spool, and their writers fail closed. */
  readonly bytesMax: number;
  readonly segmentBytesMax?: number;
}

const SEGMENT_BYTES_MAX = 8 * 1024 * 1024;
/** A chunk is what one sink has in memory at a time, before it is parsed. */
const READ_BYTES = 256 * 1024;
const NEWLINE = 0x0a;

/** Makes the folder (0700) and cuts off a line that a crash left unfinished. */
export function openOutbox(options: OutboxOptions): Result<Outbox, Fault> {
  try {
    mkdirSync(options.dir, { recursive: true, mode: 0o700 });
    return ok(new SegmentedOutbox(options));
  } catch (error) {
    return err(unwritable(options.dir, error));
  }
}

interface Segment {
  readonly start: number;
  size: number;
}

class SegmentedOutbox implements Outbox {
  readonly #options: OutboxOptions;
  readonly #segments: Segment[] = [];
  readonly #waiting = new Set<() => void>();
  /** Of the last segment. */
  #fd: number;
  readonly #syncing = new Set<Promise<unknown>>();

  constructor(options: OutboxOptions) {
    this.#options = options;
    const found = listOutboxSegments(options.dir);
    found.forEach(({ start, file }, index) => {
      const following = found[index + 1];
      // A full segment ends where the next one starts; only the last one can be torn.
      const size =
        following === undefined ? cutTornEnd(join(options.dir, file)) : following.start - start;
      this.#segments.push({ start, size });
    });
    if (found.length === 0) this.#segments.push({ start: 0, size: 0 });
    this.#fd = this.#openLast();
  }

  get start(): number {
    return this.#segments[0]?.start ?? 0;
  }

  get end(): number {
    const { start, size } = this.#last;
    return start + size;
  }

  append(lines: Uint8Array): Result<void, Fault> {
    if (this.end - this.start + lines.length > this.#options.bytesMax) {
      return err(
        fault(
          "CHP_RUNTIME_OUTBOX_FULL",
          `${this.#options.dir} holds ${this.end - this.start} bytes`,
        ),
      );
    }
    try {
      const limit = this.#options.segmentBytesMax ?? SEGMENT_BYTES_MAX;
      if (this.#last.size > 0 && this.#last.size + lines.length > limit) this.#rotate();
      writeAll(this.#fd, lines);
      this.#last.size += lines.length;
    } catch (error) {
      this.#truncate();
      return err(unwritable(this.#options.dir, error));
    }
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
    return ok(undefined);
  }

  takeBack(position: number): void {
    const last = this.#last;
    last.size = Math.max(0, position - last.start);
    this.#truncate();
  }

  sync(): Promise<Result<void, Fault>> {
    const synced = new Promise<Result<void, Fault>>((settled) => {
      fdatasync(this.#fd, (error) => {
        settled(error === null ? ok(undefined) : err(unwritable(this.#options.dir, error)));
      });
    });
    this.#syncing.add(synced);
    return synced.finally(() => this.#syncing.delete(synced));
  }

  async read(from: number): Promise<Result<OutboxChunk, Fault>> {
    const begin = Math.max(from, this.start);
    const segment = this.#segments.findLast(({ start }) => start <= begin);
    if (segment === undefined || begin >= this.end) {
      return ok({ from: begin, lines: Buffer.alloc(0), next: begin });
    }
    // As of now: what is appended while we read belongs to the next chunk.
    const available = segment.start + segment.size - begin;
    try {
      const lines = await this.#readLines(segment, begin - segment.start, available);
      blankDigits(lines);
      return ok({ from: begin, lines, next: begin + lines.length });
    } catch (error) {
      return err(unwritable(this.#options.dir, error));
    }
  }

  async more(from: number, signal: AbortSignal): Promise<void> {
    if (this.end > from || signal.aborted) return;
    await new Promise<void>((settled) => {
      const wake = () => {
        signal.removeEventListener("abort", wake);
        this.#waiting.delete(wake);
        settled();
      };
      signal.addEventListener("abort", wake, { once: true });
      this.#waiting.add(wake);
    });
  }

  release(position: number): void {
    for (;;) {
      const [first, second] = this.#segments;
      if (first === undefined || second === undefined || second.start > position) return;
      try {
        unlinkSync(this.#path(first));
      } catch (error) {
        // Gone already is what was wanted; anything else is tried again with the next release.
        if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) return;
      }
      this.#segments.shift();
    }
  }

  *linesAfter(from: number | null): Generator<Buffer> {
    for (const segment of this.#segments) {
      const offset = Math.max(0, (from ?? 0) - segment.start);
      if (offset >= segment.size) continue;
      const reader = createLineReader(this.#path(segment), offset);
      try {
        for (let chunk = reader.peek(); chunk.length > 0; chunk = reader.peek()) {
          // Copied: whoever takes the lines may use other readers between them.
          for (const line of splitLines(Buffer.from(chunk))) yield openLine(line) ?? line;
          reader.advance(chunk.length);
        }
      } finally {
        reader.close();
      }
    }
  }

  close(): void {
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
    closeSync(this.#fd);
  }

  get #last(): Segment {
    const last = this.#segments.at(-1);
    if (last === undefined) throw new Error("the outbox always has a segment");
    return last;
  }

  #path({ start }: Segment): string {
    return join(this.#options.dir, outboxFile(start));
  }

  #openLast(): number {
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND;
    const fd = openSync(this.#path(this.#last), flags, 0o600);
    syncFolder(this.#options.dir);
    return fd;
  }

  #rotate(): void {
    const old = this.#fd;
    // A later sync speaks of the new segment only.
    fdatasyncSync(old);
    this.#segments.push({ start: this.end, size: 0 });
    try {
      this.#fd = this.#openLast();
    } catch (error) {
      this.#segments.pop();
      throw error;
    }
    void Promise.allSettled(this.#syncing).then(() => closeSync(old));
  }

  /** After a write that stopped half way, no torn line may stay. */
  #truncate(): void {
    try {
      ftruncateSync(this.#fd, this.#last.size);
    } catch {
      // The next append meets the same disk, fails, and truncates again before anything is kept.
    }
  }

  async #readLines(segment: Segment, offset: number, available: number): Promise<Buffer> {
    const file = await open(this.#path(segment), "r");
    try {
      for (let length = READ_BYTES; ; length *= 4) {
        const wanted = Math.min(length, available);
        const buffer = Buffer.allocUnsafe(wanted);
        const { bytesRead } = await file.read(buffer, 0, wanted, offset);
        const end = buffer.lastIndexOf(NEWLINE, bytesRead - 1) + 1;
        if (end > 0) return buffer.subarray(0, end);
        if (bytesRead < wanted || wanted === available || wanted >= LINE_BYTES_MAX) {
          throw new Error(`no line at ${segment.start + offset}`);
        }
      }
    } finally {
      await file.close();
    }
  }
}

function unwritable(dir: string, error: unknown): Fault {
  return fault("CHP_RUNTIME_OUTBOX", `${dir}: ${describeError(error)}`);
}
