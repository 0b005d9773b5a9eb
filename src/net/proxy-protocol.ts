/**
 * PROXY protocol version 2 (haproxy, doc/proxy-protocol.txt section 2.2): a load balancer in front of us
 * says, before the first byte of the connection, where the connection really comes from.
 */
export interface ProxyHeaderParser {
  /** Feeds what has arrived; the same answer however the network cuts the bytes. */
  push(chunk: Uint8Array): ProxyHeaderProgress;
}

export type ProxyHeaderProgress =
  | { readonly state: "incomplete" }
  /** `rest` is what follows the header: the first bytes of the connection itself. */
  | { readonly state: "done"; readonly header: ProxyHeader; readonly rest: Uint8Array }
  | { readonly state: "refused"; readonly reason: string };

export type ProxyHeader =
  /** A health check of the balancer itself: the connection has no other origin. */
  | { readonly command: "local" }
  | {
      readonly command: "proxy";
      readonly source: { readonly address: string; readonly port: number };
      readonly destination: { readonly address: string; readonly port: number };
    };

const SIGNATURE = Uint8Array.of(
  0x0d,
  0x0a,
  0x0d,
  0x0a,
  0x00,
  0x0d,
  0x0a,
  0x51,
  0x55,
  0x49,
  0x54,
  0x0a,
);
const FIXED_BYTES = 16;
/** The specification's own example of a generous receiver: addresses and TLVs fit in far less. */
export const PROXY_HEADER_BYTES_MAX = 536;
const COMMAND = { local: 0x20, proxy: 0x21 } as const;
/** Family and transport byte: TCP over IPv4 and over IPv6; we listen on nothing else. */
const TCP4 = 0x11;
const TCP6 = 0x21;
const ADDRESS_BYTES = { [TCP4]: 12, [TCP6]: 36 } as const;

export function createProxyHeaderParser(): ProxyHeaderParser {
  const held = new Uint8Array(PROXY_HEADER_BYTES_MAX);
  let bytes = 0;
  let total = FIXED_BYTES;
  let verdict: ProxyHeaderProgress = { state: "incomplete" };

  function refuse(reason: string): ProxyHeaderProgress {
    verdict = { state: "refused", reason };
    return verdict;
  }

  /** Null as long as nothing is wrong; every byte is judged as soon as it is there. */
  function fault(): string | null {
    for (let i = 0; i < Math.min(bytes, SIGNATURE.length); i += 1) {
      if (held[i] !== SIGNATURE[i]) return "not a PROXY protocol version 2 header";
    }
    const command = held[12] ?? 0;
    if (bytes > 12 && command !== COMMAND.local && command !== COMMAND.proxy) {
      return "unknown version or command";
    }
    const family = held[13] ?? 0;
    if (bytes > 13 && command === COMMAND.proxy && family !== TCP4 && family !== TCP6) {
      return "only TCP over IPv4 or IPv6 is proxied";
    }
    if (bytes < FIXED_BYTES) return null;
    const length = ((held[14] ?? 0) << 8) | (held[15] ?? 0);
    total = FIXED_BYTES + length;
    if (total > PROXY_HEADER_BYTES_MAX) return `header longer than ${PROXY_HEADER_BYTES_MAX} bytes`;
    if (command === COMMAND.proxy && length < addressBytes(family))
      return "addresses are cut short";
    return null;
  }

  return {
    push(chunk) {
      if (verdict.state !== "incomplete") return verdict;
      let used = 0;
      while (used < chunk.length && bytes < total) {
        // First up to the length field, then up to the end that it names: never past the buffer.
        const take = Math.min(total - bytes, chunk.length - used);
        held.set(chunk.subarray(used, used + take), bytes);
        bytes += take;
        used += take;
        const wrong = fault();
        if (wrong !== null) return refuse(wrong);
      }
      if (bytes < FIXED_BYTES || bytes < total) return verdict;
      verdict = { state: "done", header: readHeader(held), rest: chunk.subarray(used) };
      return verdict;
    },
  };
}

function addressBytes(family: number): number {
  return family === TCP4 ? ADDRESS_BYTES[TCP4] : ADDRESS_BYTES[TCP6];
}

function readHeader(bytes: Uint8Array): ProxyHeader {
  if (bytes[12] === COMMAND.local) return { command: "local" };
  const width = bytes[13] === TCP4 ? 4 : 16;
  const name = width === 4 ? ipv4 : ipv6;
  const at = (offset: number): Uint8Array => bytes.subarray(FIXED_BYTES + offset);
  const port = (offset: number): number => ((at(offset)[0] ?? 0) << 8) | (at(offset)[1] ?? 0);
  return {
    command: "proxy",
    source: { address: name(at(0)), port: port(2 * width) },
    destination: { address: name(at(width)), port: port(2 * width + 2) },
  };
}

function ipv4(bytes: Uint8Array): string {
  return [...bytes.subarray(0, 4)].join(".");
}

/** RFC 5952: lower case, no leading zeros, the longest run of zeros as `::`; mapped IPv4 as IPv4. */
function ipv6(bytes: Uint8Array): string {
  const groups = Array.from(
    { length: 8 },
    (_, i) => ((bytes[2 * i] ?? 0) << 8) | (bytes[2 * i + 1] ?? 0),
  );
  if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff) {
    return ipv4(bytes.subarray(12));
  }
  let best = { from: -1, length: 1 };
  for (let from = 0; from < 8; from += 1) {
    let length = 0;
    while (groups[from + length] === 0) length += 1;
    if (length > best.length) best = { from, length };
  }
  const hex = groups.map((group) => group.toString(16));
  if (best.from === -1) return hex.join(":");
  return `${hex.slice(0, best.from).join(":")}::${hex.slice(best.from + best.length).join(":")}`;
}
