import { crc32 } from "node:zlib";

/**
 * A line as it lies on the disk, in the spool and in the outbox: eight hex digits, a space, the event's JSON
 * and the newline. The digits are the CRC-32 (IEEE 802.3, that of gzip) of everything behind the space. It
 * finds what a disk changes before it is told; against who changes the digits too there is the sealed log.
 */
export function checkedLines(lines: string): Buffer {
  // A character of UTF-16 has at most three bytes; what is left over goes with the rest.
  const bytes = Buffer.allocUnsafe(lines.length * 3 + PREFIX_BYTES * countLines(lines));
  let end = 0;
  for (let start = 0; start < lines.length;) {
    const next = lines.indexOf("\n", start) + 1 || lines.length;
    const event = end + PREFIX_BYTES;
    const length = bytes.write(lines.slice(start, next), event, "utf8");
    bytes.write(prefixOf(bytes.subarray(event, event + length)), end, "latin1");
    end = event + length;
    start = next;
  }
  return bytes.subarray(0, end);
}

function countLines(lines: string): number {
  let count = 1;
  for (let at = lines.indexOf("\n"); at >= 0; at = lines.indexOf("\n", at + 1)) count += 1;
  return count;
}

/**
 * The event's part of a line, lent like the line; null when it is not what was written. A line of an earlier
 * version has no digits: it begins with the brace of its JSON, which is no digit.
 */
export function openLine(line: Buffer): Buffer | null {
  if (line[0] === BRACE) return line;
  const event = line.subarray(PREFIX_BYTES);
  return line.toString("latin1", 0, PREFIX_BYTES) === prefixOf(event) ? event : null;
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

function prefixOf(event: Uint8Array): string {
  return `${crc32(event).toString(16).padStart(DIGITS, "0")} `;
}
