import { hash, randomBytes } from "node:crypto";
import { LRUCache } from "lru-cache";
import type { WebSession } from "../session/web-session.js";

/** The running sessions, by the cookie that names each; only digests of cookies are kept. */
export interface WebSessions {
  /** The value of the cookie of a new session. */
  add(session: WebSession, key: string | null): string;
  byCookie(cookie: string, target: string): WebSession | undefined;
  /** A session that was opened by the same assertion: a client that keeps no cookies. */
  byKey(key: string): WebSession | undefined;
  /** Why the session of this cookie is over; told once. */
  takeEpitaph(cookie: string): string | undefined;
  over(session: WebSession, reason: string): void;
}

const COOKIE_BYTES = 32;
/** Whoever comes back to a session that was ended is told why, once. */
const EPITAPHS_MAX = 1_000;
const EPITAPH_MS = 15 * 60_000;

export function createWebSessions(): WebSessions {
  const byCookie = new Map<string, WebSession>();
  const byKey = new Map<string, WebSession>();
  const names = new Map<WebSession, { readonly digest: string; readonly key: string | null }>();
  const epitaphs = new LRUCache<string, string>({ max: EPITAPHS_MAX, ttl: EPITAPH_MS });

  return {
    add(session, key) {
      const cookie = randomBytes(COOKIE_BYTES).toString("base64url");
      const digest = digestOf(cookie);
      byCookie.set(digest, session);
      if (key !== null) byKey.set(key, session);
      names.set(session, { digest, key });
      return cookie;
    },
    byCookie(cookie, target) {
      const session = byCookie.get(digestOf(cookie));
      return session?.route.target === target && !session.over ? session : undefined;
    },
    byKey(key) {
      const session = byKey.get(key);
      return session?.over === false ? session : undefined;
    },
    takeEpitaph(cookie) {
      const digest = digestOf(cookie);
      const reason = epitaphs.get(digest);
      epitaphs.delete(digest);
      return reason;
    },
    over(session, reason) {
      const name = names.get(session);
      if (name === undefined) return;
      names.delete(session);
      byCookie.delete(name.digest);
      if (name.key !== null && byKey.get(name.key) === session) byKey.delete(name.key);
      epitaphs.set(name.digest, reason);
    },
  };
}

export function digestOf(text: string): string {
  return hash("sha256", text, "base64");
}
