import type { FaultTable } from "./entry.js";

export const runtimeFaults = {
  CHP_RUNTIME_STATE_DIR: {
    summary: "the state directory can not be used",
    remedy: "check `stateDir`: it must be a directory that the sidecar's user owns and may write",
    retryable: false,
  },
  CHP_RUNTIME_STATE_LOCKED: {
    summary: "another sidecar works in the same state directory",
    remedy: "stop the process named in the message, or give each sidecar a `stateDir` of its own",
    retryable: true,
  },
  CHP_RUNTIME_PERSON_LOCKED: {
    summary: "this person is locked out",
    remedy: "somebody who may steer sessions lets them in again (unlock-user)",
    retryable: false,
  },
  CHP_RUNTIME_PROHIBITED_TIME: {
    summary: "nobody may log in at this time",
    remedy: "wait, or change `login.hours` and restart",
    retryable: true,
  },
  CHP_RUNTIME_PROFILE: {
    summary: "how a person behaves could not be read or kept",
    remedy:
      "mend what the message names; `chaperone people erase NAME` removes a profile that can not be read, and the person is learnt anew",
    retryable: false,
  },
  CHP_RUNTIME_SPOOL_WRITE: {
    summary: "an event could not be written to the spool, so what it describes was not done",
    remedy: "free space in `stateDir` or mend its disk; sessions are refused until then",
    retryable: true,
  },
  CHP_RUNTIME_SPOOL_FULL: {
    summary: "the spool holds as many undelivered events as it may",
    remedy:
      "find out why the event file can not be written; the spool empties by itself after that",
    retryable: true,
  },
  CHP_RUNTIME_OUTBOX: {
    summary: "what waits for the sinks can not be written or read",
    remedy: "free space in `stateDir` or mend its disk; events wait in the spool meanwhile",
    retryable: true,
  },
  CHP_RUNTIME_OUTBOX_FULL: {
    summary: "the outbox holds as many events as it may, because an enforced sink takes none",
    remedy:
      "mend the sink that `sink.degraded` names, or raise `events.outbox`; nothing is lost meanwhile, and no new session is taken",
    retryable: true,
  },
  CHP_RUNTIME_EVENT_FILE: {
    summary: "the event file can not be written",
    remedy:
      "free space or mend the permissions of `events.file.path`; events wait in the spool meanwhile",
    retryable: true,
  },
  CHP_RUNTIME_REGISTRY_JOURNAL: {
    summary: "the registry's journal can not be written",
    remedy:
      "free space in `stateDir` or mend its disk; one-time codes and first-use host keys are refused until then",
    retryable: true,
  },
  CHP_RUNTIME_NO_DESTINATION: {
    summary: "the user name leads to no target that this person may use",
    remedy: "say PERSON+ACCOUNT@TARGET as in `usernames`, or give access to the target or account",
    retryable: false,
  },
  CHP_RUNTIME_PASSTHROUGH: {
    summary: "the account takes the password typed at log-in, and the person logged in without one",
    remedy:
      "log in by password instead of by key, or give the account a password or key of its own instead of `passthrough`",
    retryable: false,
  },
  CHP_RUNTIME_HOST_KEY: {
    summary: "a target shows a host key that the configuration does not trust",
    remedy: "compare the fingerprint with the target itself; if it is right, put it into `hostKey`",
    retryable: false,
  },
  CHP_RUNTIME_HOST_KEY_CHANGED: {
    summary: "a target shows another host key than on its first use",
    remedy:
      "find out why; if the change is right, stop the sidecar, remove the target's `host-key` line from registry/registry.journal in `stateDir`, start it again, or pin the new key in `hostKey`",
    retryable: false,
  },
  CHP_RUNTIME_UNANSWERED: {
    summary: "the registry did not answer in time",
    remedy:
      "try again; when it happens often, look for an overloaded machine in the operations log",
    retryable: true,
  },
  CHP_RUNTIME_SESSION_LIMIT: {
    summary: "no more sessions are taken",
    remedy: "close a session, or raise the limit of concurrent sessions",
    retryable: true,
  },
  CHP_RUNTIME_WORKER_START: {
    summary: "a worker process does not start",
    remedy: "read the worker's last lines in the operations log",
    retryable: true,
  },
  CHP_RUNTIME_LISTEN: {
    summary: "a listener can not be opened",
    remedy: "choose another port, or stop the process that holds it",
    retryable: true,
  },
} as const satisfies FaultTable;
