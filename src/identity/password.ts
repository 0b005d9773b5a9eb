import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { hash, verify } from "@node-rs/argon2";
import { err, fault, ok, type Fault, type Place, type Result } from "../kernel/index.js";
import type { Secret } from "../kernel/index.js";

/** How a person's password is known: as an argon2id hash, or itself (from `env` or `file`). */
export type PasswordRecord =
  | { readonly type: "hash"; readonly phc: string }
  | { readonly type: "plain"; readonly password: Secret };

export type PasswordOutcome = "accepted" | "wrong" | "unavailable";

export interface PasswordJudge {
  /**
   * Compares in a time that does not tell whether the person exists, has a password, or how near the
   * answer was: every call costs one argon2id. `unavailable` when too many are waiting.
   */
  judge(record: PasswordRecord | undefined, answer: Secret): Promise<PasswordOutcome>;
}

/** Longer is an attack on memory, not a password. */
const PASSWORD_BYTES_MAX = 1_024;
/** Each takes 19 MiB and a thread of the pool; more waiting ones would only time out. */
const JUDGEMENTS_MAX = 64;
/** OWASP's first choice for argon2id (the library's default algorithm): 19 MiB, 2 passes, 1 lane. */
const ARGON2 = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;
/** Parameters beyond these would let one hash in the configuration stop the machine. */
const MEMORY_KIB_MAX = 1_048_576;
const PASSES_MAX = 64;
const LANES_MAX = 64;

// $argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$aGFzaGhhc2g is one; $argon2i$..., no version: not.
const PHC =
  /^\$argon2id\$v=19\$m=(?<memory>\d{1,8}),t=(?<passes>\d{1,3}),p=(?<lanes>\d{1,3})\$[A-Za-z0-9+/]{11,86}\$[A-Za-z0-9+/]{16,171}$/;

export function parsePasswordHash(phc: string, at?: Place): Result<PasswordRecord, Fault> {
  const groups = PHC.exec(phc)?.groups;
  if (groups === undefined) {
    return err(fault("CHP_IDENTITY_PASSWORD", "the hash is no argon2id PHC string", at));
  }
  const within =
    Number(groups["memory"]) <= MEMORY_KIB_MAX &&
    Number(groups["passes"]) <= PASSES_MAX &&
    Number(groups["lanes"]) <= LANES_MAX;
  return within
    ? ok({ type: "hash", phc })
    : err(fault("CHP_IDENTITY_PASSWORD", "the hash costs more than this sidecar spends", at));
}

export function checkPassword(password: Secret, at?: Place): Result<PasswordRecord, Fault> {
  const length = password.reveal((bytes) => bytes.length);
  return length >= 1 && length <= PASSWORD_BYTES_MAX
    ? ok({ type: "plain", password })
    : err(fault("CHP_IDENTITY_PASSWORD", `a password has 1 to ${PASSWORD_BYTES_MAX} bytes`, at));
}

/** A PHC string to put into the configuration. */
export async function hashPassword(password: Secret): Promise<string> {
  return hash(copyOf(password), ARGON2);
}

export async function createPasswordJudge(): Promise<PasswordJudge> {
  const key = randomBytes(32);
  // Stands in for everybody who does not exist or whose password is not a hash.
  const dummy = await hash(randomBytes(32), ARGON2);
  let running = 0;

  async function judge(
    record: PasswordRecord | undefined,
    answer: Secret,
  ): Promise<PasswordOutcome> {
    if (running >= JUDGEMENTS_MAX) return "unavailable";
    running += 1;
    const bytes = copyOf(answer);
    try {
      const long = bytes.length > PASSWORD_BYTES_MAX;
      const phc = record?.type === "hash" && !long ? record.phc : dummy;
      const hashed = await verify(phc, long ? bytes.subarray(0, 1) : bytes);
      if (record === undefined || long) return "wrong";
      const right = record.type === "hash" ? hashed : equal(key, record.password, bytes);
      return right ? "accepted" : "wrong";
    } finally {
      bytes.fill(0);
      running -= 1;
    }
  }
  return { judge };
}

/** Keyed digests are compared: their length and their first difference say nothing of the password. */
function equal(key: Uint8Array, known: Secret, typed: Uint8Array): boolean {
  const digest = (bytes: Uint8Array) => createHmac("sha256", key).update(bytes).digest();
  return timingSafeEqual(known.reveal(digest), digest(typed));
}

/** argon2 works on another thread: it gets bytes of its own, which the caller may not wipe early. */
function copyOf(secret: Secret): Uint8Array {
  return secret.reveal((bytes) => Uint8Array.from(bytes));
}
