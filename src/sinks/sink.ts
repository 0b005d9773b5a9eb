import type { Fault } from "../kernel/index.js";
import type { FormatName, Story } from "./format/index.js";
import type { ToldEvent } from "./told-event.js";

/**
 * A place that is told what happens. A sink carries parcels to it and says what became of them; what
 * to send, when to try again and what to do with what nobody wants is the courier's business.
 */
export interface Sink {
  /**
   * Carries the parcels, in this order. Answers what is not there yet; an answer without `retry` and
   * `refused` means that the receiver has everything, and will not lose it by itself. Never rejects.
   */
  deliver(parcels: readonly Parcel[], signal: AbortSignal): Promise<Receipt>;
  /** SIGHUP: files are opened anew. */
  reopen?(): void;
  close(): Promise<void>;
}

/** One event, as the sink's format tells it. */
export interface Parcel {
  /** The receiver may use it to tell a repeated event. */
  readonly id: string;
  readonly event: ToldEvent;
  readonly story: Story;
  readonly format: FormatName;
  /** One line, without its end. */
  readonly text: string;
}

export interface Receipt {
  /** Not taken, and worth trying again, in their order. */
  readonly retry: readonly Parcel[];
  /** Not taken, and never will be. */
  readonly refused: readonly RefusedParcel[];
  /** Why something is to be tried again. */
  readonly fault?: Fault;
  /** The receiver asks for this pause. */
  readonly retryAfterMs?: number;
  /**
   * The receiver refuses the batch for what is in it, without saying which: it is tried in halves,
   * until the ones that it does not want are found.
   */
  readonly splitUp?: boolean;
}

export interface RefusedParcel {
  readonly parcel: Parcel;
  readonly reason: string;
}

export const EVERYTHING_TAKEN: Receipt = { retry: [], refused: [] };

/** Nothing was taken, as far as we know. */
export function nothingTaken(
  parcels: readonly Parcel[],
  fault: Fault,
  retryAfterMs?: number,
): Receipt {
  return {
    retry: parcels,
    refused: [],
    fault,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  };
}
