import { createCipheriv, createDecipheriv, hkdfSync } from "node:crypto";

/**
 * The payload of an age file (https://age-encryption.org/v1, "Payload"): a nonce of 16 bytes, from which
 * and from the file key HKDF-SHA-256 makes a key, and chunks of 64 KiB, each ChaCha20-Poly1305 under its
 * number and the mark "last". It is ours, not the library's, because a recording grows for hours,
 * must be readable whenever it ends, and must not cost a session's thread more than native code does.
 */
export const CHUNK_BYTES = 64 * 1024;
export const TAG_BYTES = 16;
export const NONCE_BYTES = 16;

const CIPHER = "chacha20-poly1305";
const OPTIONS = { authTagLength: TAG_BYTES };
const COUNTER_BYTES = 11;

export interface Payload {
  /** Each number once, but for the same text; only the last chunk may be shorter than others. */
  seal(chunk: Uint8Array, number: number, last: boolean): Buffer;
  /** Null when it was altered, or is not this chunk. */
  open(chunk: Uint8Array, number: number, last: boolean): Buffer | null;
}

export function openPayload(fileKey: Uint8Array, nonce: Uint8Array): Payload {
  const key = Buffer.from(hkdfSync("sha256", fileKey, nonce, "payload", 32));
  return {
    seal(chunk, number, last) {
      const cipher = createCipheriv(CIPHER, key, nonceOf(number, last), OPTIONS);
      const text = cipher.update(chunk);
      cipher.final();
      return Buffer.concat([text, cipher.getAuthTag()]);
    },
    open(chunk, number, last) {
      if (chunk.length < TAG_BYTES) return null;
      const decipher = createDecipheriv(CIPHER, key, nonceOf(number, last), OPTIONS);
      decipher.setAuthTag(chunk.subarray(chunk.length - TAG_BYTES));
      const text = decipher.update(chunk.subarray(0, chunk.length - TAG_BYTES));
      try {
        decipher.final();
        return text;
      } catch {
        return null;
      }
    },
  };
}

/** 11 bytes of counter, big endian, and one that says whether it is the last. */
function nonceOf(number: number, last: boolean): Buffer {
  const nonce = Buffer.alloc(COUNTER_BYTES + 1);
  // 2^48 chunks are 16 EiB.
  nonce.writeUIntBE(number, COUNTER_BYTES - 6, 6);
  nonce[COUNTER_BYTES] = last ? 1 : 0;
  return nonce;
}
