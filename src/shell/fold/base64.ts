import { textOfBytes } from "./packed.js";

/** Text behind base64 (RFC 4648 section 4), blanks ignored; null when it is not base64. */
export function decodeBase64(encoded: string): string | null {
  return decodeDigits(encoded.replace(/[\s=]/g, ""), BASE64, 6);
}

/** Text behind base32 (RFC 4648 section 6), blanks ignored; null when it is not base32. */
export function decodeBase32(encoded: string): string | null {
  return decodeDigits(encoded.replace(/[\s=]/g, "").toUpperCase(), BASE32, 5);
}

function decodeDigits(digits: string, alphabet: string, width: number): string | null {
  const bytes = new Uint8Array(Math.floor((digits.length * width) / 8));
  let bits = 0;
  let held = 0;
  let length = 0;
  for (const digit of digits) {
    const value = alphabet.indexOf(digit);
    if (value < 0) return null;
    held = ((held << width) | value) & 0xffffff;
    bits += width;
    if (bits >= 8) {
      bits -= 8;
      bytes[length++] = (held >> bits) & 0xff;
    }
  }
  return textOfBytes(bytes.subarray(0, length));
}

export function encodeBase64(bytes: Uint8Array): string {
  let out = "";
  for (let i = 0; i < bytes.length; i += 3) {
    const [a = 0, b = 0, c = 0] = bytes.subarray(i, i + 3);
    const four = [a >> 2, ((a & 3) << 4) | (b >> 4), ((b & 15) << 2) | (c >> 6), c & 63];
    const kept = Math.min(4, bytes.length - i + 1);
    out += four
      .slice(0, kept)
      .map((digit) => BASE64.charAt(digit))
      .join("")
      .padEnd(4, "=");
  }
  return out;
}

const BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** Text behind hexadecimal digits (`xxd -r -p`); null when it is not. */
export function decodeHex(encoded: string): string | null {
  const digits = encoded.replace(/\s/g, "");
  if (digits.length % 2 === 1 || !/^[0-9a-fA-F]*$/.test(digits)) return null;
  const bytes = new Uint8Array(digits.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = parseInt(digits.slice(i * 2, i * 2 + 2), 16);
  return textOfBytes(bytes);
}
