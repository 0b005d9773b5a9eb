import { mkdirSync } from "node:fs";
import { join } from "node:path";
import {
  describeError,
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
import { createContentFile, type ContentFile } from "./content-file.js";
import { createEncryptedFile } from "./encrypted-file.js";
import { createPlainFile } from "./growing-file.js";
import { encodeDumpEntry, encodeDumpHeader, isTyped } from "./guacamole-dump.js";
import { contentName, dayOf, recordingName, type RecordingFormat } from "./recording-names.js";
import {
  createRequestLog,
  encodeLogHeader,
  hasTyped,
  LOG_BUFFER_BYTES_MAX,
} from "./request-log.js";

/** All recordings of a process. */
export interface Recordings {
  /** `lost` is told once, when a recording of this session has a gap or can not be written. */
  open(facts: SessionFacts, lost: (fault: Fault) => void): SessionRecorder;
  /** Resolves when everything that was recorded so far is in the files. */
  flush(): Promise<void>;
}

/** The recordings of one session, one for each terminal channel, and one of the requests to a web console. */
export interface SessionRecorder {
  record(channel: ChannelId, entry: RecordEntry): void;
  close(): void;
}

export interface RecordingsOptions {
  /** `<stateDir>/recordings`; files are `<folder>/YYYY/MM/DD/<session>-<channel>.cast`. */
  readonly folder: string;
  /** Absent: recordings are readable for whoever may read the files. */
  readonly encryption?: RecordingEncryption;
  readonly wallOf: (at: Micros) => WallMicros;
  readonly log: { warn(event: string, facts: Readonly<Record<string, unknown>>): void };
}

/** Public keys of the age format; who holds one of the private keys can read. */
export interface RecordingEncryption {
  readonly recipients: readonly string[];
  /** What was typed goes into a file of its own, for these; absent: it stands with the rest. */
  readonly inputRecipients?: readonly string[];
}

type ContentEntry = Extract<RecordEntry, { type: "content" | "content-end" }>;
type Entry = Exclude<RecordEntry, RecordStart | ContentEntry>;

/** One file of a recording. */
interface Track {
  readonly takes: (entry: Entry) => boolean;
  /** The text of an entry, in the format of the recording; "" when there is none to it. */
  readonly encode: (entry: Entry) => string;
  readonly file: CastFile;
  /** Entries that found no room since the last one that did. */
  dropped: number;
}

type Recording = readonly Track[];

export function createRecordings(options: RecordingsOptions): Recordings {
  const ending = new Set<Promise<void>>();

  function end(files: readonly { end(): Promise<void> }[]): void {
    for (const file of files) {
      const ended = file.end().finally(() => ending.delete(ended));
      ending.add(ended);
    }
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
  readonly end: (files: readonly { end(): Promise<void> }[]) => void;
}): SessionRecorder {
  const { options, facts } = deps;
  const recordings = new Map<ChannelId, Recording>();
  const contents = new Map<number, ContentFile>();
  let told = false;

  function lose(problem: Fault): void {
    if (told) return;
    told = true;
    options.log.warn("recording-lost", { session: facts.id, fault: describeFault(problem) });
    deps.lost(problem);
  }

  /** Of the day; null where it can not be made, which is told. */
  function folderAt(wall: WallMicros): string | null {
    const folder = join(options.folder, ...dayOf(wall));
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      return folder;
    } catch (error) {
      lose(fault("CHP_RECORDING_WRITE", `${folder}: ${describeError(error)}`));
      return null;
    }
  }

  function start(channel: ChannelId, entry: RecordStart): void {
    const wall = options.wallOf(entry.at);
    const folder = folderAt(wall);
    if (folder === null) return;
    const format = formatOf(facts, channel);
    const tracks = tracksFor(options.encryption).map(
      ({ input, recipients, takes, parts }): Track => {
        const encrypted = recipients !== null;
        const name = recordingName({ session: facts.id, channel, format, input, encrypted });
        const path = join(folder, name);
        const file =
          recipients === null ? createPlainFile(path) : createEncryptedFile(path, recipients);
        const encode = encoderFor(format, entry, parts);
        const room = format === "web" ? { bufferBytesMax: LOG_BUFFER_BYTES_MAX } : {};
        const growing = createCastFile({ path, file, failed: lose, ...room });
        return { takes, encode, file: growing, dropped: 0 };
      },
    );
    recordings.set(channel, tracks);
    const header = HEADS[format](entry, { session: facts, channel, wall });
    for (const { file } of tracks) file.append(header);
  }

  function keep(channel: ChannelId, entry: ContentEntry): void {
    const { content } = entry;
    if (entry.type === "content") {
      const file = contents.get(content) ?? startContent(channel, entry);
      file?.append(entry.bytes);
      return;
    }
    const file = contents.get(content);
    contents.delete(content);
    if (file !== undefined) deps.end([file]);
  }

  function startContent(
    channel: ChannelId,
    { at, content, side }: Extract<ContentEntry, { type: "content" }>,
  ): ContentFile | null {
    const folder = folderAt(options.wallOf(at));
    if (folder === null) return null;
    const { encryption } = options;
    // What the person sends is theirs as what they type is.
    const typists = side === "person" ? encryption?.inputRecipients : undefined;
    const recipients = typists ?? encryption?.recipients ?? null;
    const encrypted = recipients !== null;
    const path = join(folder, contentName({ session: facts.id, channel, content, encrypted }));
    const file = encrypted ? createEncryptedFile(path, recipients) : createPlainFile(path);
    const kept = createContentFile({ path, file, cut: lose });
    contents.set(content, kept);
    return kept;
  }

  function add(track: Track, entry: Entry): void {
    // Encoded in any case: the decoder must see every byte.
    const lines = track.encode(entry);
    if (lines === "") return;
    const label = `recording gap: ${track.dropped} entries`;
    const gap = { type: "mark", at: entry.at, label } as const;
    const mark = track.dropped === 0 ? "" : track.encode(gap);
    if (track.file.append(mark + lines)) {
      track.dropped = 0;
      return;
    }
    track.dropped += 1;
    lose(fault("CHP_RECORDING_OVERFLOW", `${facts.id}: the disk does not keep up`));
  }

  return {
    record(channel, entry) {
      if (entry.type === "start") {
        start(channel, entry);
        return;
      }
      if (entry.type === "content" || entry.type === "content-end") {
        keep(channel, entry);
        return;
      }
      const recording = recordings.get(channel);
      if (recording === undefined) return; // could not be started, which was told
      for (const track of recording) if (track.takes(entry)) add(track, entry);
      if (entry.type !== "end") return;
      recordings.delete(channel);
      deps.end(filesOf(recording));
    },
    close() {
      for (const recording of recordings.values()) deps.end(filesOf(recording));
      recordings.clear();
      deps.end([...contents.values()]);
      contents.clear();
    },
  };
}

