import type { FileType } from "../model/index.js";

/** First bytes by which files are known; `at`: where they stand. */
interface Magic {
  readonly type: FileType;
  readonly at: number;
  readonly bytes: readonly number[];
}

const text = (type: FileType, first: string, at = 0): Magic => ({
  type,
  at,
  bytes: Array.from(first, (one) => one.charCodeAt(0)),
});

/** From the magic numbers of file(1), https://github.com/file/file/tree/master/magic/Magdir. */
const MAGICS: readonly Magic[] = [
  text("program", "\u007fELF"),
  text("program", "MZ"),
  ...[0xfeedface, 0xfeedfacf, 0xcefaedfe, 0xcffaedfe, 0xcafebabe].map((value): Magic => ({
    type: "program",
    at: 0,
    bytes: [value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff],
  })),
  text("script", "#!"),
  text("archive", "PK\u0003\u0004"),
  text("archive", "PK\u0005\u0006"),
  { type: "archive", at: 0, bytes: [0x1f, 0x8b] },
  { type: "archive", at: 0, bytes: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00] },
  { type: "archive", at: 0, bytes: [0x28, 0xb5, 0x2f, 0xfd] },
  { type: "archive", at: 0, bytes: [0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c] },
  text("archive", "BZh"),
  text("archive", "Rar!"),
  text("archive", "ustar", 257),
  text("archive", "!<arch>\n"),
  { type: "archive", at: 0, bytes: [0xed, 0xab, 0xee, 0xdb] },
  text("document", "%PDF-"),
  { type: "document", at: 0, bytes: [0xd0, 0xcf, 0x11, 0xe0] },
  text("image", "\u0089PNG"),
  { type: "image", at: 0, bytes: [0xff, 0xd8, 0xff] },
  text("image", "GIF8"),
  text("database", "SQLite format 3\0"),
  text("key", "PuTTY-User-Key-File"),
];

const KEY = /^-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY-----/m;
/** Keys stand at the beginning, behind a comment at most. */
const KEY_SEARCH_BYTES = 4096;
const TEXT_SEARCH_BYTES = 8192;

/** What kind of file begins like this. Total; an empty one is a text. */
export function fileTypeOf(head: Uint8Array): FileType {
  const magic = MAGICS.find(({ at, bytes }) => bytes.every((byte, i) => head[at + i] === byte));
  if (magic !== undefined) return magic.type;
  const start = head.subarray(0, TEXT_SEARCH_BYTES);
  if (start.includes(0)) return "binary";
  let ascii = "";
  for (const byte of start.subarray(0, KEY_SEARCH_BYTES)) ascii += String.fromCharCode(byte);
  return KEY.test(ascii) ? "key" : "text";
}
