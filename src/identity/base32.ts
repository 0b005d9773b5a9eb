const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const BITS_PER_SYMBOL = 5;

/**
 * RFC 4648 section 6, forgiving in what people type: case, spaces and dashes do not matter, padding
 * is optional. Null when another character is there.
 */
export function decodeBase32(text: string): Uint8Array | null {
  const symbols = text.toUpperCase().replace(/[\s-]/g, "").replace(/=+$/, "");
  const out = new Uint8Array(Math.floor((symbols.length * BITS_PER_SYMBOL) / 8));
  let bits = 0;
  let value = 0;
  let length = 0;
  for (const symbol of symbols) {
    const digit = ALPHABET.indexOf(symbol);
    if (digit < 0) return null;
    value = ((value << BITS_PER_SYMBOL) | digit) & 0xfff;
    bits += BITS_PER_SYMBOL;
    if (bits >= 8) {
      bits -= 8;
      out[length++] = (value >> bits) & 0xff;
    }
  }
  return out;
}

/** Without padding: authenticator apps want none. */
export function encodeBase32(bytes: Uint8Array): string {
  let text = "";
  let bits = 0;
  let value = 0;
  for (const byte of bytes) {
    value = ((value << 8) | byte) & 0xfff;
    bits += 8;
    while (bits >= BITS_PER_SYMBOL) {
      bits -= BITS_PER_SYMBOL;
      text += ALPHABET[(value >> bits) & 31] ?? "";
    }
  }
  return bits === 0 ? text : text + (ALPHABET[(value << (BITS_PER_SYMBOL - bits)) & 31] ?? "");
}
