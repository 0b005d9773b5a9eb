import { createCipheriv, createDecipheriv, createHmac, randomBytes } from "node:crypto";
import { closeSync, existsSync, fsync, mkdirSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { describeError, err, fault, ok, type Fault, type Result } from "../kernel/index.js";
import type { FieldKey } from "./private-fields.js";
import { replaceFile, writeWhole } from "./replace-file.js";

/**
 * One key for the personal fields of each session, wrapped by the master key of the log. Who destroys
 * it has erased these fields for good, and the chain stays whole.
 */
export interface SessionKeys {
  /**
   * The key for new events of this session; made at its first event, when it is asked whose session it is. Throws
   * what the disk says.
   */
  keyFor(session: string, personOf: () => string | null): FieldKey;
  /** Waits until the keys that were made survive a power loss. */
  sync(): Promise<void>;
  close(): void;
}

/** What is erased: every key of a person, or of one session. */
export type Erasure =
  | { readonly what: "person"; readonly person: string }
  | { readonly what: "session"; readonly session: string };

/** The disk may take its time; sessions must not. */
const fsyncLater = promisify(fsync);
const KEY_BYTES = 32;
const IV_BYTES = 12;
const TAG_BYTES = 16;
/** Keys of the sessions that told something last; an older session that speaks again gets one more. */
const KEYS_AT_HAND_MAX = 20_000;
const MASTER = "master.key";
const WRAPPED = "session-keys.ndjson";

interface WrappedKey {
  readonly id: string;
  readonly session: string;
  /** HMAC-SHA-256 of the person's name: the file alone does not say whose it is. */
  readonly owner: string;
  readonly key: string;
}

export function openSessionKeys(dir: string): Result<SessionKeys, Fault> {
  try {
    const master = openMaster(dir);
    return ok(createSessionKeys(dir, master));
  } catch (error) {
    return err(fault("CHP_SEALING_KEY", `${dir}: ${describeError(error)}`));
  }
}

function createSessionKeys(dir: string, master: Buffer): SessionKeys {
  const fd = openSync(join(dir, WRAPPED), "a", 0o600);
  const atHand = new Map<string, FieldKey>();
  let dirty = false;

  function make(told: string, person: string | null): FieldKey {
    // The one given is a view on the text of a whole event, which must not be kept with it.
    const session = Buffer.from(told).toString();
    const key = { id: randomBytes(8).toString("hex"), bytes: randomBytes(KEY_BYTES) };
    const line: WrappedKey = {
      id: key.id,
      session,
      owner: ownerOf(master, person ?? ""),
      key: wrap(master, key),
    };
    // The newline first: a line torn by a crash spoils only itself.
    writeWhole(fd, Buffer.from(`\n${JSON.stringify(line)}\n`));
    dirty = true;
    atHand.set(session, key);
    const oldest = atHand.size > KEYS_AT_HAND_MAX ? atHand.keys().next().value : undefined;
    if (oldest !== undefined) atHand.delete(oldest);
    return key;
  }

  return {
    keyFor: (session, personOf) => atHand.get(session) ?? make(session, personOf()),
    async sync() {
      if (!dirty) return;
      dirty = false;
      try {
        await fsyncLater(fd);
      } catch (error) {
        dirty = true;
        throw error;
      }
    },
    close: () => closeSync(fd),
  };
}

/** Every key that is left, by id; all of them or those of one session. */
export function readSessionKeys(
  dir: string,
  session?: string,
): Result<ReadonlyMap<string, FieldKey>, Fault> {
  try {
    const master = readFileSync(join(dir, MASTER));
    const keys = new Map<string, FieldKey>();
    for (const wrapped of readWrapped(dir)) {
      if (session !== undefined && wrapped.session !== session) continue;
      const bytes = unwrap(master, wrapped);
      if (bytes !== null) keys.set(wrapped.id, { id: wrapped.id, bytes });
    }
    return ok(keys);
  } catch (error) {
    return err(fault("CHP_SEALING_KEY", `${dir}: ${describeError(error)}`));
  }
}

/** Ids of the sessions that such an erasure is about, as far as their keys are left. */
export function sessionsOf(dir: string, erasure: Erasure): Result<readonly string[], Fault> {
  if (erasure.what === "session") return ok([erasure.session]);
  try {
    const owner = ownerOf(readFileSync(join(dir, MASTER)), erasure.person);
    const sessions = readWrapped(dir).filter((one) => one.owner === owner);
    return ok([...new Set(sessions.map((one) => one.session))]);
  } catch (error) {
    return err(fault("CHP_SEALING_KEY", `${dir}: ${describeError(error)}`));
  }
}

/**
 * Destroys keys and answers how many. No sidecar may be writing to this log. What a disk keeps of a
 * replaced file is outside our power: erasure against forensics needs an encrypted disk.
 */
export function eraseSessionKeys(dir: string, erasure: Erasure): Result<number, Fault> {
  try {
    const master = readFileSync(join(dir, MASTER));
    const owner = erasure.what === "person" ? ownerOf(master, erasure.person) : "";
    const all = readWrapped(dir);
    const kept = all.filter((one) =>
      erasure.what === "person" ? one.owner !== owner : one.session !== erasure.session,
    );
    replaceFile(join(dir, WRAPPED), kept.map((one) => `${JSON.stringify(one)}\n`).join(""));
    return ok(all.length - kept.length);
  } catch (error) {
    return err(fault("CHP_SEALING_KEY", `${dir}: ${describeError(error)}`));
  }
}

function openMaster(dir: string): Buffer {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const path = join(dir, MASTER);
  // A new one for existing keys would make them worthless, silently.
  if (!existsSync(path)) {
    if (existsSync(join(dir, WRAPPED))) throw new Error(`${MASTER} is missing`);
    replaceFile(path, randomBytes(KEY_BYTES));
  }
  const master = readFileSync(path);
  if (master.length !== KEY_BYTES) throw new Error(`${MASTER} has not ${KEY_BYTES} bytes`);
  return master;
}

function readWrapped(dir: string): WrappedKey[] {
  const path = join(dir, WRAPPED);
  if (!existsSync(path)) return [];
  return readFileSync(path, "utf8")
    .split("\n")
    .flatMap((line) => {
      const wrapped = line === "" ? null : parseWrapped(line);
      return wrapped === null ? [] : [wrapped];
    });
}

function parseWrapped(line: string): WrappedKey | null {
  try {
    // Written by this module alone, in a folder that only the sidecar's user may enter.
    return JSON.parse(line) as WrappedKey;
  } catch {
    return null;
  }
}

function ownerOf(master: Buffer, person: string): string {
  return createHmac("sha256", master).update(`owner\n${person}`).digest("hex").slice(0, 32);
}

function wrap(master: Buffer, key: FieldKey): string {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv("aes-256-gcm", master, iv).setAAD(Buffer.from(key.id));
  const parts = [iv, cipher.update(key.bytes), cipher.final()];
  return Buffer.concat([...parts, cipher.getAuthTag()]).toString("base64");
}

function unwrap(master: Buffer, { id, key }: WrappedKey): Buffer | null {
  const bytes = Buffer.from(key, "base64");
  try {
    const decipher = createDecipheriv("aes-256-gcm", master, bytes.subarray(0, IV_BYTES));
    decipher.setAAD(Buffer.from(id)).setAuthTag(bytes.subarray(bytes.length - TAG_BYTES));
    const middle = bytes.subarray(IV_BYTES, bytes.length - TAG_BYTES);
    return Buffer.concat([decipher.update(middle), decipher.final()]);
  } catch {
    return null;
  }
}
