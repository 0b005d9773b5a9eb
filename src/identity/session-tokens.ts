import { createHash, randomBytes } from "node:crypto";
import { err, fault, ok, SESSION_TOKEN_PREFIX, type Fault, type Result } from "../kernel/index.js";

/** What a gateway says about the session that it sends. */
export interface TokenOrder {
  readonly person: string;
  readonly target: string;
  readonly account?: string;
  /** Of a person whom the directory does not know. */
  readonly groups: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly context: Readonly<Record<string, string>>;
  /** The only address that may use it. */
  readonly origin?: string;
  readonly ttlMs: number;
  readonly issuedBy: string;
}

export interface TokenGrant extends Omit<TokenOrder, "ttlMs"> {
  /** Names it in events; says nothing about the token. */
  readonly id: string;
  readonly expiresMs: number;
}

/**
 * One-time user names that open one session each. They live in memory alone, as digests: a restart makes
 * all of them useless, and so none can be used twice, whatever crashes.
 */
export interface SessionTokens {
  issue(order: TokenOrder): Result<{ readonly token: string; readonly grant: TokenGrant }, Fault>;
  /**
   * What the token grants; it is used up by this call. Null when it is unknown, expired, used, revoked or
   * bound to another address (then it stays as it is: whoever stole it must not be able to spend it).
   */
  readonly spend: (userName: string, origin: string) => TokenGrant | null;
  /** Not used and not expired, oldest first. */
  list(): readonly TokenGrant[];
  /** False when there is none. */
  revoke(id: string): boolean;
}

/** 192 bits, and short enough for a user name. */
const TOKEN_BYTES = 24;
const ID_BYTES = 9;
/** A gateway uses them at once; so many unused ones are an error or an attack on the memory. */
const OPEN_MAX = 10_000;
const TOKEN = /^chp-[A-Za-z0-9_-]{32}$/;

export function createSessionTokens(wallMs: () => number): SessionTokens {
  const byDigest = new Map<string, TokenGrant>();

  function sweep(): void {
    const now = wallMs();
    for (const [digest, grant] of byDigest) if (grant.expiresMs <= now) byDigest.delete(digest);
  }

  return {
    issue({ ttlMs, ...facts }) {
      if (byDigest.size >= OPEN_MAX) sweep();
      if (byDigest.size >= OPEN_MAX) {
        return err(fault("CHP_IDENTITY_TOKENS_FULL", `${OPEN_MAX} session tokens are unused`));
      }
      const token = `${SESSION_TOKEN_PREFIX}${randomBytes(TOKEN_BYTES).toString("base64url")}`;
      const id = randomBytes(ID_BYTES).toString("base64url");
      const grant: TokenGrant = { ...facts, id, expiresMs: wallMs() + ttlMs };
      byDigest.set(digestOf(token), grant);
      return ok({ token, grant });
    },
    spend(userName, origin) {
      if (!TOKEN.test(userName)) return null;
      const digest = digestOf(userName);
      const grant = byDigest.get(digest);
      if (grant === undefined) return null;
      if (grant.origin !== undefined && plain(grant.origin) !== plain(origin)) return null;
      byDigest.delete(digest);
      return grant.expiresMs > wallMs() ? grant : null;
    },
    list() {
      sweep();
      return [...byDigest.values()];
    },
    revoke(id) {
      for (const [digest, grant] of byDigest) {
        if (grant.id === id) return byDigest.delete(digest);
      }
      return false;
    },
  };
}

/** A token is random through and through: looking its digest up tells nothing about others. */
function digestOf(token: string): string {
  return createHash("sha256").update(token, "latin1").digest("base64");
}

function plain(address: string): string {
  return address.toLowerCase().replace(/^::ffff:(?=\d+\.)/, "");
}
