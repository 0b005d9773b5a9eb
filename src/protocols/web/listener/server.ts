import { randomBytes } from "node:crypto";
import { createServer, STATUS_CODES, type IncomingMessage, type ServerOptions } from "node:http";
import { createSecureServer, type SecureServerOptions } from "node:http2";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { TLSSocket } from "node:tls";
import { fault, type Fault, type SessionId } from "../../../kernel/index.js";
import { HEAD_BYTES_MAX, HEAD_MS, HEADERS_MAX, KEPT_MS } from "../limits.js";
import type { WebPorts, WebRoute } from "../ports.js";
import { sendPage } from "../session/reply.js";
import type { Arrival } from "./arrival.js";
import { createDoorway } from "./doorway.js";
import type { ForwardAuthOptions } from "./forward-auth.js";
import type { IdentityOptions } from "./identity.js";

/** The web listener of one process. */
export interface WebServer {
  /** Serves an accepted socket. `origin`: the peer's address. */
  accept(socket: Socket, origin: string): void;
  readonly connections: number;
  /** Ends a session, wherever it came from. */
  end(session: SessionId, reason: string): void;
  /** Ends every session and closes everything. */
  close(reason: string): Promise<void>;
}

export interface WebServerOptions {
  /** PEM texts; absent: plain HTTP, for loopback. */
  readonly tls?: {
    readonly cert: string;
    readonly key: string;
    /** Who signs the certificates of those who may connect at all. */
    readonly clientCa?: string;
  };
  readonly routes: readonly WebRoute[];
  readonly identity: IdentityOptions;
  readonly forwardAuth: ForwardAuthOptions | null;
  /** For bodies that are held. */
  readonly folder: string;
  /** Requests are kept for the recordings of their sessions. */
  readonly requestLog: boolean;
}

/** Streams of one HTTP/2 connection at once. */
const STREAMS_MAX = 128;

export function createWebServer(ports: WebPorts, options: WebServerOptions): WebServer {
  const sockets = new Set<Socket>();
  const origins = new WeakMap<object, string>();
  const doorway = createDoorway(ports, {
    routes: options.routes,
    identity: options.identity,
    forwardAuth: options.forwardAuth,
    folder: options.folder,
    requestLog: options.requestLog,
    secure: options.tls !== undefined,
    pseudonym: `chaperone-${randomBytes(6).toString("hex")}`,
  });
  const server = openServer(options);
  let closing = false;

  server.on("request", (request: IncomingMessage, reply: Arrival["reply"]) => {
    const http2 = isHttp2(request);
    const unserved = http2 ? null : unservedVersion(request);
    if (unserved !== null) {
      tellRefused(request.socket, unserved);
      hangUp(request.socket, 400);
      return;
    }
    busy(rawSocketOf(request.socket), reply);
    doorway.request({
      method: request.method ?? "",
      target: request.url ?? "",
      rawHeaders: request.rawHeaders,
      http2,
      source: request,
      reply,
      ...peerOf(request.socket),
    });
  });
  server.on("upgrade", (request: IncomingMessage, socket: Duplex, behind: Buffer) => {
    watches.get(rawSocketOf(socket))?.stop();
    const unserved = unservedVersion(request);
    if (unserved !== null) {
      tellRefused(socket, unserved);
      hangUp(socket, 400);
      return;
    }
    doorway.upgrade({
      method: request.method ?? "",
      target: request.url ?? "",
      rawHeaders: request.rawHeaders,
      http2: false,
      source: request,
      request,
      socket,
      behind,
      ...peerOf(socket),
    });
  });
  // Node would answer itself, and tell nobody.
  server.on("connect", (request: IncomingMessage, given: Duplex | Arrival["reply"]) => {
    tellRefused(request.socket, fault("CHP_WEB_SYNTAX", "CONNECT is not served"));
    // By HTTP/2 it is one stream among others, and has an answer like them.
    if ("writeHead" in given) sendPage(given, { status: 405, headers: {}, body: "" });
    else hangUp(given, 405);
  });
  server.on("clientError", (error: Error & { code?: string }, socket: Duplex) => {
    const why = parseFault(error.code ?? "");
    if (why !== null) tellRefused(socket, why);
    // What stands behind a request that has its answer is nobody's: a second answer would be read as one.
    if (answers.get(rawSocketOf(socket))?.headersSent === true) socket.end();
    else hangUp(socket, why?.code === "CHP_WEB_TOO_LARGE" ? 431 : 400);
  });
  server.on("tlsClientError", (_error: Error, socket: TLSSocket) => socket.destroy());

  // --- slow and idle connections ---------------------------------------------------------------------

  const watches = new WeakMap<object, ReturnType<typeof watchHead>>();
  /** What is being answered on a connection. */
  const answers = new WeakMap<object, Arrival["reply"]>();

  /** From here until its answer is over a connection may take its time. */
  function busy(socket: object, reply: Arrival["reply"]): void {
    const watch = watches.get(socket);
    watch?.busy();
    answers.set(socket, reply);
    reply.once("close", () => {
      watch?.free();
      if (answers.get(socket) === reply) answers.delete(socket);
    });
  }

  function peerOf(socket: object): Pick<Arrival, "peer" | "commonName"> {
    return {
      peer: origins.get(rawSocketOf(socket)) ?? "unknown",
      commonName: socket instanceof TLSSocket && socket.authorized ? commonNameOf(socket) : null,
    };
  }

  function tellRefused(socket: object, why: Fault): void {
    const origin = origins.get(rawSocketOf(socket)) ?? "unknown";
    doorway.refused(origin, why);
  }

  return {
    get connections() {
      return sockets.size;
    },
    accept(socket, origin) {
      if (closing || socket.destroyed) {
        socket.destroy();
        return;
      }
      sockets.add(socket);
      origins.set(socket, origin);
      socket.on("error", () => socket.destroy());
      const watch = watchHead(socket);
      watches.set(socket, watch);
      socket.once("close", () => {
        sockets.delete(socket);
        watch.stop();
      });
      server.emit("connection", socket);
      socket.resume();
    },
    end: (session, reason) => doorway.end(session, reason),
    async close(reason) {
      closing = true;
      const gone = [...sockets].map(
        (socket) => new Promise<void>((resolve) => socket.once("close", () => resolve())),
      );
      await doorway.close(reason);
      for (const socket of sockets) socket.destroy();
      await Promise.all(gone);
    },
  };
}

