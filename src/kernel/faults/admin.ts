import type { FaultTable } from "./entry.js";

export const adminFaults = {
  CHP_ADMIN_UNAUTHORIZED: {
    summary: "the call proves nobody",
    remedy: "send `authorization: Bearer TOKEN`, or a client certificate that the sidecar knows",
    retryable: false,
  },
  CHP_ADMIN_FORBIDDEN: {
    summary: "the caller's role does not allow the call",
    remedy: "use a token of a higher role: viewer < operator < admin",
    retryable: false,
  },
  CHP_ADMIN_NOT_YOURS: {
    summary: "this approval is not the caller's to decide",
    remedy:
      "it is decided by those whom it names (`chaperone ctl approvals` shows them), never by whoever asked for it",
    retryable: false,
  },
  CHP_ADMIN_FOREIGN: {
    summary: "the call names a host or comes from a page that is not the sidecar's own",
    remedy:
      "call the address that the listener is bound to, or add the name to `listen.admin.hosts`; web pages of other origins may not call",
    retryable: false,
  },
  CHP_ADMIN_RATE_LIMIT: {
    summary: "too many calls from this address proved nobody",
    remedy: "wait as long as `retry-after` says; calls with a right token are answered meanwhile",
    retryable: true,
  },
  CHP_ADMIN_BAD_REQUEST: {
    summary: "the call is not what the API document describes",
    remedy: "compare with docs/reference/openapi.json; fields that are not there are refused",
    retryable: false,
  },
  CHP_ADMIN_NOT_FOUND: {
    summary: "there is no such thing, or no longer",
    remedy: "list what there is; a session that has ended is gone from the list",
    retryable: false,
  },
  CHP_ADMIN_CONFLICT: {
    summary: "that can not be done in the present state",
    remedy: "look at the state of the session, approval or person and decide again",
    retryable: false,
  },
  CHP_ADMIN_TOO_LARGE: {
    summary: "the body is larger than this call takes",
    remedy: "send less; rule files are bounded to 1 MiB, everything else to 16 KiB",
    retryable: false,
  },
  CHP_ADMIN_BUSY: {
    summary: "the sidecar can not take this now",
    remedy: "try again; when it persists, look at readiness and at the operations log",
    retryable: true,
  },
  CHP_ADMIN_INTERNAL: {
    summary: "the call failed inside the sidecar",
    remedy: "read the line `admin-call-failed` in the operations log and report it",
    retryable: true,
  },
  CHP_ADMIN_TOKEN: {
    summary: "a token file holds no token",
    remedy:
      "a token has 32 to 512 letters, digits and `-._~+/=`; remove the file and the next start makes one",
    retryable: false,
  },
  CHP_ADMIN_TLS: {
    summary: "certificate or key of a listener can not be used",
    remedy: "check `tls.cert`, `tls.key` and `tls.clientCa`: PEM files that belong together",
    retryable: false,
  },
} as const satisfies FaultTable;
