import { decodeUtf8, type ChannelId } from "../../../kernel/index.js";
import type { RecordEntry } from "../../../model/index.js";
import type { Outbox } from "../../../session/index.js";
import { looksLikePassword, type StreamFacts, type StreamOrigin } from "../understanding/index.js";

/** How much is kept, in bytes. */
export interface ContentLimits {
  /** Of one file; 0: of none. */
  readonly file: number;
  /** Of one clipboard; 0: of none. */
  readonly clipboard: number;
  /** Of everything in a session. */
  readonly session: number;
}

/**
 * Evidence: what files and clipboards held, in files of their own beside the recording. It is written
 * behind the connection, which never waits for it. What may be a password is not kept.
 */
export interface ContentDesk {
  piece(stream: StreamOrigin, bytes: Uint8Array): void;
  /** Where it is kept, for the event that tells of the stream; nothing where it is not. */
  ended(stream: StreamFacts): ContentKept;
  /** The clipboard that came last may have been pasted as a password. */
  clipboardSecret(): void;
  /** The session is over. */
  end(): void;
}

export interface ContentKept {
  /** The beginning of its name; what is behind tells how it is stored. */
  readonly contentFile?: string;
  /** Fewer than the stream had: a limit was reached. */
  readonly contentBytes?: number;
}

/** Pieces of more files at once nobody sends by hand; each has a file that is open meanwhile. */
const OPEN_MAX = 8;
const NONE: ContentKept = {};

export function createContentDesk(deps: {
  readonly outbox: Outbox;
  readonly channel: ChannelId;
  readonly limits: ContentLimits | undefined;
  /** Stands in the recording. */
  readonly mark: (label: string) => void;
}): ContentDesk {
  return deps.limits === undefined ? NOTHING : new Contents({ ...deps, limits: deps.limits });
}

type Side = Extract<RecordEntry, { type: "content" }>["side"];

/** One that is on its way. */
interface Coming {
  readonly number: number;
  bytes: number;
}

/** A clipboard that was passed on: kept when it is known that it is no password. */
interface Waiting {
  readonly number: number;
  readonly side: Side;
  readonly bytes: Uint8Array;
}

class Contents implements ContentDesk {
  readonly #outbox: Outbox;
  readonly #channel: ChannelId;
  readonly #limits: ContentLimits;
  readonly #mark: (label: string) => void;
  /** Files, by stream: their pieces are handed on as they come. */
  readonly #files = new Map<number, Coming>();
  /** Clipboards, by stream: judged as a whole, so kept here until they end. */
  readonly #clipboards = new Map<number, Uint8Array[]>();
  #waiting: Waiting | null = null;
  #left: number;
  #last = 0;

  constructor(deps: {
    readonly outbox: Outbox;
    readonly channel: ChannelId;
    readonly limits: ContentLimits;
    readonly mark: (label: string) => void;
  }) {
    this.#outbox = deps.outbox;
    this.#channel = deps.channel;
    this.#limits = deps.limits;
    this.#mark = deps.mark;
    this.#left = deps.limits.session;
  }

  piece(stream: StreamOrigin, bytes: Uint8Array): void {
    if (stream.kind === "clipboard") this.#collect(stream.id, bytes);
    else this.#hand(stream, bytes);
  }

  #hand({ id, direction }: StreamOrigin, bytes: Uint8Array): void {
    let file = this.#files.get(id);
    if (file === undefined) {
      if (this.#files.size >= OPEN_MAX || this.#limits.file === 0 || this.#left === 0) return;
      file = { number: ++this.#last, bytes: 0 };
      this.#files.set(id, file);
    }
    const room = Math.min(this.#limits.file - file.bytes, this.#left);
    const kept = bytes.length <= room ? bytes : bytes.subarray(0, room);
    if (kept.length === 0) return;
    file.bytes += kept.length;
    this.#left -= kept.length;
    this.#write(file.number, sideOf(direction), kept);
  }

  #collect(id: number, bytes: Uint8Array): void {
    const pieces = this.#clipboards.get(id) ?? [];
    const room = Math.min(this.#limits.clipboard - lengthOf(pieces), this.#left);
    if (room <= 0) return;
    pieces.push(bytes.length <= room ? bytes : bytes.slice(0, room));
    this.#clipboards.set(id, pieces);
  }

  ended(stream: StreamFacts): ContentKept {
    return stream.kind === "clipboard" ? this.#clipboardEnded(stream) : this.#fileEnded(stream.id);
  }

  #fileEnded(id: number): ContentKept {
    const file = this.#files.get(id);
    if (file === undefined) return NONE;
    this.#files.delete(id);
    this.#close(file.number);
    return this.#told(file.number, file.bytes);
  }

  #clipboardEnded({ id, direction, text, secret }: StreamFacts): ContentKept {
    const pieces = this.#clipboards.get(id);
    this.#clipboards.delete(id);
    if (pieces === undefined) return NONE;
    // Another one: what stood in the clipboard can not be pasted any more.
    this.#settle();
    const bytes = joined(pieces, this.#left);
    // One that was refused on its way has no text yet.
    const words = text ?? decodeUtf8(bytes);
    if (bytes.length === 0 || secret === true || looksLikePassword(words.trim())) return NONE;
    this.#left -= bytes.length;
    this.#waiting = { number: ++this.#last, side: sideOf(direction), bytes };
    return this.#told(this.#last, bytes.length);
  }

  clipboardSecret(): void {
    if (this.#waiting === null) return;
    this.#mark(`content-${String(this.#waiting.number)} is not kept: it may be a password`);
    this.#waiting = null;
  }

  end(): void {
    this.#settle();
  }

  #settle(): void {
    if (this.#waiting === null) return;
    const { number, side, bytes } = this.#waiting;
    this.#waiting = null;
    this.#write(number, side, bytes);
    this.#close(number);
  }

  #told(number: number, contentBytes: number): ContentKept {
    const { id } = this.#outbox.session;
    const contentFile = `${id}-${String(this.#channel)}.content-${String(number)}`;
    return { contentFile, contentBytes };
  }

  #write(content: number, side: Side, bytes: Uint8Array): void {
    this.#add({ type: "content", at: this.#outbox.at, content, side, bytes });
  }

  #close(content: number): void {
    this.#add({ type: "content-end", at: this.#outbox.at, content });
  }

  #add(entry: RecordEntry): void {
    this.#outbox.add({ kind: "record", channel: this.#channel, entry });
  }
}

function sideOf(direction: StreamOrigin["direction"]): Side {
  return direction === "from-client" ? "person" : "target";
}

function lengthOf(pieces: readonly Uint8Array[]): number {
  return pieces.reduce((sum, { length }) => sum + length, 0);
}

function joined(pieces: readonly Uint8Array[], bytesMax: number): Uint8Array {
  const whole = new Uint8Array(lengthOf(pieces));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole.subarray(0, bytesMax);
}

const NOTHING: ContentDesk = {
  piece: () => undefined,
  ended: () => NONE,
  clipboardSecret: () => undefined,
  end: () => undefined,
};
