/**
 * What the first bytes of a file say it is. Signatures are those that the formats document; offsets are
 * in bytes. Null: nothing known, and not text.
 */
export function detectType(head: Uint8Array): string | null {
  for (const [type, signature, offset = 0] of SIGNATURES)
    if (startsWith(head, signature, offset)) return refine(type, head);
  if (head.length > 0 && looksLikeText(head)) return textType(head);
  return null;
}

/** Bytes of the beginning that are kept for this: an ISO 9660 image is known at 32 KiB. */
export const HEAD_BYTES = 64 * 1024;

const ascii = (text: string): readonly number[] => Array.from(text, (one) => one.charCodeAt(0));

const SIGNATURES: readonly (readonly [
  type: string,
  signature: readonly number[],
  offset?: number,
])[] = [
  ["application/vnd.microsoft.portable-executable", ascii("MZ")],
  ["application/x-elf", [0x7f, 0x45, 0x4c, 0x46]],
  ["application/x-mach-binary", [0xfe, 0xed, 0xfa, 0xce]],
  ["application/x-mach-binary", [0xfe, 0xed, 0xfa, 0xcf]],
  ["application/x-mach-binary", [0xcf, 0xfa, 0xed, 0xfe]],
  ["application/java-vm", [0xca, 0xfe, 0xba, 0xbe]],
  ["application/zip", [0x50, 0x4b, 0x03, 0x04]],
  ["application/zip", [0x50, 0x4b, 0x05, 0x06]],
  ["application/gzip", [0x1f, 0x8b, 0x08]],
  ["application/x-7z-compressed", [0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c]],
  ["application/vnd.rar", ascii("Rar!\u001a\u0007")],
  ["application/x-bzip2", ascii("BZh")],
  ["application/x-xz", [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
  ["application/zstd", [0x28, 0xb5, 0x2f, 0xfd]],
  ["application/vnd.ms-cab-compressed", ascii("MSCF")],
  ["application/x-ole-storage", [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]],
  ["application/x-ms-shortcut", [0x4c, 0x00, 0x00, 0x00, 0x01, 0x14, 0x02, 0x00]],
  ["application/pdf", ascii("%PDF-")],
  ["application/rtf", ascii("{\\rtf")],
  ["application/vnd.sqlite3", ascii("SQLite format 3\u0000")],
  ["application/x-keepass", [0x03, 0xd9, 0xa2, 0x9a]],
  ["application/x-java-keystore", [0xfe, 0xed, 0xfe, 0xed]],
  ["application/vnd.tcpdump.pcap", [0xd4, 0xc3, 0xb2, 0xa1]],
  ["application/vnd.tcpdump.pcap", [0xa1, 0xb2, 0xc3, 0xd4]],
  ["application/x-pcapng", [0x0a, 0x0d, 0x0d, 0x0a]],
  ["application/x-ms-registry-hive", ascii("regf")],
  ["application/x-minidump", ascii("MDMP")],
  ["image/png", [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]],
  ["image/jpeg", [0xff, 0xd8, 0xff]],
  ["image/gif", ascii("GIF8")],
  ["image/webp", ascii("WEBP"), 8],
  ["image/bmp", ascii("BM")],
  ["image/tiff", [0x49, 0x49, 0x2a, 0x00]],
  ["image/tiff", [0x4d, 0x4d, 0x00, 0x2a]],
  ["audio/wav", ascii("WAVE"), 8],
  ["audio/mpeg", ascii("ID3")],
  ["video/mp4", ascii("ftyp"), 4],
  ["video/x-matroska", [0x1a, 0x45, 0xdf, 0xa3]],
  ["application/x-tar", ascii("ustar"), 257],
  ["application/x-iso9660-image", ascii("CD001"), 0x8001],
];

function startsWith(bytes: Uint8Array, signature: readonly number[], offset: number): boolean {
  return (
    bytes.length >= offset + signature.length &&
    signature.every((byte, index) => bytes[offset + index] === byte)
  );
}

/** What a ZIP holds is told by the names in it; only the first names are in the head. */
const ZIP_CONTENTS: readonly (readonly [name: string, type: string])[] = [
  ["META-INF/MANIFEST.MF", "application/java-archive"],
  ["AndroidManifest.xml", "application/vnd.android.package-archive"],
  ["word/", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"],
  ["xl/", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"],
  ["ppt/", "application/vnd.openxmlformats-officedocument.presentationml.presentation"],
];

function refine(type: string, head: Uint8Array): string {
  if (type !== "application/zip") return type;
  const text = latin1(head);
  return ZIP_CONTENTS.find(([name]) => text.includes(name))?.[1] ?? type;
}

/** Looked at to tell text from other bytes. */
const TEXT_BYTES = 4 * 1024;

function looksLikeText(head: Uint8Array): boolean {
  if (startsWith(head, [0xff, 0xfe], 0) || startsWith(head, [0xfe, 0xff], 0)) return true;
  return head
    .subarray(0, TEXT_BYTES)
    .every((byte) => byte >= 0x20 || (byte >= 0x09 && byte <= 0x0d) || byte === 0x1b);
}

const PRIVATE_KEY = /-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----|^PuTTY-User-Key-File-/m;

function textType(head: Uint8Array): string {
  const text = latin1(head.subarray(0, TEXT_BYTES));
  if (PRIVATE_KEY.test(text)) return "application/x-private-key";
  if (text.startsWith("#!")) return "text/x-script";
  if (/^\s*<(?:!doctype html|html)/i.test(text)) return "text/html";
  if (/^\s*<\?xml/i.test(text)) return "text/xml";
  return "text/plain";
}

function latin1(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 4_096)
    text += String.fromCharCode(...bytes.subarray(at, at + 4_096));
  return text;
}
