import { unreachable } from "../../../kernel/index.js";
import {
  FILE_HEAD_BYTES,
  type FileContent,
  type FileDeed,
  type FileGrant,
  type FileOperation,
} from "../../../model/index.js";
import type { FileStream, FileStreamPorts } from "../files/file-stream.js";
import { createReader, readUint32 } from "../wire/reader.js";
import { FileUse, OpenFile, OpenFolder } from "./open-file.js";
import {
  FXP,
  HANDLE_BYTES_MAX,
  initPacket,
  PACKET_BYTES_MAX,
  realpathPacket,
  SFTP_VERSION,
  STATUS,
  statusPacket,
} from "./packets.js";
import { createPacketStream, type Decision } from "./packet-stream.js";
import { joined, pathText } from "./paths.js";
import {
  handleKey,
  readRequest,
  type OpenFlags,
  type PathDeed,
  type Request,
  type Resolvable,
} from "./requests.js";

/** Requests without an answer: OpenSSH's client sends 64 ahead (`sftp -R`), others some hundred. */
const PENDING_MAX = 4096;
/** Open files and folders of one stream; OpenSSH's server stops at the limit of the account, often 1024. */
const HANDLES_MAX = 4096;
/** Questions about the beginning of one file that comes in very small pieces; then it is refused. */
const LOOKS_MAX = 256;
/** Ids of our own requests: from here on, skipping those that the client uses. */
const OWN_IDS_FROM = 0xf0000000;
const ID_AT = 5;
const BODY_AT = 9;
const HANDLE_LENGTH_AT = 9;
const HANDLE_AT = 13;
/** Offset (8) and length (4) behind the handle of a write. */
const WRITE_TAIL_BYTES = 12;
const HIGH = 2 ** 32;

type Settled = Exclude<Decision, "hold">;

