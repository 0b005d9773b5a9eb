import { unreachable } from "../../../kernel/index.js";
import {
  FILE_HEAD_BYTES,
  type FileDeed,
  type FileGrant,
  type FileOperation,
} from "../../../model/index.js";
import type { FileStream, FileStreamPorts } from "../files/file-stream.js";
import { readUint32 } from "../wire/reader.js";
import { askAbout, inspectPassing, NO_REAL_PATH } from "./inspection.js";
import { FileUse, OpenFile, OpenFolder } from "./open-file.js";
import {
  FXP,
  HANDLE_AT,
  HANDLE_BYTES_MAX,
  ID_AT,
  initPacket,
  PACKET_BYTES_MAX,
  realpathPacket,
  SFTP_VERSION,
  STATUS,
  statusPacket,
} from "./packets.js";
import { createPacketStream, decideLater, type Decision, type Settled } from "./packet-stream.js";
import { joined, pathText } from "./paths.js";
import {
  handleKey,
  readRequest,
  type OpenFlags,
  type PathDeed,
  type Request,
  type Resolvable,
} from "./requests.js";
import { createServerSide } from "./server-side.js";
import { tellLeft, type Pending, type SftpState } from "./sftp-state.js";

/** Requests without an answer: OpenSSH's client sends 64 ahead (`sftp -R`), others some hundred. */
const PENDING_MAX = 4096;
/** Open files and folders of one stream; OpenSSH's server stops at the limit of the account, often 1024. */
const HANDLES_MAX = 4096;
/** Ids of our own requests: from here on, skipping those that the client uses. */
const OWN_IDS_FROM = 0xf0000000;
const HANDLE_LENGTH_AT = 9;
/** Offset (8) and length (4) behind the handle of a read or write. */
const OFFSET_AND_LENGTH_BYTES = 12;
const HIGH = 2 ** 32;

const OTHER: Pending = { kind: "other" };

export interface SftpOptions {
  /** A stream that is no SFTP passes nothing; else it passes unseen. */
  readonly strict: boolean;
}

/**
 * SFTP version 3 between a client and a server, followed from the outside. Requests that touch files are
 * held until they have been answered for; a refused one is answered here with SSH_FX_PERMISSION_DENIED
 * and never reaches the server.
 */
