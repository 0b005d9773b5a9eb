import { decodeUtf8, encodeUtf8 } from "../../kernel/index.js";
import { decodeBase32, decodeBase64, decodeHex, encodeBase64 } from "./base64.js";
import { splitOptions, type Folder } from "./folder.js";

const base64: Folder = (words, read) => {
  const { options, operands } = splitOptions(words, "w");
  const text = read(operands);
  if (text === null) return null;
  const decodes = options.has("d") || options.has("D") || options.has("decode");
  return decodes ? decodeBase64(text) : `${encodeBase64(encodeUtf8(text))}\n`;
};

/** RFC 4648, section 6. */
function encodeBase32(bytes: Uint8Array): string {
  let out = "";
  let bits = 0;
  let held = 0;
  for (const byte of bytes) {
    held = (held << 8) | byte;
    bits += 8;
    for (; bits >= 5; bits -= 5) out += BASE32.charAt((held >> (bits - 5)) & 31);
    held &= (1 << bits) - 1;
  }
  if (bits > 0) out += BASE32.charAt((held << (5 - bits)) & 31);
  return out.padEnd(Math.ceil(out.length / 8) * 8, "=");
}

const BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

const base32: Folder = (words, read) => {
  const { options, operands } = splitOptions(words, "w");
  const text = read(operands);
  if (text === null) return null;
  const decodes = options.has("d") || options.has("decode");
  return decodes ? decodeBase32(text) : `${encodeBase32(encodeUtf8(text))}\n`;
};

const basenc: Folder = (words, read) => {
  if (words.includes("--base64") || words.includes("--base64url"))
    return base64(
      words.filter((word) => !word.startsWith("--base64")),
      (files) => read(files)?.replaceAll("-", "+").replaceAll("_", "/") ?? null,
    );
  if (words.includes("--base32"))
    return base32(
      words.filter((word) => word !== "--base32"),
      read,
    );
  const text = words.includes("--base16") ? read([]) : null;
  return text === null ? null : decodeHex(text);
};

const openssl: Folder = (words, read) => {
  if (!words.some((word) => /^-?(?:base64|a)$/.test(word))) return null;
  const at = words.indexOf("-in");
  const text = read(at < 0 ? [] : [words[at + 1] ?? ""]);
  if (text === null) return null;
  return words.includes("-d") ? decodeBase64(text) : `${encodeBase64(encodeUtf8(text))}\n`;
};

/** `xxd -r -p` reads plain digits, `xxd -r` a dump with addresses. */
const xxd: Folder = (words, read) => {
  // `-ps` is `-p`, and not `-p -s N`.
  const spelt = words.map((word) => (/^-(?:ps|plain|postscript)$/.test(word) ? "-p" : word));
  const { options, operands } = splitOptions(spelt, "cglos");
  const letters = [...options.keys()].join("");
  const text = letters.includes("r") || /p/.test(letters) ? read(operands) : null;
  if (text === null) return null;
  if (!letters.includes("r"))
    return `${Array.from(encodeUtf8(text), (byte) => byte.toString(16).padStart(2, "0")).join("")}\n`;
  if (/p/.test(letters)) return decodeHex(text);
  return decodeHex(text.replace(/^[0-9a-f]+: ((?:[0-9a-f]+ ?)+).*$/gim, "$1"));
};

/** `od -An -c`, `-tx1`, `-b`: the bytes of a text, spelt out. */
const od: Folder = (words, read) => {
  const { options, operands } = splitOptions(words, "AtjNwS");
  const text = read(operands);
  const type = options.has("c") ? "c" : (options.get("t") ?? (options.has("b") ? "o1" : ""));
  if (text === null || options.get("A") !== "n") return null;
  const spell = SPELLINGS[type.replace(/z$/, "")];
  if (spell === undefined) return null;
  return `${Array.from(encodeUtf8(text), spell).join("")}\n`;
};

const SPELLINGS: Readonly<Record<string, (byte: number) => string>> = {
  c: (byte) => (byte === 10 ? "  \\n" : `   ${String.fromCharCode(byte)}`),
  x1: (byte) => ` ${byte.toString(16).padStart(2, "0")}`,
  o1: (byte) => ` ${byte.toString(8).padStart(3, "0")}`,
  u1: (byte) => ` ${byte.toString().padStart(3)}`,
};

/** `xxd -p`'s opposite in perl and python is handled with their programs; this one is `uudecode`. */
const uudecode: Folder = (_words, read) => {
  const text = read([]);
  const encoded = text === null ? null : /^begin-base64 .*\n([\s\S]*?)\n====/.exec(text);
  if (encoded !== null) return decodeBase64(encoded[1] ?? "");
  const plain = text === null ? null : /^begin \d+ .*\n([\s\S]*?)\n`?\nend/.exec(text);
  return plain === null ? null : decodeUu(plain[1] ?? "");
};

/** Each line: its length, then four characters for three bytes (POSIX uuencode). */
function decodeUu(body: string): string {
  const bytes: number[] = [];
  for (const line of body.split("\n")) {
    const length = (line.charCodeAt(0) - 32) & 63;
    const own: number[] = [];
    for (let i = 1; i < line.length; i += 4) {
      const [a = 0, b = 0, c = 0, d = 0] = [0, 1, 2, 3].map(
        (k) => ((line.charCodeAt(i + k) || 32) - 32) & 63,
      );
      own.push((a << 2) | (b >> 4), ((b & 15) << 4) | (c >> 2), ((c & 3) << 6) | d);
    }
    bytes.push(...own.slice(0, length));
  }
  return decodeUtf8(Uint8Array.from(bytes));
}

export const DECODERS: readonly (readonly [string, Folder])[] = [
  ["base64", base64],
  ["base32", base32],
  ["basenc", basenc],
  ["openssl", openssl],
  ["xxd", xxd],
  ["od", od],
  ["uudecode", uudecode],
];
