import { mkdirSync } from "node:fs";
import { join } from "node:path";
import {
  describeFault,
  fault,
  type ChannelId,
  type Fault,
  type Micros,
  type WallMicros,
} from "../kernel/index.js";
import { isDesktopProtocol, type RecordEntry, type SessionFacts } from "../model/index.js";
import { createAsciicast, encodeHeader, type RecordStart } from "./asciicast.js";
import { createCastFile, type CastFile } from "./cast-file.js";
import { encodeDumpEntry } from "./guacamole-dump.js";

/** All recordings of a process. */
export interface Recordings {
  /** `lost` is told once, when a recording of this session has a gap or can not be written. */
  open(facts: SessionFacts, lost: (fault: Fault) => void): SessionRecorder;
  /** Resolves when everything that was recorded so far is in the files. */
  flush(): Promise<void>;
}

/** The recordings of one session, one file for each terminal channel. */
export interface SessionRecorder {
  record(channel: ChannelId, entry: RecordEntry): void;
  close(): void;
}

export interface RecordingsOptions {
  /** `<stateDir>/recordings`; files are `<folder>/YYYY/MM/DD/<session>-<channel>.cast`. */
  readonly folder: string;
  readonly wallOf: (at: Micros) => WallMicros;
  readonly log: { warn(event: string, facts: Readonly<Record<string, unknown>>): void };
}

interface Recording {
  /** The text of an entry, in the format of the recording; "" when there is none to it. */
  readonly encode: (entry: Exclude<RecordEntry, RecordStart>) => string;
  readonly file: CastFile;
  /** Entries that found no room since the last one that did. */
  dropped: number;
}

export function createRecordings(options: RecordingsOptions): Recordings {
  const ending = new Set<Promise<void>>();

  function end(recording: Recording): void {
    const ended = recording.file.end().finally(() => ending.delete(ended));
    ending.add(ended);
  }

  return {
    open: (facts, lost) => openSession({ options, facts, lost, end }),
    async flush() {
      await Promise.all(ending);
    },
  };
}

function openSession(deps: {
  readonly options: RecordingsOptions;
  readonly facts: SessionFacts;
  readonly lost: (fault: Fault) => void;
  readonly end: (recording: Recording) => void;
}): SessionRecorder {
  const { options, facts } = deps;
  const recordings = new Map<ChannelId, Recording>();
  let told = false;

  function lose(problem: Fault): void {
    if (told) return;
    told = true;
    options.log.warn("recording-lost", { session: facts.id, fault: describeFault(problem) });
    deps.lost(problem);
  }

  function start(channel: ChannelId, entry: RecordStart): void {
    const wall = options.wallOf(entry.at);
    const folder = join(options.folder, ...dayOf(wall));
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      lose(fault("CHP_RECORDING_WRITE", `${folder}: ${why}`));
      return;
    }
    if (isDesktopProtocol(facts.protocol)) {
      const path = join(folder, dumpFileName(facts.id, channel));
      const file = createCastFile({ path, failed: lose });
      recordings.set(channel, { encode: encodeDumpEntry, file, dropped: 0 });
      return;
    }
    const path = join(folder, castFileName(facts.id, channel));
    const cast = createAsciicast(entry.at);
    const file = createCastFile({ path, failed: lose });
    recordings.set(channel, { encode: (one) => cast.encode(one), file, dropped: 0 });
    file.append(encodeHeader(entry, { session: facts, channel, wall }));
  }

  function add(recording: Recording, entry: Exclude<RecordEntry, RecordStart>): void {
    // Encoded in any case: the decoder must see every byte.
    const lines = recording.encode(entry);
    if (lines === "") return;
    const label = `recording gap: ${recording.dropped} entries`;
    const gap = { type: "mark", at: entry.at, label } as const;
    const mark = recording.dropped === 0 ? "" : recording.encode(gap);
    if (recording.file.append(mark + lines)) {
      recording.dropped = 0;
      return;
    }
    recording.dropped += 1;
    lose(fault("CHP_RECORDING_OVERFLOW", `${facts.id}: the disk does not keep up`));
  }

  return {
    record(channel, entry) {
      if (entry.type === "start") {
        start(channel, entry);
        return;
      }
      const recording = recordings.get(channel);
      if (recording === undefined) return; // could not be started, which was told
      add(recording, entry);
      if (entry.type !== "end") return;
      recordings.delete(channel);
      deps.end(recording);
    },
    close() {
      for (const recording of recordings.values()) deps.end(recording);
      recordings.clear();
    },
  };
}

export function castFileName(session: string, channel: number): string {
  return `${session}-${channel}.cast`;
}

/** Of a desktop; guacd's own players take it. */
export function dumpFileName(session: string, channel: number): string {
  return `${session}-${channel}.guac`;
}

/** `["2026", "11", "20"]`, in UTC. */
export function dayOf(wall: WallMicros): readonly [string, string, string] {
  const [year = "", month = "", day = ""] = new Date(wall / 1_000).toISOString().split(/[-T]/);
  return [year, month, day];
}
