import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";
import {
  err,
  fault,
  ok,
  SESSION_TOKEN_PREFIX,
  type Fault,
  type Result,
  type Secret,
} from "../kernel/index.js";
import type { TokenGrant } from "./session-tokens.js";

/**
 * One-time user names that a gateway makes by itself, without asking the sidecar: facts about the
 * session, sealed with a key that both have. `chp-` and, in base64url, a nonce (12 bytes), the sealed
 * JSON, and its tag (16 bytes): AES-256-GCM (NIST SP 800-38D), the key derived by HKDF-SHA-256 (RFC
 * 5869) with the info `chaperone tunnel token v1` and no salt.
 */
export interface SealedTokens {
  /**
   * What the token grants; it is used up by this call. Null when it is forged, expired, used, for
   * another address, or made before this sidecar started: what was used before is not known any more.
   */
  readonly spend: (token: string, origin: string) => TokenGrant | null;
}

/** The JSON inside; times are seconds of the Unix epoch. */
export interface SealedFacts {
  readonly person: string;
  readonly target: string;
  readonly account?: string;
  readonly groups?: readonly string[];
  readonly labels?: Readonly<Record<string, string>>;
  readonly context?: Readonly<Record<string, string>>;
  readonly origin?: string;
  readonly iat: number;
  readonly exp: number;
}

const FORM = /^chp-[A-Za-z0-9_-]{64,4000}$/;
const CIPHER = "aes-256-gcm";
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const KEY_BYTES = 32;
/** A shorter key could be searched by whoever has seen one token. */
const KEY_BYTES_MIN = 32;
/** A gateway sends people on at once; longer lists of used tokens would have to be kept. */
const LIFE_S_MAX = 600;
/** Clocks of gateways may be this much ahead. */
const SKEW_S = 5;
/** Used tokens that have not expired; more are an attack, and then none is taken. */
const USED_MAX = 100_000;

export function createSealedTokens(key: Secret, wallMs: () => number): Result<SealedTokens, Fault> {
  if (key.reveal((bytes) => bytes.length) < KEY_BYTES_MIN) {
    return err(fault("CHP_IDENTITY_TOKEN_KEY", `it must have ${KEY_BYTES_MIN} bytes and more`));
  }
  const secret = derive(key);
  const startedS = Math.floor(wallMs() / 1_000);
  /** Nonces that were used, with the second in which their token expires. */
  const used = new Map<string, number>();

  function sweep(nowS: number): void {
    for (const [nonce, exp] of used) if (exp + SKEW_S < nowS) used.delete(nonce);
  }

  return ok({
    spend(token, origin) {
      const opened = FORM.test(token)
        ? unseal(token.slice(SESSION_TOKEN_PREFIX.length), secret)
        : null;
      if (opened === null) return null;
      const { nonce, facts } = opened;
      const nowS = wallMs() / 1_000;
      const timely =
        facts.iat >= startedS - SKEW_S &&
        facts.iat <= nowS + SKEW_S &&
        facts.exp > nowS &&
        facts.exp - facts.iat <= LIFE_S_MAX;
      if (!timely || (facts.origin !== undefined && facts.origin !== plain(origin))) return null;
      if (used.size >= USED_MAX) sweep(nowS);
      if (used.has(nonce) || used.size >= USED_MAX) return null;
      used.set(nonce, facts.exp);
      return grantOf(facts, nonce);
    },
  });
}

/** A token as gateways make it; for tests, and as the description of the format. */
export function sealToken(facts: SealedFacts, key: Secret): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, derive(key), nonce);
  const sealed = Buffer.concat([cipher.update(JSON.stringify(facts), "utf8"), cipher.final()]);
  return (
    SESSION_TOKEN_PREFIX + Buffer.concat([nonce, sealed, cipher.getAuthTag()]).toString("base64url")
  );
}

function derive(key: Secret): Buffer {
  return key.reveal((bytes) =>
    Buffer.from(hkdfSync("sha256", bytes, "", "chaperone tunnel token v1", KEY_BYTES)),
  );
}

function unseal(
  text: string,
  key: Buffer,
): { readonly nonce: string; readonly facts: SealedFacts } | null {
  const bytes = Buffer.from(text, "base64url");
  // One spelling for each token: or the same one could be used twice.
  if (bytes.toString("base64url") !== text) return null;
  const nonce = bytes.subarray(0, NONCE_BYTES);
  try {
    const decipher = createDecipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES });
    decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
    const sealed = bytes.subarray(NONCE_BYTES, -TAG_BYTES);
    const json = Buffer.concat([decipher.update(sealed), decipher.final()]).toString("utf8");
    const facts = factsOf(JSON.parse(json));
    return facts === null ? null : { nonce: nonce.toString("base64url"), facts };
  } catch {
    return null; // forged, or of another key
  }
}

/** Whoever has the key is trusted, but may be wrong: the form is checked all the same. */
function factsOf(value: unknown): SealedFacts | null {
  if (typeof value !== "object" || value === null) return null;
  const { person, target, account, groups, labels, context, origin, iat, exp } = value as {
    readonly [K in keyof SealedFacts]?: unknown;
  };
  const good =
    isName(person) &&
    isName(target) &&
    isAbsentOr(isName, account) &&
    isAbsentOr(isName, origin) &&
    isAbsentOr(areNames, groups) &&
    isAbsentOr(isTable, labels) &&
    isAbsentOr(isTable, context) &&
    Number.isSafeInteger(iat) &&
    Number.isSafeInteger(exp);
  return good ? (value as SealedFacts) : null; // every field was just looked at
}

const isName = (value: unknown): value is string =>
  typeof value === "string" && value.length >= 1 && value.length <= 256;
const areNames = (value: unknown): boolean => Array.isArray(value) && value.every(isName);
const isTable = (value: unknown): boolean =>
  typeof value === "object" &&
  value !== null &&
  !Array.isArray(value) &&
  Object.values(value).every((one) => typeof one === "string" && one.length <= 1_024);
const isAbsentOr = (is: (value: unknown) => boolean, value: unknown): boolean =>
  value === undefined || is(value);

function grantOf(facts: SealedFacts, nonce: string): TokenGrant {
  const { person, target, account, groups = [], labels = {}, context = {}, origin, exp } = facts;
  return {
    id: nonce,
    person,
    target,
    groups,
    labels,
    context,
    issuedBy: "gateway",
    expiresMs: exp * 1_000,
    ...(account === undefined ? {} : { account }),
    ...(origin === undefined ? {} : { origin }),
  };
}

function plain(address: string): string {
  return address.toLowerCase().replace(/^::ffff:(?=\d+\.)/, "");
}
