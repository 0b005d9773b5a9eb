import { decodeUtf8 } from "../../kernel/index.js";

/** Text behind base64 (RFC 4648 section 4), blanks ignored; null when it is not base64. */
export function decodeBase64(encoded: string): string | null {
  const digits = encoded.replace(/[\s=]/g, "");
  const bytes = new Uint8Array(Math.floor((digits.length * 6) / 8));
  let bits = 0;
  let held = 0;
  let length = 0;
  for (const digit of digits) {
    const value = ALPHABET.indexOf(digit);
    if (value < 0) return null;
    held = ((held << 6) | value) & 0xffffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes[length++] = (held >> bits) & 0xff;
    }
  }
  return decodeUtf8(bytes.subarray(0, length));
}

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** Text behind hexadecimal digits (`xxd -r -p`); null when it is not. */
export function decodeHex(encoded: string): string | null {
  const digits = encoded.replace(/\s/g, "");
  if (digits.length % 2 === 1 || !/^[0-9a-fA-F]*$/.test(digits)) return null;
  const bytes = new Uint8Array(digits.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = parseInt(digits.slice(i * 2, i * 2 + 2), 16);
  return decodeUtf8(bytes);
}
