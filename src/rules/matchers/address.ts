/** A network: its address as a number, how many bits count, and of which family. */
export interface Network {
  readonly value: bigint;
  readonly bits: number;
  readonly family: 4 | 6;
}

/** `10.0.0.0/8`, `2001:db8::/32`, or a single address. */
export function parseCidr(text: string): Network | null {
  const [address = "", bitsText, ...more] = text.split("/");
  const parsed = parseAddress(address);
  if (parsed === null || more.length > 0) return null;
  const width = parsed.family === 4 ? 32 : 128;
  const bits = bitsText === undefined ? width : /^\d{1,3}$/.test(bitsText) ? Number(bitsText) : -1;
  return bits < 0 || bits > width ? null : { ...parsed, bits };
}

export function contains(network: Network, address: string): boolean {
  const parsed = parseAddress(address);
  if (parsed === null || parsed.family !== network.family) return false;
  const shift = BigInt((network.family === 4 ? 32 : 128) - network.bits);
  return parsed.value >> shift === network.value >> shift;
}

function parseAddress(text: string): { readonly value: bigint; readonly family: 4 | 6 } | null {
  const plain = text.replace(/^\[|\]$|%.*$/g, "");
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(plain)?.[1];
  const four = parseFour(mapped ?? plain);
  if (four !== null) return { value: four, family: 4 };
  const six = parseSix(plain);
  return six === null ? null : { value: six, family: 6 };
}

function parseFour(text: string): bigint | null {
  const parts = text.split(".");
  if (parts.length !== 4 || !parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) < 256))
    return null;
  return parts.reduce((sum, part) => sum * 256n + BigInt(part), 0n);
}

/** RFC 4291 section 2.2, `::` at most once. */
function parseSix(text: string): bigint | null {
  const halves = text.split("::");
  if (halves.length > 2 || !text.includes(":")) return null;
  const read = (half: string): string[] => (half === "" ? [] : half.split(":"));
  const left = read(halves[0] ?? "");
  const right = read(halves[1] ?? "");
  const missing = 8 - left.length - right.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return null;
  const groups = [...left, ...Array<string>(Math.max(0, missing)).fill("0"), ...right];
  if (!groups.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))) return null;
  return groups.reduce((sum, group) => sum * 65536n + BigInt(`0x${group}`), 0n);
}
