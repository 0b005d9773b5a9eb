import { decodeUtf8, encodeUtf8, plainBytes, unreachable } from "../../../kernel/index.js";
import {
  FILE_HEAD_BYTES,
  type FileContent,
  type FileDeed,
  type FileGrant,
  type FileOutcome,
  type FileWatch,
} from "../../../model/index.js";
import { PassingContent } from "../files/content.js";
import type { FileStream, FileStreamPorts } from "../files/file-stream.js";
import { readControlLine, type ControlLine } from "./control-line.js";
import { ScpPlaces } from "./places.js";

/** A line holds a name; OpenSSH's own buffer is 2048 bytes. */
const LINE_BYTES_MAX = 8 * 1024;
/** Folders inside folders: more than PATH_MAX allows. */
const FOLDERS_MAX = 2048;
const LF = 0x0a;
const OK = Uint8Array.of(0);
const NO_BYTES = new Uint8Array(0);

type Options = Extract<FileWatch, { protocol: "scp" }>;

/** The file whose bytes come next. */
interface Passing {
  readonly deed: FileDeed;
  readonly grant: FileGrant;
  readonly content: PassingContent;
  readonly size: number;
  left: number;
  /** The sink has been told of it, and has agreed. */
  heard: boolean;
  /** The sink has said no to it. */
  failed: boolean;
  /** Why nothing of it goes on. */
  condemned: string | null;
}

type State =
  | { readonly type: "line" }
  | { readonly type: "data"; readonly file: Passing }
  /** Its beginning is gathered before the other side hears of it. */
  | { readonly type: "look"; readonly file: Passing; readonly line: Uint8Array }
  /** One byte, or a line, that says how the source has fared. */
  | { readonly type: "trailer"; readonly file: Passing };

/** What the sink is expected to answer next, where that is more than to be passed on. */
type Awaited =
  | { readonly type: "begin"; readonly file: Passing; readonly head: Uint8Array }
  | { readonly type: "end"; readonly file: Passing; readonly outcome: FileOutcome };

/**
 * The protocol of `scp -t` and `scp -f`: a source sends lines and files, a sink answers each with a byte.
 * An upload has its source at the person, a download at the target. A refused file is refused to its
 * source as a sink would, and the rest goes on.
 */
