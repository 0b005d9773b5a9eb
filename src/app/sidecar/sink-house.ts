import { randomUUID } from "node:crypto";
import { join } from "node:path";
import type { EventDraft } from "../../events/index.js";
import { describeError, err, fault, ok, type Fault, type Result } from "../../kernel/index.js";
import { openOutbox, type Outbox, type StateDir } from "../../runtime/index.js";
import {
  createCourier,
  cursorFolder,
  forgetOtherCursors,
  openCursor,
  openDeadLetters,
  type Courier,
  type CourierClock,
  type CourierStatus,
} from "../../sinks/index.js";
import type { Config, Environment, SinkConfig } from "../config/index.js";
import type { Log } from "../log.js";

/** The sinks of the configuration, each with its courier, and the outbox that feeds them. */
export interface SinkHouse {
  /** Absent where no sink is configured: nothing is kept for nobody. */
  readonly outbox?: Outbox;
  /** False while an enforced sink is so far behind that nobody new may come in. */
  readonly room: () => boolean;
  status(): readonly CourierStatus[];
  start(tell: (event: EventDraft) => void): void;
  /** SIGHUP: files are opened anew. */
  reopen(): void;
  /** Tells what there is, to those that take it; the rest waits on the disk. */
  close(): Promise<void>;
}

export interface SinkHouseDeps {
  readonly config: Config;
  readonly state: StateDir;
  readonly env: Environment;
  readonly version: string;
  readonly log: Log;
  /** Beside those of the configuration: what is fed like a sink, as the scoring core is. */
  readonly furtherSinks?: readonly SinkConfig[];
}

/**
 * Beyond the configured limit by this part of it, events stay in the spool: the sessions that are open
 * when an enforced sink fails may still tell what they do. At least what is delivered in one piece.
 */
const OUTBOX_RESERVE = 0.25;
const OUTBOX_RESERVE_BYTES_MIN = 32 * 1024 * 1024;
/** The outbox is given back in pieces of this part of it, and of 8 MiB at most. */
const SEGMENTS_MIN = 8;
const SEGMENT_BYTES_MAX = 8 * 1024 * 1024;
/** How far behind sinks are is looked at so often. */
const LOOK_MS = 500;
/** A clean stop waits so long for sinks that take events; the others are told after the next start. */
const CLOSE_PATIENCE_MS = 5_000;

const NO_SINKS: SinkHouse = {
  room: () => true,
  status: () => [],
  start: () => undefined,
  reopen: () => undefined,
  close: () => Promise.resolve(),
};

export function openSinkHouse(deps: SinkHouseDeps): Result<SinkHouse, Fault> {
  const { config, state } = deps;
  const { outboxBytesMax } = config.events;
  const sinks = sinksOf(deps);
  forgetOtherCursors(cursorFolder(state.path), new Set(sinks.map(({ name }) => name)));
  if (sinks.length === 0) return ok(NO_SINKS);
  const outbox = openOutbox({
    dir: join(state.path, "outbox"),
    bytesMax: outboxBytesMax + Math.max(outboxBytesMax * OUTBOX_RESERVE, OUTBOX_RESERVE_BYTES_MIN),
    segmentBytesMax: Math.min(SEGMENT_BYTES_MAX, Math.ceil(outboxBytesMax / SEGMENTS_MIN)),
  });
  if (!outbox.ok) return outbox;
  const house = new OpenSinkHouse(deps, outbox.value);
  const failed = house.open();
  return failed === null ? ok(house) : err(failed);
}

function sinksOf({ config, furtherSinks = [] }: SinkHouseDeps): readonly SinkConfig[] {
  return [...config.events.sinks, ...furtherSinks];
}

class OpenSinkHouse implements SinkHouse {
  readonly outbox: Outbox;
  readonly #deps: SinkHouseDeps;
  readonly #couriers: Courier[] = [];
  #tell: (event: EventDraft) => void = () => undefined;
  #look: NodeJS.Timeout | null = null;
  #room = true;

  constructor(deps: SinkHouseDeps, outbox: Outbox) {
    this.#deps = deps;
    this.outbox = outbox;
  }

  /** Before anything is delivered: a cursor speaks of the outbox as it was left. */
  open(): Fault | null {
    for (const sink of sinksOf(this.#deps)) {
      const courier = this.#courierFor(sink);
      if (!courier.ok) {
        this.outbox.close();
        return courier.error;
      }
      this.#couriers.push(courier.value);
    }
    return null;
  }

  readonly room = (): boolean => this.#room;

  status(): readonly CourierStatus[] {
    return this.#couriers.map((courier) => courier.status());
  }

  start(tell: (event: EventDraft) => void): void {
    this.#tell = tell;
    for (const courier of this.#couriers) courier.start();
    this.#look = setInterval(() => this.#weigh(), LOOK_MS);
    this.#look.unref();
  }

  reopen(): void {
    for (const courier of this.#couriers) courier.reopen();
  }

  async close(): Promise<void> {
    if (this.#look !== null) clearInterval(this.#look);
    await Promise.all(this.#couriers.map((courier) => courier.stop(CLOSE_PATIENCE_MS)));
    this.#release();
    this.outbox.close();
  }

  #courierFor(sink: SinkConfig): Result<Courier, Fault> {
    const { config, state, env, version, log } = this.#deps;
    const made = sink.maker(env)({
      name: sink.name,
      format: sink.format,
      node: config.node,
      version,
      wallMs: () => Date.now(),
      uuid: () => randomUUID(),
    });
    if (!made.ok) return made;
    const folder = cursorFolder(state.path);
    try {
      const courier = createCourier(
        {
          source: this.outbox,
          sink: made.value,
          cursor: openCursor(folder, sink.name, this.outbox.end),
          deadLetters: openDeadLetters(folder, sink.name),
          clock: courierClock,
          random: () => Math.random(),
          log,
          news: {
            degraded: (name, reason) =>
              this.#tell({ type: "sink.degraded", data: { sink: name, reason } }),
            recovered: (name, { degradedMs, dropped }) =>
              this.#tell({
                type: "sink.recovered",
                data: { sink: name, degradedMs, ...(dropped === 0 ? {} : { dropped }) },
              }),
            saved: () => this.#release(),
          },
        },
        { ...sink, version },
      );
      return ok(courier);
    } catch (error) {
      const why = describeError(error);
      return err(fault("CHP_RUNTIME_OUTBOX", `${folder}: ${why}`));
    }
  }

  #release(): void {
    this.outbox.release(Math.min(...this.#couriers.map(({ position }) => position)));
  }

  /** The policy of a full outbox: enforced sinks close the door, the others lose their oldest events. */
  #weigh(): void {
    const { config, log } = this.#deps;
    const { outboxBytesMax } = config.events;
    const floor = this.outbox.end - outboxBytesMax;
    let behind = "";
    for (const courier of this.#couriers) {
      if (courier.position >= floor) continue;
      if (courier.enforced) behind = courier.name;
      else courier.dropBefore(floor);
    }
    const room = behind === "";
    if (room !== this.#room) {
      if (room) log.info("outbox-has-room");
      else log.error("outbox-full", { sink: behind });
    }
    this.#room = room;
  }
}

const courierClock: CourierClock = {
  nowMs: () => performance.now(),
  wallMs: () => Date.now(),
  sleep: (ms, signal) =>
    new Promise((settled) => {
      const end = () => {
        clearTimeout(timer);
        signal.removeEventListener("abort", end);
        settled();
      };
      const timer = setTimeout(end, ms);
      if (signal.aborted) end();
      else signal.addEventListener("abort", end, { once: true });
    }),
};
