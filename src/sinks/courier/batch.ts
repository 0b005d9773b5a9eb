import type { Parcel } from "../sink.js";

/** Events on their way to one sink, in order. */
export class Batch {
  readonly #lingerMs: number;
  #parcels: Parcel[] = [];
  #bytes = 0;
  #from = 0;
  #sinceMs = 0;
  #urgent = false;

  /** `lingerMs`: how long it waits for more; 0: not at all. */
  constructor(lingerMs: number) {
    this.#lingerMs = lingerMs;
  }

  get parcels(): readonly Parcel[] {
    return this.#parcels;
  }

  get size(): number {
    return this.#parcels.length;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Place of its first event in the outbox; null while it is empty. */
  get from(): number | null {
    return this.#parcels.length === 0 ? null : this.#from;
  }

  /** When it has waited enough, by the clock of `add`; null while it is empty. */
  get dueMs(): number | null {
    if (this.#parcels.length === 0) return null;
    return this.#urgent ? 0 : this.#sinceMs + this.#lingerMs;
  }

  /** `urgent`: an event that does not wait. */
  add(parcel: Parcel, at: number, moment: { readonly nowMs: number; readonly urgent: boolean }) {
    if (this.#parcels.length === 0) {
      this.#from = at;
      this.#sinceMs = moment.nowMs;
      this.#urgent = this.#lingerMs === 0;
    }
    if (moment.urgent) this.#urgent = true;
    this.#parcels.push(parcel);
    this.#bytes += Buffer.byteLength(parcel.text);
  }

  /** As few parts as there can be, none longer than it may be but where one event alone is. */
  parts(bytesMax: number): readonly (readonly Parcel[])[] {
    return this.#bytes <= bytesMax ? [this.#parcels] : cutByBytes(this.#parcels, bytesMax);
  }

  clear(): void {
    this.#parcels = [];
    this.#bytes = 0;
  }
}

function cutByBytes(parcels: readonly Parcel[], bytesMax: number): readonly (readonly Parcel[])[] {
  const parts: Parcel[][] = [];
  let part: Parcel[] = [];
  let bytes = 0;
  for (const parcel of parcels) {
    const more = Buffer.byteLength(parcel.text);
    if (part.length > 0 && bytes + more > bytesMax) {
      parts.push(part);
      part = [];
      bytes = 0;
    }
    part.push(parcel);
    bytes += more;
  }
  return [...parts, part];
}
