import { closeSync, openSync, readSync } from "node:fs";
import { err, fault, ok, type Fault, type Place, type Result } from "../kernel/index.js";
import type { RecordedRequest, WebBody, WebMessage, WebView } from "../model/index.js";
import { readHeader, type CastHeader } from "./read-cast.js";
import { LOG_VERSION } from "./request-log.js";

/** One line of a request log behind its header. `seconds` since its beginning. */
export type LogLine = { readonly seconds: number } & (
  | { readonly type: "request"; readonly request: RecordedRequest }
  /** What was typed of a request, from the file of its own. */
  | { readonly type: "typed"; readonly number: number; readonly bodies: readonly WebBody[] }
  /** A WebSocket that has opened; the line of its request follows when it is over. */
  | { readonly type: "socket"; readonly request: RecordedRequest }
  | { readonly type: "message"; readonly number: number; readonly message: WebMessage }
  | { readonly type: "view"; readonly view: WebView }
  | { readonly type: "mark"; readonly label: string }
);

export interface RequestLogReader {
  readonly header: Pick<CastHeader, "session" | "person" | "account" | "target" | "wallMs">;
  /** Throws a `BadLine` where the file says something else than this product writes. */
  lines(): Generator<LogLine, { readonly torn: boolean }>;
}

/** A line that is none of ours. */
export class BadLine extends Error {
  readonly fault: Fault;

  constructor(problem: Fault) {
    super(problem.message);
    this.fault = problem;
  }
}

/** Longer lines are none of ours: two bodies and the fields of two heads. */
const LINE_BYTES_MAX = 8 * 1024 * 1024;

/** Reads a request log line by line, in memory for one of them. `pieces`: its text, however it is cut. */
export function readRequestLog(
  file: string,
  pieces: Iterable<Uint8Array>,
): Result<RequestLogReader, Fault> {
  const lines = linesOf(pieces);
  const refuse = (message: string, line: number): Fault =>
    fault("CHP_RECORDING_READ", message, { file, line, column: 1 } satisfies Place);
  const first = lines.next();
  const header = first.done === true ? NOT_OURS : headerOf(first.value);
  if (typeof header === "string") return err(refuse(header, 1));
  return ok({
    header,
    *lines() {
      for (let number = 2; ; number += 1) {
        const next = lines.next();
        if (next.done === true) return { torn: next.value };
        const line = lineOf(next.value);
        if (line === null) throw new BadLine(refuse("not a line of a request log", number));
        yield line;
      }
    },
  });
}

/** The text of a file that is not encrypted, piece by piece. */
export function* piecesOf(path: string): Generator<Uint8Array, void> {
  const fd = openSync(path, "r");
  try {
    for (;;) {
      const piece = Buffer.alloc(PIECE_BYTES);
      const count = readSync(fd, piece, 0, PIECE_BYTES, null);
      if (count === 0) return;
      yield piece.subarray(0, count);
    }
  } finally {
    closeSync(fd);
  }
}

const PIECE_BYTES = 256 * 1024;
const NOT_OURS = "not a request log of this product";
const NEWLINE = 0x0a;

/** Whole lines; answers whether something without an end stands behind the last. */
function* linesOf(pieces: Iterable<Uint8Array>): Generator<string, boolean> {
  let kept: Uint8Array[] = [];
  let length = 0;
  for (const piece of pieces) {
    let begin = 0;
    for (let end = piece.indexOf(NEWLINE); end !== -1; end = piece.indexOf(NEWLINE, begin)) {
      kept.push(piece.subarray(begin, end));
      yield Buffer.concat(kept).toString("utf8");
      kept = [];
      length = 0;
      begin = end + 1;
    }
    kept.push(piece.subarray(begin));
    length += piece.length - begin;
    if (length > LINE_BYTES_MAX) {
      yield "";
      return true;
    }
  }
  return length > 0;
}

function headerOf(line: string): RequestLogReader["header"] | string {
  const value = objectOf(line);
  if (value?.["format"] !== "chaperone-requests") return NOT_OURS;
  const version = value["version"];
  if (typeof version !== "number" || version < 1 || version > LOG_VERSION) {
    return `a request log of version ${String(version)}, and this program reads ${String(LOG_VERSION)}`;
  }
  // The part that all recordings have in common is read in one place.
  return readHeader(JSON.stringify({ version: 2, chaperone: value["chaperone"] }));
}

/** Null: none of ours. What is in a line is looked at as far as somebody uses it. */
function lineOf(line: string): LogLine | null {
  const value = objectOf(line);
  const seconds = value?.["t"];
  if (value === null || typeof seconds !== "number") return null;
  if (typeof value["mark"] === "string") return { seconds, type: "mark", label: value["mark"] };
  const view = value["view"];
  if (isObject(view)) return viewOf(seconds, view);
  const { message, socket } = value;
  if (isObject(message)) return messageOf(seconds, message);
  if (isObject(socket)) {
    const request = requestOf(socket);
    return request === null ? null : { seconds, type: "socket", request };
  }
  const number = value["n"];
  if (typeof number !== "number") return null;
  if (value["method"] === undefined) {
    const bodies = arrayOf(value["bodies"]).filter(isBody);
    return { seconds, type: "typed", number, bodies };
  }
  const request = requestOf(value);
  return request === null ? null : { seconds, type: "request", request };
}

function requestOf(value: Readonly<Record<string, unknown>>): RecordedRequest | null {
  const { n: number, outcome } = value;
  if (typeof number !== "number") return null;
  if (typeof value["method"] !== "string" || typeof value["url"] !== "string") return null;
  if (!isObject(outcome) || typeof outcome["status"] !== "number" || !isObject(outcome["bytes"])) {
    return null;
  }
  const bodies = arrayOf(value["bodies"]).filter(isBody);
  // Written by `createRequestLog`: the parts that decide were looked at.
  return { ...value, number, bodies } as unknown as RecordedRequest;
}

function messageOf(seconds: number, value: Readonly<Record<string, unknown>>): LogLine | null {
  const { n: number, of, binary, bytes, content } = value;
  if (typeof number !== "number" || typeof bytes !== "number" || !isObject(content)) return null;
  if (of !== "person" && of !== "target") return null;
  // As above.
  const message = { of, binary: binary === true, bytes, content } as unknown as WebMessage;
  return { seconds, type: "message", number, message };
}

function viewOf(seconds: number, view: Readonly<Record<string, unknown>>): LogLine | null {
  const { url, title, focused } = view;
  if (typeof url !== "string" || typeof title !== "string") return null;
  return { seconds, type: "view", view: { url, title, focused: focused === true } };
}

function isBody(value: unknown): value is WebBody {
  return (
    isObject(value) &&
    (value["of"] === "request" || value["of"] === "response") &&
    typeof value["type"] === "string" &&
    typeof value["bytes"] === "number" &&
    isObject(value["content"])
  );
}

function arrayOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as readonly unknown[]) : []; // of anything
}

function objectOf(line: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(line);
    return isObject(value) ? value : null;
  } catch {
    return null; // not JSON: the caller says what it should have been
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