/** The pages of a web session are its channel 0; terminals in them are recorded as terminals. */
function formatOf({ protocol }: SessionFacts, channel: ChannelId): RecordingFormat {
  if (isDesktopProtocol(protocol)) return "guac";
  return protocol === "web" && channel === 0 ? "web" : "cast";
}

const HEADS: Readonly<Record<RecordingFormat, typeof encodeHeader>> = {
  cast: encodeHeader,
  guac: encodeDumpHeader,
  web: encodeLogHeader,
};

function filesOf(recording: Recording): readonly CastFile[] {
  return recording.map(({ file }) => file);
}

function encoderFor(
  format: RecordingFormat,
  start: RecordStart,
  parts: TrackPlan["parts"],
): Track["encode"] {
  if (format === "guac") return encodeDumpEntry;
  if (format === "web") return createRequestLog(start.at, parts);
  const cast = createAsciicast(start.at);
  return (entry) => cast.encode(entry);
}

interface TrackPlan {
  readonly input: boolean;
  /** Null: not encrypted. */
  readonly recipients: readonly string[] | null;
  readonly takes: Track["takes"];
  /** What was typed and what was shown, or one of them: an entry may hold both. */
  readonly parts: "all" | "shown" | "typed";
}

function tracksFor(encryption: RecordingEncryption | undefined): readonly TrackPlan[] {
  const recipients = encryption?.recipients ?? null;
  const typists = encryption?.inputRecipients;
  if (typists === undefined) {
    return [{ input: false, recipients, takes: () => true, parts: "all" }];
  }
  return [
    { input: false, recipients, takes: (entry) => !isInput(entry), parts: "shown" },
    {
      input: true,
      recipients: typists,
      takes: (entry) => isInput(entry) || hasTyped(entry) || entry.type === "end",
      parts: "typed",
    },
  ];
}

function isInput(entry: Entry): boolean {
  return entry.type === "input" || (entry.type === "instruction" && isTyped(entry.instruction));
}
