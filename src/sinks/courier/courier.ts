import { describeError, describeFault, type Fault } from "../../kernel/index.js";
import {
  render,
  shorten,
  storyOf,
  type FormatName,
  type FormatOptions,
  type Story,
} from "../format/index.js";
import type { Parcel, Receipt, RefusedParcel, Sink } from "../sink.js";
import { readToldEvent, typeOfLine, type ToldEvent } from "../told-event.js";
import { createAlertGroups, type AlertGroups } from "./alert-groups.js";
import { pauseMs } from "./backoff.js";
import { Batch } from "./batch.js";
import type { Cursor } from "./cursor.js";
import type { DeadLetters } from "./dead-letters.js";
import { createFilter, createTypeFilter, type SinkFilter, type Wanted } from "./filter.js";
import { createHealth, type Health } from "./health.js";
import { PlaceKeeper } from "./place-keeper.js";
import type { CourierClock, CourierLog, CourierNews, EventSource } from "./ports.js";

/**
 * Carries events from the outbox to one sink: every one that the sink's filter wants, at least once,
 * in order, from where it stopped before. Holds one batch in memory, whatever the sink does; what
 * waits, waits on the disk.
 */
export interface Courier {
  readonly name: string;
  readonly enforced: boolean;
  /** Everything before it is told, and the cursor on the disk says so. */
  readonly position: number;
  start(): void;
  /** Best effort: what is before `position` is not told any more, and counted. */
  dropBefore(position: number): void;
  status(): CourierStatus;
  reopen(): void;
  /** Tells what there is, for at most `patienceMs`; the rest is told after the next start. */
  stop(patienceMs: number): Promise<void>;
}

export interface CourierStatus {
  readonly name: string;
  readonly enforced: boolean;
  /** Bytes of events that wait. */
  readonly backlogBytes: number;
  readonly told: number;
  readonly dropped: number;
  /** In the file of dead letters. */
  readonly refused: number;
  /** Attempts after which something was left to be tried again. */
  readonly failures: number;
  /** Age of the oldest event in hand; 0 when there is none. */
  readonly lagMs: number;
  readonly degraded: boolean;
}

export interface CourierDeps {
  readonly source: EventSource;
  readonly sink: Sink;
  readonly cursor: Cursor;
  readonly deadLetters: DeadLetters;
  readonly clock: CourierClock;
  /** 0 to 1. */
  readonly random: () => number;
  readonly log: CourierLog;
  readonly news: CourierNews;
}

export interface CourierOptions extends FormatOptions {
  readonly name: string;
  readonly enforced: boolean;
  readonly format: FormatName;
  readonly filter: SinkFilter;
  readonly batch: BatchOptions;
  /** Alerts of one rule within this time are told as one, with a count. */
  readonly groupMs?: number;
  /** Longer texts are cut, and marked as cut. */
  readonly textBytesMax?: number;
  readonly retry: { readonly firstMs: number; readonly mostMs: number };
}

export interface BatchOptions {
  readonly eventsMax: number;
  readonly bytesMax: number;
  /** Waits so long for more before it tells a batch that is not full; 0: at once. */
  readonly lingerMs: number;
  /** With `lingerMs`: an event at least this severe does not wait. */
  readonly urgent?: SinkFilter;
}

/** An attempt that takes longer is broken off: its receiver is taken for dead. */
const ATTEMPT_MS_MAX = 60_000;
/** After a fault of our own disk. */
const READ_PAUSE_MS = 1_000;
const NEWLINE = 0x0a;

export function createCourier(deps: CourierDeps, options: CourierOptions): Courier {
  return new SinkCourier(deps, options);
}

class SinkCourier implements Courier {
  readonly name: string;
  readonly enforced: boolean;
  readonly #deps: CourierDeps;
  readonly #options: CourierOptions;
  readonly #wanted: Wanted;
  readonly #typeWanted: (type: string) => boolean;
  readonly #urgent: Wanted | null;
  readonly #groups: AlertGroups | null;
  readonly #health: Health;
  /** Aborted when it must stop at once. */
  readonly #stop = new AbortController();
  readonly #batch: Batch;
  readonly #place: PlaceKeeper;
  /** Where the next line is read. */
  #read: number;
  #floor = 0;
  #ending = false;
  #wake: AbortController | null = null;
  #attempt: AbortController | null = null;
  #running: Promise<void> | null = null;
  readonly #counts = { told: 0, dropped: 0, refused: 0, failures: 0 };

