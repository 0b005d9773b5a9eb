import { rename } from "node:fs/promises";
import { describeError, fault, type Fault } from "../kernel/index.js";
import type { GrowingFile } from "./growing-file.js";
import { cutPath, tailPath } from "./recording-names.js";

/** The content of one file or clipboard that passed, written behind the data path in bounded memory. */
export interface ContentFile {
  /** Never waits and never fails; what finds no room, or no disk, cuts the content here. */
  append(bytes: Uint8Array): void;
  /** Resolves when it is as whole as it gets; one that was cut has its name changed to say so. */
  end(): Promise<void>;
}

export interface ContentFileOptions {
  readonly path: string;
  readonly file: GrowingFile;
  /** Told once: from here on nothing of it is kept. */
  readonly cut: (fault: Fault) => void;
  readonly waitingBytesMax?: number;
}

/** What waits for the disk: as much as a recording may have waiting. */
export const CONTENT_WAITING_BYTES_MAX = 1024 * 1024;
/** Worth a write; a crash loses so much of a content at most. One chunk of an encrypted file. */
const WRITE_BYTES = 64 * 1024;

export function createContentFile(options: ContentFileOptions): ContentFile {
  return new WrittenContent(options);
}

class WrittenContent implements ContentFile {
  readonly #options: ContentFileOptions;
  readonly #waitingBytesMax: number;
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #writingBytes = 0;
  #working: Promise<void> | null = null;
  #ending = false;
  #cut = false;

  constructor(options: ContentFileOptions) {
    this.#options = options;
    this.#waitingBytesMax = options.waitingBytesMax ?? CONTENT_WAITING_BYTES_MAX;
  }

  append(bytes: Uint8Array): void {
    if (this.#cut) return;
    if (this.#waitingBytes + this.#writingBytes + bytes.length > this.#waitingBytesMax) {
      this.#fail(fault("CHP_RECORDING_OVERFLOW", `${this.#options.path}: cut here`));
      return;
    }
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    if (this.#waitingBytes >= WRITE_BYTES) this.#write();
  }

  async end(): Promise<void> {
    this.#ending = true;
    // Again, where a write was just over and had not looked for what came since.
    while (this.#working !== null || this.#waitingBytes > 0) {
      this.#write();
      await this.#working;
    }
    const { path, file } = this.#options;
    try {
      await file.end();
    } catch (error) {
      this.#fail(lost(path, error));
    }
    if (this.#cut) await markCut(path);
  }

  #write(): void {
    this.#working ??= this.#drain().finally(() => (this.#working = null));
  }

  async #drain(): Promise<void> {
    const { path, file } = this.#options;
    const enough = (): boolean =>
      this.#waitingBytes > 0 && (this.#ending || this.#waitingBytes >= WRITE_BYTES);
    while (enough()) {
      const batch = Buffer.concat(this.#waiting);
      this.#waiting = [];
      this.#waitingBytes = 0;
      this.#writingBytes = batch.length;
      try {
        await file.append(batch);
      } catch (error) {
        // Not tried again: what comes behind a gap would be another file than the one that passed.
        this.#fail(lost(path, error));
      }
      this.#writingBytes = 0;
    }
  }

  #fail(why: Fault): void {
    if (this.#cut) return;
    this.#cut = true;
    this.#options.cut(why);
    if (why.code !== "CHP_RECORDING_WRITE") return;
    // The disk took no more; what came before the gap is written already.
    this.#waiting = [];
    this.#waitingBytes = 0;
  }
}

function lost(path: string, error: unknown): Fault {
  return fault("CHP_RECORDING_WRITE", `${path}: ${describeError(error)}`);
}

/** Of one that could not even be begun there is nothing to rename. */
async function markCut(path: string): Promise<void> {
  await rename(path, cutPath(path)).catch(() => undefined);
  await rename(tailPath(path), tailPath(cutPath(path))).catch(() => undefined);
}
