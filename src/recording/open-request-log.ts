import { existsSync } from "node:fs";
import { basename } from "node:path";
import { describeError, err, fault, ok, type Fault, type Result } from "../kernel/index.js";
import type { Identities } from "./age/index.js";
import { openEncrypted, type EncryptedRecording } from "./read-encrypted.js";
import { piecesOf, readRequestLog, type RequestLogReader } from "./read-request-log.js";
import { inputPath, parseRecordingName } from "./recording-names.js";

/** A request log and, where it stands in a file of its own and can be read, what was typed. */
interface OpenedLog {
  readonly log: RequestLogReader;
  readonly typed: { readonly typed?: RequestLogReader };
  /** What was typed is there, and no key opens it. */
  readonly withoutKey: boolean;
  /** Once everything is read: it was altered or cut. */
  readonly altered: () => Fault | null;
}

/** `identities` null: encrypted ones are refused. */
export async function openRequestLog(
  path: string,
  identities: Identities | null,
): Promise<Result<OpenedLog, Fault>> {
  const found: Fault[] = [];
  const altered = (problem: Fault): void => void found.push(problem);
  const log = await openOne(path, identities, altered);
  // Of a short one that was cut nothing is left to be read.
  if (!log.ok) return found[0] === undefined ? log : err(found[0]);
  const beside = inputPath(path);
  const name = parseRecordingName(basename(path));
  const apart = name !== null && !name.input && beside !== path && existsSync(beside);
  const typed = apart ? await openOne(beside, identities, altered) : null;
  const withoutKey = typed?.ok === false && typed.error.code === "CHP_RECORDING_ENCRYPTED";
  if (typed?.ok === false && !withoutKey) return typed;
  return ok({
    log: log.value,
    typed: typed?.ok === true ? { typed: typed.value } : {},
    withoutKey,
    altered: () => found[0] ?? null,
  });
}

async function openOne(
  path: string,
  identities: Identities | null,
  altered: (problem: Fault) => void,
): Promise<Result<RequestLogReader, Fault>> {
  try {
    if (!path.endsWith(".age")) return readRequestLog(path, piecesOf(path));
    if (identities === null) {
      return err(fault("CHP_RECORDING_ENCRYPTED", `${path}: no --identity was given`));
    }
    const opened = await openEncrypted(path, identities);
    return opened.ok ? readRequestLog(path, readable(opened.value, altered)) : opened;
  } catch (error) {
    return err(fault("CHP_RECORDING_READ", describeError(error)));
  }
}

function* readable(
  recording: EncryptedRecording,
  altered: (problem: Fault) => void,
): Generator<Uint8Array, void> {
  const end = yield* recording.text();
  if (end.how === "altered") altered(end.fault);
}