  constructor(deps: CourierDeps, options: CourierOptions) {
    this.#deps = deps;
    this.#options = options;
    this.name = options.name;
    this.enforced = options.enforced;
    this.#wanted = createFilter(options.filter);
    this.#typeWanted = createTypeFilter(options.filter);
    this.#urgent = options.batch.urgent === undefined ? null : createFilter(options.batch.urgent);
    this.#groups = options.groupMs === undefined ? null : createAlertGroups(options.groupMs);
    this.#health = createHealth(deps, options.name);
    // Never beyond the end: a power loss may have taken what was not synced, and it comes again.
    const from = Math.min(deps.cursor.position, deps.source.end);
    this.#read = Math.max(from, deps.source.start);
    this.#batch = new Batch(options.batch.lingerMs);
    const { cursor, log, news } = deps;
    const told = (): number => this.#told();
    this.#place = new PlaceKeeper({ sink: options.name, cursor, log, news, told }, this.#read);
  }

  get position(): number {
    return this.#place.saved;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  dropBefore(position: number): void {
    if (this.enforced || position <= this.#floor) return;
    this.#floor = position;
    if (this.#givenUp()) this.#attempt?.abort();
  }

  status(): CourierStatus {
    const { source } = this.#deps;
    return {
      name: this.name,
      enforced: this.enforced,
      backlogBytes: Math.max(0, source.end - this.#told()),
      ...this.#counts,
      lagMs: this.#lagMs(),
      degraded: this.#health.degraded,
    };
  }

  #lagMs(): number {
    const [oldest] = this.#batch.parcels;
    if (oldest === undefined) return 0;
    // Wall clocks jump: an event from the future does not lag.
    return Math.max(0, this.#deps.clock.wallMs() - oldest.event.timeMs);
  }

  reopen(): void {
    this.#deps.sink.reopen?.();
  }

  async stop(patienceMs: number): Promise<void> {
    this.#ending = true;
    this.#wake?.abort();
    if (this.#health.degraded) this.#abort();
    const timer = setTimeout(() => this.#abort(), patienceMs);
    await this.#running;
    clearTimeout(timer);
    this.#abort();
    await this.#place.close();
    await this.#deps.sink.close();
  }

  #abort(): void {
    this.#stop.abort();
    this.#wake?.abort();
    this.#attempt?.abort();
  }

  get #aborted(): boolean {
    return this.#stop.signal.aborted;
  }

  async #run(): Promise<void> {
    while (!this.#aborted) {
      await this.#waitForWork();
      const finished = this.#ending && this.#deps.source.end <= this.#read;
      if (!(await this.#readSome())) return;
      if (finished) {
        for (const event of this.#groups?.takeAll() ?? []) this.#add(event, this.#read);
        await this.#hand();
        return;
      }
    }
  }

  /** Until there are lines to read, a window of grouped alerts ends, or a batch has waited enough. */
  async #waitForWork(): Promise<void> {
    const { clock, source } = this.#deps;
    if (this.#ending || source.end > this.#read) return;
    const wake = new AbortController();
    this.#wake = wake;
    const due = this.#nextDueMs();
    if (due !== null) {
      void clock.sleep(Math.max(0, due - clock.nowMs()), wake.signal).then(() => wake.abort());
    }
    await source.more(this.#read, wake.signal);
    wake.abort();
  }

  #nextDueMs(): number | null {
    const dues = [this.#groups?.nextDueMs ?? null, this.#batch.dueMs].filter((ms) => ms !== null);
    return dues.length === 0 ? null : Math.min(...dues);
  }

  /** One chunk of lines; false when it was stopped before everything in it was told. */
  async #readSome(): Promise<boolean> {
    const { source, clock, log } = this.#deps;
    if (source.end > this.#read) {
      const chunk = await source.read(this.#read);
      if (!chunk.ok) {
        log.error("sink-can-not-read", { sink: this.name, fault: describeFault(chunk.error) });
        await clock.sleep(READ_PAUSE_MS, this.#stop.signal);
        return !this.#aborted;
      }
      if (!(await this.#take(chunk.value))) return false;
    }
    for (const event of this.#groups?.takeDue(clock.nowMs()) ?? []) this.#add(event, this.#read);
    const due = this.#batch.dueMs;
    const told = due === null || due > clock.nowMs() ? true : await this.#hand();
    this.#saveSoon();
    return told;
  }

  async #take({ lines, from }: { lines: Uint8Array; from: number }): Promise<boolean> {
    const { eventsMax, bytesMax } = this.#options.batch;
    this.#read = from;
    for (let start = 0; start < lines.length;) {
      const end = lines.indexOf(NEWLINE, start) + 1 || lines.length;
      this.#takeLine(lines.subarray(start, end), from + start);
      this.#read = from + end;
      start = end;
      const full = this.#batch.size >= eventsMax || this.#batch.bytes >= bytesMax;
      if (full && !(await this.#hand())) return false;
    }
    return true;
  }

  #takeLine(line: Uint8Array, at: number): void {
    const type = typeOfLine(line);
    if (type !== null && !this.#typeWanted(type)) return;
    const event = readToldEvent(line);
    if (event === null) {
      this.#counts.refused += 1;
      this.#deps.log.error("sink-line-damaged", { sink: this.name, at });
      this.#health.refused(1, "an event was damaged on the disk of the outbox, and is lost");
      return;
    }
    const story = storyOf(event);
    if (!this.#wanted(event, story)) return;
    if (this.#groups?.add(event, at, this.#deps.clock.nowMs()) === "held") return;
    this.#add(event, at, story);
  }

  #add(event: ToldEvent, at: number, told: Story | null = null): void {
    const { format, textBytesMax } = this.#options;
    const short = textBytesMax === undefined ? event : shorten(event, textBytesMax);
    const story = told !== null && short === event ? told : storyOf(short);
    const text = render(format, short, story, this.#options);
    const parcel = { id: event.id, event: short, story, format, text };
    const urgent = this.#urgent?.(short, story) === true;
    this.#batch.add(parcel, at, { nowMs: this.#deps.clock.nowMs(), urgent });
  }

  /** Tells the batch; false when it was stopped before that. */
  async #hand(): Promise<boolean> {
    for (const parcels of this.#batch.parts(this.#options.batch.bytesMax)) {
      if (parcels.length > 0 && !(await this.#carry(parcels))) return false;
    }
    this.#batch.clear();
    this.#saveSoon();
    return true;
  }

  async #carry(parcels: readonly Parcel[]): Promise<boolean> {
    let pending = parcels;
    for (let failures = 0; pending.length > 0;) {
      if (this.#givenUp()) return this.#drop(pending.length);
      if (this.#aborted) return false;
      const receipt = await this.#try(pending);
      if (receipt.splitUp === true && pending.length > 1) return this.#carryHalves(pending);
      const rest = await this.#settle(pending, receipt);
      const taken = pending.length - rest.length;
      pending = rest;
      if (rest.length === 0) this.#health.succeeded();
      else {
        failures = taken > 0 ? 1 : failures + 1;
        this.#counts.failures += 1;
        await this.#pause(failures, receipt);
      }
    }
    return true;
  }

  async #carryHalves(parcels: readonly Parcel[]): Promise<boolean> {
    const middle = Math.ceil(parcels.length / 2);
    return (
      (await this.#carry(parcels.slice(0, middle))) && (await this.#carry(parcels.slice(middle)))
    );
  }

  async #try(parcels: readonly Parcel[]): Promise<Receipt> {
    const attempt = new AbortController();
    this.#attempt = attempt;
    const timer = setTimeout(() => attempt.abort(), ATTEMPT_MS_MAX);
    try {
      return await this.#deps.sink.deliver(parcels, attempt.signal);
    } finally {
      clearTimeout(timer);
      this.#attempt = null;
    }
  }

  /** Counts what was taken and sets aside what was refused; answers what is to be tried again. */
  async #settle(pending: readonly Parcel[], receipt: Receipt): Promise<readonly Parcel[]> {
    const refused: readonly RefusedParcel[] =
      receipt.splitUp === true
        ? pending.map((parcel) => ({ parcel, reason: reasonOf(receipt.fault) }))
        : receipt.refused;
    if (refused.length > 0 && !(await this.#setAside(refused))) {
      return [...receipt.retry, ...refused.map(({ parcel }) => parcel)];
    }
    const retry = receipt.splitUp === true ? [] : receipt.retry;
    this.#counts.told += pending.length - retry.length - refused.length;
    return retry;
  }

  async #setAside(refused: readonly RefusedParcel[]): Promise<boolean> {
    const { deadLetters, clock, log } = this.#deps;
    try {
      await deadLetters.add(refused, clock.wallMs());
    } catch (error) {
      const reason = describeError(error);
      log.error("dead-letters-not-written", { sink: this.name, reason });
      return false;
    }
    this.#counts.refused += refused.length;
    this.#health.refused(refused.length, refused[0]?.reason ?? "");
    return true;
  }

  async #pause(failures: number, receipt: Receipt): Promise<void> {
    const { clock, random } = this.#deps;
    this.#health.failed(failures, reasonOf(receipt.fault));
    if (this.#ending && this.#health.degraded) this.#abort();
    const attempt = new AbortController();
    // Cut short by a stop, and by the order to drop what waits.
    this.#attempt = attempt;
    const pause = pauseMs(failures, { ...this.#options.retry, random }, receipt.retryAfterMs);
    if (!this.#aborted) await clock.sleep(pause, attempt.signal);
    this.#attempt = null;
  }

  /** A batch is dropped whole: at most one batch more is lost than has to be. */
  #givenUp(): boolean {
    return this.#batch.from !== null && this.#batch.from < this.#floor;
  }

  #drop(events: number): boolean {
    this.#counts.dropped += events;
    this.#health.dropped(events);
    return true;
  }

  /** Everything before it is told. */
  #told(): number {
    const told = this.#batch.from ?? this.#read;
    return Math.min(told, this.#groups?.heldFrom ?? told);
  }

  #saveSoon(): void {
    if (!this.#aborted) this.#place.schedule();
  }
}

function reasonOf(fault: Fault | undefined): string {
  return fault === undefined ? "no reason given" : describeFault(fault);
}
