import type { EncryptedRecording, RecordingEnd } from "./read-encrypted.js";

/**
 * A desktop whose keys stand in a file of their own, as it would be in one: each key before the first frame
 * that was drawn after it, in the order in which they were pressed and let go. What is torn at the end of
 * either is left out.
 */
export function* joinDump(
  shown: EncryptedRecording,
  typed: EncryptedRecording,
): Generator<Buffer, { readonly shown: RecordingEnd; readonly typed: RecordingEnd }> {
  const keys: Key[] = [];
  const typedEnd = collect(typed, keys);
  keys.sort((a, b) => a.ms - b.ms);
  let next = 0;
  const instructions = instructionsOf(shown);
  for (;;) {
    const one = instructions.next();
    if (one.done === true) {
      for (; next < keys.length; next += 1) yield keys[next]?.bytes ?? NOTHING;
      return { shown: one.value, typed: typedEnd };
    }
    const frame = frameOf(one.value);
    for (; frame !== null && (keys[next]?.ms ?? Infinity) < frame; next += 1) {
      yield keys[next]?.bytes ?? NOTHING;
    }
    yield one.value;
  }
}

/** Some dozen bytes each: a day of typing is a few megabytes. */
interface Key {
  readonly ms: number;
  readonly bytes: Buffer;
}

const NOTHING = Buffer.alloc(0);
const ELEMENT_SIGN = 0x2c;
const LAST_SIGN = 0x3b;
const DOT = 0x2e;
const ZERO = 0x30;
/** `log` of a header is the longest by far. */
const LENGTH_DIGITS_MAX = 9;

function collect(typed: EncryptedRecording, keys: Key[]): RecordingEnd {
  const instructions = instructionsOf(typed);
  for (;;) {
    const one = instructions.next();
    if (one.done === true) return one.value;
    const ms = timeOf(one.value);
    // The header says the same as that of the other.
    if (ms !== null) keys.push({ ms, bytes: Buffer.from(one.value) });
  }
}

/** Of `3.key,2.97,1.1,4.1040;` */
function timeOf(bytes: Buffer): number | null {
  const text = bytes.length < KEY_BYTES_MAX ? bytes.toString("latin1") : "";
  const ms = /^3\.key,\d+\.\d+,1\.[01],\d+\.(?<ms>\d+);$/.exec(text)?.groups?.["ms"];
  return ms === undefined ? null : Number(ms);
}

/** Of `4.sync,4.1040;` */
function frameOf(bytes: Buffer): number | null {
  const text = bytes.length < KEY_BYTES_MAX ? bytes.toString("latin1") : "";
  const ms = /^4\.sync,\d+\.(?<ms>\d+)[,;]/.exec(text)?.groups?.["ms"];
  return ms === undefined ? null : Number(ms);
}

/** Longer is neither a key nor a frame. */
const KEY_BYTES_MAX = 100;

/** Whole instructions. Whatever is none comes as it is, with everything behind it. */
function* instructionsOf(recording: EncryptedRecording): Generator<Buffer, RecordingEnd> {
  let rest: Buffer = NOTHING;
  const text = recording.text();
  for (;;) {
    const piece = text.next();
    if (piece.done === true) return piece.value;
    rest = rest.length === 0 ? piece.value : Buffer.concat([rest, piece.value]);
    let begin = 0;
    for (let end = endOf(rest, begin); end !== null; end = endOf(rest, begin)) {
      yield rest.subarray(begin, end);
      begin = end;
    }
    rest = rest.subarray(begin);
  }
}

/** Behind the instruction that begins there; null: it is not whole. */
function endOf(bytes: Buffer, begin: number): number | null {
  let at = begin;
  while (at < bytes.length) {
    let characters = 0;
    const digits = at;
    for (; at < bytes.length && bytes[at] !== DOT; at += 1) {
      characters = characters * 10 + ((bytes[at] ?? ZERO) - ZERO);
      if (at - digits >= LENGTH_DIGITS_MAX) return bytes.length; // no instruction
    }
    at = behind(bytes, at + 1, characters);
    const sign = bytes[at];
    if (sign === undefined) return null;
    at += 1;
    if (sign === LAST_SIGN) return at;
    if (sign !== ELEMENT_SIGN) return bytes.length; // no instruction
  }
  return null;
}

/** Lengths count code points: every byte that does not go on with one begins one. */
function behind(bytes: Buffer, begin: number, characters: number): number {
  let at = begin;
  for (let left = characters; at < bytes.length; at += 1) {
    if (((bytes[at] ?? 0) & 0xc0) === 0x80) continue;
    if (left === 0) break;
    left -= 1;
  }
  return at;
}
