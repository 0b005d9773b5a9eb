import type { RecordedRequest, WebBody, WebField, WebView } from "../model/index.js";
import { HarSockets, leftOut, socketAddress, socketFields, type HarSocket } from "./har-sockets.js";
import type { LogLine, RequestLogReader } from "./read-request-log.js";

interface HarOptions {
  /** Of this program. */
  readonly version: string;
  /** What was typed, where it stands in a file of its own. */
  readonly typed?: RequestLogReader;
}

/**
 * A request log as HAR 1.2 (http://www.softwareishard.com/blog/har-12-spec/), piece by piece, in memory
 * for one request, for the pages, and for what was said in WebSockets that are open where it is read. What was masked or left out says so where it stood; fields of ours
 * begin with an underscore, as the format wants. Throws what the readers throw.
 */
export function* harOf(log: RequestLogReader, options: HarOptions): Generator<string, HarEnd> {
  const { header } = log;
  const creator = { name: "Chaperone", version: options.version };
  const comment = `${header.person} as ${header.account} on ${header.target}, session ${header.session}`;
  const sockets = new HarSockets();
  const typed = options.typed === undefined ? null : new TypedLines(options.typed, sockets);
  const pages = new Pages(header.wallMs);
  const around = { wallMs: header.wallMs, pages };
  const lines = log.lines();
  let entries = 0;
  let gaps = 0;
  const written = (entry: object): string => {
    entries += 1;
    return `${entries === 1 ? "" : ","}\n${JSON.stringify(entry)}`;
  };
  yield `{"log":{"version":"1.2","creator":${JSON.stringify(creator)},"comment":${JSON.stringify(comment)},"entries":[`;
  for (;;) {
    const next = lines.next();
    if (next.done === true) {
      typed?.readTo(Infinity);
      for (const socket of sockets.rest()) {
        if (socket.request === null) gaps += 1;
        else yield written(openEntryOf(socket.request, socket, around));
      }
      yield `\n],"pages":${JSON.stringify(pages.all)}}}\n`;
      return { entries, gaps, torn: next.value.torn };
    }
    const line = next.value;
    switch (line.type) {
      case "view":
        pages.viewed(line.view, line.seconds);
        break;
      case "mark":
        gaps += 1;
        break;
      case "socket":
        sockets.opened(line.request, line.seconds);
        break;
      case "message":
        sockets.said(line.number, line.message, line.seconds);
        break;
      case "typed":
        break; // of the file beside this one
      case "request": {
        const { number } = line.request;
        typed?.readTo(line.seconds);
        const bodies = [...(typed?.of(number) ?? []), ...line.request.bodies];
        const request = { ...line.request, bodies };
        const socket = sockets.take(number);
        yield written(
          socket === null
            ? entryOf(request, line.seconds, around)
            : socketEntryOf(request, line.seconds, { ...around, socket }),
        );
      }
    }
  }
}

export interface HarEnd {
  readonly entries: number;
  /** Places where the disk did not take what happened. */
  readonly gaps: number;
  /** The last line was torn (a crash while it was written) and is left out. */
  readonly torn: boolean;
}

/** The file of what was typed: its lines have the times of those that they belong to. */
class TypedLines {
  readonly #lines: Generator<LogLine>;
  readonly #sockets: HarSockets;
  #next: LogLine | null;
  /** Of the requests that ended last. */
  #bodies: {
    readonly number: number;
    readonly seconds: number;
    readonly bodies: readonly WebBody[];
  }[] = [];

  constructor(log: RequestLogReader, sockets: HarSockets) {
    this.#lines = log.lines();
    this.#sockets = sockets;
    this.#next = this.#read();
  }

  /** What was typed until then. */
  readTo(seconds: number): void {
    this.#bodies = this.#bodies.filter((one) => one.seconds === seconds);
    for (let line = this.#next; line !== null && line.seconds <= seconds; line = this.#next) {
      if (line.type === "message") this.#sockets.said(line.number, line.message, line.seconds);
      if (line.type === "typed" && line.seconds === seconds) this.#bodies.push(line);
      this.#next = this.#read();
    }
  }

  of(number: number): readonly WebBody[] {
    return this.#bodies.find((one) => one.number === number)?.bodies ?? [];
  }

  #read(): LogLine | null {
    const next = this.#lines.next();
    return next.done === true ? null : next.value;
  }
}

interface HarPage {
  readonly startedDateTime: string;
  readonly id: string;
  readonly title: string;
  readonly pageTimings: Readonly<Record<string, never>>;
}

/** A person opens some hundred pages in a day; what comes later belongs to no page. */
const PAGES_MAX = 10_000;

/** Where the person was, as far as a script in the pages has told. */
class Pages {
  readonly all: HarPage[] = [];
  readonly #wallMs: number;
  #last: { readonly url: string; readonly title: string } | null = null;

