import { encodeWire, type WireValue } from "../wire/writer.js";
import type { WireReader } from "../wire/reader.js";

/** SFTP version 3, https://datatracker.ietf.org/doc/html/draft-ietf-secsh-filexfer-02 section 3. */
export const FXP = {
  init: 1,
  version: 2,
  open: 3,
  close: 4,
  read: 5,
  write: 6,
  lstat: 7,
  fstat: 8,
  setstat: 9,
  fsetstat: 10,
  opendir: 11,
  readdir: 12,
  remove: 13,
  mkdir: 14,
  rmdir: 15,
  realpath: 16,
  stat: 17,
  rename: 18,
  readlink: 19,
  symlink: 20,
  status: 101,
  handle: 102,
  data: 103,
  name: 104,
  attrs: 105,
  extended: 200,
  extendedReply: 201,
} as const;

/** Section 7. */
export const STATUS = {
  ok: 0,
  eof: 1,
  permissionDenied: 3,
  failure: 4,
  unsupported: 8,
} as const;

/** Section 6.3. */
export const OPEN_FLAG = { read: 1, write: 2, append: 4, create: 8, truncate: 16, exclusive: 32 };
/** Section 5. */
const ATTR = { size: 1, owner: 2, permissions: 4, times: 8 };

/** The version whose packets are understood; a client that offers more is led to it. */
export const SFTP_VERSION = 3;
/** As OpenSSH's server and client (SFTP_MAX_MSG_LENGTH). */
export const PACKET_BYTES_MAX = 256 * 1024;
/** Section 6.2: "must not exceed 256 bytes". */
export const HANDLE_BYTES_MAX = 256;
/** PATH_MAX of Linux is 4096; a longer one is refused by every system call. */
export const PATH_BYTES_MAX = 8 * 1024;

/** Behind length and type. */
export const ID_AT = 5;
export const BODY_AT = 9;
/** Of a request that begins with a handle; of an answer: behind its length or number. */
export const HANDLE_AT = 13;

export interface Attributes {
  readonly size: number | null;
  readonly mode: number | null;
}

/** Size, owner, permissions, times: those that the flags announce. Extended ones may follow, unread. */
export function readAttributes(reader: WireReader): Attributes {
  const flags = reader.uint32();
  const size = (flags & ATTR.size) === 0 ? null : reader.uint32() * 2 ** 32 + reader.uint32();
  if ((flags & ATTR.owner) !== 0) {
    reader.uint32();
    reader.uint32();
  }
  const mode = (flags & ATTR.permissions) === 0 ? null : reader.uint32();
  return {
    size,
    mode,
  };
}

export function statusPacket(id: number, code: number, message: string): Uint8Array {
  return packet(
    { byte: FXP.status },
    { uint32: id },
    { uint32: code },
    { string: message },
    { string: "en" },
  );
}

export function realpathPacket(id: number, path: Uint8Array): Uint8Array {
  return packet({ byte: FXP.realpath }, { uint32: id }, { string: path });
}

export function initPacket(version: number): Uint8Array {
  return packet({ byte: FXP.init }, { uint32: version });
}

function packet(...values: readonly WireValue[]): Uint8Array {
  const payload = encodeWire(...values);
  return encodeWire({ uint32: payload.length }, { raw: payload });
}
