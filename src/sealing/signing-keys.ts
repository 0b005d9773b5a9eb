import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  sign,
  verify,
  type KeyObject,
} from "node:crypto";
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { describeError, err, fault, ok, type Fault, type Result } from "../kernel/index.js";
import type { PublicKeyRef, SealedRecord } from "./chain.js";
import { replaceFile } from "./replace-file.js";

/** An Ed25519 key (RFC 8032) that signs the log. */
export interface SigningKey {
  readonly public: PublicKeyRef;
  /** When it was made, ms UTC. */
  readonly madeAtMs: number;
  sign(statement: Uint8Array): string;
}

const KEY_FILE = /^\d{6}\.pem$/;
const NUMBERED = /^(?<number>\d{6})(?:\.pub)?\.pem$/;

/**
 * The key with this id; the newest, or a new one, when the log has named none yet. Keys are numbered:
 * 000001.pem, 0600; of those that were given up there is the public part, 000001.pub.pem.
 */
export function openSigningKey(dir: string, id: string | null): Result<SigningKey, Fault> {
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    chmodSync(dir, 0o700);
    const keys = keyFiles(dir).map((file) => readKey(join(dir, file)));
    const found = id === null ? keys.at(-1) : keys.find((key) => key.public.id === id);
    if (found !== undefined) return ok(found);
    if (id === null) return ok(createSigningKey(dir));
    return err(fault("CHP_SEALING_KEY", `${dir}: the key ${id}, which signed last, is not there`));
  } catch (error) {
    return err(fault("CHP_SEALING_KEY", `${dir}: ${describeError(error)}`));
  }
}

/** A new key, numbered after every other. Throws what the file system says. */
export function createSigningKey(dir: string): SigningKey {
  const numbers = readdirSync(dir).map((file) =>
    Number(NUMBERED.exec(file)?.groups?.["number"] ?? 0),
  );
  const number = Math.max(0, ...numbers) + 1;
  // Exported while it is made, never afterwards: see protocols/ssh/door/x25519.ts.
  const { privateKey: pem } = generateKeyPairSync("ed25519", {
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" },
  });
  const path = join(dir, `${String(number).padStart(6, "0")}.pem`);
  replaceFile(path, pem);
  return readKey(path);
}

/**
 * Destroys the private part of every key but this one: who reads the folder from now on can not sign what
 * happened before. Only after the record that hands over is on the disk. Throws what the file system
 * says; what is left over then is destroyed the next time.
 */
export function retireOtherKeys(dir: string, current: SigningKey): void {
  for (const { file, key, newer } of otherKeys(dir, current)) {
    const path = join(dir, file);
    // A newer one was made for a rotation that did not come about: it has signed nothing.
    if (!newer) replaceFile(path.replace(/\.pem$/, ".pub.pem"), publicPem(key));
    rmSync(path);
  }
}

export interface OtherKey {
  readonly file: string;
  readonly key: SigningKey;
  readonly newer: boolean;
}

/** Private keys beside this one. */
export function otherKeys(dir: string, current: SigningKey): readonly OtherKey[] {
  const keys = keyFiles(dir).map((file) => ({ file, key: readKey(join(dir, file)) }));
  const at = keys.findIndex(({ key }) => key.public.id === current.public.id);
  return keys.map((one, index) => ({ ...one, newer: index > at })).filter((_, n) => n !== at);
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
function keyIdOf(spki: Uint8Array): string {
  return createHash("sha256").update(spki).digest("hex").slice(0, 32);
}

/** What a seal signs: everything up to and including the record before it. */
export function sealStatement(head: string, n: number): Uint8Array {
  return Buffer.from(`chaperone audit seal\n${String(n)}\n${head}\n`);
}

/** Says whether this key has handed over to the one that the record names. */
export function isHandover(
  key: PublicKeyRef,
  { n, head, from, to, signature }: SealedRecord & { readonly kind: "rotate" },
): boolean {
  const statement = rotationStatement(head, n, to);
  return key.id === from && isItself(to) && verifySignature(key, statement, signature);
}

/** The id of a key follows from it. */
export function isItself(key: PublicKeyRef): boolean {
  return keyIdOf(Buffer.from(key.spki, "base64")) === key.id;
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

function publicPem(key: SigningKey): string | Buffer {
  return publicKeyOf(key.public).export({ type: "spki", format: "pem" });
}

function readKey(path: string): SigningKey {
  const key = createPrivateKey(readFileSync(path));
  const spki = createPublicKey(key).export({ type: "spki", format: "der" });
  return {
    public: { id: keyIdOf(spki), spki: spki.toString("base64") },
    madeAtMs: statSync(path).mtimeMs,
    sign: (statement) => sign(null, statement, key).toString("base64"),
  };
}

function keyFiles(dir: string): string[] {
  return readdirSync(dir)
    .filter((file) => KEY_FILE.test(file))
    .sort();
}
