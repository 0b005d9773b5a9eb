/** Reading and writing of the data types of SSH (RFC 4251 section 5), as far as keys need them. */
export interface SshReader {
  /** Null when the bytes end too early; nothing is thrown on hostile input. */
  uint32(): number | null;
  string(): Uint8Array | null;
  text(): string | null;
  readonly rest: number;
}

export function readSsh(bytes: Uint8Array): SshReader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let offset = 0;
  const reader: SshReader = {
    get rest() {
      return bytes.length - offset;
    },
    uint32() {
      if (reader.rest < 4) return null;
      const value = view.getUint32(offset);
      offset += 4;
      return value;
    },
    string() {
      const length = reader.uint32();
      if (length === null || length > reader.rest) return null;
      const value = bytes.subarray(offset, offset + length);
      offset += length;
      return value;
    },
    text() {
      const value = reader.string();
      return value === null ? null : Buffer.from(value).toString("latin1");
    },
  };
  return reader;
}

export function sshUint32(value: number): Uint8Array {
  const out = Buffer.alloc(4);
  out.writeUInt32BE(value);
  return out;
}

export function sshString(value: Uint8Array | string): Uint8Array {
  const bytes = typeof value === "string" ? Buffer.from(value, "latin1") : value;
  return Buffer.concat([sshUint32(bytes.length), bytes]);
}

/** A non-negative integer given as big-endian bytes: shortest form, never negative. */
export function sshMpint(value: Uint8Array): Uint8Array {
  let start = 0;
  while (start < value.length && value[start] === 0) start += 1;
  const digits = value.subarray(start);
  const negative = (digits[0] ?? 0) >= 0x80;
  return sshString(negative ? Buffer.concat([Buffer.of(0), digits]) : digits);
}
