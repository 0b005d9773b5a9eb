import { createHash, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { Duplex } from "node:stream";
import { describeFault, err, fault, ok, type Fault, type Result } from "../../kernel/index.js";
import { createTextSocketDoor, type TextSocket, type TextSocketEvents } from "../../net/index.js";
import type { CoreLog, ScoringCore } from "../scoring-core.js";
import { LINK_PATH } from "./dial-core.js";
import { MESSAGE_BYTES_MAX, readSidecarMessage } from "./messages.js";

export interface ServeCoreOptions {
  readonly address: string;
  readonly port: number;
  /** SHA-256 of the token that callers show. */
  readonly tokenDigest: Uint8Array;
  /** PEM texts; with `clientCa` only those with a certificate of it are let in. */
  readonly tls?: { readonly cert: string; readonly key: string; readonly clientCa?: string };
}

export interface ServedCore {
  readonly address: string;
  readonly port: number;
  /** Breaks every link: the sidecars look for the core that works now. */
  drop(): void;
  close(): Promise<void>;
}

/** Sidecars of one core; further ones wait in their outboxes. */
const SIDECARS_MAX = 256;
/** Messages that a sidecar does not take: beyond it the link is broken, and made anew. */
const WAITING_BYTES_MAX = 8 * 1024 * 1024;
/** Body of one push. */
const BODY_BYTES_MAX = 4 * 1024 * 1024;
const EVENTS_PATH = "/v1/events";
const HEALTH_PATH = "/healthz";
/** How it is, for the doctor of a sidecar; with the token, as what it says is nobody else's business. */
const STATUS_PATH = "/v1/status";
const REQUEST_MS = 30_000;
const LINK_PROTOCOL = "chaperone-core.v1";
/** Close codes (RFC 6455 section 7.4.1): a policy was broken; a message was not understood. */
const TOO_SLOW = 1_008;
const UNREADABLE = 1_007;
const GOING_AWAY = 1_001;
const STANDS_BY = "503 Service Unavailable";

/**
 * The link of sidecars (`/link`), and `POST /v1/events` for what a PAM core pushes. `working`: null while
 * the core stands by; whoever comes is sent away (503), to the one that works.
 */
export async function serveCore(
  working: () => ScoringCore | null,
  options: ServeCoreOptions,
  log: CoreLog,
): Promise<Result<ServedCore, Fault>> {
  const { tls, tokenDigest } = options;
  const listener: RequestListener = (request, response) => {
    const answer = (status: number, body: unknown) => {
      response.writeHead(status, { "content-type": "application/json" });
      response.end(`${JSON.stringify(body)}\n`);
    };
    void answered(working(), request, tokenDigest).then(
      ({ status, body }) => answer(status, body),
      (error: unknown) => {
        log.error("core-request-failed", { reason: String(error) });
        answer(500, { error: "internal" });
      },
    );
  };
  const server: Server =
    tls === undefined
      ? createServer(listener)
      : createTlsServer(
          {
            cert: tls.cert,
            key: tls.key,
            minVersion: "TLSv1.2",
            ...(tls.clientCa === undefined
              ? {}
              : { ca: tls.clientCa, requestCert: true, rejectUnauthorized: true }),
          },
          listener,
        );
  server.requestTimeout = REQUEST_MS;
  const sockets = createTextSocketDoor({ bytesMax: MESSAGE_BYTES_MAX, protocol: LINK_PROTOCOL });
  const open = new Set<TextSocket>();
  server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on("error", () => socket.destroy());
    const core = working();
    const refused = refusalOf(request, { links: open.size, tokenDigest });
    if (core === null || refused !== null) {
      socket.end(`HTTP/1.1 ${refused ?? STANDS_BY}\r\nConnection: close\r\n\r\n`);
      return;
    }
    sockets.accept({ request, socket, head }, (link) => {
      open.add(link);
      const events = linked(core, link, log);
      return {
        text: events.text,
        closed() {
          open.delete(link);
          events.closed();
        },
      };
    });
  });
  const bound = await listen(server, options);
  if (!bound.ok) return bound;
  return ok({
    ...bound.value,
    drop() {
      for (const link of open) link.close(GOING_AWAY, "another core works now");
    },
    close: () =>
      new Promise((closed) => {
        sockets.close();
        server.close(() => closed());
        server.closeAllConnections();
      }),
  });
}

