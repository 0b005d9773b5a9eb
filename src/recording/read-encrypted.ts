import { closeSync, existsSync, fstatSync, openSync, readSync } from "node:fs";
import { describeError, err, fault, ok, type Fault, type Result } from "../kernel/index.js";
import {
  CHUNK_BYTES,
  headerLength,
  NONCE_BYTES,
  openPayload,
  TAG_BYTES,
  type Identities,
} from "./age/index.js";
import { TAIL_NUMBER_BYTES } from "./encrypted-file.js";
import { tailPath } from "./recording-names.js";

/** What an encrypted recording says, in pieces, in memory for one of them. */
export interface EncryptedRecording {
  /** Ends early where something is not as it was written. Throws what the file system says. */
  text(): Generator<Buffer, RecordingEnd>;
}

export type RecordingEnd =
  /** To the end that its writer has set. */
  | { readonly how: "whole" }
  /** No end was set: it is still written, or its writer died. Everything up to its last write is there. */
  | { readonly how: "open" }
  | { readonly how: "altered"; readonly fault: Fault };

/** A header with many readers is some kilobytes; hybrid ones have 1.6 KiB each. */
const HEADER_BYTES_MAX = 256 * 1024;
const SEALED_BYTES = CHUNK_BYTES + TAG_BYTES;

/** Opens the file and, where its end is missing, the tail that stands beside it. */
export async function openEncrypted(
  path: string,
  identities: Identities,
): Promise<Result<EncryptedRecording, Fault>> {
  try {
    const header = readHeader(path);
    if (header === null) return err(fault("CHP_RECORDING_READ", `${path}: not a file of age`));
    const fileKey = await identities.open(header);
    if (fileKey === null) {
      return err(fault("CHP_RECORDING_ENCRYPTED", `${path}: no key at hand opens it`));
    }
    return ok({ text: () => readText(path, header.length, fileKey) });
  } catch (error) {
    return err(fault("CHP_RECORDING_READ", `${path}: ${describeError(error)}`));
  }
}

function readHeader(path: string): Buffer | null {
  const begin = readBytes(path, 0, HEADER_BYTES_MAX);
  const length = headerLength(begin);
  return length === null ? null : begin.subarray(0, length);
}

function* readText(
  path: string,
  headerBytes: number,
  fileKey: Uint8Array,
): Generator<Buffer, RecordingEnd> {
  // Before the size of the file: of one that grows meanwhile the tail may be too old, never too new.
  const tail = readTail(path, fileKey);
  const fd = openSync(path, "r");
  try {
    const { size } = fstatSync(fd);
    const payload = openPayload(fileKey, readAt(fd, headerBytes, NONCE_BYTES));
    let number = 0;
    let torn = false;
    for (let at = headerBytes + NONCE_BYTES; at < size; at += SEALED_BYTES) {
      const sealed = readAt(fd, at, SEALED_BYTES);
      const whole = sealed.length === SEALED_BYTES ? payload.open(sealed, number, false) : null;
      if (whole !== null) {
        yield whole;
        number += 1;
        continue;
      }
      const final = at + SEALED_BYTES >= size;
      const last = final ? payload.open(sealed, number, true) : null;
      if (last !== null) {
        yield last;
        return { how: "whole" };
      }
      // A chunk that a kill has torn stands in the tail, whole.
      if (!final) return altered(path, number);
      torn = true;
    }
    // Without a tail only one that was killed before its first text is whole as it is.
    if (tail === "none") return number === 0 && !torn ? { how: "open" } : altered(path, number);
    return yield* readRest(path, tail, number);
  } finally {
    closeSync(fd);
  }
}

type Tail = "none" | "altered" | { readonly follows: number; readonly text: Buffer };

function readTail(path: string, fileKey: Uint8Array): Tail {
  const tail = tailPath(path);
  if (!existsSync(tail)) return "none";
  const header = readHeader(tail)?.length;
  if (header === undefined) return "altered";
  const rest = readBytes(tail, header, NONCE_BYTES + SEALED_BYTES);
  const nonce = rest.subarray(0, NONCE_BYTES);
  const text = openPayload(fileKey, nonce).open(rest.subarray(NONCE_BYTES), 0, true);
  return text === null ? "altered" : { follows: nonce.readUIntBE(0, TAIL_NUMBER_BYTES), text };
}

function* readRest(
  path: string,
  tail: Exclude<Tail, "none">,
  chunks: number,
): Generator<Buffer, RecordingEnd> {
  if (tail === "altered") return altered(tailPath(path), chunks);
  if (tail.follows > chunks) return altered(path, chunks);
  // One that whole chunks have overtaken is what a kill between the two files leaves.
  if (tail.follows === chunks) yield tail.text;
  return { how: "open" };
}

function altered(path: string, chunks: number): RecordingEnd {
  const message = `${path}: altered or cut behind the first ${String(chunks * CHUNK_BYTES)} bytes of its text`;
  return { how: "altered", fault: fault("CHP_RECORDING_ALTERED", message) };
}

function readBytes(path: string, position: number, bytesMax: number): Buffer {
  const fd = openSync(path, "r");
  try {
    return readAt(fd, position, bytesMax);
  } finally {
    closeSync(fd);
  }
}

/** Fewer only at the end of the file. */
function readAt(fd: number, position: number, bytesMax: number): Buffer {
  const bytes = Buffer.alloc(bytesMax);
  let done = 0;
  for (;;) {
    const count = readSync(fd, bytes, done, bytesMax - done, position + done);
    done += count;
    if (count === 0 || done === bytesMax) return bytes.subarray(0, done);
  }
}
