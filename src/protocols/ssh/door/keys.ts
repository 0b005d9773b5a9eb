import { verify } from "node:crypto";
import { ed25519Key } from "./key-objects.js";
import { ssh2 } from "./ssh2.js";

/** Signature algorithms that people may log in with; SHA-1, DSA, certificates and FIDO keys are not. */
export const LOGIN_ALGORITHMS = [
  "ssh-ed25519",
  "ecdsa-sha2-nistp256",
  "ecdsa-sha2-nistp384",
  "ecdsa-sha2-nistp521",
  "rsa-sha2-512",
  "rsa-sha2-256",
] as const;

export interface KeyProof {
  readonly algorithm: string;
  /** Public key as on the wire (RFC 4253 section 6.6). */
  readonly blob: Uint8Array;
  readonly signedData: Uint8Array;
  readonly signature: Uint8Array;
}

/** True when the key is of the kind that its algorithm names and its signature is right. */
export function provesKey(proof: KeyProof): boolean {
  if (proof.algorithm === ED25519) return provesEd25519(proof);
  const key = parsePublicKey(proof.algorithm, proof.blob);
  if (key === null) return false;
  const hash = RSA_HASHES[proof.algorithm];
  const verified = key.verify(
    Buffer.from(proof.signedData),
    Buffer.from(proof.signature),
    hash, // undefined: the key's own hash
  );
  return verified === true;
}

/** True for a well-formed key that may be used with this algorithm. */
export function isUsableKey(algorithm: string, blob: Uint8Array): boolean {
  if (algorithm === ED25519) return ed25519Bytes(blob) !== null;
  return parsePublicKey(algorithm, blob) !== null;
}

const ED25519 = "ssh-ed25519";
/** Before the 32 bytes of the key (RFC 8709 section 4): the name, then their length. */
const ED25519_HEAD = Buffer.concat([
  Buffer.of(0, 0, 0, ED25519.length),
  Buffer.from(ED25519),
  Buffer.of(0, 0, 0, 32),
]);

/** The kind of key that nearly everybody has, without the PEM texts that ssh2 makes of each key. */
function provesEd25519({ blob, signedData, signature }: KeyProof): boolean {
  const bytes = ed25519Bytes(blob);
  if (bytes === null) return false;
  try {
    return verify(null, signedData, ed25519Key(bytes.toString("base64url")), signature);
  } catch {
    return false;
  }
}

function ed25519Bytes(blob: Uint8Array): Buffer | null {
  const all = Buffer.from(blob.buffer, blob.byteOffset, blob.byteLength);
  const fits = all.length === ED25519_HEAD.length + 32;
  return fits && ED25519_HEAD.equals(all.subarray(0, ED25519_HEAD.length))
    ? all.subarray(ED25519_HEAD.length)
    : null;
}

const RSA_HASHES: Readonly<Record<string, string>> = {
  "rsa-sha2-256": "sha256",
  "rsa-sha2-512": "sha512",
};
/** A public key on the wire is shorter than this: RSA of 16384 bits takes 2 KiB. */
const KEY_BYTES_MAX = 4096;

interface PublicKey {
  readonly type: string;
  verify(data: Buffer, signature: Buffer, hash?: string): boolean | Error;
}

function parsePublicKey(algorithm: string, blob: Uint8Array): PublicKey | null {
  const known: readonly string[] = LOGIN_ALGORITHMS;
  if (!known.includes(algorithm) || blob.length > KEY_BYTES_MAX) return null;
  const parsed: unknown = ssh2.utils.parseKey(Buffer.from(blob));
  const key = (Array.isArray(parsed) ? parsed[0] : parsed) as PublicKey | Error; // parseKey answers one of these
  if (key instanceof Error) return null;
  const expected = algorithm in RSA_HASHES ? "ssh-rsa" : algorithm;
  return key.type === expected ? key : null;
}