export function createScpStream(ports: FileStreamPorts, options: Options): FileStream {
  const places = new ScpPlaces(options);
  const up = options.direction === "upload";
  const toSink = up ? ports.toTarget : ports.toPerson;
  const toSource = up ? ports.toPerson : ports.toTarget;
  const swallowedSource = up ? ports.personSwallowed : ports.targetSwallowed;
  const swallowedSink = up ? ports.targetSwallowed : ports.personSwallowed;
  let state: State = { type: "line" };
  let line: number[] = [];
  let files = 0;
  /** A question is open, or the sink's answer is waited for: what the source sends waits. */
  let holding = false;
  const waiting: Uint8Array[] = [];
  let gathered = NO_BYTES;
  let awaited: Awaited | null = null;
  let sinkLine: number[] | null = null;
  let given: "blind" | "dead" | null = null;
  let over = false;
  let idleActs: (() => void)[] = [];

  function lose(reason: string): void {
    if (over || given !== null) return;
    ports.lost(reason);
    given = options.strict ? "dead" : "blind";
  }

  // --- the source -------------------------------------------------------------------------------

  function fromSource(chunk: Uint8Array): void {
    if (holding) waiting.push(new Uint8Array(chunk));
    else scan(plainBytes(chunk));
  }

  function past(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    if (given === "blind") toSink(bytes);
    else swallowedSource(bytes.length);
  }

  function scan(chunk: Uint8Array): void {
    let at = 0;
    while (at < chunk.length && !isHolding() && given === null) at = step(chunk, at);
    const rest = chunk.subarray(at);
    if (given !== null) past(rest);
    else if (rest.length > 0) waiting.unshift(rest.slice());
    else if (!isHolding()) idle();
  }

  // Asked through a function: it changes inside of what the loop calls.
  function isHolding(): boolean {
    return holding;
  }

  function resume(): void {
    holding = false;
    while (!isHolding()) {
      const next = waiting.shift();
      if (next === undefined) {
        idle();
        return;
      }
      scan(next);
    }
  }

  function idle(): void {
    const acts = idleActs;
    idleActs = [];
    for (const act of acts) act();
  }

  function step(chunk: Uint8Array, at: number): number {
    const now = state;
    switch (now.type) {
      case "line":
        return gatherLine(chunk, at);
      case "data":
        return passData(chunk, at, now.file);
      case "look":
        return gatherHead(chunk, at, now);
      case "trailer":
        return takeTrailer(chunk, at, now.file);
      default:
        return unreachable(now);
    }
  }

  function gatherLine(chunk: Uint8Array, start: number): number {
    for (let at = start; at < chunk.length; at += 1) {
      const byte = chunk[at] ?? 0;
      line.push(byte);
      if (line.length > LINE_BYTES_MAX) return broken(at + 1);
      if (byte !== LF) continue;
      const whole = Uint8Array.from(line);
      const read = readControlLine(decodeUtf8(whole.subarray(0, -1)));
      if (read === null) return broken(at + 1);
      line = [];
      obey(read, whole);
      return at + 1;
    }
    return chunk.length;
  }

  function broken(after: number): number {
    const kept = Uint8Array.from(line);
    line = [];
    lose("what comes is not the protocol of scp");
    past(kept);
    return after;
  }

  function obey(read: ControlLine, whole: Uint8Array): void {
    switch (read.type) {
      case "file":
        begin(read, whole);
        return;
      case "folder":
        beginFolder(read.name, whole);
        return;
      case "folder-end":
        places.leave();
        toSink(whole);
        return;
      case "times":
      case "error":
        toSink(whole);
        return;
      default:
        unreachable(read);
    }
  }

  function newDeed(operation: FileDeed["operation"], name: string): FileDeed {
    files += 1;
    return { file: files, operation, via: "scp", ...places.of(name) };
  }

  function begin({ size, name }: { size: number; name: string }, whole: Uint8Array): void {
    const deed = newDeed(up ? "write" : "read", name);
    asking(deed, { bytes: size }, (grant, reason) => {
      if (grant === null) {
        refuse(whole.length, reason);
        ports.done({ deed, outcome: "blocked" });
        return;
      }
      const content = new PassingContent({ grant, keepsHead: up, digest: ports.sha256 });
      const file: Passing = {
        deed,
        grant,
        content,
        size,
        left: size,
        heard: false,
        failed: false,
        condemned: null,
      };
      if (grant.content && size > 0) {
        // The source goes on as if the sink had agreed; the sink is asked once it has been looked at.
        toSource(OK);
        swallowedSource(whole.length);
        state = { type: "look", file, line: whole };
      } else {
        toSink(whole);
        file.heard = true;
        state = size === 0 ? { type: "trailer", file } : { type: "data", file };
      }
    });
  }

  function beginFolder(name: string, whole: Uint8Array): void {
    if (places.depth >= FOLDERS_MAX) {
      lose("more folders inside folders than a path can have");
      past(whole);
      return;
    }
    const deed = newDeed(up ? "mkdir" : "list", name);
    asking(deed, undefined, (grant, reason) => {
      if (grant === null) {
        refuse(whole.length, reason);
        ports.done({ deed, outcome: "blocked" });
        return;
      }
      places.enter(name);
      toSink(whole);
      ports.done({ deed, outcome: "passed" });
    });
  }

  /** Holds the source until there is an answer. */
  function asking(
    deed: FileDeed,
    content: FileContent | undefined,
    then: (grant: FileGrant | null, reason: string) => void,
  ): void {
    holding = true;
    let waits = false;
    ports.ask({ deed, ...(content === undefined ? {} : { content }) }, (answer) => {
      if (over) return;
      holding = false;
      if (answer.type === "granted") then(answer.grant, "");
      else then(null, answer.type === "refused" ? answer.reason : "its real path is not known");
      if (waits && !isHolding()) resume();
    });
    waits = true;
  }

  /** To the source as a sink would; a person who is the sink hears it as if from the source. */
  function refuse(lineBytes: number, reason: string): void {
    swallowedSource(lineBytes);
    sayNo(reason);
  }

  function sayNo(reason: string): void {
    const no = refusal(reason);
    toSource(no);
    if (!up) toSink(no);
  }

  function passData(chunk: Uint8Array, at: number, file: Passing): number {
    const count = Math.min(file.left, chunk.length - at);
    const bytes = chunk.subarray(at, at + count);
    if (file.condemned === null) {
      toSink(bytes);
      file.content.pass(file.size - file.left, bytes);
    } else swallowedSource(count);
    file.left -= count;
    if (file.left === 0) ended(file);
    return at + count;
  }

  function ended(file: Passing): void {
    state = { type: "trailer", file };
    if (!file.grant.end || file.condemned !== null) return;
    asking(file.deed, file.content.final(), (grant, reason) => {
      if (grant === null) file.condemned = reason;
    });
  }

  /** As much of the beginning as rules look at; then the sink hears of the file. */
  function gatherHead(
    chunk: Uint8Array,
    at: number,
    { file, line: announced }: State & { type: "look" },
  ): number {
    const wanted = Math.min(file.size, FILE_HEAD_BYTES) - gathered.length;
    const bytes = chunk.subarray(at, at + wanted);
    const grown = new Uint8Array(gathered.length + bytes.length);
    grown.set(gathered);
    grown.set(bytes, gathered.length);
    gathered = grown;
    if (bytes.length < wanted) return at + bytes.length;
    const head = gathered;
    gathered = NO_BYTES;
    file.content.pass(0, head);
    file.left = file.size - head.length;
    asking(file.deed, file.content.known(file.size), (grant, reason) => {
      if (grant === null) {
        swallowedSource(head.length);
        condemn(file, reason);
        return;
      }
      toSink(announced);
      awaited = { type: "begin", file, head };
      holding = true;
    });
    return at + bytes.length;
  }

  function condemn(file: Passing, reason: string): void {
    file.condemned = reason;
    state = file.left === 0 ? { type: "trailer", file } : { type: "data", file };
  }

  /** `\0`: all of it was read well. */
  function takeTrailer(chunk: Uint8Array, at: number, file: Passing): number {
    let end = at;
    if (line.length > 0 || (chunk[at] ?? 0) !== 0) {
      while (end < chunk.length && chunk[end] !== LF) line.push(chunk[end++] ?? 0);
      if (line.length > LINE_BYTES_MAX) return broken(end);
      if (end === chunk.length) return end;
      line.push(LF);
    } else line = [0];
    const told = Uint8Array.from(line);
    line = [];
    state = { type: "line" };
    const failed = told[0] !== 0;
    if (file.condemned !== null && !file.heard) {
      swallowedSource(told.length);
      sayNo(file.condemned);
      tell(file, "blocked");
      return end + 1;
    }
    toSink(told);
    awaited = { type: "end", file, outcome: failed ? "failed" : "passed" };
    return end + 1;
  }

  function tell({ deed, content, condemned, failed }: Passing, outcome: FileOutcome): void {
    const told = condemned === null ? outcome : failed ? "failed" : "blocked";
    const { sha256 } = content;
    ports.done({
      deed,
      outcome: told,
      moved: content.moved,
      ...(up && content.keepsHead ? { head: content.head } : {}),
      whole: up && content.headIsWhole,
      ...(sha256 === undefined || told !== "passed" ? {} : { sha256 }),
    });
  }

  // --- the sink ---------------------------------------------------------------------------------

  function fromSink(chunk: Uint8Array): void {
    if (given !== null) {
      if (given === "blind") toSource(chunk);
      else swallowedSink(chunk.length);
      return;
    }
    const bytes = plainBytes(chunk);
    let from = 0;
    for (let at = 0; at < bytes.length; at += 1) {
      const byte = bytes[at] ?? 0;
      if (sinkLine === null && byte !== 0) sinkLine = [];
      if (sinkLine !== null) {
        if (sinkLine.length < LINE_BYTES_MAX) sinkLine.push(byte);
        if (byte !== LF) continue;
      }
      const failed = sinkLine !== null;
      const answer = Uint8Array.from(sinkLine ?? [0]);
      sinkLine = null;
      if (awaited === null) continue;
      // What stands before it goes on; the answer itself may be another one for the source.
      const before = at + 1 - answer.length;
      if (before > from) toSource(bytes.subarray(from, before));
      swallowedSink(at + 1 - Math.max(from, before));
      from = at + 1;
      answered(awaited, answer, failed);
    }
    if (from >= bytes.length) return;
    // The rest is passed on, but for an answer of which the end decides what becomes of it.
    const kept = sinkLine !== null && awaited !== null ? sinkLine.length : 0;
    const until = Math.max(from, bytes.length - kept);
    if (until > from) toSource(bytes.subarray(from, until));
    if (until < bytes.length) swallowedSink(bytes.length - until);
  }

  function answered(what: Awaited, answer: Uint8Array, failed: boolean): void {
    awaited = null;
    const { file } = what;
    if (what.type === "end") {
      toSource(file.condemned === null ? answer : refusal(file.condemned));
      tell(file, failed ? "failed" : what.outcome);
      return;
    }
    holding = false;
    if (failed) {
      // The source believes that the sink agreed: it hears of it when it has sent everything.
      swallowedSource(what.head.length);
      file.failed = true;
      condemn(file, decodeUtf8(answer.subarray(1, -1)));
    } else {
      file.heard = true;
      toSink(what.head);
      state = file.left === 0 ? { type: "trailer", file } : { type: "data", file };
      if (file.left === 0) ended(file);
    }
    if (!isHolding()) resume();
  }

  return {
    fromPerson: up ? fromSource : fromSink,
    fromTarget: up ? fromSink : fromSource,
    whenPersonIdle(act) {
      if (!up || (!holding && waiting.length === 0)) act();
      else idleActs.push(act);
    },
    end() {
      if (over) return;
      over = true;
      if (awaited !== null) tell(awaited.file, "cut-off");
      else if (state.type !== "line") tell(state.file, "cut-off");
    },
  };
}

function refusal(reason: string): Uint8Array {
  return encodeUtf8(`\u0001scp: ${reason.replaceAll(/[\r\n]+/g, " ")}\n`);
}
