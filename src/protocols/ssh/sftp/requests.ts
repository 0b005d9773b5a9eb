import type { FileOperation } from "../../../model/index.js";
import { createReader, type WireReader } from "../wire/reader.js";
import { FXP, OPEN_FLAG, PATH_BYTES_MAX, readAttributes } from "./packets.js";
import { linkTarget, splitLast, type RawPath } from "./paths.js";

/** What a client's packet wants, as far as files are concerned. */
export type Request =
  | { readonly type: "open"; readonly path: RawPath; readonly flags: OpenFlags }
  | { readonly type: "opendir"; readonly path: RawPath }
  | { readonly type: "deed"; readonly deed: PathDeed }
  | { readonly type: "close" | "readdir"; readonly handle: string }
  | {
      readonly type: "fsetstat";
      readonly handle: string;
      readonly size: number | null;
      readonly mode: number | null;
    }
  | { readonly type: "copy"; readonly from: string; readonly to: string }
  /** Tells something and changes nothing, or is refused by every server. */
  | { readonly type: "harmless" }
  /** An extension that is not known. */
  | { readonly type: "unknown"; readonly name: string }
  | { readonly type: "malformed" };

export interface OpenFlags {
  readonly read: boolean;
  readonly write: boolean;
  readonly append: boolean;
  readonly create: boolean;
  /** The file is empty when it has been opened. */
  readonly empties: boolean;
}

/** A deed without a handle. `resolve`: what of its paths the target is asked to resolve. */
export interface PathDeed {
  readonly operation: Exclude<FileOperation, "read" | "write" | "list">;
  readonly path: RawPath;
  readonly to?: RawPath;
  readonly mode?: number;
  readonly resolve: Resolvable;
  readonly resolveTo?: Resolvable;
}

/** `name` follows what was resolved, unresolved. */
export interface Resolvable {
  readonly path: RawPath;
  readonly name: RawPath;
}

const NO_NAME = new Uint8Array(0);
const MODE_MASK = 0o7777;

/** A whole packet of a client, behind its length. Everything but `read`, `write` and `init`. */
export function readRequest(packet: Uint8Array): Request {
  const reader = createReader(packet, 9);
  const request = requestOf(packet[4] ?? 0, reader);
  return reader.failed || tooLong(request) ? { type: "malformed" } : request;
}

function requestOf(type: number, reader: WireReader): Request {
  switch (type) {
    case FXP.open: {
      const path = reader.string();
      return { type: "open", path, flags: openFlags(reader.uint32()) };
    }
    case FXP.opendir:
      return { type: "opendir", path: reader.string() };
    case FXP.close:
      return { type: "close", handle: handleKey(reader.string()) };
    case FXP.readdir:
      return { type: "readdir", handle: handleKey(reader.string()) };
    case FXP.remove:
    case FXP.rmdir:
      return itself(type === FXP.remove ? "remove" : "rmdir", reader.string());
    case FXP.mkdir:
      return itself("mkdir", reader.string());
    case FXP.rename:
      return renaming(reader);
    case FXP.setstat:
      return attributes(reader, "followed");
    case FXP.fsetstat: {
      const handle = handleKey(reader.string());
      return { type: "fsetstat", handle, ...readAttributes(reader) };
    }
    case FXP.symlink: {
      // OpenSSH sends what it leads to first, against the draft (PROTOCOL section 4.1), and so do clients.
      const to = reader.string();
      return linking(reader.string(), to, "symbolic");
    }
    case FXP.extended:
      return extension(reader);
    case FXP.lstat:
    case FXP.fstat:
    case FXP.stat:
    case FXP.realpath:
    case FXP.readlink:
      return { type: "harmless" };
    default:
      return { type: "malformed" };
  }
}

/** https://github.com/openssh/openssh-portable/blob/master/PROTOCOL sections 4.2 to 4.12. */
function extension(reader: WireReader): Request {
  const name = reader.text();
  switch (name) {
    case "posix-rename@openssh.com":
      return renaming(reader);
    case "hardlink@openssh.com": {
      const to = reader.string();
      return linking(reader.string(), to, "hard");
    }
    case "lsetstat@openssh.com":
      return attributes(reader, "itself");
    case "copy-data": {
      const from = handleKey(reader.string());
      reader.uint32();
      reader.uint32();
      reader.uint32();
      reader.uint32();
      return { type: "copy", from, to: handleKey(reader.string()) };
    }
    case "statvfs@openssh.com":
    case "fstatvfs@openssh.com":
    case "fsync@openssh.com":
    case "limits@openssh.com":
    case "expand-path@openssh.com":
    case "home-directory":
    case "users-groups-by-id@openssh.com":
      return { type: "harmless" };
    default:
      return { type: "unknown", name };
  }
}

function itself(operation: "remove" | "rmdir" | "mkdir", path: RawPath): Request {
  return { type: "deed", deed: { operation, path, resolve: unfollowed(path) } };
}

function renaming(reader: WireReader): Request {
  const path = reader.string();
  const to = reader.string();
  const deed = { operation: "rename", path, to } as const;
  return { type: "deed", deed: { ...deed, resolve: unfollowed(path), resolveTo: unfollowed(to) } };
}

function linking(path: RawPath, to: RawPath, kind: "symbolic" | "hard"): Request {
  const leads = kind === "symbolic" ? linkTarget(path, to) : to;
  const resolveTo = { path: leads, name: NO_NAME };
  return {
    type: "deed",
    deed: { operation: "link", path, to, resolve: unfollowed(path), resolveTo },
  };
}

function attributes(reader: WireReader, last: "followed" | "itself"): Request {
  const path = reader.string();
  const { mode } = readAttributes(reader);
  return {
    type: "deed",
    deed: {
      operation: "setstat",
      path,
      ...(mode === null ? {} : { mode: mode & MODE_MASK }),
      resolve: last === "followed" ? { path, name: NO_NAME } : unfollowed(path),
    },
  };
}

function unfollowed(path: RawPath): Resolvable {
  const { parent, name } = splitLast(path);
  return { path: parent, name };
}

function openFlags(flags: number): OpenFlags {
  const has = (flag: number): boolean => (flags & flag) !== 0;
  const create = has(OPEN_FLAG.create);
  return {
    // Without either, OpenSSH opens for reading.
    read: has(OPEN_FLAG.read) || !has(OPEN_FLAG.write | OPEN_FLAG.append),
    write: has(OPEN_FLAG.write | OPEN_FLAG.append | OPEN_FLAG.truncate) || create,
    append: has(OPEN_FLAG.append),
    create,
    empties: has(OPEN_FLAG.truncate) || (create && has(OPEN_FLAG.exclusive)),
  };
}

/** Handles are bytes of the server's choice: as text, one character a byte, they are keys. */
export function handleKey(handle: Uint8Array): string {
  let key = "";
  for (const byte of handle) key += String.fromCharCode(byte);
  return key;
}

function tooLong(request: Request): boolean {
  const paths: readonly (RawPath | undefined)[] =
    request.type === "deed"
      ? [request.deed.path, request.deed.to]
      : request.type === "open" || request.type === "opendir"
        ? [request.path]
        : [];
  return paths.some((path) => (path?.length ?? 0) > PATH_BYTES_MAX);
}
