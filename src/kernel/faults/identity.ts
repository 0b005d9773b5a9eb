import type { FaultTable } from "./entry.js";

export const identityFaults = {
  CHP_IDENTITY_KEY: {
    summary: "a public key of a person can not be used",
    remedy:
      "give one line of authorized_keys without options: ssh-ed25519, ecdsa-sha2-nistp256/384/521, or ssh-rsa of 2048 bits or more",
    retryable: false,
  },
  CHP_IDENTITY_PASSWORD: {
    summary: "a person's password or password hash can not be used",
    remedy: "make the hash with `chaperone people hash`; a password has 1 to 1024 bytes",
    retryable: false,
  },
  CHP_IDENTITY_TOTP: {
    summary: "a TOTP secret can not be used",
    remedy: "make one with `chaperone people totp NAME`: base32, 16 bytes or more",
    retryable: false,
  },
  CHP_IDENTITY_PHRASE: {
    summary: "a person's phrase can not be used",
    remedy: "use 4 to 100 printable characters that the person recognises",
    retryable: false,
  },
  CHP_IDENTITY_HOST_KEY: {
    summary: "a host key of the sidecar can not be used",
    remedy:
      "restore the file from a backup or, if people may be told of a new key, remove it: a new one is made at the next start. Its mode must be 0600",
    retryable: false,
  },
  CHP_IDENTITY_STATE: {
    summary: "a secret of the sidecar can not be read or written in stateDir",
    remedy: "check the owner and mode (0700, files 0600) of stateDir and the space on its disk",
    retryable: true,
  },
  CHP_IDENTITY_ASSERTION: {
    summary: "a gateway's signed assertion does not prove who the person is",
    remedy:
      "compare issuer, audience, keys and clock of the gateway with `listen.web.identity.assertion`",
    retryable: false,
  },
  CHP_IDENTITY_TOKEN_KEY: {
    summary: "the key for sealed tokens can not be used",
    remedy: "put 32 random bytes or more into the file of `tokenKey`: `openssl rand -base64 48`",
    retryable: false,
  },
  CHP_IDENTITY_TOKENS_FULL: {
    summary: "no more session tokens are issued",
    remedy: "use the tokens that were issued, or wait until they expire",
    retryable: true,
  },
  CHP_IDENTITY_ENROLMENT: {
    summary: "a factor can not be enrolled",
    remedy:
      "remove a key that is not used any more (`chaperone ctl factor-remove`), or wait until open links expire",
    retryable: true,
  },
  CHP_IDENTITY_WEBHOOK: {
    summary: "the gateway's directory did not answer, or not well",
    remedy:
      "look at the gateway's own log for the call; url, key and clock of both sides must be right, and the answer signed",
    retryable: true,
  },
  CHP_IDENTITY_NOT_AUTHORIZED: {
    summary: "the gateway does not let this person go there",
    remedy: "give the person access to the target and account at the gateway",
    retryable: false,
  },
} as const satisfies FaultTable;
