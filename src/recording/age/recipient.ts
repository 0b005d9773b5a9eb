/**
 * Public keys of the age format (https://age-encryption.org/v1): Bech32 (BIP 173, without its limit of 90
 * characters) of an X25519 key, or of an X-Wing key (ML-KEM-768 and X25519) in its hybrid form.
 */
const BYTES_OF: Readonly<Record<string, number>> = { age: 32, age1pq: 1_216 };

const ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
const CHECKSUM_CHARS = 6;
const GENERATORS = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];

/** Says whether a file can be encrypted for it: `age1...`, spelled without a mistake. */
export function isRecipient(text: string): boolean {
  const split = text.lastIndexOf("1");
  const prefix = text.slice(0, Math.max(0, split));
  const bytes = Object.hasOwn(BYTES_OF, prefix) ? BYTES_OF[prefix] : undefined;
  const values = Array.from(text.slice(split + 1), (char) => ALPHABET.indexOf(char));
  if (bytes === undefined || values.includes(-1)) return false;
  if (values.length !== Math.ceil((bytes * 8) / 5) + CHECKSUM_CHARS) return false;
  return checksum([...expand(prefix), ...values]) === 1;
}

function expand(prefix: string): readonly number[] {
  const codes = Array.from(prefix, (char) => char.charCodeAt(0));
  return [...codes.map((code) => code >> 5), 0, ...codes.map((code) => code & 31)];
}

function checksum(values: readonly number[]): number {
  let sum = 1;
  for (const value of values) {
    const top = sum >>> 25;
    sum = ((sum & 0x1ffffff) << 5) ^ value;
    for (const [bit, generator] of GENERATORS.entries()) if ((top >> bit) & 1) sum ^= generator;
  }
  return sum;
}
