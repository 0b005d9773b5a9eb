import { createHash } from "node:crypto";
import { err, fault, ok, type Fault, type Place, type Result } from "../kernel/index.js";
import { readSsh } from "./ssh-wire.js";

/** A public key in the form that travels in SSH (RFC 4253 section 6.6). */
export interface PublicKey {
  /** `ssh-ed25519`, `ecdsa-sha2-nistp256`, `ssh-rsa`, ... */
  readonly type: string;
  readonly blob: Uint8Array;
  /** SHA-256 as OpenSSH prints it, without the `SHA256:` prefix and without padding. */
  readonly fingerprint: string;
  readonly comment: string;
}

const CURVE_BITS: Readonly<Record<string, string>> = {
  "ecdsa-sha2-nistp256": "nistp256",
  "ecdsa-sha2-nistp384": "nistp384",
  "ecdsa-sha2-nistp521": "nistp521",
};
/** Shorter RSA keys are refused by OpenSSH's own defaults of today and by every current guideline. */
const RSA_BITS_MIN = 2_048;
const ED25519_BYTES = 32;

/** Fingerprint of a public key blob: base64 of its SHA-256 without padding (RFC 4648 section 4). */
export function fingerprintOf(blob: Uint8Array): string {
  return createHash("sha256").update(blob).digest("base64").replace(/=+$/, "");
}

/**
 * One line of an authorized_keys file (sshd(8)). Options (`from=`, `command=`, ...) are refused: they
 * restrict, and a restriction that is silently dropped would open what was closed.
 */
export function parseAuthorizedKey(line: string, at?: Place): Result<PublicKey, Fault> {
  const [type, encoded, ...comment] = line.trim().split(/[ \t]+/);
  if (type === undefined || encoded === undefined) return bad("needs a type and a key", at);
  if (!isKeyType(type)) return bad(whyNotType(type), at);
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(encoded)) return bad("is not base64", at);
  const blob = new Uint8Array(Buffer.from(encoded, "base64"));
  const problem = whyNotBlob(type, blob);
  if (problem !== null) return bad(problem, at);
  return ok({ type, blob, fingerprint: fingerprintOf(blob), comment: comment.join(" ") });
}

function isKeyType(type: string): boolean {
  return type === "ssh-ed25519" || type === "ssh-rsa" || type in CURVE_BITS;
}

function whyNotType(type: string): string {
  if (type === "ssh-dss") return "is a DSA key, which is broken";
  if (type.startsWith("sk-"))
    return "is a security key (sk-...), which this version can not verify";
  if (type.includes("-cert-")) return "is a certificate, which this version can not verify";
  return "has options or an unknown type in front; options are not supported";
}

/** Null when the blob is a whole, plausible key of that type. */
export function whyNotBlob(type: string, blob: Uint8Array): string | null {
  const reader = readSsh(blob);
  if (reader.text() !== type) return "holds another type than it says";
  if (type === "ssh-ed25519") {
    if (reader.string()?.length !== ED25519_BYTES) return "has the wrong length";
  } else if (type === "ssh-rsa") {
    const exponent = reader.string();
    const modulus = reader.string();
    if (exponent === null || modulus === null) return "ends too early";
    if (bitLength(modulus) < RSA_BITS_MIN) return `is shorter than ${RSA_BITS_MIN} bits`;
  } else {
    if (reader.text() !== CURVE_BITS[type]) return "names another curve than its type";
    if (reader.string()?.[0] !== 4) return "holds no uncompressed point";
  }
  return reader.rest === 0 ? null : "has bytes after its end";
}

function bitLength(mpint: Uint8Array): number {
  const first = mpint.findIndex((byte) => byte !== 0);
  if (first < 0) return 0;
  return (mpint.length - first) * 8 - Math.clz32(mpint[first] ?? 0) + 24;
}

function bad(why: string, at: Place | undefined): Result<never, Fault> {
  return err(fault("CHP_IDENTITY_KEY", `the public key ${why}`, at));
}
