import { hash } from "node:crypto";

/**
 * One line of the sealed log: `HASH PAYLOAD`. HASH = SHA-256(hash of the record before, 32 bytes ||
 * SHA-256(PAYLOAD)), in hex. Because only the digest of a payload enters the chain, an excerpt can prove
 * its place without showing the records of others.
 */
export interface SealedLine {
  readonly hash: string;
  readonly payload: string;
}

/** What a payload says. `n` counts the records of a log, from 0, over all its segments. */
export type SealedRecord =
  | {
      readonly kind: "open";
      readonly n: number;
      readonly segment: number;
      /** Hash of the last record of the segment before; GENESIS when this is the first. */
      readonly previous: string;
      /** UTC, when the segment was begun. */
      readonly at: string;
      readonly key: PublicKeyRef;
    }
  | {
      readonly kind: "event";
      readonly n: number;
      readonly event: Readonly<Record<string, unknown>>;
    }
  | {
      readonly kind: "seal";
      readonly n: number;
      /** Hash of the record before this one: what the signature speaks for. */
      readonly head: string;
      readonly at: string;
      readonly key: string;
      readonly signature: string;
    }
  | {
      readonly kind: "rotate";
      readonly n: number;
      readonly head: string;
      readonly at: string;
      readonly from: string;
      readonly to: PublicKeyRef;
      /** By the key that is given up. */
      readonly signature: string;
    };

export interface PublicKeyRef {
  readonly id: string;
  /** SPKI DER, base64. */
  readonly spki: string;
}

/** Before the first record. */
export const GENESIS = "0".repeat(64);
/**
 * The longest event that the spool takes (16 MiB), where each of its characters of two bytes takes six, and
 * room for what stands around it. A line that is longer has no end: it must not be written.
 */
export const SEALED_LINE_BYTES_MAX = 64 * 1024 * 1024;

const HASH_CHARS = 64;
const DIGEST_PREFIX = "sha256:";
const HASH = /^[0-9a-f]{64}$/;

/**
 * Payloads are JSON in ASCII, so that a line is the same as bytes and as text. Read it as latin1: then a
 * byte that was altered into something else than ASCII shows.
 */
export function payloadOf(record: SealedRecord): string {
  return asciiJson(JSON.stringify(record));
}

/** The same of an event, whose JSON is there already. */
export function eventPayload(n: number, json: string): string {
  return asciiJson(`{"kind":"event","n":${String(n)},"event":${json}}`);
}

function asciiJson(json: string): string {
  if (Buffer.byteLength(json) === json.length) return json;
  return json.replace(
    /[\u0080-\uffff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

export function payloadDigest(payload: string): Buffer {
  // ASCII, so its bytes are the same in every encoding; anything else is none of ours and shall not match.
  return hash("sha256", payload, "buffer");
}

/** `previous` in hex; the digest of a payload as bytes. */
export function chainHash(previous: string, digest: Uint8Array): string {
  return hash("sha256", Buffer.concat([Buffer.from(previous, "hex"), digest]), "hex");
}

export function formatLine({ hash, payload }: SealedLine): string {
  return `${hash} ${payload}\n`;
}

/** Without its newline; null when it is no line of a sealed log. */
export function parseLine(line: string): SealedLine | null {
  const hash = line.slice(0, HASH_CHARS);
  if (!HASH.test(hash) || line.charAt(HASH_CHARS) !== " ") return null;
  return { hash, payload: line.slice(HASH_CHARS + 1) };
}

/** Stands for the payload of a record that an excerpt does not show. */
export function digestPayload(payload: string): string {
  return `${DIGEST_PREFIX}${payloadDigest(payload).toString("hex")}`;
}

/** Null when it is a payload and no digest of one. */
export function parseDigest(payload: string): Buffer | null {
  const hex = payload.startsWith(DIGEST_PREFIX) ? payload.slice(DIGEST_PREFIX.length) : "";
  return HASH.test(hex) ? Buffer.from(hex, "hex") : null;
}

/** Null when the payload is none of ours. */
export function parseRecord(payload: string): SealedRecord | null {
  let value: unknown;
  try {
    value = JSON.parse(payload);
  } catch {
    return null;
  }
  if (!isObject(value) || !Number.isSafeInteger(value["n"])) return null;
  const wanted = FIELDS[String(value["kind"])];
  if (wanted === undefined) return null;
  const complete = Object.entries(wanted).every(([field, type]) => typeof value[field] === type);
  const keys = [value["key"], value["to"]].filter(isObject);
  if (!complete || keys.some((key) => typeof key["id"] !== "string")) return null;
  if (keys.some((key) => typeof key["spki"] !== "string")) return null;
  // The table above is the whole of SealedRecord.
  return value as unknown as SealedRecord;
}

const FIELDS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  open: { segment: "number", previous: "string", at: "string", key: "object" },
  event: { event: "object" },
  seal: { head: "string", at: "string", key: "string", signature: "string" },
  rotate: { head: "string", at: "string", from: "string", to: "object", signature: "string" },
};

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
