import { readdirSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import { describeError, describeFault, type Fault, ok, type Result } from "../../kernel/index.js";
import { readAlreadyDelivered, type AlreadyDelivered } from "./already-delivered.js";
import { openLine } from "./checked-line.js";
import {
  openDeliveryJournal,
  readDeliveryJournal,
  writtenRecord,
  type DeliveryJournal,
  type DeliveryRecord,
} from "./delivery-journal.js";
import { READ_CHUNK_BYTES, splitLines } from "./line-reader.js";
import { createOpenSessions, type OpenSession } from "./open-sessions.js";
import type { EventFile, OutboxEnd, RuntimeLog } from "./ports.js";
import { parseSegmentFile } from "./segment-name.js";
import { parseSpooledEvent, readSpooledEvent, type SpooledEvent } from "./spooled-event.js";
import { createStreamReader, type StreamReader } from "./stream-reader.js";

/**
 * Carries events from the spool to the event file, and to the outbox from which the sinks are fed:
 * every event once to each, in the order of its session, whenever any of the processes is killed.
 *
 * How: lines are appended to both, both are synced, and only then the cursor is moved and a finished
 * segment deleted. After a crash each may hold more than the cursor knows; those lines are read back
 * first, and their copies in the spool are skipped.
 */
export interface Delivery {
  /** Sessions told as opened and not as closed, as of what is delivered. */
  readonly sessions: ReadonlyMap<string, OpenSession>;
  /** A writer of this run: its last segment may still grow. */
  streamStarted(stream: string): void;
  /** The writer is dead: what it left is delivered, then `streamDrained` is told. */
  streamEnded(stream: string): void;
  /** There may be something new in this stream; it is delivered within the turn. */
  appended(stream: string): void;
  /** Delivers everything that is there now, or as much as the event file takes. */
  drain(): void;
  /** Drains and waits for the disk. */
  flush(): Promise<Result<void, Fault>>;
  /** For logrotate: everything so far stays in the old file, the rest goes to the new one. */
  reopenFile(): Promise<Result<void, Fault>>;
  /** Bytes that wait in the spool. */
  backlog(): number;
  stop(): Promise<void>;
}

export interface DeliveryOptions {
  /** The folder of the segments and of the cursor. */
  readonly dir: string;
  readonly file: EventFile;
  /** Absent where no sink is configured. */
  readonly outbox?: OutboxEnd;
  readonly log: RuntimeLog;
  /**
   * Streams of dead writers are delivered to their ends: sessions whose stream is not `live` will not
   * close by themselves. Told again from time to time.
   */
  readonly drained: (live: ReadonlySet<string>) => void;
  /** So many events were damaged on the disk before they could be told; must not throw. */
  readonly damaged?: (events: number) => void;
  /** Told of every event once it is in the event file, for counters and lists; must not throw. */
  readonly observed?: (event: SpooledEvent) => void;
}

/** An fsync of the event file covers everything of this long; the promise is at most 50 ms. */
const SYNC_DELAY_MS = 20;
/** When the event file can not be written. */
const RETRY_DELAY_MS = 1_000;
/** Finds what a lost message would have told, and a renamed event file. */
const POLL_INTERVAL_MS = 1_000;

/** Throws what the file system says about the folder: without a spool nothing may run. */
export function createDelivery(options: DeliveryOptions): Delivery {
  return new SpoolDelivery(options);
}

class SpoolDelivery implements Delivery {
  readonly #options: DeliveryOptions;
  readonly #journal: DeliveryJournal;
  readonly #open = createOpenSessions();
  readonly #streams = new Map<string, StreamReader>();
  /** Streams in which there may be something new. */
  readonly #due = new Set<StreamReader>();
  readonly #live = new Set<string>();
  readonly #offsetsAtStart: Readonly<Record<string, number>>;
  /** Segments that are delivered and wait to be deleted: they must not be found again. */
  readonly #finished = new Map<string, number>();
  readonly #poll: NodeJS.Timeout;
  #already: Already | null;
  /** The next record replaces the journal: at start, when it has grown large, after a failure. */
  #whole = true;
  #dirty = true;
  #settled = false;
  #stuck = false;
  #stopped = false;
  #drainTimer: NodeJS.Immediate | null = null;
  #retryTimer: NodeJS.Timeout | null = null;
  #syncTimer: NodeJS.Timeout | null = null;
  #syncing: Promise<Result<void, Fault>> | null = null;

  constructor(options: DeliveryOptions) {
    this.#options = options;
    const cursor = readDeliveryJournal(options.dir);
    for (const [id, session] of Object.entries(cursor?.sessions ?? {})) {
      this.#open.restore(id, session);
    }
    this.#offsetsAtStart = cursor?.offsets ?? {};
    this.#journal = openDeliveryJournal(options.dir);
    this.#discover();
    const nothingToCompare = cursor === null && this.#streams.size === 0;
    this.#already = nothingToCompare ? null : this.#readAlready(cursor);
    this.#poll = setInterval(() => this.#onPoll(), POLL_INTERVAL_MS);
    this.#poll.unref();
  }

  #readAlready(cursor: DeliveryRecord | null): Already {
    const { file, outbox } = this.#options;
    return {
      inFile: readAlreadyDelivered(file.linesAfter(cursor?.file ?? null), this.#open),
      inOutbox:
        outbox === undefined
          ? null
          : readAlreadyDelivered(outbox.linesAfter(cursor?.outbox ?? null)),
    };
  }

  get sessions(): ReadonlyMap<string, OpenSession> {
    return this.#open.all;
  }

  streamStarted(stream: string): void {
    this.#live.add(stream);
    this.#reader(stream).ended = false;
  }

  streamEnded(stream: string): void {
    this.#live.delete(stream);
    this.#discover();
    this.#reader(stream).ended = true;
    this.#settled = false;
    this.#allDue();
    this.#scheduleDrain();
  }

  appended(stream: string): void {
    if (!this.#streams.has(stream)) this.#discover();
    this.#due.add(this.#reader(stream));
    this.#scheduleDrain();
  }

  drain(): void {
    // A session that ends behind the stop: what it told is delivered after the next start.
    if (this.#stopped) return;
    this.#discover();
    this.#allDue();
    while (!this.#stuck && this.#round());
    this.#settle();
  }

  async flush(): Promise<Result<void, Fault>> {
    this.drain();
    return await this.#sync();
  }

  async reopenFile(): Promise<Result<void, Fault>> {
    const synced = await this.flush();
    if (!synced.ok) return synced;
    const reopened = this.#options.file.reopen();
    // At once, so that the cursor never speaks of the old file once the new one has lines.
    if (reopened.ok) this.#tell(this.#record(), false);
    return reopened;
  }

  backlog(): number {
    let bytes = 0;
    for (const reader of this.#streams.values()) bytes += reader.backlog();
    return bytes;
  }

  async stop(): Promise<void> {
    await this.flush();
    this.#stopped = true;
    clearInterval(this.#poll);
    for (const timer of [this.#retryTimer, this.#syncTimer])
      if (timer !== null) clearTimeout(timer);
    if (this.#drainTimer !== null) clearImmediate(this.#drainTimer);
    for (const reader of this.#streams.values()) reader.close();
    this.#journal.close();
  }

  #reader(stream: string): StreamReader {
    const known = this.#streams.get(stream);
    if (known !== undefined) return known;
    const created = createStreamReader({
      dir: this.#options.dir,
      stream,
      ended: !this.#live.has(stream),
      offsets: this.#offsetsAtStart,
      torn: (segment, bytes) => this.#options.log.warn("spool-line-torn", { segment, bytes }),
    });
    this.#streams.set(stream, created);
    return created;
  }

  #discover(): void {
    const names = readdirSync(this.#options.dir)
      .filter((file) => !this.#finished.has(file))
      .map(parseSegmentFile)
      .filter((name) => name !== null)
      .sort((a, b) => a.number - b.number);
    for (const name of names) this.#reader(name.stream).found(name.number);
  }

  #allDue(): void {
    for (const reader of this.#streams.values()) this.#due.add(reader);
  }

  #onPoll(): void {
    this.#discover();
    this.#allDue();
    this.#scheduleDrain();
    // Again, for what could not be written the first time.
    if (this.#settled && !this.#stuck) this.#options.drained(this.#live);
    if (!this.#options.file.moved()) return;
    this.#options.log.info("event-file-moved");
    void this.reopenFile().then((reopened) => {
      if (!reopened.ok) this.#report(reopened.error);
    });
  }

  #scheduleDrain(): void {
    if (this.#stopped || this.#stuck || this.#drainTimer !== null) return;
    this.#drainTimer = setImmediate(() => {
      this.#drainTimer = null;
      // One chunk of each stream a turn: the parent stays responsive while a backlog is worked off.
      if (this.#round()) this.#scheduleDrain();
      else this.#settle();
    });
  }

  /** Takes at most one chunk from every stream that is due; false when nothing is left to take. */
  #round(): boolean {
    for (const reader of this.#due) {
      const chunk = reader.read();
      const some = typeof chunk !== "string";
      if (some && !this.#deliver(reader, chunk)) return false;
      // Most often that was all: looked at again at once, not in a turn of its own.
      const last = !some || (chunk.length < READ_CHUNK_BYTES / 2 && isNothing(reader.read()));
      if (last) this.#due.delete(reader);
    }
    return this.#due.size > 0;
  }

  #deliver(reader: StreamReader, chunk: Buffer): boolean {
    const { events, forFile, forOutbox, damaged } = this.#sort(reader, chunk);
    const appended = this.#append(forFile, forOutbox, events);
    if (!appended.ok) {
      this.#stick(appended.error);
      return false;
    }
    for (const event of events) {
      this.#open.observe(event, reader.stream);
      this.#options.observed?.(event);
    }
    reader.advance(chunk.length);
    this.#markDirty();
    if (damaged > 0) this.#options.damaged?.(damaged);
    return true;
  }

  /** Which lines are still to be appended where; `events` are those that are new to the event file. */
  #sort(reader: StreamReader, chunk: Buffer): Sorted {
    const sorted = {
      events: [] as SpooledEvent[],
      forFile: [] as Buffer[],
      forOutbox: [] as Buffer[],
      damaged: 0,
    };
    // A stream of this run has told nothing before.
    const already = this.#live.has(reader.stream) ? null : this.#already;
    for (const line of splitLines(chunk)) {
      const text = openLine(line);
      // A line of an earlier version has no checksum that would speak for it.
      const read = text === line ? parseSpooledEvent : readSpooledEvent;
      const event = text === null ? null : read(text);
      if (text === null || event === null) {
        this.#options.log.error("spool-line-damaged", { stream: reader.stream });
        sorted.damaged += 1;
        continue;
      }
      if (already?.inFile.has(event) !== true) {
        sorted.events.push(event);
        sorted.forFile.push(text);
      }
      if (already?.inOutbox?.has(event) !== true) sorted.forOutbox.push(line);
    }
    return sorted;
  }

  /** To both or to none. */
  #append(
    forFile: readonly Buffer[],
    forOutbox: readonly Buffer[],
    events: readonly SpooledEvent[],
  ): Result<void, Fault> {
    const { file, outbox } = this.#options;
    const before = outbox?.end ?? 0;
    if (outbox !== undefined && forOutbox.length > 0) {
      const appended = outbox.append(Buffer.concat(forOutbox));
      if (!appended.ok) return appended;
    }
    if (forFile.length === 0) return ok(undefined);
    const appended = file.append(Buffer.concat(forFile), events);
    if (!appended.ok) outbox?.takeBack(before);
    return appended;
  }

  /** Everything that dead writers left is delivered: their sessions can be closed. */
  #settle(): void {
    if (this.#stuck || this.#settled) return;
    for (const reader of this.#streams.values()) {
      if (reader.ended && reader.read() !== "finished") return;
    }
    this.#settled = true;
    this.#already = null;
    this.#markDirty();
    this.#options.drained(this.#live);
  }

  #markDirty(): void {
    this.#dirty = true;
    if (this.#syncTimer !== null || this.#stopped) return;
    this.#syncTimer = setTimeout(() => {
      this.#syncTimer = null;
      void this.#sync();
    }, SYNC_DELAY_MS);
  }

  async #sync(): Promise<Result<void, Fault>> {
    while (this.#syncing !== null) await this.#syncing;
    if (!this.#dirty) return ok(undefined);
    this.#dirty = false;
    // Taken before waiting: what is delivered meanwhile belongs to the next record.
    const whole = this.#whole;
    const record = this.#record();
    const finished = [...this.#finished.keys()];
    this.#syncing = this.#syncBoth();
    const synced = await this.#syncing;
    this.#syncing = null;
    if (!synced.ok) {
      this.#whole = true;
      this.#stick(synced.error);
    } else if (this.#tell(record, whole)) this.#deleteSegments(finished);
    return synced;
  }

  async #syncBoth(): Promise<Result<void, Fault>> {
    const { file, outbox } = this.#options;
    const [ofFile, ofOutbox] = await Promise.all([file.sync(), outbox?.sync() ?? ok(undefined)]);
    return ofFile.ok ? ofOutbox : ofFile;
  }

  /** The state as of now, in writing: it is kept only after the event file has been synced. */
  #record(): string {
    const offsets: Record<string, number> = {};
    for (const reader of this.#streams.values()) {
      Object.assign(offsets, reader.offsets());
      for (const [segment, offset] of reader.takeFinished()) this.#finished.set(segment, offset);
    }
    const changes = this.#open.takeChanges();
    return writtenRecord({
      file: this.#options.file.position,
      ...(this.#options.outbox === undefined ? {} : { outbox: this.#options.outbox.end }),
      offsets: { ...offsets, ...Object.fromEntries(this.#finished) },
      sessions: Object.fromEntries(this.#whole ? this.#open.all : changes),
    });
  }

  #tell(record: string, whole: boolean): boolean {
    try {
      if (whole) this.#journal.replace(record);
      else this.#journal.append(record);
      this.#whole = this.#journal.large;
      return true;
    } catch (error) {
      this.#whole = true;
      this.#options.log.error("delivery-journal-failed", { reason: describeError(error) });
      return false;
    }
  }

  /** Only after the record that says they are delivered is written. */
  #deleteSegments(segments: readonly string[]): void {
    for (const segment of segments) {
      try {
        unlinkSync(join(this.#options.dir, segment));
        this.#finished.delete(segment);
      } catch (error) {
        this.#options.log.error("spool-segment-not-deleted", {
          segment,
          reason: describeError(error),
        });
      }
    }
    for (const [stream, reader] of this.#streams) {
      if (!reader.ended || !reader.empty) continue;
      this.#streams.delete(stream);
      this.#due.delete(reader);
    }
  }

  /** The event file is not writable: events wait in the spool, and we try again. */
  #stick(fault: Fault): void {
    if (!this.#stuck) this.#report(fault);
    this.#stuck = true;
    this.#dirty = true;
    if (this.#retryTimer !== null || this.#stopped) return;
    this.#retryTimer = setTimeout(() => {
      this.#retryTimer = null;
      this.#stuck = false;
      this.#allDue();
      this.#scheduleDrain();
      this.#markDirty();
    }, RETRY_DELAY_MS);
  }

  #report(fault: Fault): void {
    this.#options.log.error("event-file-failed", { fault: describeFault(fault) });
  }
}

function isNothing(read: ReturnType<StreamReader["read"]>): boolean {
  return typeof read === "string";
}

interface Already {
  readonly inFile: AlreadyDelivered;
  readonly inOutbox: AlreadyDelivered | null;
}

interface Sorted {
  readonly events: readonly SpooledEvent[];
  readonly forFile: readonly Buffer[];
  readonly forOutbox: readonly Buffer[];
  readonly damaged: number;
}
