/**
 * The script in `-EncodedCommand`: base64 (RFC 4648 section 4, padding optional) of UTF-16LE. Null when
 * it is none: PowerShell then refuses it.
 */
export function decodeEncodedCommand(encoded: string): string | null {
  const digits = encoded.replace(/=+$/, "");
  if (digits === "" || digits.length % 4 === 1) return null;
  let text = "";
  let held = 0;
  let bits = 0;
  let low: number | null = null;
  for (const digit of digits) {
    const value = ALPHABET.indexOf(digit);
    if (value < 0) return null;
    held = ((held << 6) | value) & 0xffffff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    const byte = (held >> bits) & 0xff;
    if (low === null) low = byte;
    else {
      text += String.fromCharCode(low | (byte << 8));
      low = null;
    }
  }
  return low === null ? text : null;
}

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
