import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  sign,
  verify,
  type KeyObject,
} from "node:crypto";
import { chmodSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describeError, err, fault, ok, type Fault, type Result } from "../kernel/index.js";
import type { PublicKeyRef } from "./chain.js";
import { replaceFile } from "./replace-file.js";

/** An Ed25519 key (RFC 8032) that signs the log. */
export interface SigningKey {
  readonly public: PublicKeyRef;
  sign(statement: Uint8Array): string;
}

const KEY_FILE = /^(?<number>\d{6})\.pem$/;

/**
 * The key with this id; the newest, or a new one, when the log has named none yet. Keys are numbered:
 * 000001.pem, 0600.
 */
export function openSigningKey(dir: string, id: string | null): Result<SigningKey, Fault> {
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    chmodSync(dir, 0o700);
    const keys = keyFiles(dir).map((file) =>
      signingKey(createPrivateKey(readFileSync(join(dir, file)))),
    );
    const found = id === null ? keys.at(-1) : keys.find((key) => key.public.id === id);
    if (found !== undefined) return ok(found);
    if (id === null) return ok(createSigningKey(dir));
    return err(fault("CHP_SEALING_KEY", `${dir}: the key ${id}, which signed last, is not there`));
  } catch (error) {
    return err(fault("CHP_SEALING_KEY", `${dir}: ${describeError(error)}`));
  }
}

/** A new key, numbered after the newest. Throws what the file system says. */
export function createSigningKey(dir: string): SigningKey {
  const last = keyFiles(dir).at(-1);
  const number = last === undefined ? 1 : Number(last.slice(0, 6)) + 1;
  // Exported while it is made, never afterwards: see protocols/ssh/door/x25519.ts.
  const { privateKey: pem } = generateKeyPairSync("ed25519", {
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" },
  });
  replaceFile(join(dir, `${String(number).padStart(6, "0")}.pem`), pem);
  return signingKey(createPrivateKey(pem));
}

export function verifySignature(
  key: PublicKeyRef,
  statement: Uint8Array,
  signature: string,
): boolean {
  // One spelling each, so that no bit can be flipped unseen.
  if (![key.spki, signature].every(isCanonical)) return false;
  try {
    return verify(null, statement, publicKeyOf(key), Buffer.from(signature, "base64"));
  } catch {
    return false;
  }
}

/** The id follows from the key: a record can not name a key that it does not show. */
export function keyIdOf(spki: Uint8Array): string {
  return createHash("sha256").update(spki).digest("hex").slice(0, 32);
}

/** What a seal signs: everything up to and including the record before it. */
export function sealStatement(head: string, n: number): Uint8Array {
  return Buffer.from(`chaperone audit seal\n${String(n)}\n${head}\n`);
}

/** What the old key signs when it hands over. */
export function rotationStatement(head: string, n: number, to: PublicKeyRef): Uint8Array {
  return Buffer.from(`chaperone audit rotate\n${String(n)}\n${head}\n${to.spki}\n`);
}

function isCanonical(base64: string): boolean {
  return Buffer.from(base64, "base64").toString("base64") === base64;
}

function publicKeyOf(key: PublicKeyRef): KeyObject {
  return createPublicKey({ key: Buffer.from(key.spki, "base64"), format: "der", type: "spki" });
}

function signingKey(key: KeyObject): SigningKey {
  const spki = createPublicKey(key).export({ type: "spki", format: "der" });
  return {
    public: { id: keyIdOf(spki), spki: spki.toString("base64") },
    sign: (statement) => sign(null, statement, key).toString("base64"),
  };
}

function keyFiles(dir: string): string[] {
  return readdirSync(dir)
    .filter((file) => KEY_FILE.test(file))
    .sort();
}
