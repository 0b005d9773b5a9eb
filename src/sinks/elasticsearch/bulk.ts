import { fault, type Fault } from "../../kernel/index.js";
import { isRecord } from "../told-event.js";
import { nothingTaken, type Parcel, type Receipt, type RefusedParcel } from "../sink.js";

/** NDJSON of `_bulk`: `create` with the event's id, so that a repeated event is found out. */
export function bulkBody(parcels: readonly Parcel[]): string {
  return parcels
    .map(({ id, text }) => `${JSON.stringify({ create: { _id: id } })}\n${text}\n`)
    .join("");
}

/**
 * What became of each item. 409 is an event that is there already; 429 and 5xx are tried again, one
 * by one, and so is what the data stream is the reason for; anything else is refused for good (a mapping
 * that does not fit).
 */
export function readBulkAnswer(parcels: readonly Parcel[], body: string): Receipt {
  const items = itemsOf(body);
  if (items?.length !== parcels.length) {
    return nothingTaken(
      parcels,
      fault("CHP_SINK_UNAVAILABLE", "the answer does not tell what became of the events"),
    );
  }
  const retry: Parcel[] = [];
  const refused: RefusedParcel[] = [];
  const whys: Fault[] = [];
  parcels.forEach((parcel, index) => {
    const { status, reason } = items[index] ?? { status: 500, reason: "" };
    if ((status >= 200 && status < 300) || status === 409) return;
    const ofStream = OF_THE_STREAM.has(status);
    if (ofStream || status === 429 || status >= 500) {
      retry.push(parcel);
      const code = ofStream ? "CHP_SINK_DENIED" : "CHP_SINK_UNAVAILABLE";
      whys.push(fault(code, `item ${status}: ${reason}`));
    } else refused.push({ parcel, reason: `${status}: ${reason}` });
  });
  const why = whys.find(({ code }) => code === "CHP_SINK_DENIED") ?? whys[0];
  return { retry, refused, ...(why === undefined ? {} : { fault: why }) };
}

/** No right to write, blocked (a disk that is full), not there: somebody mends it, so the events wait. */
const OF_THE_STREAM: ReadonlySet<number> = new Set([401, 403, 404]);

interface BulkItem {
  readonly status: number;
  readonly reason: string;
}

function itemsOf(body: string): readonly BulkItem[] | null {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return null;
  }
  if (!isRecord(value) || !Array.isArray(value["items"])) return null;
  return value["items"].map((item: unknown) => {
    const result = isRecord(item) ? item["create"] : undefined;
    const { status, error } = isRecord(result) ? result : { status: undefined, error: undefined };
    if (typeof status !== "number") return { status: 500, reason: "no status" };
    return { status, reason: isRecord(error) ? JSON.stringify(error) : "" };
  });
}
