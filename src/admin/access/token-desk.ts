import { createHash, timingSafeEqual } from "node:crypto";
import { err, fault, ok, type Fault, type Result, type Secret } from "../../kernel/index.js";
import type { Role } from "./role.js";

/** A token of the configuration, as read from its file. */
export interface TokenEntry {
  readonly name: string;
  readonly role: Role;
  /** Of approvers; absent: none. */
  readonly groups?: readonly string[];
  readonly token: Secret;
  /** For faults: where it was read. */
  readonly file: string;
}

export interface TokenHolder {
  readonly name: string;
  readonly role: Role;
  readonly groups: readonly string[];
}

export interface TokenDesk {
  /** The holder of a presented token; null for a wrong one. Takes the same time for both. */
  find(presented: string): TokenHolder | null;
}

/** RFC 6750 section 2.1 (b68token); shorter ones could be guessed, longer ones are no tokens. */
const TOKEN = /^[A-Za-z0-9\-._~+/]{32,512}={0,2}$/;

/** Keeps digests only; the secrets of the entries are wiped. */
export function createTokenDesk(entries: readonly TokenEntry[]): Result<TokenDesk, Fault> {
  const known: { readonly digest: Buffer; readonly holder: TokenHolder }[] = [];
  for (const { name, role, groups = [], token, file } of entries) {
    const text = token.reveal((bytes) => Buffer.from(bytes).toString("latin1")).trim();
    token.wipe();
    if (!TOKEN.test(text)) return err(fault("CHP_ADMIN_TOKEN", `${file} (token \`${name}\`)`));
    known.push({ digest: digestOf(text), holder: { name, role, groups } });
  }
  return ok({
    find(presented) {
      const digest = digestOf(presented);
      let found: TokenHolder | null = null;
      // All of them, always: how long it takes tells nothing.
      for (const one of known) if (timingSafeEqual(one.digest, digest)) found = one.holder;
      return found;
    },
  });
}

/** Tokens have 192 bits and more of their own: a plain hash can not be searched. */
function digestOf(token: string): Buffer {
  return createHash("sha256").update(token, "latin1").digest();
}
