import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";

/** An event of the log: a CloudEvent. */
export type LoggedEvent = Readonly<Record<string, unknown>>;

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

/**
 * Moves the named fields of `data` into one encrypted field: AES-256-GCM with the key of the session
 * (NIST SP 800-38D, random 96-bit nonce), bound to the id of the event. The rest stays readable.
 */
export function hidePrivate(
  event: LoggedEvent,
  fields: readonly string[],
  key: FieldKey,
): LoggedEvent {
  const data = dataOf(event);
  const hidden = Object.entries(data).filter(([name]) => fields.includes(name));
  if (hidden.length === 0) return event;
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv("aes-256-gcm", key.bytes, iv);
  cipher.setAAD(Buffer.from(String(event["id"])));
  const text = Buffer.from(JSON.stringify(Object.fromEntries(hidden)));
  const sealed = Buffer.concat([iv, cipher.update(text), cipher.final(), cipher.getAuthTag()]);
  const open = Object.entries(data).filter(([name]) => !fields.includes(name));
  return {
    ...event,
    data: {
      ...Object.fromEntries(open),
      [SEALED]: sealed.toString("base64"),
      [SEALED_KEY]: key.id,
    },
  };
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
