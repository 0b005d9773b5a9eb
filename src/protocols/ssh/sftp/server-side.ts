import { unreachable } from "../../../kernel/index.js";
import { FILE_HEAD_BYTES } from "../../../model/index.js";
import { createReader, readUint32 } from "../wire/reader.js";
import { inspectPassing } from "./inspection.js";
import { OpenFile, type FileUse } from "./open-file.js";
import {
  BODY_AT,
  FXP,
  HANDLE_AT,
  ID_AT,
  PACKET_BYTES_MAX,
  SFTP_VERSION,
  STATUS,
  statusPacket,
} from "./packets.js";
import {
  createPacketStream,
  decideLater,
  type Decision,
  type PacketStream,
  type Settled,
} from "./packet-stream.js";
import { handleKey } from "./requests.js";
import { tellFile, tellFolder, type Pending, type SftpState } from "./sftp-state.js";

/** The answers of the server, on their way to the client. */
export function createServerSide(state: SftpState): PacketStream {
  const { ports, pending, handles } = state;
  /** Content of an answer that is passing. */
  let outOf: { readonly use: FileUse; offset: number } | null = null;
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
    broken: () => state.lose("the server sends what is no SFTP"),
    idle: () => undefined,
  });

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
      state.lose("the server does not speak version 3");
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
    if (before instanceof OpenFile) tellFile(state, before, "failed");
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
    const whole = packet.slice();
    return decideLater(
      (settle) =>
        inspectPassing(ports, use, Math.max(end, use.content.size), (reason) =>
          settle(reason === null ? "pass" : deniedData(id, reason, whole)),
        ),
      (decision) => server.release(decision),
    );
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
        tellFile(state, known.file, "failed");
        return "pass";
      case "opendir":
        tellFolder(state, known.folder, "failed");
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
    if (open instanceof OpenFile) tellFile(state, open, outcome);
    else if (open !== undefined) tellFolder(state, open, outcome);
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

  return server;
}
