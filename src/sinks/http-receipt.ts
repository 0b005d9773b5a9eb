import { escapeControls, fault, type Fault } from "../kernel/index.js";
import type { HttpAnswer } from "../net/index.js";
import { EVERYTHING_TAKEN, nothingTaken, type Parcel, type Receipt } from "./sink.js";

/** What an HTTP status says about the whole batch; sinks that answer item by item look closer. */
export function receiptOf(parcels: readonly Parcel[], answer: HttpAnswer): Receipt {
  if (answer.status >= 200 && answer.status < 300) return EVERYTHING_TAKEN;
  const why = faultOf(answer);
  // The contents are not liked: bad request, too large, wrong type, not processable.
  if ([400, 413, 415, 422].includes(answer.status)) {
    return { ...nothingTaken(parcels, why), splitUp: true };
  }
  return nothingTaken(parcels, why, retryAfterMs(answer));
}

export function faultOf(answer: HttpAnswer): Fault {
  const { status, body } = answer;
  const said = escapeControls(body.slice(0, REASON_CHARACTERS_MAX));
  const message = `HTTP ${status}${said === "" ? "" : `: ${said}`}`;
  if ([400, 413, 415, 422].includes(status)) return fault("CHP_SINK_REFUSED", message);
  const busy = status === 408 || status === 429 || status >= 500;
  return fault(busy ? "CHP_SINK_UNAVAILABLE" : "CHP_SINK_DENIED", message);
}

/** An answer may be a whole page; its beginning says what is wrong. */
const REASON_CHARACTERS_MAX = 300;

/** RFC 9110 section 10.2.3: seconds; dates are rare and read as no wish. */
function retryAfterMs(answer: HttpAnswer): number | undefined {
  const text = answer.headers["retry-after"] ?? "";
  return /^\d{1,6}$/.test(text) ? Number(text) * 1_000 : undefined;
}
