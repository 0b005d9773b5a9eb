import { createHash, randomBytes } from "node:crypto";

/**
 * Short links that open one thing each, until they expire. Kept in memory alone, as digests: a restart
 * makes all of them useless, and what is read out of the memory of this table opens nothing.
 */
export interface OneTimeLinks<T> {
  /** The token of the link; null when too many are open. */
  open(what: T, expiresMs: number): string | null;
  /** Null when it is unknown or expired. */
  find(token: string): T | null;
  close(token: string): void;
  /** All that have not expired. */
  values(): Iterable<T>;
}

/** 128 bits: short enough to be read off a terminal, and nobody guesses it over the network. */
const TOKEN_BYTES = 16;
const TOKEN = /^[A-Za-z0-9_-]{22}$/;
/** Everybody who may be asked at once, and more: beyond it is an error or an attack on the memory. */
const OPEN_MAX = 10_000;

export function createOneTimeLinks<T>(deps: {
  readonly wallMs: () => number;
  /** Told of each that leaves the table, so that its secrets can be wiped. */
  readonly dropped: (what: T) => void;
}): OneTimeLinks<T> {
  const byDigest = new Map<string, { readonly what: T; readonly expiresMs: number }>();

  function sweep(): void {
    const now = deps.wallMs();
    for (const [digest, one] of byDigest) if (one.expiresMs <= now) drop(digest);
  }

  function drop(digest: string): void {
    const one = byDigest.get(digest);
    if (one !== undefined && byDigest.delete(digest)) deps.dropped(one.what);
  }

  return {
    open(what, expiresMs) {
      sweep();
      if (byDigest.size >= OPEN_MAX) return null;
      const token = randomBytes(TOKEN_BYTES).toString("base64url");
      byDigest.set(digestOf(token), { what, expiresMs });
      return token;
    },
    find(token) {
      if (!TOKEN.test(token)) return null;
      const digest = digestOf(token);
      const found = byDigest.get(digest);
      if (found === undefined) return null;
      if (found.expiresMs > deps.wallMs()) return found.what;
      drop(digest);
      return null;
    },
    close: (token) => drop(digestOf(token)),
    values() {
      sweep();
      return [...byDigest.values()].map((one) => one.what);
    },
  };
}

/** A token is random through and through: looking its digest up tells nothing about others. */
function digestOf(token: string): string {
  return createHash("sha256").update(token, "latin1").digest("base64");
}
