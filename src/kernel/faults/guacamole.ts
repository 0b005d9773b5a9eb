import type { FaultTable } from "./entry.js";

export const guacamoleFaults = {
  CHP_GUACAMOLE_SYNTAX: {
    summary: "what arrives is not the Guacamole protocol",
    remedy:
      "let only a Guacamole web application, guacamole-lite or guacd speak to this port; a client that belongs there and sends this is broken",
    retryable: false,
  },
  CHP_GUACAMOLE_TOO_LONG: {
    summary: "an instruction is longer than guacd takes",
    remedy: "send blobs of at most 6048 bytes; a client that does not is broken",
    retryable: false,
  },
  CHP_GUACAMOLE_ARGUMENT: {
    summary: "an instruction has arguments that its opcode can not have",
    remedy:
      "look for a client that is broken, or for somebody who writes the protocol by hand to be misunderstood",
    retryable: false,
  },
  CHP_GUACAMOLE_HANDSHAKE: {
    summary: "a Guacamole connection did not begin as the protocol demands",
    remedy: "compare the order with select, args, size, audio, video, image, connect, ready",
    retryable: false,
  },
  CHP_GUACAMOLE_GUACD: {
    summary: "guacd does not answer as it should",
    remedy: "check that guacd runs at `listen.guacd.target` and supports the target's protocol",
    retryable: true,
  },
  CHP_GUACAMOLE_JOIN: {
    summary: "somebody asked to join a running connection by its number",
    remedy: "open a session of one's own, with a token; sessions are watched by the control API",
    retryable: false,
  },
  CHP_GUACAMOLE_TICKET: {
    summary: "the token for the tunnel is missing, forged, expired or used",
    remedy:
      "let the gateway make a new token for every connection, and check clock and key of both",
    retryable: false,
  },
} as const satisfies FaultTable;
