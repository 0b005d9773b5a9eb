import { createPublicKey, diffieHellman } from "node:crypto";
import type { KeyObject } from "node:crypto";

/**
 * The raw public key. By way of JWK, because OpenSSL 3 spends a tenth of a millisecond on each DER it
 * writes or reads, more than on the exchange itself.
 */
export function rawX25519(key: KeyObject): Buffer {
  return Buffer.from(key.export({ format: "jwk" }).x ?? "", "base64url");
}

/** The shared secret. node:crypto throws on a key of wrong length and on an all-zero secret (RFC 7748 section 6.1). */
export function agreeX25519(privateKey: KeyObject, peer: Uint8Array): Buffer {
  const x = Buffer.from(peer).toString("base64url");
  const publicKey = createPublicKey({ key: { kty: "OKP", crv: "X25519", x }, format: "jwk" });
  return diffieHellman({ privateKey, publicKey });
}
