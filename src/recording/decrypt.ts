import { existsSync } from "node:fs";
import { err, ok, type Fault, type Result } from "../kernel/index.js";
import type { Identities } from "./age/index.js";
import { joinDump } from "./join-dump.js";
import { openEncrypted, type EncryptedRecording, type RecordingEnd } from "./read-encrypted.js";
import { inputPath, parseRecordingName } from "./recording-names.js";
import { basename } from "node:path";

/** A recording in clear text, entry by entry where what was typed had to be put in. */
export interface Decrypted {
  text(): Generator<Buffer, RecordingEnd>;
  /** What was typed stands in a file of its own: is it in here? */
  readonly input: "joined" | "no-key" | "apart";
}

/** What was typed has times there, and so a place. */
const JOINED: ReadonlySet<string> = new Set(["cast", "guac"]);

/**
 * Decrypts a recording. What was typed is put back in its place where it stands beside the recording and
 * one of the keys opens it.
 */
export async function decryptRecording(
  path: string,
  identities: Identities,
): Promise<Result<Decrypted, Fault>> {
  const shown = await openEncrypted(path, identities);
  if (!shown.ok) return shown;
  const name = parseRecordingName(basename(path));
  const apart =
    name === null || name.input || !JOINED.has(name.format) || !existsSync(inputPath(path));
  if (apart) return ok({ ...shown.value, input: "apart" });
  const typed = await openEncrypted(inputPath(path), identities);
  const put = name.format === "guac" ? joinDesktop : join;
  if (typed.ok) return ok({ text: () => put(shown.value, typed.value), input: "joined" });
  if (typed.error.code !== "CHP_RECORDING_ENCRYPTED") return err(typed.error);
  return ok({ ...shown.value, input: "no-key" });
}

/** Both begin with a header line; the rest is ordered by time. At the same time, what was typed first. */
function* join(
  shown: EncryptedRecording,
  typed: EncryptedRecording,
): Generator<Buffer, RecordingEnd> {
  const left = linesOf(shown);
  const right = linesOf(typed);
  let a = left.next();
  let b = right.next();
  // The header of the second says the same.
  if (b.done !== true) b = right.next();
  let header = true;
  while (a.done !== true || b.done !== true) {
    if (a.done !== true && (header || b.done === true || secondsOf(a.value) < secondsOf(b.value))) {
      yield a.value;
      a = left.next();
      header = false;
    } else if (b.done !== true) {
      yield b.value;
      b = right.next();
    }
  }
  return worse(a.value, b.value);
}

function* joinDesktop(
  shown: EncryptedRecording,
  typed: EncryptedRecording,
): Generator<Buffer, RecordingEnd> {
  const ends = yield* joinDump(shown, typed);
  return worse(ends.shown, ends.typed);
}

function worse(a: RecordingEnd, b: RecordingEnd): RecordingEnd {
  if (a.how === "altered" || b.how === "whole") return a;
  return b.how === "altered" || a.how === "whole" ? b : a;
}

const NEWLINE = 0x0a;

/** Whole lines; what stands behind the last newline is torn and left out. */
function* linesOf(recording: EncryptedRecording): Generator<Buffer, RecordingEnd> {
  let rest = Buffer.alloc(0);
  const text = recording.text();
  for (;;) {
    const piece = text.next();
    if (piece.done === true) return piece.value;
    rest = Buffer.concat([rest, piece.value]);
    let begin = 0;
    for (let end = rest.indexOf(NEWLINE); end !== -1; end = rest.indexOf(NEWLINE, begin)) {
      yield rest.subarray(begin, end + 1);
      begin = end + 1;
    }
    rest = rest.subarray(begin);
  }
}

/** Of `[12.345678, "o", ...]`. */
function secondsOf(line: Buffer): number {
  return Number.parseFloat(line.toString("latin1", 1, Math.max(1, line.indexOf(0x2c))));
}
