import { createPublicKey, diffieHellman, generateKeyPairSync } from "node:crypto";
import type { KeyObject } from "node:crypto";

export interface X25519Pair {
  readonly privateKey: KeyObject;
  /** As on the wire (RFC 7748): 32 bytes. */
  readonly publicBytes: Buffer;
}

/**
 * A new key pair. The public half is exported while it is made, never afterwards: Node's `export` of a
 * generated key holds a lock that the garbage collector takes too when it frees what generated the key,
 * and when it runs in that very moment the process stands still for ever (seen with Node 20.20, stack:
 * ExportJWK, garbage collection, ~KeyGenJob, uv_mutex_lock). As JWK, because OpenSSL 3 spends a tenth of
 * a millisecond on each DER it writes or reads, more than on the exchange itself.
 */
export function generateX25519(): X25519Pair {
  const options = { publicKeyEncoding: { format: "jwk" } } as never; // an encoding that @types/node lacks
  const pair = generateKeyPairSync("x25519", options) as unknown as {
    readonly publicKey: { readonly x: string };
    readonly privateKey: KeyObject;
  };
  return {
    privateKey: pair.privateKey,
    publicBytes: Buffer.from(pair.publicKey.x, "base64url"),
  };
}

/** The shared secret. node:crypto throws on a key of wrong length and on an all-zero secret (RFC 7748 section 6.1). */
export function agreeX25519(privateKey: KeyObject, peer: Uint8Array): Buffer {
  const x = Buffer.from(peer).toString("base64url");
  const publicKey = createPublicKey({ key: { kty: "OKP", crv: "X25519", x }, format: "jwk" });
  return diffieHellman({ privateKey, publicKey });
}
