import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from "node:crypto";
import { err, fault, ok, type Fault, type Result } from "../../kernel/index.js";

/**
 * A profile as it lies on a disk and travels: AES-256-GCM, `CHPPROF1` + nonce (12 bytes) + tag (16) +
 * ciphertext. The name of the person is bound in, so that no profile passes for somebody else's. The
 * key is held by sidecars alone: the scoring core keeps what it can not read.
 */
export interface ProfileSeal {
  seal(person: string, text: string): Uint8Array;
  open(person: string, sealed: Uint8Array): Result<string, Fault>;
  /** Tells profiles apart without naming anybody: 32 hex digits. */
  nameOf(person: string): string;
}

export const PROFILE_KEY_BYTES = 32;
const MAGIC = Buffer.from("CHPPROF1");
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const NAME_HEX = 32;

/** One key for contents, one for names, both of the given one (HKDF-SHA256, RFC 5869). */
export function createProfileSeal(key: Uint8Array): ProfileSeal {
  const derived = (use: string): Buffer =>
    Buffer.from(hkdfSync("sha256", key, new Uint8Array(0), `chaperone profile ${use}`, 32));
  const contents = derived("contents");
  const names = derived("names");
  return {
    seal(person, text) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv("aes-256-gcm", contents, nonce);
      cipher.setAAD(Buffer.from(person));
      const body = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
      return Buffer.concat([MAGIC, nonce, cipher.getAuthTag(), body]);
    },
    open(person, sealed) {
      const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength);
      const from = MAGIC.length + NONCE_BYTES + TAG_BYTES;
      if (bytes.length < from || !bytes.subarray(0, MAGIC.length).equals(MAGIC)) {
        return refused("it is no sealed profile");
      }
      const nonce = bytes.subarray(MAGIC.length, MAGIC.length + NONCE_BYTES);
      const decipher = createDecipheriv("aes-256-gcm", contents, nonce);
      decipher.setAAD(Buffer.from(person));
      decipher.setAuthTag(bytes.subarray(MAGIC.length + NONCE_BYTES, from));
      try {
        const opened = Buffer.concat([decipher.update(bytes.subarray(from)), decipher.final()]);
        return ok(opened.toString("utf8"));
      } catch {
        // Altered, of another person, or of another installation: which one can not be told.
        return refused("it was altered, or sealed with another key");
      }
    },
    nameOf: (person) => createHmac("sha256", names).update(person).digest("hex").slice(0, NAME_HEX),
  };
}

function refused(why: string): Result<never, Fault> {
  return err(fault("CHP_RUNTIME_PROFILE", why));
}
