import { instruction, STATUS, type Direction, type Instruction } from "../instruction.js";
import type { ReadingDraft } from "../reading.js";
import type {
  Digest,
  JudgeStream,
  StreamKind,
  StreamOutcome,
  StreamPolicy,
  StreamStage,
  StreamVerdict,
} from "../stream-facts.js";
import { decodeBase64 } from "./base64.js";
import { blobsOf, readClipboardText } from "./clipboard-text.js";
import { joined, OpenStream } from "./open-stream.js";
import { opensStream, readAsked, type StreamAsked } from "./stream-asked.js";
import { judgeByPolicy } from "./stream-policy.js";
import { indexOf, nameOf } from "./stream-words.js";

/** Follows every stream and object of a connection, and lets pass what may. */
export interface StreamDesk {
  /** False: the instruction is none of streams, and nothing was done with it. */
  read(given: Instruction, direction: Direction, out: ReadingDraft): boolean;
  decide(id: number, verdict: Settled, out: ReadingDraft): void;
  /** The connection is over. */
  end(out: ReadingDraft): void;
  readonly counts: () => { readonly streams: number; readonly refused: number };
}

export interface StreamDeskDeps {
  readonly policy: StreamPolicy;
  readonly judge: JudgeStream;
  readonly createDigest: () => Digest;
  /** Are pieces told? */
  readonly pieces: boolean;
  /** A password is asked for now. */
  readonly secretAwaited: () => boolean;
  /** The clipboard holds something else now; null: no text, or one that is not known. */
  readonly clipboardChanged: (text: string | null) => void;
}

type Settled = Exclude<StreamVerdict, { type: "held" }>;

/** guacd knows 64 streams of a client and 512 of its own; whoever opens more wants something else. */
const STREAMS_MAX = 512;
const OBJECTS_MAX = 64;
/** Streams that may wait for a verdict or their end at once; each may keep megabytes. */
const WAITING_STREAMS_MAX = 4;

/** Kinds whose content may be kept. */
const KEPT: ReadonlySet<StreamKind> = new Set(["clipboard", "upload", "download"]);

/** Kinds of streams that are not told: they are how the desktop looks and sounds. */
function isSilent({ kind, direction }: OpenStream): boolean {
  if (kind === "listing" || kind === "video") return true;
  return direction === "from-server" && (kind === "audio" || kind === "argv");
}

