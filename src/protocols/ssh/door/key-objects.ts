import { createPrivateKey, createPublicKey, sign, verify } from "node:crypto";
import type { KeyObject } from "node:crypto";

/**
 * What ssh2's parsed keys sign and verify with. The library hands node:crypto a PEM text for each
 * signature, and OpenSSL 3 takes half a millisecond to read one, ten times as long as to sign: so a
 * key is read once for as long as it lives, and Ed25519, whose bytes need no parsing, as a JWK.
 */
export interface ParsedKey {
  readonly type: string;
  getPrivatePEM(): string;
  getPublicPEM(): string;
  /** The public key as on the wire (RFC 8709 section 4: the key is its last 32 bytes). */
  getPublicSSH(): Buffer;
}

const ED25519_BYTES = 32;
/** PKCS#8 of an Ed25519 key without attributes (RFC 8410 section 7): the seed is its end. */
const ED25519_PKCS8_BYTES = 48;

const privateKeys = new WeakMap<ParsedKey, KeyObject>();
const publicKeys = new WeakMap<ParsedKey, KeyObject>();

/** Throws what node:crypto throws; ssh2 turns it into a failed signature. */
export function signWith(key: ParsedKey, hash: string | null, data: Buffer): Buffer {
  let object = privateKeys.get(key);
  if (object === undefined) privateKeys.set(key, (object = readPrivate(key)));
  return sign(hash, data, object);
}

/** Throws on a malformed key; ssh2 turns it into a failed verification. */
export function verifyWith(
  key: ParsedKey,
  hash: string | null,
  { data, signature }: { data: Buffer; signature: Buffer },
): boolean {
  let object = publicKeys.get(key);
  if (object === undefined) publicKeys.set(key, (object = readPublic(key)));
  return verify(hash, data, object, signature);
}

function readPrivate(key: ParsedKey): KeyObject {
  const pem = key.getPrivatePEM();
  if (key.type !== "ssh-ed25519") return createPrivateKey(pem);
  const der = Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ""), "base64");
  if (der.length !== ED25519_PKCS8_BYTES) return createPrivateKey(pem);
  const d = der.toString("base64url", der.length - ED25519_BYTES);
  der.fill(0);
  return createPrivateKey({
    key: { kty: "OKP", crv: "Ed25519", d, x: publicBytes(key) },
    format: "jwk",
  });
}

function readPublic(key: ParsedKey): KeyObject {
  return key.type === "ssh-ed25519"
    ? ed25519Key(publicBytes(key))
    : createPublicKey(key.getPublicPEM());
}

/** Public keys that were read last: the same people come to the same targets again and again. */
const RECENT_MAX = 256;
const recent = new Map<string, KeyObject>();
const parsed = new Map<string, ParsedKey>();

/**
 * A public key as ssh2 parses it, which builds a PEM text of each with an ASN.1 writer. `blob` is what
 * follows the name on the wire. What does not parse is an Error, and is not kept.
 */
export function parsedOnce(
  name: string,
  blob: Uint8Array,
  parse: (blob: Uint8Array, name: string) => ParsedKey | Error,
): ParsedKey | Error {
  const id = `${name} ${Buffer.from(blob).toString("base64")}`;
  const known = parsed.get(id);
  if (known !== undefined) return known;
  const read = parse(blob, name);
  if (!(read instanceof Error)) remember(parsed, id, read);
  return read;
}

/** From its 32 bytes in base64url. Throws what node:crypto throws. */
export function ed25519Key(x: string): KeyObject {
  const known = recent.get(x);
  if (known !== undefined) return known;
  const read = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
  remember(recent, x, read);
  return read;
}

/** The one that has been there longest makes room. */
function remember<T>(known: Map<string, T>, id: string, key: T): void {
  const oldest = known.size >= RECENT_MAX ? known.keys().next().value : undefined;
  if (oldest !== undefined) known.delete(oldest);
  known.set(id, key);
}

function publicBytes(key: ParsedKey): string {
  const blob = key.getPublicSSH();
  return blob.toString("base64url", blob.length - ED25519_BYTES);
}
