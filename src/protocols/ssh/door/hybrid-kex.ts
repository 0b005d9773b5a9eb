import { createHash } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { ml_kem768 } from "@noble/post-quantum/ml-kem.js";
import { agreeX25519, generateX25519 } from "./x25519.js";

/** Sizes of FIPS 203 (ML-KEM-768) and RFC 7748, as they stand on the wire. */
export const HYBRID_SIZES = {
  clientPublic: 1184 + 32,
  serverReply: 1088 + 32,
  mlkemPublic: 1184,
  mlkemCiphertext: 1088,
  x25519: 32,
} as const;

export interface HybridClient {
  /** C_INIT: ML-KEM public key, then X25519 public key. */
  readonly init: Uint8Array;
  /** K from the server's reply. Throws when the reply is malformed. */
  secret(reply: Uint8Array): Uint8Array;
}

/**
 * mlkem768x25519-sha256 (draft-ietf-sshm-mlkem-hybrid-kex): K = SHA-256(K_PQ || K_CL), which enters
 * exchange hash and key derivation as a *string*, not as an mpint.
 */
export function createHybridClient(): HybridClient {
  const kem = ml_kem768.keygen();
  const curve = generateX25519();
  return {
    init: Buffer.concat([kem.publicKey, curve.publicBytes]),
    secret(reply) {
      if (reply.length !== HYBRID_SIZES.serverReply) throw new Error("hybrid reply: wrong length");
      const shared = ml_kem768.decapsulate(
        reply.subarray(0, HYBRID_SIZES.mlkemCiphertext),
        kem.secretKey,
      );
      const result = combine(
        shared,
        curve.privateKey,
        reply.subarray(HYBRID_SIZES.mlkemCiphertext),
      );
      kem.secretKey.fill(0);
      return result;
    },
  };
}

/** The server's half: S_REPLY (ciphertext, then X25519 public key) and K. Throws on malformed input. */
export function answerHybrid(init: Uint8Array): { reply: Uint8Array; secret: Uint8Array } {
  if (init.length !== HYBRID_SIZES.clientPublic) throw new Error("hybrid init: wrong length");
  const curve = generateX25519();
  const kem = ml_kem768.encapsulate(init.subarray(0, HYBRID_SIZES.mlkemPublic));
  const secret = combine(
    kem.sharedSecret,
    curve.privateKey,
    init.subarray(HYBRID_SIZES.mlkemPublic),
  );
  return { reply: Buffer.concat([kem.cipherText, curve.publicBytes]), secret };
}

/** Throws on an X25519 key that agrees on nothing. */
function combine(post: Uint8Array, privateKey: KeyObject, peer: Uint8Array): Uint8Array {
  const classic = agreeX25519(privateKey, peer);
  const secret = createHash("sha256").update(post).update(classic).digest();
  classic.fill(0);
  post.fill(0);
  return secret;
}
