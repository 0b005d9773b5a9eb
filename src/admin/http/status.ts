import type { FaultCode } from "../../kernel/index.js";

const STATUS: Partial<Readonly<Record<FaultCode, number>>> = {
  CHP_ADMIN_UNAUTHORIZED: 401,
  CHP_ADMIN_FORBIDDEN: 403,
  CHP_ADMIN_NOT_YOURS: 403,
  CHP_ADMIN_FOREIGN: 421,
  CHP_ADMIN_RATE_LIMIT: 429,
  CHP_ADMIN_BAD_REQUEST: 400,
  CHP_ADMIN_NOT_FOUND: 404,
  CHP_ADMIN_CONFLICT: 409,
  CHP_ADMIN_TOO_LARGE: 413,
  CHP_ADMIN_BUSY: 503,
};

/** What a call may be refused with, in the API document. */
export const REFUSALS: Readonly<Record<number, string>> = {
  400: "not what this document describes",
  401: "nobody was proved",
  403: "the role does not allow it",
  404: "there is no such thing",
  409: "not in the present state",
  413: "too large",
  421: "not our name, or a page of another origin",
  429: "too many calls that proved nobody",
  500: "failed inside the sidecar",
  503: "not now",
};

/** Faults of other rooms are a matter of state, not of the call. */
export function statusOf(code: FaultCode): number {
  return STATUS[code] ?? (code.startsWith("CHP_ADMIN_") ? 500 : 409);
}
