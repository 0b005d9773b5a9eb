import { createCipheriv, createDecipheriv } from "node:crypto";
import { splitFields } from "./json-fields.js";
import { createNonces } from "./nonces.js";

/** An event of the log: a CloudEvent. */
export type LoggedEvent = Readonly<Record<string, unknown>>;

/** An event on its way into the log, as its JSON: parsed by nobody, because each byte of it is hashed anyway. */
export interface LoggedText {
  readonly id: string;
  /** Without prefix and version: `session.opened`. */
  readonly type: string;
  readonly subject: string;
  readonly text: string;
  /** Where the JSON of `data` begins; it ends one character before the text does. */
  readonly dataAt: number;
}

const IV_BYTES = 12;
const TAG_BYTES = 16;
/** Where the encrypted fields of `data` stand, and the id of the key. */
const SEALED = "sealed";
const SEALED_KEY = "sealedKey";

export interface FieldKey {
  readonly id: string;
  /** 32 bytes. */
  readonly bytes: Uint8Array;
}

const nextNonce = createNonces(IV_BYTES);

/**
 * The event's JSON with the named fields of `data` in one encrypted field: AES-256-GCM with the key of the
 * session (NIST SP 800-38D, random 96-bit nonce), bound to the id of the event. The rest stays readable. The key
 * is asked for only where there is something to hide.
 */
export function hidePrivate(
  event: LoggedText,
  fields: readonly string[],
  keyOf: () => FieldKey,
): string {
  const { id, text, dataAt } = event;
  const { hidden, open } = splitFields(text, dataAt, fields);
  if (hidden === "") return text;
  const key = keyOf();
  const iv = nextNonce();
  const cipher = createCipheriv("aes-256-gcm", key.bytes, iv);
  cipher.setAAD(Buffer.from(id));
  const secret = cipher.update(`{${hidden}}`, "utf8");
  // Nothing is left for GCM to give out, but without it there is no tag.
  cipher.final();
  const sealed = Buffer.allocUnsafe(IV_BYTES + secret.length + TAG_BYTES);
  sealed.set(iv, 0);
  sealed.set(secret, IV_BYTES);
  sealed.set(cipher.getAuthTag(), IV_BYTES + secret.length);
  const before = open === "" ? "" : `${open},`;
  const name = JSON.stringify(key.id);
  return `${text.slice(0, dataAt)}{${before}"${SEALED}":"${sealed.toString("base64")}","${SEALED_KEY}":${name}}}`;
}

/** Null when nothing of the event is encrypted. */
export function keyIdOfEvent(event: LoggedEvent): string | null {
  const id = dataOf(event)[SEALED_KEY];
  return typeof id === "string" ? id : null;
}

/** The event as it was told; null when the key is not the right one. */
export function showPrivate(event: LoggedEvent, key: Uint8Array): LoggedEvent | null {
  const data = dataOf(event);
  const sealed = data[SEALED];
  if (typeof sealed !== "string") return event;
  const open = Object.entries(data).filter(([name]) => name !== SEALED && name !== SEALED_KEY);
  const bytes = Buffer.from(sealed, "base64");
  try {
    const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, IV_BYTES));
    decipher.setAAD(Buffer.from(String(event["id"])));
    decipher.setAuthTag(bytes.subarray(bytes.length - TAG_BYTES));
    const middle = bytes.subarray(IV_BYTES, bytes.length - TAG_BYTES);
    const text = Buffer.concat([decipher.update(middle), decipher.final()]).toString();
    // Authenticated just now: written by hidePrivate.
    const hidden = JSON.parse(text) as Record<string, unknown>;
    return { ...event, data: { ...hidden, ...Object.fromEntries(open) } };
  } catch {
    return null;
  }
}

function dataOf(event: LoggedEvent): Readonly<Record<string, unknown>> {
  const data = event["data"];
  // Every event of ours has an object there; anything else has nothing to hide.
  return typeof data === "object" && data !== null ? (data as Record<string, unknown>) : {};
}
