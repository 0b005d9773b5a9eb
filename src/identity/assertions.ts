import { createPublicKey } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import {
  createLocalJWKSet,
  jwtVerify,
  type JWTPayload,
  type JWTVerifyGetKey,
  type JWTVerifyOptions,
} from "jose";
import { describeError, err, fault, type Fault, ok, type Result } from "../kernel/index.js";

/** Where the keys of a gateway's signed assertions are, and what the assertions say. */
export interface AssertionOptions {
  /** A JWKS (JSON) or one public key (PEM). Read again when the file changes. */
  readonly keys: string;
  readonly issuer?: string;
  readonly audience: string;
  /** Names of claims. */
  readonly person: string;
  readonly groups: string;
  readonly account: string;
}

export interface AssertedPerson {
  readonly person: string;
  readonly groups: readonly string[];
  readonly account?: string;
}

/** Verifies what a gateway says in signed form (JWT, RFC 7519). */
export interface AssertionDesk {
  verify(token: string): Promise<Result<AssertedPerson, Fault>>;
}

/** Signatures that only the holder of a private key can make: a shared key could be anybody's. */
const ALGORITHMS = [
  ...["EdDSA", "ES256", "ES384", "ES512"],
  ...["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"],
];
/** Clocks of two machines. */
const CLOCK_TOLERANCE_S = 30;
/** Longer ones do not fit into a header. */
const TOKEN_CHARS_MAX = 16 * 1024;
const NAME_CHARS_MAX = 128;
const GROUPS_MAX = 256;

type Keys = JWTVerifyGetKey | ReturnType<typeof createPublicKey>;

export function createAssertionDesk(options: AssertionOptions): AssertionDesk {
  let known: { readonly changedMs: number; readonly keys: Keys } | null = null;

  /** Throws when the file can not be read or holds no keys. */
  function keysNow(): Keys {
    const changedMs = statSync(options.keys).mtimeMs;
    if (known?.changedMs === changedMs) return known.keys;
    const text = readFileSync(options.keys, "utf8");
    const keys = text.trimStart().startsWith("{")
      ? createLocalJWKSet(JSON.parse(text) as Parameters<typeof createLocalJWKSet>[0]) // jose checks its form
      : createPublicKey(text);
    known = { changedMs, keys };
    return keys;
  }

  const expected: JWTVerifyOptions = {
    algorithms: ALGORITHMS,
    audience: options.audience,
    clockTolerance: CLOCK_TOLERANCE_S,
    // What never expires could be used for ever by whoever has seen it once.
    requiredClaims: ["exp"],
    ...(options.issuer === undefined ? {} : { issuer: options.issuer }),
  };

  return {
    async verify(token) {
      if (token.length > TOKEN_CHARS_MAX) return refused("it is too long");
      try {
        const keys = keysNow();
        const { payload } =
          typeof keys === "function"
            ? await jwtVerify(token, keys, expected)
            : await jwtVerify(token, keys, expected);
        return personOf(payload, options);
      } catch (error) {
        return refused(describeError(error));
      }
    },
  };
}

function personOf(payload: JWTPayload, options: AssertionOptions): Result<AssertedPerson, Fault> {
  const person = payload[options.person];
  if (typeof person !== "string" || person === "" || person.length > NAME_CHARS_MAX) {
    return refused(`its claim \`${options.person}\` names nobody`);
  }
  if (/[\p{Cc}\p{Zl}\p{Zp}]/u.test(person)) {
    return refused(`its claim \`${options.person}\` has control characters`);
  }
  const groups = payload[options.groups];
  const account = payload[options.account];
  return ok({
    person,
    groups: Array.isArray(groups)
      ? groups.filter((one) => typeof one === "string").slice(0, GROUPS_MAX)
      : [],
    ...(typeof account === "string" && account !== "" ? { account } : {}),
  });
}

/** Of the token itself nothing is told. */
function refused(why: string): Result<never, Fault> {
  return err(fault("CHP_IDENTITY_ASSERTION", why));
}
