import type { KeepalivePolicy } from "../connection/keepalive.js";
import type { TransportOptions } from "../door/index.js";

export interface SshServerOptions {
  /** Private host keys, PEM or OpenSSH form; one of each kind. */
  readonly hostKeys: readonly (string | Uint8Array)[];
  /** Shown before login. */
  readonly banner?: string;
  /** Product version, for `SSH-2.0-Chaperone_<version>`. */
  readonly version: string;
  readonly keepalive?: KeepalivePolicy;
  /** From the first byte to a successful login. */
  readonly loginGraceMs?: number;
  /** From accepting the socket to the client's identification string. */
  readonly greetingMs?: number;
  readonly rekey?: TransportOptions;
  /** Channels that one person may have open at the same time on one connection. */
  readonly channelsMax?: number;
}

/** As sshd's LoginGraceTime, which leaves time to find a phone and type a code. */
export const LOGIN_GRACE_MS = 120_000;
/** A real client says its version at once; scanners and half-open sockets do not. */
export const GREETING_MS = 10_000;
