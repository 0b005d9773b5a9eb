import { createHmac, timingSafeEqual } from "node:crypto";
import { err, fault, ok, Secret } from "../kernel/index.js";
import { MICROS_PER_SECOND, type Fault, type Place, type Result } from "../kernel/index.js";
import type { WallMicros } from "../kernel/index.js";
import { decodeBase32 } from "./base32.js";

/** RFC 6238 with the values that every authenticator app assumes: SHA-1, 30 s, 6 digits. */
const STEP_SECONDS = 30;
const DIGITS = 6;
/** Steps before and after the present one that are accepted: clocks differ, typing takes time. */
const WINDOW = [0, -1, 1] as const;
/** RFC 4226 section 4 R6 demands 128 bits. */
export const TOTP_SECRET_BYTES_MIN = 16;
const TOTP_SECRET_BYTES_MAX = 128;

export function totpStepAt(wall: WallMicros): number {
  return Math.floor(wall / MICROS_PER_SECOND / STEP_SECONDS);
}

/** The code of one step (RFC 4226 section 5.3). */
export function totpCode(secret: Secret, step: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const digest = secret.reveal((key) => createHmac("sha1", key).update(counter).digest());
  const offset = (digest.at(-1) ?? 0) & 0x0f;
  const number = digest.readUInt32BE(offset) & 0x7fff_ffff;
  return String(number % 10 ** DIGITS).padStart(DIGITS, "0");
}

/**
 * The step whose code `answer` is, or null. Every step of the window is computed and compared in
 * constant time, so that time tells neither which one matched nor how far. The caller accepts each
 * step once (RFC 6238 section 5.2). Spaces in the answer are ignored: apps show `123 456`.
 */
export function matchTotp(secret: Secret, answer: Secret, wall: WallMicros): number | null {
  const typed = answer.reveal(digitsOf);
  const now = totpStepAt(wall);
  let matched: number | null = null;
  for (const distance of WINDOW) {
    const step = now + distance;
    const expected = Buffer.from(totpCode(secret, Math.max(step, 0)), "latin1");
    const equal = timingSafeEqual(expected, typed.bytes) && typed.whole;
    if (equal && matched === null && step >= 0) matched = step;
  }
  typed.bytes.fill(0);
  return matched;
}

/** Always as many bytes as a code has, so that a wrong length takes the same way. */
function digitsOf(bytes: Uint8Array): { readonly bytes: Uint8Array; readonly whole: boolean } {
  const digits = new Uint8Array(DIGITS);
  let length = 0;
  for (const byte of bytes) {
    if (byte === 0x20) continue;
    if (length < DIGITS) digits[length] = byte;
    length += 1;
  }
  return { bytes: digits, whole: length === DIGITS };
}

/** A base32 secret as a directory or an app holds it. */
export function parseTotpSecret(base32: Secret, at?: Place): Result<Secret, Fault> {
  const bytes = base32.reveal((text) => decodeBase32(Buffer.from(text).toString("latin1")));
  if (bytes === null) {
    return err(fault("CHP_IDENTITY_TOTP", "the TOTP secret is not base32", at));
  }
  if (bytes.length < TOTP_SECRET_BYTES_MIN || bytes.length > TOTP_SECRET_BYTES_MAX) {
    const range = `${TOTP_SECRET_BYTES_MIN} to ${TOTP_SECRET_BYTES_MAX}`;
    return err(fault("CHP_IDENTITY_TOTP", `the TOTP secret must have ${range} bytes`, at));
  }
  return ok(new Secret(bytes));
}

/** What authenticator apps read from a QR code or a link (Key Uri Format). */
export function otpauthUri(facts: {
  readonly issuer: string;
  readonly person: string;
  readonly base32: string;
}): string {
  const label = `${encodeURIComponent(facts.issuer)}:${encodeURIComponent(facts.person)}`;
  const query = `secret=${facts.base32}&issuer=${encodeURIComponent(facts.issuer)}`;
  return `otpauth://totp/${label}?${query}&algorithm=SHA1&digits=${DIGITS}&period=${STEP_SECONDS}`;
}
