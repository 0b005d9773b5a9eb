import { ok, type Fault, type Result } from "../../kernel/index.js";
import type { SyslogStream } from "./stream.js";

/**
 * A way to a receiver over connections that come and go. Syslog has no acknowledgement, so what was
 * written shortly before a connection was lost may not have arrived: it is written again, first thing,
 * on the next connection, which is made for that even when there is nothing new. The receiver tells
 * repeated messages by their ids.
 */
export interface SyslogLine {
  write(bytes: Buffer, signal: AbortSignal): Promise<Result<void, Fault>>;
  close(): Promise<void>;
}

/** What was written longer ago, on a connection that stands, has arrived. */
const DOUBT_MS = 10_000;
/** More than a receiver and the network hold back; older writes are no longer doubted. */
const DOUBT_BYTES_MAX = 4 * 1024 * 1024;
const MEND_FIRST_MS = 500;
const MEND_MOST_MS = 30_000;

export function createSyslogLine(open: () => Promise<Result<SyslogStream, Fault>>): SyslogLine {
  return new MendedLine(open);
}

class MendedLine implements SyslogLine {
  readonly #open: () => Promise<Result<SyslogStream, Fault>>;
  #stream: SyslogStream | null = null;
  readonly #doubted: { readonly bytes: Buffer; readonly atMs: number }[] = [];
  /** Writers take turns. */
  #turn: Promise<unknown> = Promise.resolve();
  #mending: NodeJS.Timeout | null = null;
  readonly #closing = new AbortController();

  constructor(open: () => Promise<Result<SyslogStream, Fault>>) {
    this.#open = open;
  }

  write(bytes: Buffer, signal: AbortSignal): Promise<Result<void, Fault>> {
    return this.#inTurn(async () => {
      const ready = await this.#ready(signal);
      if (!ready.ok) return ready;
      const written = await ready.value.write(bytes, signal);
      if (written.ok) this.#doubt(bytes);
      return written;
    });
  }

  async close(): Promise<void> {
    this.#closing.abort();
    if (this.#mending !== null) clearTimeout(this.#mending);
    await this.#inTurn(async () => await this.#stream?.close());
  }

  /** A connection that has everything that is in doubt. */
  async #ready(signal: AbortSignal): Promise<Result<SyslogStream, Fault>> {
    if (this.#stream?.open === true) return ok(this.#stream);
    this.#stream = null;
    const opened = await this.#open();
    if (!opened.ok) return opened;
    const again = await opened.value.write(
      Buffer.concat(this.#doubted.map(({ bytes }) => bytes)),
      signal,
    );
    if (!again.ok) return again;
    this.#stream = opened.value;
    opened.value.onLost(() => this.#lost());
    return opened;
  }

  #doubt(bytes: Buffer): void {
    const now = performance.now();
    this.#doubted.push({ bytes, atMs: now });
    let held = this.#doubted.reduce((sum, one) => sum + one.bytes.length, 0);
    for (let first = this.#doubted[0]; first !== undefined; first = this.#doubted[0]) {
      if (now - first.atMs <= DOUBT_MS && held <= DOUBT_BYTES_MAX) return;
      held -= first.bytes.length;
      this.#doubted.shift();
    }
  }

  #lost(): void {
    const now = performance.now();
    const still = this.#doubted.filter(({ atMs }) => now - atMs <= DOUBT_MS);
    this.#doubted.splice(0, this.#doubted.length, ...still);
    this.#mendSoon(MEND_FIRST_MS);
  }

  #mendSoon(pauseMs: number): void {
    if (this.#doubted.length === 0 || this.#closing.signal.aborted || this.#mending !== null)
      return;
    this.#mending = setTimeout(() => {
      this.#mending = null;
      void this.#mend(pauseMs);
    }, pauseMs);
    this.#mending.unref();
  }

  async #mend(pauseMs: number): Promise<void> {
    const mended = await this.#inTurn(() => this.#ready(this.#closing.signal));
    if (!mended.ok) this.#mendSoon(Math.min(pauseMs * 2, MEND_MOST_MS));
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#turn.then(work);
    this.#turn = mine.catch(() => undefined);
    return mine;
  }
}
