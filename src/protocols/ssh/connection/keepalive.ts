import type { Connection } from "./connection.js";

export interface KeepalivePolicy {
  readonly intervalMs: number;
  /** Questions in a row that may stay without an answer. */
  readonly unansweredMax: number;
}

/** As OpenSSH's ClientAliveInterval would be set by an administrator who wants dead peers noticed. */
export const KEEPALIVE_DEFAULT: KeepalivePolicy = { intervalMs: 15_000, unansweredMax: 3 };

const NOTHING = new Uint8Array(0);

/** Asks the peer for a sign of life; any answer, even a refusal, is one. Answers how to stop. */
export function keepAlive(
  connection: Connection,
  policy: KeepalivePolicy,
  dead: () => void,
): () => void {
  let unanswered = 0;
  const timer = setInterval(() => {
    if (unanswered >= policy.unansweredMax) {
      clearInterval(timer);
      dead();
      return;
    }
    unanswered += 1;
    connection.global("keepalive@openssh.com", NOTHING, () => (unanswered = 0));
  }, policy.intervalMs).unref();
  return () => clearInterval(timer);
}