function refusalOf(
  request: IncomingMessage,
  { links, tokenDigest }: { readonly links: number; readonly tokenDigest: Uint8Array },
): string | null {
  if ((request.url ?? "").split("?", 1)[0] !== LINK_PATH) return "404 Not Found";
  if (!isAdmitted(request, tokenDigest)) return "401 Unauthorized";
  return links >= SIDECARS_MAX ? "503 Service Unavailable" : null;
}

/** One sidecar: what it sends, and what it is sent. */
function linked(core: ScoringCore, link: TextSocket, log: CoreLog): TextSocketEvents {
  const peer = core.connect((message) => {
    if (link.waitingBytes > WAITING_BYTES_MAX) link.close(TOO_SLOW, "too slow");
    else link.send(JSON.stringify(message));
  });
  return {
    text(text) {
      const read = readSidecarMessage(text);
      const taken = !read.ok || read.value === null ? read : peer.take(read.value);
      if (taken.ok) return;
      log.warn("core-message-refused", { fault: describeFault(taken.error) });
      link.close(UNREADABLE, taken.error.code);
    },
    closed: () => peer.gone(),
  };
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

async function answered(
  core: ScoringCore | null,
  request: IncomingMessage,
  tokenDigest: Uint8Array,
): Promise<Answer> {
  const path = (request.url ?? "").split("?", 1)[0];
  if (path === HEALTH_PATH) {
    const works = core !== null && core.status().trouble === null;
    const state = core === null ? "stands-by" : works ? "works" : "troubled";
    return { status: works ? 200 : 503, body: { ok: works, state } };
  }
  if (!isAdmitted(request, tokenDigest)) return { status: 401, body: { error: "unauthorized" } };
  if (path === STATUS_PATH) {
    const state = core === null ? "stands-by" : "works";
    return { status: 200, body: { state, nowMs: Date.now(), ...(core?.status() ?? {}) } };
  }
  if (path !== EVENTS_PATH) return { status: 404, body: { error: "not found" } };
  if (core === null) return { status: 503, body: { error: "this core stands by" } };
  if (request.method !== "POST") return { status: 405, body: { error: "POST only" } };
  const body = await readBody(request);
  if (body === null) return { status: 413, body: { error: `at most ${BODY_BYTES_MAX} bytes` } };
  const events = eventsOf(body);
  if (events === null)
    return { status: 400, body: { error: "a JSON array of CloudEvents, or one" } };
  const pushed = await core.push(events);
  return pushed.ok
    ? { status: 200, body: pushed.value }
    : { status: 503, body: { error: pushed.error.code } };
}

function isAdmitted(request: IncomingMessage, tokenDigest: Uint8Array): boolean {
  const token = /^Bearer (?<token>\S{1,512})$/.exec(request.headers.authorization ?? "");
  const shown = createHash("sha256")
    .update(token?.groups?.["token"] ?? "")
    .digest();
  return timingSafeEqual(shown, tokenDigest);
}

async function readBody(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    const bytes = chunk as Buffer; // no encoding is set
    length += bytes.length;
    if (length > BODY_BYTES_MAX) return null;
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function eventsOf(body: string): readonly string[] | null {
  try {
    const value: unknown = JSON.parse(body);
    const list: readonly unknown[] = Array.isArray(value) ? value : [value];
    return list.every((one) => typeof one === "object" && one !== null)
      ? list.map((one) => JSON.stringify(one))
      : null;
  } catch {
    return null;
  }
}

function listen(
  server: Server,
  { address, port }: ServeCoreOptions,
): Promise<Result<{ readonly address: string; readonly port: number }, Fault>> {
  return new Promise((settled) => {
    server.once("error", (error) => {
      settled(err(fault("CHP_CORE_LINK", `${address}:${port}: ${error.message}`)));
    });
    server.listen(port, address, () => {
      const bound = server.address();
      const at = typeof bound === "object" && bound !== null ? bound.port : port;
      settled(ok({ address, port: at }));
    });
  });
}