  constructor(wallMs: number) {
    this.#wallMs = wallMs;
  }

  /** The page that was looked at last. */
  get current(): string | null {
    return this.all.at(-1)?.id ?? null;
  }

  viewed({ url, title }: WebView, seconds: number): void {
    if (this.#last?.url === url && this.#last.title === title) return;
    this.#last = { url, title };
    if (this.all.length >= PAGES_MAX) return;
    this.all.push({
      startedDateTime: timeOf(this.#wallMs, seconds),
      id: `page_${String(this.all.length + 1)}`,
      title: title === "" ? url : title,
      pageTimings: {},
    });
  }
}

interface Around {
  readonly wallMs: number;
  readonly pages: Pages;
}

/** Of a WebSocket that was open when the log ended. */
function openEntryOf(request: RecordedRequest, socket: HarSocket, around: Around): object {
  const durationMs = Math.round((socket.lastAt - socket.openedAt) * 1_000);
  const outcome = { ...request.outcome, durationMs };
  return socketEntryOf({ ...request, outcome }, socket.lastAt, { ...around, socket });
}

function socketEntryOf(
  request: RecordedRequest,
  seconds: number,
  around: Around & { readonly socket: HarSocket },
): object {
  const entry = entryOf({ ...request, url: socketAddress(request.url) }, seconds, around);
  return { ...entry, ...socketFields(around.socket, around.wallMs) };
}

function entryOf(request: RecordedRequest, seconds: number, { wallMs, pages }: Around): object {
  const { outcome, bodies, headMs } = request;
  const { durationMs } = outcome;
  const wait = Math.min(headMs ?? durationMs, durationMs);
  const page = pages.current;
  return {
    ...(page === null ? {} : { pageref: page }),
    // The line was written when it was over.
    startedDateTime: timeOf(wallMs, seconds - durationMs / 1_000),
    time: durationMs,
    request: askedOf(
      request,
      bodies.find(({ of }) => of === "request"),
    ),
    response: answeredOf(
      request,
      bodies.find(({ of }) => of === "response"),
    ),
    cache: {},
    timings: { send: 0, wait, receive: durationMs - wait },
    _request: request.number,
    _decision: request.decision,
    ...(request.rules.length === 0 ? {} : { _rules: request.rules }),
  };
}

function askedOf(request: RecordedRequest, body: WebBody | undefined): object {
  return {
    method: request.method,
    url: request.url,
    httpVersion: request.protocol,
    cookies: [],
    headers: request.asked.map(headerOf),
    queryString: queryOf(request.url),
    headersSize: -1,
    bodySize: request.outcome.bytes.toTarget,
    ...(body === undefined ? {} : { postData: postDataOf(body) }),
  };
}

function answeredOf(request: RecordedRequest, body: WebBody | undefined): object {
  const { outcome, answered, protocol } = request;
  const location = answered.find(([name]) => name === "location")?.[1];
  return {
    status: outcome.status,
    statusText: "",
    httpVersion: protocol,
    cookies: [],
    headers: answered.map(headerOf),
    content: {
      size: outcome.bytes.toPerson,
      mimeType: outcome.contentType ?? "",
      ...(body === undefined ? {} : contentOf(body)),
    },
    redirectURL: location ?? "",
    headersSize: -1,
    bodySize: outcome.bytes.toPerson,
  };
}

function headerOf([name, value]: WebField): object {
  return value === null ? { name, value: "", comment: "value not kept" } : { name, value };
}

function queryOf(url: string): readonly object[] {
  const at = url.indexOf("?");
  if (at < 0) return [];
  return [...new URLSearchParams(url.slice(at + 1))].map(([name, value]) => ({ name, value }));
}

function postDataOf({ type, bytes, content }: WebBody): object {
  if ("left" in content) return { mimeType: type, text: "", comment: leftOut(content.left, bytes) };
  const comment = commentOf(content.cut, bytes);
  // The format has no word for binary of a request; the one of answers is used.
  return "base64" in content
    ? { mimeType: type, text: content.base64, encoding: "base64", ...comment }
    : { mimeType: type, text: content.text, ...comment };
}

function contentOf({ bytes, content }: WebBody): object {
  if ("left" in content) return { comment: leftOut(content.left, bytes) };
  const comment = commentOf(content.cut, bytes);
  return "base64" in content
    ? { text: content.base64, encoding: "base64", ...comment }
    : { text: content.text, ...comment };
}

function commentOf(cut: boolean, bytes: number): object {
  return cut ? { comment: `only the beginning of ${String(bytes)} bytes` } : {};
}

function timeOf(wallMs: number, seconds: number): string {
  return new Date(wallMs + seconds * 1_000).toISOString();
}
