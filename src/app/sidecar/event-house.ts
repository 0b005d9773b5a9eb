import { join } from "node:path";
import {
  describeFault,
  err,
  MICROS_PER_MS,
  ok,
  type Fault,
  type Result,
} from "../../kernel/index.js";
import { mendRecordings } from "../../recording/index.js";
import {
  createClock,
  createDelivery,
  createIds,
  createSpoolWriter,
  createTeller,
  markOfThisProcess,
  streamKey,
  waitForOldWriters,
  type Delivery,
  type EventFile,
  type OpenSession,
  type SpooledEvent,
  type SpoolWriter,
  type StateDir,
  type Teller,
} from "../../runtime/index.js";
import { openEventFile } from "../../sinks/file/index.js";
import type { Config, Environment, SinkConfig } from "../config/index.js";
import type { Log } from "../log.js";
import { createAuditHouse, NO_AUDIT, openAuditLog, type AuditHouse } from "./audit-house.js";
import { sealEventFile } from "./sealed-event-file.js";
import { openSinkHouse, type SinkHouse } from "./sink-house.js";
import { watchEventFile } from "./watched-event-file.js";
import { eventSource } from "./worker-settings.js";

/** Everything that keeps and delivers events, after it has put in order what an earlier run left. */
export interface EventHouse {
  readonly spool: SpoolWriter;
  readonly delivery: Delivery;
  readonly teller: Teller;
  readonly sinks: SinkHouse;
  readonly boot: string;
  /** False when so much waits that nobody new may come in. */
  readonly roomForEvents: () => boolean;
  /** A worker of this run has this stream. */
  streamStarted(stream: string): void;
  close(): Promise<void>;
}

export interface EventHouseDeps {
  readonly config: Config;
  readonly state: StateDir;
  readonly log: Log;
  /** Where secrets of sinks may be. */
  readonly env: Environment;
  readonly version: string;
  readonly furtherSinks?: readonly SinkConfig[];
  /** Told of every event once it is in the event file. */
  readonly observed?: (event: SpooledEvent) => void;
}

/** Undelivered events: at some 600 bytes each this is a million, many hours of a busy site. */
const SPOOL_BYTES_MAX = 512 * 1024 * 1024;
const BACKLOG_LOOK_MS = 1_000;

export async function openEventHouse(deps: EventHouseDeps): Promise<Result<EventHouse, Fault>> {
  const { config, state, log } = deps;
  await waitForOldWriters(state.spool, log);
  const file = openEventFile(config.events.file);
  if (!file.ok) return file;
  const { sealed: dir, rotateKeyMs } = config.events;
  if (dir === null) return withSinks(deps, { file: file.value, audit: NO_AUDIT });
  const sealed = openAuditLog(dir, log);
  if (!sealed.ok) {
    file.value.close();
    return sealed;
  }
  const options = { dir, ...(rotateKeyMs === undefined ? {} : { rotateKeyMs }) };
  const audit = createAuditHouse(sealed.value, log, options);
  return withSinks(deps, { file: sealEventFile(file.value, sealed.value), audit });
}

function withSinks(deps: EventHouseDeps, opened: Omit<Opened, "sinks">): Result<EventHouse, Fault> {
  const sinks = openSinkHouse(deps);
  if (sinks.ok) return ok(build(deps, { ...opened, sinks: sinks.value }));
  opened.file.close();
  return sinks;
}

interface Opened {
  readonly file: EventFile;
  readonly audit: AuditHouse;
  readonly sinks: SinkHouse;
}

function build(deps: EventHouseDeps, opened: Opened): EventHouse {
  const { audit, sinks } = opened;
  const { config, state, log, observed } = deps;
  const clock = createClock();
  const sink = "file";
  let degradedAt = clock.now();
  const file = watchEventFile(opened.file, {
    degraded(why) {
      degradedAt = clock.now();
      teller.tell({ type: "sink.degraded", data: { sink, reason: describeFault(why) } });
    },
    recovered() {
      const degradedMs = Math.round((clock.now() - degradedAt) / MICROS_PER_MS);
      log.info("event-file-recovered", { degradedMs });
      teller.tell({ type: "sink.recovered", data: { sink, degradedMs } });
    },
  });
  const boot = createIds().next();
  const stream = streamKey({
    role: "parent",
    process: markOfThisProcess(),
    startedMs: Date.now(),
  });
  /** Streams of this run, living and dead. */
  const ours = new Set([stream]);

  const delivery = createDelivery({
    dir: state.spool,
    file,
    log,
    ...(sinks.outbox === undefined ? {} : { outbox: sinks.outbox }),
    ...(observed === undefined ? {} : { observed }),
    damaged(events) {
      // Nothing brings them back; whoever counts shall know that the gap in a session is no attack on a sink.
      const reason = `${String(events)} event(s) were damaged on the disk of the spool, and are lost`;
      teller.tell({ type: "sink.degraded", data: { sink: "spool", reason } });
      const facts = { sink: "spool", degradedMs: 0, dropped: events };
      teller.tell({ type: "sink.recovered", data: facts });
    },
    drained(live) {
      for (const [id, session] of delivery.sessions) {
        if (!live.has(session.stream)) closeDead(id, session);
      }
    },
  });
  const spool = createSpoolWriter({
    dir: state.spool,
    stream,
    appended: () => delivery.appended(stream),
  });
  const teller: Teller = createTeller(
    { clock, spool, delivery, log },
    { source: eventSource(config), subject: `sidecar-${boot}` },
  );

  function closeDead(id: string, { stream: writer, openedAt }: OpenSession): void {
    teller.closeSession(id, ours.has(writer) ? "worker-died" : "sidecar-died");
    const facts = { session: id, openedAt, now: clock.wall() };
    for (const cast of mendRecordings(config.recording.folder, facts)) {
      log.info("recording-mended", { file: cast });
    }
  }

  let room = true;
  const look = setInterval(() => {
    const now = delivery.backlog() <= SPOOL_BYTES_MAX;
    if (now !== room) log.error(now ? "spool-has-room" : "spool-full");
    room = now;
  }, BACKLOG_LOOK_MS);
  look.unref();

  delivery.streamStarted(stream);
  delivery.drain();
  audit.start((event) => teller.tell(event));
  sinks.start((event) => teller.tell(event));
  return {
    spool,
    delivery,
    teller,
    sinks,
    boot,
    roomForEvents: () => room && sinks.room(),
    streamStarted(name) {
      ours.add(name);
      delivery.streamStarted(name);
    },
    async close() {
      clearInterval(look);
      await delivery.stop();
      await audit.close();
      await sinks.close();
      spool.close();
      file.close();
    },
  };
}

export function registryJournalPath(state: StateDir): string {
  return join(state.registry, "registry.journal");
}

export const asFaults = <T>(result: Result<T, Fault>): Result<T, readonly Fault[]> =>
  result.ok ? result : err([result.error]);
