import type { FaultTable } from "./entry.js";

export const netFaults = {
  CHP_NET_UNREACHABLE: {
    summary: "another machine could not be reached, broke off, or did not answer in time",
    remedy: "check the address, the network between, and that the service runs",
    retryable: true,
  },
  CHP_NET_UNTRUSTED: {
    summary: "another machine did not prove by its certificate that it is the right one",
    remedy:
      "compare its certificate with `tls.ca`, `tls.pins` and `tls.serverName`; renew it when it has expired",
    retryable: true,
  },
  CHP_NET_TLS_MATERIAL: {
    summary: "a certificate or key for a connection of our own can not be used",
    remedy:
      "check the files named in `tls`: PEM, readable by the sidecar's user, key and certificate a pair",
    retryable: false,
  },
} as const satisfies FaultTable;
