import {
  closeSync,
  fsync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  renameSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { describeError, err, fault, ok, type Fault, type Result } from "../kernel/index.js";
import { eventPayload, payloadOf } from "./chain.js";
import { findLogEnd, type LogEnd } from "./log-end.js";
import { hidePrivate, type LoggedText } from "./private-fields.js";
import { createRecordLines } from "./record-lines.js";
import { writeWhole } from "./replace-file.js";
import { segmentName } from "./segments.js";
import { openSessionKeys, type SessionKeys } from "./session-keys.js";
import {
  createSigningKey,
  openSigningKey,
  otherKeys,
  retireOtherKeys,
  rotationStatement,
  sealStatement,
  type SigningKey,
} from "./signing-keys.js";
import { HEAD_FILE } from "./verify-log.js";

/** The log that can not be altered without showing it: every event, in the order of delivery. */
export interface SealedLog {
  /**
   * Appends each event once: those that stand among the newest already are passed over. On a
   * fault nothing of them is left in the log.
   */
  append(events: readonly LoggedText[]): Result<void, Fault>;
  /** Signs what was appended since the last seal; answers the seal, or null when there was nothing. */
  seal(): Result<Seal | null, Fault>;
  /** Waits until what was appended survives a power loss. */
  sync(): Promise<Result<void, Fault>>;
  /**
   * From now on another key signs. The old one seals what there is, hands over in a record, and is
   * destroyed when that is on the disk; whoever is killed meanwhile goes on with the old or the new one.
   */
  rotateKey(): Result<void, Fault>;
  /** When the key that signs was made, ms UTC. */
  readonly keyMadeAtMs: number;
  /** Seals and closes. */
  close(): Promise<Result<void, Fault>>;
}

export interface Seal {
  readonly head: string;
  readonly record: number;
  readonly segment: number;
  readonly key: string;
}

export interface SealedLogOptions {
  /** Segments and, in `keys/`, everything that signs and encrypts. */
  readonly dir: string;
  /** Names of the fields of `data` that are personal, by event type. */
  readonly sensitive: (type: string) => readonly string[];
  /** UTC now, RFC 3339. */
  readonly now: () => string;
  readonly segmentBytesMax?: number;
  /** Told about what a crash left at the end of the newest segment. */
  readonly mended?: (segment: string, bytes: number) => void;
}

/** Large enough to make a new file a rare thing, small enough to verify, copy and expire one. */
export const SEALED_SEGMENT_BYTES_MAX = 64 * 1024 * 1024;

/** Opens the log and goes on where it ends. Refuses to go on behind a record that was altered. */
export function openSealedLog(options: SealedLogOptions): Result<SealedLog, Fault> {
  const keysDir = join(options.dir, "keys");
  try {
    mkdirSync(options.dir, { recursive: true, mode: 0o700 });
  } catch (error) {
    return err(fault("CHP_SEALING_WRITE", `${options.dir}: ${describeError(error)}`));
  }
  const end = findLogEnd(options.dir, options.mended);
  if (!end.ok) return end;
  const key = openSigningKey(keysDir, end.value.key);
  if (!key.ok) return key;
  const finished = finishRotation(options.dir, end.value, key.value);
  if (!finished.ok) return finished;
  const sessions = openSessionKeys(keysDir);
  if (!sessions.ok) return sessions;
  return ok(new AppendedLog(options, { key: key.value, sessions: sessions.value, end: end.value }));
}

/** What a kill in the middle of a rotation has left: a key that never signed, or one that is given up. */
function finishRotation(dir: string, { segment }: LogEnd, key: SigningKey): Result<void, Fault> {
  const keysDir = join(dir, "keys");
  try {
    if (otherKeys(keysDir, key).length === 0) return ok(undefined);
    if (segment >= 0) syncFile(join(dir, segmentName(segment)));
    retireOtherKeys(keysDir, key);
    return ok(undefined);
  } catch (error) {
    return err(fault("CHP_SEALING_KEY", `${keysDir}: ${describeError(error)}`));
  }
}

function syncFile(path: string): void {
  const fd = openSync(path, "r");
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

interface LogDeps {
  readonly key: SigningKey;
  readonly sessions: SessionKeys;
  readonly end: LogEnd;
}

class AppendedLog implements SealedLog {
  readonly #options: SealedLogOptions;
  readonly #sessions: SessionKeys;
  readonly #end: LogEnd;
  #key: SigningKey;
  #fd: number | null = null;
  #dirty = false;
  /** Set while a part of a record may stand behind the last whole one. */
  #torn = false;

  constructor(options: SealedLogOptions, { key, sessions, end }: LogDeps) {
    this.#options = options;
    this.#key = key;
    this.#sessions = sessions;
    this.#end = end;
  }

  append(events: readonly LoggedText[]): Result<void, Fault> {
    const fresh = events.filter(({ id }) => !this.#end.seen.has(id));
    if (fresh.length === 0) return ok(undefined);
    return this.#attempt(() => {
      this.#openSegment();
      this.#write(fresh.map((event) => (n) => eventPayload(n, this.#hidden(event))));
      for (const { id } of fresh) this.#end.seen.add(id);
    });
  }

  seal(): Result<Seal | null, Fault> {
    if (this.#end.unsealedFrom >= this.#end.next) return ok(null);
    return this.#attempt(() => {
      this.#openSegment();
      return this.#writeSeal();
    });
  }

  async sync(): Promise<Result<void, Fault>> {
    try {
      // The keys first: an event that nobody can read again would be a lost one.
      await this.#sessions.sync();
      if (this.#dirty && this.#fd !== null) await this.#syncSegment(this.#fd);
      return ok(undefined);
    } catch (error) {
      this.#dirty = true;
      return err(fault("CHP_SEALING_WRITE", `${this.#options.dir}: ${describeError(error)}`));
    }
  }

  async #syncSegment(fd: number): Promise<void> {
    const { segment } = this.#end;
    this.#dirty = false;
    try {
      await fsyncLater(fd);
    } catch (error) {
      // A segment that was finished meanwhile was synced before it was closed.
      if (segment === this.#end.segment) throw error;
    }
  }

  get keyMadeAtMs(): number {
    return this.#key.madeAtMs;
  }

  rotateKey(): Result<void, Fault> {
    return this.#attempt(() => {
      this.#openSegment();
      if (this.#end.unsealedFrom < this.#end.next) this.#writeSeal();
      const dir = join(this.#options.dir, "keys");
      const old = this.#key;
      const next = createSigningKey(dir);
      try {
        this.#writeHandover(old, next);
      } catch (error) {
        retireOtherKeys(dir, old);
        throw error;
      }
      this.#key = next;
      if (this.#fd !== null) fsyncSync(this.#fd);
      retireOtherKeys(dir, next);
    });
  }

  #writeHandover(old: SigningKey, next: SigningKey): void {
    this.#write([
      (n, head) =>
        payloadOf({
          kind: "rotate",
          n,
          head,
          at: this.#options.now(),
          from: old.public.id,
          to: next.public,
          signature: old.sign(rotationStatement(head, n, next.public)),
        }),
    ]);
  }

  async close(): Promise<Result<void, Fault>> {
    const sealed = this.seal();
    const synced = await this.sync();
    if (this.#fd !== null) closeSync(this.#fd);
    this.#fd = null;
    this.#sessions.close();
    return sealed.ok ? synced : sealed;
  }

  #hidden(event: LoggedText): string {
    const fields = this.#options.sensitive(event.type);
    if (fields.length === 0) return event.text;
    return hidePrivate(event, fields, () =>
      this.#sessions.keyFor(event.subject, () => personOf(event)),
    );
  }

  #openSegment(): void {
    const max = this.#options.segmentBytesMax ?? SEALED_SEGMENT_BYTES_MAX;
    if (this.#end.size > 0) {
      this.#fd ??= openSync(this.#path(this.#end.segment), "a", 0o600);
      if (this.#end.size < max) return;
      if (this.#end.unsealedFrom < this.#end.next) this.#writeSeal();
      fsyncSync(this.#fd);
      closeSync(this.#fd);
      this.#fd = null;
      this.#end.segment += 1;
      this.#end.size = 0;
    }
    // Size 0 as well: a segment whose opening found no room must still begin with it.
    const segment = Math.max(0, this.#end.segment);
    this.#fd ??= openSync(this.#path(segment), "a", 0o600);
    this.#end.segment = segment;
    this.#write([
      (n, previous) =>
        payloadOf({
          kind: "open",
          n,
          segment,
          previous,
          at: this.#options.now(),
          key: this.#key.public,
        }),
    ]);
  }

  #writeSeal(): Seal {
    const key = this.#key;
    this.#write([
      (n, head) =>
        payloadOf({
          kind: "seal",
          n,
          head,
          at: this.#options.now(),
          key: key.public.id,
          signature: key.sign(sealStatement(head, n)),
        }),
    ]);
    const { next, head, segment } = this.#end;
    this.#end.unsealedFrom = next;
    const seal = { head, record: next - 1, segment, key: key.public.id };
    const path = join(this.#options.dir, HEAD_FILE);
    writeFileSync(`${path}.new`, JSON.stringify({ n: seal.record, head }), { mode: 0o600 });
    renameSync(`${path}.new`, path);
    return seal;
  }

  /** Payloads of records, all of them or none: the file is cut back when the disk takes only a part. */
  #write(records: readonly ((n: number, head: string) => string)[]): void {
    if (this.#fd === null) return;
    let { next } = this.#end;
    const lines = createRecordLines(this.#end.head);
    for (const payloadAt of records) {
      lines.add(payloadAt(next, lines.head));
      next += 1;
    }
    const { bytes, head } = lines;
    // What an earlier write left and could not take back must be gone before anything follows it.
    if (this.#torn) ftruncateSync(this.#fd, this.#end.size);
    this.#torn = true;
    try {
      writeWhole(this.#fd, bytes);
      this.#torn = false;
    } catch (error) {
      ftruncateSync(this.#fd, this.#end.size);
      this.#torn = false;
      throw error;
    }
    this.#dirty = true;
    this.#end.next = next;
    this.#end.head = head;
    this.#end.size += bytes.length;
  }

  #path(segment: number): string {
    return join(this.#options.dir, segmentName(segment));
  }

  #attempt<T>(deed: () => T): Result<T, Fault> {
    try {
      return ok(deed());
    } catch (error) {
      return err(fault("CHP_SEALING_WRITE", `${this.#options.dir}: ${describeError(error)}`));
    }
  }
}

/** The disk may take its time; sessions must not. */
const fsyncLater = promisify(fsync);

function personOf({ text, dataAt }: LoggedText): string | null {
  const data = parsed(text.slice(dataAt, -1));
  const session = isObject(data) ? data["session"] : null;
  const person = isObject(session) ? session["person"] : null;
  return typeof person === "string" ? person : null;
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return null;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