export function createStreamDesk(deps: StreamDeskDeps): StreamDesk {
  const open = {
    "from-client": new Map<number, OpenStream>(),
    "from-server": new Map<number, OpenStream>(),
  };
  const objects = new Set<number>();
  const devices = new Map<string, OpenStream>();
  let required: ReadonlySet<string> = new Set();
  let lastId = 0;
  let refusals = 0;

  function read(given: Instruction, direction: Direction, out: ReadingDraft): boolean {
    const { opcode } = given;
    if (opensStream(opcode)) openStream(given, direction, out);
    else if (opcode === "blob") blob(given, direction, out);
    else if (opcode === "end") endStream(given, direction, out);
    else if (opcode === "ack") acknowledged(given, direction, out);
    else if (opcode === "filesystem" || opcode === "undefine") object(given, direction, out);
    else if (opcode === "get") get(given, direction, out);
    else if (opcode.startsWith("usb")) usb(given, direction, out);
    else if (opcode === "required" && direction === "from-server") {
      required = new Set(given.args);
      out.forward.push(given);
    } else return false;
    return true;
  }

  function openStream(given: Instruction, direction: Direction, out: ReadingDraft): void {
    const asked = readAsked(given, direction);
    if (asked === null) {
      reject("malformed", given, out);
      return;
    }
    const { index, kind } = asked;
    const before = open[direction].get(index);
    if (before !== undefined) close(before, "aborted", out);
    if (kind === null) {
      out.forward.push(given);
      return;
    }
    if (open[direction].size >= STREAMS_MAX || !isKnownObject(asked)) {
      reject(isKnownObject(asked) ? "too-many-streams" : "unknown-stream", given, out);
      out.answer.push(refusal(index, "this can not be opened", STATUS.badRequest));
      return;
    }
    admit(begun({ ...asked, kind }, direction), given, out);
  }

  function isKnownObject({ object: index }: StreamAsked): boolean {
    return index === undefined || objects.has(index);
  }

  function begun(
    asked: StreamAsked & { readonly kind: StreamKind },
    direction: Direction,
  ): OpenStream {
    lastId += 1;
    const { createDigest } = deps;
    const stream = new OpenStream(asked, { id: lastId, direction, createDigest });
    if (asked.kind !== "usb") open[direction].set(asked.index, stream);
    return stream;
  }

  function admit(stream: OpenStream, given: Instruction, out: ReadingDraft): void {
    mayBeSecret(stream);
    const verdict = judge(stream, "opened");
    if (verdict.type === "refused") {
      refuse(stream, verdict, out);
      return;
    }
    const held = verdict.type === "held";
    const collects = stream.kind === "clipboard";
    if ((held || collects) && waitingStreams() >= WAITING_STREAMS_MAX) {
      refuse(stream, TOO_MANY, out);
      return;
    }
    if (!isSilent(stream))
      out.facts.push({ kind: held ? "stream-held" : "stream-opened", stream: stream.facts() });
    stream.state = held ? "held" : collects ? "collecting" : "passing";
    if (stream.state === "passing") out.forward.push(given);
    else stream.wait(given);
  }

  /** A clipboard of the person, that begins or ends while a password is asked for. */
  function mayBeSecret(stream: OpenStream): void {
    if (stream.kind === "clipboard" && stream.direction === "from-client")
      stream.secret ||= deps.secretAwaited();
  }

  function waitingStreams(): number {
    let count = 0;
    for (const table of [open["from-client"], open["from-server"]])
      for (const { state } of table.values())
        if (state === "held" || state === "collecting") count += 1;
    return count;
  }

  function judge(stream: OpenStream, stage: StreamStage, text?: string): StreamVerdict {
    const facts = stream.judged(text);
    const byPolicy = judgeByPolicy(deps.policy, facts, required);
    if (byPolicy.type === "refused") return byPolicy;
    try {
      return deps.judge(facts, stage);
    } catch {
      // A bug in a judge must not become a way past it.
      return { type: "refused", reason: "this could not be judged" };
    }
  }

  function blob(given: Instruction, direction: Direction, out: ReadingDraft): void {
    const index = indexOf(given.args[0]);
    const stream = index === null ? undefined : open[direction].get(index);
    if (stream === undefined) {
      unknown(given, direction, out);
      return;
    }
    if (stream.state === "swallowed") return;
    const bytes = decodeBase64(given.args[1] ?? "?");
    if (bytes === null) {
      refuse(stream, BAD_DATA, out);
      out.facts.push({ kind: "refused", what: "bad-base64", opcode: "blob" });
      return;
    }
    const typed = stream.take(bytes);
    if (deps.pieces && KEPT.has(stream.kind)) {
      const { id, kind } = stream;
      out.facts.push({ kind: "stream-piece", stream: { id, kind, direction }, bytes });
    }
    if (!checkPiece(stream, typed, out)) return;
    if (stream.state === "passing") out.forward.push(given);
    else if (!stream.wait(given)) refuse(stream, TOO_LONG, out);
  }

  /** False when the piece made the stream one that may not pass. */
  function checkPiece(stream: OpenStream, typed: boolean, out: ReadingDraft): boolean {
    const verdict = typed
      ? judge(stream, "typed")
      : judgeByPolicy(deps.policy, stream.facts(), required);
    if (verdict.type !== "refused") return true;
    refuse(stream, verdict, out);
    return false;
  }

  function endStream(given: Instruction, direction: Direction, out: ReadingDraft): void {
    const index = indexOf(given.args[0]);
    const stream = index === null ? undefined : open[direction].get(index);
    if (index === null || stream === undefined) {
      unknown(given, direction, out);
      return;
    }
    if (stream.state === "swallowed") {
      open[direction].delete(index);
      return;
    }
    if (stream.state === "held") {
      if (!stream.wait(given)) refuse(stream, TOO_LONG, out);
      return;
    }
    stream.finish();
    complete(stream, given, out);
  }

  function complete(stream: OpenStream, end: Instruction, out: ReadingDraft): void {
    const clipboard = stream.kind === "clipboard" ? clipboardOf(stream) : undefined;
    const text = clipboard?.text;
    mayBeSecret(stream);
    const verdict = judge(stream, "ended", text);
    if (verdict.type === "refused") {
      refuse(stream, verdict, out);
      open[stream.direction].delete(stream.index);
      return;
    }
    if (verdict.type === "held" && stream.kind === "clipboard" && !stream.decided) {
      stream.state = "held";
      stream.wait(end);
      out.facts.push({ kind: "stream-held", stream: stream.facts(text) });
      return;
    }
    if (clipboard !== undefined) {
      const [opener, ...pieces] = stream.takeWaiting();
      if (opener !== undefined) out.forward.push(opener);
      out.forward.push(
        ...(clipboard.mended && text !== undefined ? blobsOf(String(stream.index), text) : pieces),
      );
      deps.clipboardChanged(text ?? null);
    }
    out.forward.push(end);
    open[stream.direction].delete(stream.index);
    if (!isSilent(stream))
      out.facts.push({ kind: "stream-ended", stream: stream.facts(text), outcome: "completed" });
  }

  /** Undefined for a clipboard that holds no text. */
  function clipboardOf(stream: OpenStream): { text: string; mended: boolean } | undefined {
    const { mimetype } = stream.facts();
    if (!mimetype.startsWith("text/") && mimetype !== "") return undefined;
    const pieces = stream.waiting.flatMap(({ opcode, args }) =>
      opcode === "blob" ? [decodeBase64(args[1] ?? "") ?? new Uint8Array(0)] : [],
    );
    return readClipboardText(joined(pieces));
  }

  function decide(id: number, verdict: Settled, out: ReadingDraft): void {
    const stream = [...open["from-client"].values(), ...open["from-server"].values()].find(
      (one) => one.id === id,
    );
    if (stream?.state !== "held") return;
    if (verdict.type === "refused") {
      refuse(stream, verdict, out);
      return;
    }
    stream.decided = true;
    const end = stream.waiting.at(-1)?.opcode === "end" ? stream.waiting.pop() : undefined;
    if (!isSilent(stream)) out.facts.push({ kind: "stream-opened", stream: stream.facts() });
    if (stream.kind !== "clipboard") {
      out.forward.push(...stream.takeWaiting());
      stream.state = "passing";
    } else stream.state = "collecting";
    if (end === undefined) return;
    stream.finish();
    complete(stream, end, out);
  }

  function acknowledged(given: Instruction, direction: Direction, out: ReadingDraft): void {
    const index = indexOf(given.args[0]);
    const status = indexOf(given.args[2]);
    if (index === null || status === null) {
      reject("malformed", given, out);
      return;
    }
    out.forward.push(given);
    const theirs = direction === "from-client" ? "from-server" : "from-client";
    const stream = open[theirs].get(index);
    // 0..255 are kinds of success (guacamole protocol, status codes).
    if (stream === undefined || stream.state === "swallowed" || status < 0x0100) return;
    tellEnd(stream, "failed", out);
    stream.state = "swallowed";
  }

  function object(given: Instruction, direction: Direction, out: ReadingDraft): void {
    const index = indexOf(given.args[0]);
    if (index === null || direction === "from-client") {
      reject("malformed", given, out);
      return;
    }
    if (given.opcode === "undefine") objects.delete(index);
    else if (objects.size < OBJECTS_MAX) objects.add(index);
    else {
      reject("too-many-streams", given, out);
      return;
    }
    out.forward.push(given);
  }

  function get(given: Instruction, direction: Direction, out: ReadingDraft): void {
    const index = indexOf(given.args[0]);
    if (index === null || direction === "from-server") reject("malformed", given, out);
    else if (!objects.has(index)) reject("unknown-stream", given, out);
    else if (!deps.policy.listing && !deps.policy.download.allowed) reject("forbidden", given, out);
    else out.forward.push(given);
  }

  /** A device is a stream without an index: it is connected, sends data, and is disconnected. */
  function usb(given: Instruction, direction: Direction, out: ReadingDraft): void {
    const name = nameOf(given.args[0] ?? "");
    const key = `${direction} ${name}`;
    const device = devices.get(key);
    if (given.opcode === "usbconnect") {
      if (devices.size >= OBJECTS_MAX) {
        reject("too-many-streams", given, out);
        return;
      }
      if (device !== undefined) tellEnd(device, "aborted", out);
      const asked = { index: 0, kind: "usb", mimetype: "", name } as const;
      const connected = begun(asked, direction);
      devices.set(key, connected);
      admit(connected, given, out);
      return;
    }
    if (device === undefined) {
      // Everything else about USB comes from the server, which speaks of devices that were let in.
      if (direction === "from-server" && deps.policy.usb) out.forward.push(given);
      else reject("unknown-stream", given, out);
      return;
    }
    if (device.state === "passing") out.forward.push(given);
    if (given.opcode !== "usbdisconnect") return;
    devices.delete(key);
    if (device.state === "passing") tellEnd(device, "completed", out);
  }

  function unknown(given: Instruction, direction: Direction, out: ReadingDraft): void {
    const index = indexOf(given.args[0]);
    // A picture, or something that was begun before this connection was read.
    if (direction === "from-server" && index !== null) out.forward.push(given);
    else reject("unknown-stream", given, out);
  }

  function reject(
    what: "malformed" | "unknown-stream" | "too-many-streams" | "forbidden",
    { opcode }: Instruction,
    out: ReadingDraft,
  ): void {
    refusals += 1;
    out.facts.push({ kind: "refused", what, opcode });
  }

  /** Nothing more of it passes; whoever sends is told, whoever receives sees nothing, or half a file. */
  function refuse(
    stream: OpenStream,
    { reason, status }: Extract<Settled, { type: "refused" }>,
    out: ReadingDraft,
  ): void {
    refusals += 1;
    const halfway = stream.state === "passing" && stream.kind === "upload";
    // The server closes the file that it has begun; a browser would keep it as if it were whole.
    if (halfway) out.forward.push(instruction("end", String(stream.index)));
    if (stream.kind !== "usb")
      out.answer.push(refusal(stream.index, reason, status ?? STATUS.forbidden));
    stream.takeWaiting();
    stream.state = "swallowed";
    out.facts.push({ kind: "stream-ended", stream: stream.facts(), outcome: "refused", reason });
  }

  function close(stream: OpenStream, outcome: StreamOutcome, out: ReadingDraft): void {
    open[stream.direction].delete(stream.index);
    if (stream.state !== "swallowed") tellEnd(stream, outcome, out);
  }

  function tellEnd(stream: OpenStream, outcome: StreamOutcome, out: ReadingDraft): void {
    stream.takeWaiting();
    if (isSilent(stream)) return;
    out.facts.push({ kind: "stream-ended", stream: stream.facts(), outcome });
  }

  return {
    read,
    decide,
    end(out) {
      for (const table of [open["from-client"], open["from-server"]])
        for (const stream of [...table.values()]) close(stream, "aborted", out);
      for (const device of devices.values())
        if (device.state === "passing") tellEnd(device, "aborted", out);
      devices.clear();
      objects.clear();
    },
    counts: () => ({ streams: lastId, refused: refusals }),
  };
}

function refusal(index: number, reason: string, status: number): Instruction {
  return instruction("ack", String(index), reason, String(status));
}

const TOO_MANY = {
  type: "refused",
  reason: "too much waits already",
  status: STATUS.tooLong,
} as const;
const TOO_LONG = {
  type: "refused",
  reason: "it is too long to wait",
  status: STATUS.tooLong,
} as const;
const BAD_DATA = {
  type: "refused",
  reason: "its data can not be read",
  status: STATUS.badRequest,
} as const;
