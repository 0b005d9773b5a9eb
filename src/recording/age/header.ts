import type { Decrypter, Stanza } from "age-encryption";
import { err, fault, ok, type Fault, type Result } from "../../kernel/index.js";

/** The beginning of an age file: who may read it. What follows is the payload. */
export interface AgeHeader {
  readonly bytes: Uint8Array;
  /** 16 bytes; from it and a nonce follows the key of a payload. */
  readonly fileKey: Uint8Array;
}

/** Private keys, by which files are opened. */
export interface Identities {
  /** Null: none of them is meant. Throws what is wrong with the header. */
  open(header: Uint8Array): Promise<Uint8Array | null>;
}

/** Nonce and last chunk of an empty payload. */
const EMPTY_PAYLOAD_BYTES = 16 + 16;
const HEADER_END = Buffer.from("\n--- ");
const NEWLINE = 0x0a;
const IDENTITY = /^AGE-SECRET-KEY-(?:PQ-)?1[0-9A-Z]+$/;

/** A header with a file key of its own. Some 3 ms a recipient. Throws when a recipient is none. */
export async function makeHeader(recipients: readonly string[]): Promise<AgeHeader> {
  const { Encrypter } = await import("age-encryption");
  const encrypter = new Encrypter();
  for (const recipient of recipients) encrypter.addRecipient(recipient);
  let fileKey = new Uint8Array(0);
  // The library makes the file key and shows it to recipients only: this one takes nothing for itself.
  const witness = {
    wrapFileKey(key: Uint8Array): Stanza[] {
      fileKey = Uint8Array.from(key);
      return [];
    },
  };
  encrypter.addRecipient(witness);
  const file = await encrypter.encrypt(new Uint8Array(0));
  return { bytes: file.slice(0, -EMPTY_PAYLOAD_BYTES), fileKey };
}

/** How many of these bytes are the header; null when it does not end among them. */
export function headerLength(bytes: Buffer): number | null {
  const last = bytes.indexOf(HEADER_END);
  const end = last === -1 ? -1 : bytes.indexOf(NEWLINE, last + 1);
  return end === -1 ? null : end + 1;
}

/** `text` as `age-keygen` writes it: one key a line, remarks after `#`. */
export async function readIdentities(
  file: string,
  text: string,
): Promise<Result<Identities, Fault>> {
  const keys = text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
  const wrong = keys.find((key) => !IDENTITY.test(key));
  // A key that is none may be a part of one: it is not shown.
  if (keys.length === 0 || wrong !== undefined) {
    return err(fault("CHP_RECORDING_KEY", `${file}: holds no private keys of age, one a line`));
  }
  const { Decrypter } = await import("age-encryption");
  try {
    const openers = keys.map((key) => {
      const opener = new Decrypter();
      opener.addIdentity(key);
      return opener;
    });
    return ok({ open: (header) => openWithOne(openers, header) });
  } catch {
    return err(fault("CHP_RECORDING_KEY", `${file}: a private key in it is not spelled rightly`));
  }
}

async function openWithOne(
  openers: readonly Decrypter[],
  header: Uint8Array,
): Promise<Uint8Array | null> {
  for (const opener of openers) {
    try {
      return await opener.decryptHeader(header);
    } catch (error) {
      // The library has one kind of error; anything but "not meant for this key" is worth knowing.
      if (!(error instanceof Error) || !error.message.startsWith("no identity matched"))
        throw error;
    }
  }
  return null;
}

/** A new X25519 key pair, as `age-keygen` makes them. */
export async function makeIdentity(): Promise<{
  readonly identity: string;
  readonly recipient: string;
}> {
  const { generateX25519Identity, identityToRecipient } = await import("age-encryption");
  const identity = await generateX25519Identity();
  return { identity, recipient: await identityToRecipient(identity) };
}