interface EventServer {
  on(event: string, listener: (...values: never[]) => void): unknown;
  emit(event: "connection", socket: Socket): unknown;
}

function openServer({ tls }: WebServerOptions): EventServer {
  const http1: ServerOptions = {
    maxHeaderSize: HEAD_BYTES_MAX,
    requireHostHeader: true,
    insecureHTTPParser: false,
    keepAliveTimeout: KEPT_MS,
    // An upload may take as long as it takes; the head is watched by us.
    requestTimeout: 0,
    headersTimeout: HEAD_MS,
    noDelay: true,
  };
  if (tls === undefined) {
    const server = createServer(http1);
    server.maxHeadersCount = HEADERS_MAX + 1;
    return server;
  }
  const secure: SecureServerOptions = {
    cert: tls.cert,
    key: tls.key,
    allowHTTP1: true,
    minVersion: "TLSv1.2",
    settings: { maxConcurrentStreams: STREAMS_MAX, maxHeaderListSize: HEAD_BYTES_MAX },
    maxHeaderListPairs: HEADERS_MAX + 8,
    ...http1,
    ...(tls.clientCa === undefined
      ? {}
      : { ca: tls.clientCa, requestCert: true, rejectUnauthorized: true }),
  };
  return createSecureServer(secure);
}

/** A TLS socket stands on the one that was accepted; HTTP/2 hands out a guard around that. */
function rawSocketOf(socket: object): object {
  const below = "_parent" in socket ? socket._parent : undefined; // Node's own name for it, since 2011
  return typeof below === "object" && below !== null ? below : socket;
}

function commonNameOf(socket: TLSSocket): string | null {
  const subject: unknown = socket.getPeerCertificate().subject;
  if (typeof subject !== "object" || subject === null || !("CN" in subject)) return null;
  return typeof subject.CN === "string" ? subject.CN : null;
}

/**
 * Closes a connection that does not finish a head in time: the first one, and after an answer the next.
 * Bytes that drip do not prolong it.
 */
function watchHead(socket: Socket): { busy(): void; free(): void; stop(): void } {
  let open = 0;
  let first: NodeJS.Timeout | null = setTimeout(() => socket.destroy(), HEAD_MS).unref();
  /** One for all pauses of a connection, set back with each: a new one for each request is garbage. */
  let kept: NodeJS.Timeout | null = null;
  return {
    busy() {
      open += 1;
      if (first !== null) clearTimeout(first);
      first = null;
    },
    free() {
      open -= 1;
      if (open > 0 || socket.destroyed) return;
      if (kept !== null) kept.refresh();
      else kept = setTimeout(idle, KEPT_MS + HEAD_MS).unref();
    },
    stop() {
      if (first !== null) clearTimeout(first);
      if (kept !== null) clearTimeout(kept);
      first = null;
      kept = null;
    },
  };

  /** What is being answered just now sets it back when it is over. */
  function idle(): void {
    if (open === 0) socket.destroy();
  }
}

/** By the connection: what stands in the line of a request is the sender's to say. */
function isHttp2(request: IncomingMessage): boolean {
  return "stream" in request;
}

/**
 * Null: it is served. Node takes requests of any version for one of HTTP/1.1, the protocol of 1991 too, which
 * has no fields, and reads the lines behind as some; and chunks in HTTP/1.0, which has none (RFC 9112
 * section 6.1: whoever stands behind may not know of them).
 */
function unservedVersion({ httpVersion, headers }: IncomingMessage): Fault | null {
  if (httpVersion === "1.1") return null;
  if (httpVersion !== "1.0") return fault("CHP_WEB_SYNTAX", `HTTP/${httpVersion} is not served`);
  if (headers["transfer-encoding"] !== undefined) {
    return fault("CHP_WEB_SMUGGLING", "Transfer-Encoding by HTTP/1.0");
  }
  return headers.upgrade === undefined ? null : fault("CHP_WEB_SYNTAX", "an upgrade by HTTP/1.0");
}

/** What llhttp says, as a fault; null: the connection just broke off. */
function parseFault(code: string): Fault | null {
  switch (code) {
    case "HPE_HEADER_OVERFLOW":
      return fault("CHP_WEB_TOO_LARGE", `a head of more than ${HEAD_BYTES_MAX} bytes`);
    case "HPE_UNEXPECTED_CONTENT_LENGTH":
    case "HPE_INVALID_CONTENT_LENGTH":
    case "HPE_INVALID_TRANSFER_ENCODING":
    case "HPE_INVALID_CHUNK_SIZE":
    case "HPE_STRICT":
    case "HPE_LF_EXPECTED":
    case "HPE_CR_EXPECTED":
      return fault("CHP_WEB_SMUGGLING", `the request can be read in two ways (${code})`);
    default:
      return code.startsWith("HPE_") ? fault("CHP_WEB_SYNTAX", `no HTTP (${code})`) : null;
  }
}

function hangUp(socket: Duplex, status: number): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const head = `HTTP/1.1 ${String(status)} ${STATUS_CODES[status] ?? ""}`;
  socket.end(`${head}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
}
