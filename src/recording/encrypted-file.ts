import { randomBytes } from "node:crypto";
import { open, rename, unlink, writeFile, type FileHandle } from "node:fs/promises";
import {
  CHUNK_BYTES,
  makeHeader,
  NONCE_BYTES,
  openPayload,
  type AgeHeader,
  type Payload,
} from "./age/index.js";
import { writeAt, type GrowingFile } from "./growing-file.js";
import { tailPath } from "./recording-names.js";

/** First bytes of a tail's nonce: the number of whole chunks that stand before it. */
export const TAIL_NUMBER_BYTES = 4;

/**
 * An age file that can be read whenever its writer dies. The format knows whole chunks of 64 KiB and a
 * last one; what fills no chunk yet stands in a second age file, the tail, which is replaced with every
 * write and goes when the recording is whole. Both have the same header and so the same file key; each
 * payload has a nonce of its own, so no key encrypts two texts. The nonce of a tail begins with the
 * number of chunks that it follows, so that one that is out of date is known.
 */
export function createEncryptedFile(path: string, recipients: readonly string[]): GrowingFile {
  return new EncryptedFile(path, recipients);
}

interface Writing {
  readonly file: FileHandle;
  readonly header: AgeHeader;
  readonly payload: Payload;
}

class EncryptedFile implements GrowingFile {
  readonly #path: string;
  readonly #recipients: readonly string[];
  #writing: Writing | null = null;
  /** Bytes of the file, up to its last whole chunk. */
  #size = 0;
  #chunks = 0;
  /** Text behind the last whole chunk; never empty once there was any, so that it can be the last. */
  #rest = Buffer.alloc(0);
  /** Bytes at the beginning of the next call that are in already: only the tail was not written. */
  #taken = 0;

  constructor(path: string, recipients: readonly string[]) {
    this.#path = path;
    this.#recipients = recipients;
  }

  async append(bytes: Buffer): Promise<void> {
    const writing = (this.#writing ??= await this.#begin());
    const text = Buffer.concat([this.#rest, bytes.subarray(this.#taken)]);
    const sealed: Buffer[] = [];
    let done = 0;
    // A chunk that fills up exactly stays: it may be the last.
    for (; text.length - done > CHUNK_BYTES; done += CHUNK_BYTES) {
      const number = this.#chunks + sealed.length;
      sealed.push(writing.payload.seal(text.subarray(done, done + CHUNK_BYTES), number, false));
    }
    const whole = Buffer.concat(sealed);
    await writeAt(writing.file, whole, this.#size);
    this.#size += whole.length;
    this.#chunks += sealed.length;
    this.#rest = text.subarray(done);
    this.#taken = bytes.length;
    await this.#writeTail(writing.header);
    this.#taken = 0;
  }

  async end(): Promise<void> {
    const writing = this.#writing;
    this.#writing = null;
    if (writing === null) return;
    const { file, payload } = writing;
    try {
      // What a failed write has left would stand behind the end.
      await file.truncate(this.#size);
      await writeAt(file, payload.seal(this.#rest, this.#chunks, true), this.#size);
    } finally {
      await file.close();
    }
    await unlink(tailPath(this.#path));
  }

  async #begin(): Promise<Writing> {
    const header = await makeHeader(this.#recipients);
    const nonce = randomBytes(NONCE_BYTES);
    const begin = Buffer.concat([header.bytes, nonce]);
    const file = await open(this.#path, "wx", 0o600);
    try {
      await writeAt(file, begin, 0);
    } catch (error) {
      // The next try makes it anew.
      await file.close();
      await unlink(this.#path);
      throw error;
    }
    this.#size = begin.length;
    return { file, header, payload: openPayload(header.fileKey, nonce) };
  }

  async #writeTail({ bytes, fileKey }: AgeHeader): Promise<void> {
    const nonce = randomBytes(NONCE_BYTES);
    nonce.writeUInt32BE(this.#chunks);
    const sealed = openPayload(fileKey, nonce).seal(this.#rest, 0, true);
    const path = tailPath(this.#path);
    await writeFile(`${path}.new`, Buffer.concat([bytes, nonce, sealed]), { mode: 0o600 });
    await rename(`${path}.new`, path);
  }
}
