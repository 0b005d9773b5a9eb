import { crc32 } from "node:zlib";

/**
 * A line as it lies on the disk, in the spool and in the outbox: eight hex digits, a space, the event's JSON
 * and the newline. The digits are the CRC-32 (IEEE 802.3, that of gzip) of everything behind the space. It
 * finds what a disk changes before it is told; against who changes the digits too there is the sealed log. Lent until
 * the next call.
 */
export function checkedLines(lines: string): Buffer {
  const count = linesIn(lines);
  const most = count * PREFIX_BYTES + lines.length * BYTES_PER_CHARACTER_MAX;
  const room =
    most <= scratch.length
      ? scratch
      : Buffer.allocUnsafe(count * PREFIX_BYTES + Buffer.byteLength(lines));
  let end = 0;
  for (let from = 0; from < lines.length;) {
    const next = lines.indexOf("\n", from) + 1 || lines.length;
    const at = end + PREFIX_BYTES;
    const whole = from === 0 && next === lines.length;
    const length = room.write(whole ? lines : lines.slice(from, next), at, "utf8");
    writePrefix(room, end, crc32(room.subarray(at, at + length)));
    end = at + length;
    from = next;
  }
  return room.subarray(0, end);
}

/**
 * The event's part of a line, lent like the line; null when it is not what was written. A line of an earlier
 * version has no digits: it begins with the brace of its JSON, which is no digit.
 */
export function openLine(line: Buffer): Buffer | null {
  if (line[0] === BRACE) return line;
  const event = line.subarray(PREFIX_BYTES);
  return hasPrefix(line, crc32(event)) ? event : null;
}

/**
 * Makes the digits of every whole line spaces, so that positions stay what they are and the lines are JSON.
 * Those of a damaged line stay: nobody takes it for JSON.
 */
export function blankDigits(lines: Buffer): void {
  for (let start = 0; start < lines.length;) {
    const end = lines.indexOf(NEWLINE, start) + 1 || lines.length;
    const line = lines.subarray(start, end);
    if (line[0] !== BRACE && openLine(line) !== null) line.fill(SPACE, 0, PREFIX_BYTES);
    start = end;
  }
}

const SPACE = 0x20;
const BRACE = 0x7b;
const NEWLINE = 0x0a;
const DIGITS = 8;
const PREFIX_BYTES = DIGITS + 1;

/** Events are written in ones and twos, thousands a second: as long as nearly all of them, and taken once. */
const scratch = Buffer.allocUnsafeSlow(64 * 1024);
/** A character of UTF-16 takes so many bytes at most. */
const BYTES_PER_CHARACTER_MAX = 3;

function linesIn(lines: string): number {
  let count = 0;
  for (let from = 0; from < lines.length; count += 1)
    from = lines.indexOf("\n", from) + 1 || lines.length;
  return count;
}

function writePrefix(lines: Buffer, from: number, checksum: number): void {
  for (let at = 0, shift = 28; at < DIGITS; at += 1, shift -= 4) {
    lines[from + at] = HEX.charCodeAt((checksum >>> shift) & 0xf);
  }
  lines[from + DIGITS] = SPACE;
}

/** Without a text made of the digits: every line that is delivered is asked. */
function hasPrefix(line: Buffer, checksum: number): boolean {
  for (let at = 0, shift = 28; at < DIGITS; at += 1, shift -= 4) {
    if (line[at] !== HEX.charCodeAt((checksum >>> shift) & 0xf)) return false;
  }
  return line[DIGITS] === SPACE;
}

const HEX = "0123456789abcdef";
