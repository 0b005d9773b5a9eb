import { fault } from "../../kernel/index.js";
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
 * by one; anything else is refused for good (a mapping that does not fit).
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
  let why = "";
  parcels.forEach((parcel, index) => {
    const { status, reason } = items[index] ?? { status: 500, reason: "" };
    if ((status >= 200 && status < 300) || status === 409) return;
    if (status === 429 || status >= 500) {
      retry.push(parcel);
      why = `item ${status}: ${reason}`;
    } else refused.push({ parcel, reason: `${status}: ${reason}` });
  });
  return {
    retry,
    refused,
    ...(retry.length === 0 ? {} : { fault: fault("CHP_SINK_UNAVAILABLE", why) }),
  };
}

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
