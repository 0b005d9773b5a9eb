import type { FaultTable } from "./entry.js";

export const sshFaults = {
  CHP_SSH_TARGET_UNREACHABLE: {
    summary: "no TCP connection to the target could be made",
    remedy: "check address and port of the target, and that a firewall lets the sidecar through",
    retryable: true,
  },
  CHP_SSH_TARGET_LOGIN: {
    summary: "the target did not let the account in, or broke off while it was asked",
    remedy: "check the account's password or key in the configuration, and the target's own log",
    retryable: false,
  },
  CHP_SSH_TARGET_CHANNEL: {
    summary: "the target let the account in, and refused to start a session for it",
    remedy:
      "see the target's own log: it may allow no sessions to this account, or fewer at once than there are (`MaxSessions`, `MaxStartups` of sshd)",
    retryable: true,
  },
  CHP_SSH_EMBEDDED_SHELL: {
    summary: "the program of an embedded target can not be started",
    remedy:
      "check `shell.command` and `runAs` of the target; the program must exist and be executable",
    retryable: false,
  },
} as const satisfies FaultTable;
