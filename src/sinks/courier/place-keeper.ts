import { describeError } from "../../kernel/index.js";
import type { Cursor } from "./cursor.js";
import type { CourierLog, CourierNews } from "./ports.js";

/** The cursor is written at most this often; what it lags behind is told twice after a crash. */
const SAVE_DELAY_MS = 200;

export interface PlaceDeps {
  readonly sink: string;
  readonly cursor: Cursor;
  readonly log: CourierLog;
  readonly news: CourierNews;
  /** Everything before it is told. */
  readonly told: () => number;
}

/** Writes down how far a sink has been told; a disk that fails is told once, and tried again. */
export class PlaceKeeper {
  readonly #deps: PlaceDeps;
  #saved: number;
  #saving: Promise<void> = Promise.resolve();
  #failing = false;
  #timer: NodeJS.Timeout | null = null;
  #closed = false;

  constructor(deps: PlaceDeps, saved: number) {
    this.#deps = deps;
    this.#saved = saved;
  }

  get saved(): number {
    return this.#saved;
  }

  schedule(): void {
    if (this.#closed) return;
    this.#timer ??= setTimeout(() => void this.#due(), SAVE_DELAY_MS);
  }

  /** The last place, and then nothing more. */
  async close(): Promise<void> {
    this.#closed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#save();
  }

  /** Nothing falls due before the disk has had the last place. */
  async #due(): Promise<void> {
    await this.#save();
    this.#timer = null;
    if (this.#deps.told() !== this.#saved) this.schedule();
  }

  /** One after the other: all of them write to one file. */
  #save(): Promise<void> {
    this.#saving = this.#saving.then(() => this.#write(this.#deps.told()));
    return this.#saving;
  }

  async #write(position: number): Promise<void> {
    const { cursor, news, log, sink } = this.#deps;
    if (position === this.#saved) return;
    try {
      await cursor.save(position);
      this.#saved = position;
      this.#failing = false;
      news.saved();
    } catch (error) {
      if (!this.#failing)
        log.error("sink-cursor-not-saved", { sink, reason: describeError(error) });
      this.#failing = true;
    }
  }
}