export function createSftpStream(ports: FileStreamPorts, options: SftpOptions): FileStream {
  const pending: SftpState["pending"] = new Map();
  const handles: SftpState["handles"] = new Map();
  const state: SftpState = {
    ports,
    pending,
    handles,
    over: false,
    lose(reason) {
      if (state.over) return;
      const how = options.strict ? "dead" : "blind";
      // What the core does about it may end this stream.
      ports.lost(reason);
      client.giveUp(how);
      server.giveUp(how);
    },
  };
  let files = 0;
  let begun = false;
  let nextOwn = OWN_IDS_FROM;
  /** Content of a write that is passing. */
  let into: { readonly use: FileUse; offset: number } | null = null;
  let idleActs: (() => void)[] = [];

  const client = createPacketStream({
    measure: measureRequest,
    decide: decideRequest,
    body(bytes) {
      if (into === null) return;
      into.use.content.pass(into.offset, bytes);
      into.offset += bytes.length;
    },
    send: ports.toTarget,
    swallowed: ports.personSwallowed,
    broken: () => state.lose("the client sends what is no SFTP"),
    idle() {
      const acts = idleActs;
      idleActs = [];
      for (const act of acts) act();
    },
  });

  const server = createServerSide(state);

  function end(): void {
    if (state.over) return;
    state.over = true;
    tellLeft(state);
    client.giveUp("dead");
    server.giveUp("dead");
  }

  // --- what the client wants --------------------------------------------------------------------

  function measureRequest(bytes: Uint8Array): number {
    const length = readUint32(bytes, 0);
    if (length < 1 || length > PACKET_BYTES_MAX) return -1;
    const type = bytes[4];
    if (begun === (type === FXP.init)) return -1;
    if (type !== FXP.write) return length < 5 ? -1 : length + 4;
    if (bytes.length < HANDLE_AT) return length + 4 < HANDLE_AT ? -1 : HANDLE_AT;
    const handleBytes = readUint32(bytes, HANDLE_LENGTH_AT);
    const head = HANDLE_AT + handleBytes + OFFSET_AND_LENGTH_BYTES;
    if (handleBytes > HANDLE_BYTES_MAX || head > length + 4) return -1;
    if (bytes.length < head) return head;
    if (readUint32(bytes, head - 4) !== length + 4 - head) return -1;
    const { use, offset } = writeAt(bytes, head);
    return use?.grant.content === true && offset < FILE_HEAD_BYTES ? length + 4 : head;
  }

  function writeAt(
    bytes: Uint8Array,
    head: number,
  ): { readonly file: OpenFile | null; readonly use: FileUse | null; readonly offset: number } {
    const file = fileOf(handleKey(bytes.subarray(HANDLE_AT, head - OFFSET_AND_LENGTH_BYTES)));
    const use = file?.writes ?? null;
    const at = head - OFFSET_AND_LENGTH_BYTES;
    const asked = readUint32(bytes, at) * HIGH + readUint32(bytes, at + 4);
    // The server puts what is appended behind everything, whatever the client says.
    return { file, use, offset: file?.flags.append === true ? (use?.content.size ?? 0) : asked };
  }

  function fileOf(handle: string): OpenFile | null {
    const open = handles.get(handle);
    return open instanceof OpenFile ? open : null;
  }

  function decideRequest(packet: Uint8Array): Decision {
    into = null;
    if (packet[4] === FXP.init) {
      begun = true;
      const wanted = readUint32(packet, 5);
      return wanted <= SFTP_VERSION ? "pass" : { instead: initPacket(SFTP_VERSION) };
    }
    const id = readUint32(packet, ID_AT);
    if (pending.has(id) || pending.size >= PENDING_MAX) {
      state.lose(
        pending.has(id) ? "two requests have the same number" : "too many requests at once",
      );
      return "drop";
    }
    if (packet[4] === FXP.write) return decideWrite(id, packet);
    if (packet[4] === FXP.read) return decideRead(id, packet);
    return decideOther(id, readRequest(packet));
  }

  function decideOther(id: number, request: Request): Decision {
    switch (request.type) {
      case "open":
        return decideOpen(id, request.path, request.flags);
      case "opendir":
        return decideOpenFolder(id, request.path);
      case "deed":
        return decideDeed(id, request.deed);
      case "close":
        return decideClose(id, request.handle);
      case "readdir": {
        const folder = handles.get(request.handle);
        return forward(id, folder instanceof OpenFolder ? { kind: "readdir", folder } : OTHER);
      }
      case "fsetstat":
        return decideFsetstat(id, request);
      case "copy":
        // Both files were asked about when they were opened; what the second one holds is not seen.
        if (fileOf(request.from) === null || fileOf(request.to) === null) return unknownHandle(id);
        fileOf(request.to)?.writes?.content.spoil();
        return forward(id, OTHER);
      case "harmless":
        return forward(id, OTHER);
      case "unknown":
        return options.strict
          ? refuse(id, STATUS.unsupported, `chaperone: ${request.name} is not known here`)
          : forward(id, OTHER);
      case "malformed":
        state.lose("the client sends what is no SFTP");
        return "drop";
      default:
        return unreachable(request);
    }
  }

  function forward(id: number, as: Pending): Settled {
    pending.set(id, as);
    return "pass";
  }

  /** Answers for the server, between two packets of its own. */
  function refuse(id: number, code: number, message: string): Settled {
    server.inject(statusPacket(id, code, message));
    return "drop";
  }

  const denied = (id: number, reason: string): Settled =>
    refuse(id, STATUS.permissionDenied, `chaperone: ${reason}`);

  /** Nobody who waits for answers has a handle that the server has not told. */
  const unknownHandle = (id: number): Settled =>
    refuse(id, STATUS.failure, "chaperone: this handle is not open");

  /** The packet waits until `begin` has called back, at once or later. */
  const later = (begin: (settle: (decision: Settled) => void) => void): Decision =>
    decideLater(begin, (decision) => {
      if (!state.over) client.release(decision);
    });

  function newDeed(operation: FileOperation, path: string): FileDeed {
    files += 1;
    return { file: files, operation, via: "sftp", path };
  }

  /** Asks; when real paths are wanted, asks the server for them first. */
  function judged(
    deed: FileDeed,
    resolve: { readonly path: Resolvable; readonly to?: Resolvable },
    then: (answer: { grant: FileGrant; deed: FileDeed } | { reason: string }) => void,
  ): void {
    ports.ask({ deed }, (answer) => {
      if (answer.type === "granted") then({ grant: answer.grant, deed });
      else if (answer.type === "refused" || deed.real !== undefined) {
        ports.done({ deed, outcome: "blocked" });
        then({ reason: answer.type === "refused" ? answer.reason : NO_REAL_PATH });
      } else {
        resolved(resolve.path, (real) => {
          const { to } = resolve;
          if (to === undefined) judged({ ...deed, real }, resolve, then);
          else resolved(to, (toReal) => judged({ ...deed, real, toReal }, resolve, then));
        });
      }
    });
  }

  function resolved({ path, name }: Resolvable, then: (real: string | null) => void): void {
    while (pending.has(nextOwn)) nextOwn = nextOwn === HIGH - 1 ? OWN_IDS_FROM : nextOwn + 1;
    pending.set(nextOwn, {
      kind: "own",
      then: (real) => then(real === null ? null : joined(real, name)),
    });
    // The client's packet is held, so this stands between two of its packets.
    ports.toTarget(realpathPacket(nextOwn, path));
  }

  function decideOpen(id: number, path: Uint8Array, flags: OpenFlags): Decision {
    if (handles.size >= HANDLES_MAX) return refuse(id, STATUS.failure, "too many open files");
    const text = pathText(path);
    const wanted: readonly ("read" | "write")[] = [
      ...(flags.write ? (["write"] as const) : []),
      ...(flags.read ? (["read"] as const) : []),
    ];
    const uses: Record<"read" | "write", FileUse | null> = { read: null, write: null };
    const whole = { path: { path: path.slice(), name: new Uint8Array(0) } };
    return later((settle) => {
      const next = (at: number): void => {
        const operation = wanted[at];
        if (operation === undefined) {
          const file = new OpenFile(flags, { reads: uses.read, writes: uses.write });
          settle(forward(id, { kind: "open", file }));
          return;
        }
        judged(newDeed(operation, text), whole, (answer) => {
          if ("reason" in answer) settle(denied(id, answer.reason));
          else {
            uses[operation] = new FileUse(answer.deed, answer.grant, ports.sha256);
            next(at + 1);
          }
        });
      };
      next(0);
    });
  }

  function decideOpenFolder(id: number, path: Uint8Array): Decision {
    if (handles.size >= HANDLES_MAX) return refuse(id, STATUS.failure, "too many open files");
    const whole = { path: { path: path.slice(), name: new Uint8Array(0) } };
    return later((settle) =>
      judged(newDeed("list", pathText(path)), whole, (answer) => {
        if ("reason" in answer) settle(denied(id, answer.reason));
        else settle(forward(id, { kind: "opendir", folder: new OpenFolder(answer.deed) }));
      }),
    );
  }

  function decideDeed(id: number, wanted: PathDeed): Decision {
    const deed: FileDeed = {
      ...newDeed(wanted.operation, pathText(wanted.path)),
      ...(wanted.to === undefined ? {} : { to: pathText(wanted.to) }),
      ...(wanted.mode === undefined ? {} : { mode: wanted.mode }),
    };
    const resolve = {
      path: copied(wanted.resolve),
      ...(wanted.resolveTo === undefined ? {} : { to: copied(wanted.resolveTo) }),
    };
    return later((settle) =>
      judged(deed, resolve, (answer) => {
        if ("reason" in answer) settle(denied(id, answer.reason));
        else settle(forward(id, { kind: "deed", deed: answer.deed }));
      }),
    );
  }

  function decideFsetstat(id: number, request: Request & { type: "fsetstat" }): Decision {
    const open = handles.get(request.handle);
    if (open === undefined) return unknownHandle(id);
    const condemned = open instanceof OpenFile ? condemnedOf(open) : null;
    if (condemned !== null) return denied(id, condemned);
    const path = open instanceof OpenFile ? open.uses[0]?.deed : open.deed;
    if (open instanceof OpenFile && request.size !== null) open.resized(request.size);
    // The size, the times and the owner of a file that may be written were answered for with it.
    if (request.mode === null || path === undefined) return forward(id, OTHER);
    const deed: FileDeed = {
      ...newDeed("setstat", path.path),
      ...(path.real === undefined ? {} : { real: path.real }),
      mode: request.mode & 0o7777,
    };
    return later((settle) =>
      ports.ask({ deed }, (answer) => {
        if (answer.type === "granted") {
          settle(forward(id, { kind: "deed", deed }));
          return;
        }
        ports.done({ deed, outcome: "blocked" });
        settle(denied(id, answer.type === "refused" ? answer.reason : NO_REAL_PATH));
      }),
    );
  }

  /** One for every 32 KiB that are fetched: read where it stands. */
  function decideRead(id: number, packet: Uint8Array): Decision {
    const at = HANDLE_AT + readUint32(packet, HANDLE_LENGTH_AT);
    if (at + OFFSET_AND_LENGTH_BYTES !== packet.length) {
      state.lose("the client sends what is no SFTP");
      return "drop";
    }
    const file = fileOf(handleKey(packet.subarray(HANDLE_AT, at)));
    if (file === null) return unknownHandle(id);
    const condemned = file.reads?.condemned ?? null;
    if (condemned !== null) return denied(id, condemned);
    const offset = readUint32(packet, at) * HIGH + readUint32(packet, at + 4);
    return forward(id, { kind: "read", file, offset });
  }

  function decideWrite(id: number, packet: Uint8Array): Decision {
    const head = HANDLE_AT + readUint32(packet, HANDLE_LENGTH_AT) + OFFSET_AND_LENGTH_BYTES;
    const { file, use, offset } = writeAt(packet, head);
    if (file === null || use === null) return unknownHandle(id);
    if (use.condemned !== null) return denied(id, use.condemned);
    const end = offset + readUint32(packet, head - 4);
    const looked = packet.length > head;
    if (looked) use.content.pass(offset, packet.subarray(head));
    else into = { use, offset };
    if (!looked && !use.content.passesSize(end)) return forward(id, file.writing);
    return later((settle) =>
      inspectPassing(ports, use, Math.max(end, use.content.size), (reason) => {
        settle(reason === null ? forward(id, file.writing) : denied(id, reason));
      }),
    );
  }

  function decideClose(id: number, handle: string): Decision {
    const open = handles.get(handle);
    if (open === undefined) return unknownHandle(id);
    const uses = open instanceof OpenFile ? open.uses.filter((use) => use.grant.end) : [];
    const close = (refused: string | null): Settled =>
      forward(id, { kind: "close", handle, refused });
    return later((settle) => {
      const next = (at: number): void => {
        const use = uses[at];
        if (use === undefined) {
          settle(close(open instanceof OpenFile ? condemnedOf(open) : null));
        } else if (use.condemned !== null) next(at + 1);
        else askAbout(ports, use, use.content.final(), () => next(at + 1));
      };
      next(0);
    });
  }

  return {
    fromPerson: (chunk) => client.push(chunk),
    fromTarget: (chunk) => server.push(chunk),
    whenPersonIdle(act) {
      if (client.idle) act();
      else idleActs.push(act);
    },
    end,
  };
}

function copied({ path, name }: Resolvable): Resolvable {
  return { path: path.slice(), name: name.slice() };
}

function condemnedOf(file: OpenFile): string | null {
  return file.uses.find((use) => use.condemned !== null)?.condemned ?? null;
}