type Pending =
  | { readonly kind: "open"; readonly file: OpenFile }
  | { readonly kind: "opendir"; readonly folder: OpenFolder }
  | { readonly kind: "close"; readonly handle: string; readonly refused: string | null }
  | { readonly kind: "deed"; readonly deed: FileDeed }
  | { readonly kind: "read"; readonly file: OpenFile; readonly offset: number }
  | { readonly kind: "write"; readonly file: OpenFile }
  | { readonly kind: "readdir"; readonly folder: OpenFolder }
  | { readonly kind: "own"; readonly then: (path: string | null) => void }
  | { readonly kind: "other" };

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
  const pending = new Map<number, Pending>();
  const handles = new Map<string, OpenFile | OpenFolder>();
  let files = 0;
  let begun = false;
  let over = false;
  let nextOwn = OWN_IDS_FROM;
  /** Content of a write that is passing. */
  let into: { readonly use: FileUse; offset: number } | null = null;
  /** Content of an answer that is passing. */
  let outOf: { readonly use: FileUse; offset: number } | null = null;
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
    broken: () => lose("the client sends what is no SFTP"),
    idle() {
      const acts = idleActs;
      idleActs = [];
      for (const act of acts) act();
    },
  });

  const server = createPacketStream({
    measure: measureAnswer,
    decide: decideAnswer,
    body(bytes) {
      if (outOf === null) return;
      outOf.use.content.pass(outOf.offset, bytes);
      outOf.offset += bytes.length;
    },
    send: ports.toPerson,
    swallowed: ports.targetSwallowed,
    broken: () => lose("the server sends what is no SFTP"),
    idle: () => undefined,
  });

  function lose(reason: string): void {
    if (over) return;
    const how = options.strict ? "dead" : "blind";
    // What the core does about it may end this stream.
    ports.lost(reason);
    client.giveUp(how);
    server.giveUp(how);
  }

  function end(): void {
    if (over) return;
    over = true;
    const left = [...pending.values()];
    pending.clear();
    for (const one of left) {
      if (one.kind === "deed") ports.done({ deed: one.deed, outcome: "cut-off" });
      else if (one.kind === "open") tellFile(one.file, "cut-off");
    }
    for (const open of handles.values()) {
      if (open instanceof OpenFile) tellFile(open, "cut-off");
      else tellFolder(open, "cut-off");
    }
    handles.clear();
    client.giveUp("dead");
    server.giveUp("dead");
  }

  function tellFile(file: OpenFile, outcome: "passed" | "failed" | "cut-off"): void {
    for (const done of file.done(outcome)) ports.done(done);
  }

  function tellFolder(
    { deed, entries }: OpenFolder,
    outcome: "passed" | "failed" | "cut-off",
  ): void {
    ports.done({ deed, outcome, entries });
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
    const head = HANDLE_AT + handleBytes + WRITE_TAIL_BYTES;
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
    const file = fileOf(handleKey(bytes.subarray(HANDLE_AT, head - WRITE_TAIL_BYTES)));
    const use = file?.writes ?? null;
    const at = head - WRITE_TAIL_BYTES;
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
      lose(pending.has(id) ? "two requests have the same number" : "too many requests at once");
      return "drop";
    }
    if (packet[4] === FXP.write) return decideWrite(id, packet);
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
      case "read":
        return decideRead(id, request);
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
        lose("the client sends what is no SFTP");
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
  function later(begin: (settle: (decision: Settled) => void) => void): Decision {
    let settled: Settled | null = null;
    let waits = false;
    begin((decision) => {
      if (over) return;
      if (waits) client.release(decision);
      else settled = decision;
    });
    waits = true;
    return settled ?? "hold";
  }

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

  function decideRead(id: number, { handle, offset }: Request & { type: "read" }): Decision {
    const file = fileOf(handle);
    if (file === null) return unknownHandle(id);
    const condemned = file.reads?.condemned ?? null;
    return condemned === null ? forward(id, { kind: "read", file, offset }) : denied(id, condemned);
  }

  function decideWrite(id: number, packet: Uint8Array): Decision {
    const head = HANDLE_AT + readUint32(packet, HANDLE_LENGTH_AT) + WRITE_TAIL_BYTES;
    const { file, use, offset } = writeAt(packet, head);
    if (file === null || use === null) return unknownHandle(id);
    if (use.condemned !== null) return denied(id, use.condemned);
    const end = offset + readUint32(packet, head - 4);
    const looked = packet.length > head;
    if (looked) use.content.pass(offset, packet.subarray(head));
    else into = { use, offset };
    if (!looked && !use.content.passesSize(end)) return forward(id, file.writing);
    return later((settle) =>
      inspected(use, Math.max(end, use.content.size), (reason) => {
        settle(reason === null ? forward(id, file.writing) : denied(id, reason));
      }),
    );
  }

  /** Asks about a file in the middle; answers why nothing more of it passes. */
  function inspected(use: FileUse, end: number, then: (reason: string | null) => void): void {
    use.content.sizeAsked(end);
    use.looks += 1;
    if (use.grant.content && use.looks > LOOKS_MAX && end < FILE_HEAD_BYTES) {
      use.condemned = "it comes in pieces too small to be looked at";
      then(use.condemned);
      return;
    }
    asked(use, use.content.known(end), then);
  }

  function asked(use: FileUse, content: FileContent, then: (reason: string | null) => void): void {
    ports.ask({ deed: use.deed, content }, (answer) => {
      if (answer.type !== "granted") {
        use.condemned = answer.type === "refused" ? answer.reason : NO_REAL_PATH;
      }
      then(use.condemned);
    });
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
        else asked(use, use.content.final(), () => next(at + 1));
      };
      next(0);
    });
  }

  // --- what the server answers ------------------------------------------------------------------

  function measureAnswer(bytes: Uint8Array): number {
    const length = readUint32(bytes, 0);
    if (length < 5 || length > PACKET_BYTES_MAX) return -1;
    const type = bytes[4];
    if (type === FXP.version) return length + 4;
    const known = bytes.length < BODY_AT ? undefined : pending.get(readUint32(bytes, ID_AT));
    if (type === FXP.data) {
      if (bytes.length < HANDLE_AT) return length + 4 < HANDLE_AT ? -1 : HANDLE_AT;
      if (readUint32(bytes, BODY_AT) !== length + 4 - HANDLE_AT) return -1;
      const looks =
        known?.kind === "read" &&
        known.file.reads?.grant.content === true &&
        known.offset < FILE_HEAD_BYTES;
      return looks ? length + 4 : HANDLE_AT;
    }
    if (bytes.length < BODY_AT) return BODY_AT;
    if (type === FXP.handle || known?.kind === "own") return length + 4;
    const counted = type === FXP.status || type === FXP.name;
    return counted ? Math.min(length + 4, HANDLE_AT) : BODY_AT;
  }

  function decideAnswer(packet: Uint8Array): Decision {
    outOf = null;
    const type = packet[4];
    if (type === FXP.version) {
      if (readUint32(packet, 5) <= SFTP_VERSION) return "pass";
      lose("the server does not speak version 3");
      return "drop";
    }
    const id = readUint32(packet, ID_AT);
    const known = pending.get(id);
    // Nobody waits for it; the client will not know it either.
    if (known === undefined) return "pass";
    pending.delete(id);
    if (type === FXP.handle) return handleTold(known, packet);
    if (type === FXP.data) return dataTold(id, known, packet);
    if (type === FXP.status) return statusTold(id, known, readUint32(packet, BODY_AT));
    if (known.kind === "own") return realTold(known, packet);
    if (type === FXP.name && known.kind === "readdir") {
      known.folder.entries += readUint32(packet, BODY_AT);
    }
    return "pass";
  }

  function handleTold(known: Pending, packet: Uint8Array): Decision {
    const handle = handleKey(createReader(packet, BODY_AT).string());
    const before = handles.get(handle);
    if (before instanceof OpenFile) tellFile(before, "failed");
    if (known.kind === "open") handles.set(handle, known.file);
    else if (known.kind === "opendir") handles.set(handle, known.folder);
    else if (known.kind === "own") known.then(null);
    return known.kind === "own" ? "drop" : "pass";
  }

  function dataTold(id: number, known: Pending, packet: Uint8Array): Decision {
    if (known.kind === "own") {
      known.then(null);
      return "drop";
    }
    if (known.kind !== "read") return "pass";
    const use = known.file.reads;
    if (use === null) return "pass";
    if (use.condemned !== null) return deniedData(id, use.condemned, packet);
    const { offset } = known;
    const end = offset + readUint32(packet, BODY_AT);
    const looked = packet.length > HANDLE_AT;
    if (looked) use.content.pass(offset, packet.subarray(HANDLE_AT));
    else outOf = { use, offset };
    if (!looked && !use.content.passesSize(end)) return "pass";
    let settled: Settled | null = null;
    let waits = false;
    const whole = packet.slice();
    inspected(use, Math.max(end, use.content.size), (reason) => {
      const decision = reason === null ? "pass" : deniedData(id, reason, whole);
      if (waits) server.release(decision);
      else settled = decision;
    });
    waits = true;
    return settled ?? "hold";
  }

  /** In the place of content: the rest of its packet, when it is still to come, goes nowhere. */
  function deniedData(id: number, reason: string, packet: Uint8Array): Settled {
    outOf = null;
    const status = statusPacket(id, STATUS.permissionDenied, `chaperone: ${reason}`);
    if (packet.length === readUint32(packet, 0) + 4) return { instead: status };
    server.inject(status);
    return "drop";
  }

  function statusTold(id: number, known: Pending, code: number): Decision {
    const outcome = code === STATUS.ok ? "passed" : "failed";
    switch (known.kind) {
      case "own":
        known.then(null);
        return "drop";
      case "open":
        tellFile(known.file, "failed");
        return "pass";
      case "opendir":
        tellFolder(known.folder, "failed");
        return "pass";
      case "write":
        if (outcome === "failed" && known.file.writes !== null) known.file.writes.failed = true;
        return "pass";
      case "read":
        if (code !== STATUS.ok && code !== STATUS.eof && known.file.reads !== null)
          known.file.reads.failed = true;
        return "pass";
      case "deed":
        ports.done({ deed: known.deed, outcome });
        return "pass";
      case "close":
        return closed(id, known, outcome);
      case "readdir":
      case "other":
        return "pass";
      default:
        return unreachable(known);
    }
  }

  function closed(
    id: number,
    { handle, refused }: Pending & { kind: "close" },
    outcome: "passed" | "failed",
  ): Decision {
    const open = handles.get(handle);
    handles.delete(handle);
    if (open instanceof OpenFile) tellFile(open, outcome);
    else if (open !== undefined) tellFolder(open, outcome);
    if (refused === null || outcome === "failed") return "pass";
    server.inject(statusPacket(id, STATUS.permissionDenied, `chaperone: ${refused}`));
    return "drop";
  }

  function realTold(known: Pending & { kind: "own" }, packet: Uint8Array): Decision {
    const reader = createReader(packet, BODY_AT);
    const count = reader.uint32();
    const path = reader.text();
    known.then(packet[4] === FXP.name && count > 0 && !reader.failed ? path : null);
    return "drop";
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

const NO_REAL_PATH = "its real path could not be told";

function copied({ path, name }: Resolvable): Resolvable {
  return { path: path.slice(), name: name.slice() };
}

function condemnedOf(file: OpenFile): string | null {
  return file.uses.find((use) => use.condemned !== null)?.condemned ?? null;
}
