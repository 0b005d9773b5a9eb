import type { FaultTable } from "./entry.js";

export const webFaults = {
  CHP_WEB_SYNTAX: {
    summary: "what arrives is not HTTP as RFC 9112 has it",
    remedy: "look for a client that is broken, or for somebody who writes requests by hand",
    retryable: false,
  },
  CHP_WEB_SMUGGLING: {
    summary: "a request says in two ways how long it is, or where it goes",
    remedy:
      "let the gateway in front speak plain HTTP/1.1 or HTTP/2; no browser sends such a request",
    retryable: false,
  },
  CHP_WEB_PATH: {
    summary: "a request names a path that servers read in more than one way",
    remedy:
      "call the page as the application links it; where it really has encoded slashes, say `encodedSlash: literal` of the target",
    retryable: false,
  },
  CHP_WEB_TOO_LARGE: {
    summary: "a request is larger than what is read or kept of one",
    remedy: "send less at once; the limits are listed in docs/guide/web.md",
    retryable: false,
  },
  CHP_WEB_LOOP: {
    summary: "a request has come through this sidecar before",
    remedy: "give the target the address of the application, not one of the sidecar's own",
    retryable: false,
  },
  CHP_WEB_NOT_AUTHENTICATED: {
    summary: "a web request that proves no identity",
    remedy:
      "come through the gateway, which adds its assertion or a one-time token; check `listen.web.identity`",
    retryable: false,
  },
  CHP_WEB_FOREIGN: {
    summary: "another site has sent this request in the person's name",
    remedy: "open the console itself; a form of another site can not act in it",
    retryable: false,
  },
  CHP_WEB_NO_ROUTE: {
    summary: "no target of this sidecar has this host and path",
    remedy: "name the host under `web.hosts`, or the path under `web.path`, of a target",
    retryable: false,
  },
  CHP_WEB_TERMINAL: {
    summary: "a message in the WebSocket of a terminal is not understood",
    remedy:
      "use the console's own page; where the path carries something else, mend `web.terminals` of the target",
    retryable: false,
  },
  CHP_WEB_TARGET: {
    summary: "the web application does not answer as it should",
    remedy: "check that it runs at the target's `address`, and its certificate where it has one",
    retryable: true,
  },
  CHP_WEB_LOGIN: {
    summary: "the log-in form of the web application did not take the account's credential",
    remedy: "check the account's password and the target's `web.login`",
    retryable: false,
  },
} as const satisfies FaultTable;
