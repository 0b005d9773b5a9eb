import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { describeError, err, fault, type Fault, ok, type Result } from "../../kernel/index.js";
import { createFailedCalls } from "../access/failed-calls.js";
import { pour, type Poured } from "../http/poured.js";
import { headersOf, textAnswer, type PageAnswer, type PageStream } from "./answer.js";
import { createPageDesk } from "./desk.js";
import type { PageRequest } from "./page-request.js";
import type { PagesPorts } from "./ports.js";
import { createRequestRate } from "./request-rate.js";

/** The sidecar's own pages for people: a listener of its own, that knows nothing of the control API. */
export interface PagesServer {
  listen(address: string, port: number): Promise<Result<{ address: string; port: number }, Fault>>;
  close(): Promise<void>;
}

export interface PagesOptions {
  /** Scheme, host and port under which browsers reach the pages; known once it listens. */
  readonly origin: () => string;
  readonly tls?: { readonly cert: Buffer; readonly key: Buffer };
  readonly patience?: PagePatience;
}

export interface PagePatience {
  /** A whole request has to be here by then. */
  readonly requestMs: number;
  /** A connection that says nothing. */
  readonly silentMs: number;
}

const PATIENCE: PagePatience = { requestMs: 10_000, silentMs: 15_000 };
/** An attestation is the longest thing a browser sends here: some KiB. */
const BODY_BYTES_MAX = 32 * 1024;
const HEAD_BYTES_MAX = 8 * 1024;
/** Everybody who is asked at the same moment, with the few connections that a browser makes. */
const CONNECTIONS_MAX = 512;
const LATE_LOOK_MS_MAX = 1_000;
/** Shorter than the patience of this listener, and of proxies. */
const STREAM_IDLE_MS = 5_000;

export function createPages(ports: PagesPorts, options: PagesOptions): Result<PagesServer, Fault> {
  const { patience = PATIENCE, tls } = options;
  const serve = server(ports, options);
  const node = {
    maxHeaderSize: HEAD_BYTES_MAX,
    requestTimeout: patience.requestMs,
    headersTimeout: patience.requestMs,
    keepAliveTimeout: patience.silentMs,
    connectionsCheckingInterval: Math.min(LATE_LOOK_MS_MAX, patience.requestMs),
  };
  try {
    const listener =
      tls === undefined
        ? createServer(node, serve)
        : createSecureServer({ ...node, ...tls, minVersion: "TLSv1.2" }, serve);
    listener.maxConnections = CONNECTIONS_MAX;
    listener.timeout = patience.silentMs;
    return ok(running(listener));
  } catch (error) {
    return err(fault("CHP_ADMIN_TLS", describeError(error)));
  }
}

function server(ports: PagesPorts, options: PagesOptions) {
  const desk = createPageDesk(ports);
  const guesses = createFailedCalls();
  const rate = createRequestRate();

  async function answerTo(request: IncomingMessage): Promise<PageAnswer> {
    const peer = (request.socket.remoteAddress ?? "").replace(/^::ffff:(?=\d+\.)/, "");
    const nowMs = ports.wallMs();
    if (!rate.allows(peer, nowMs)) return TOO_MANY;
    const read = await readRequest(request, { origin: options.origin(), peer });
    if ("status" in read) return read;
    const answer = await desk.answer(read);
    if (answer !== "unknown") return answer;
    const { waitMs, worthTelling } = guesses.failed(peer, nowMs);
    if (worthTelling) ports.log.info("page-link-unknown", { peer });
    return waitMs > 0 ? TOO_MANY : desk.unknown();
  }

  return (request: IncomingMessage, response: ServerResponse): void => {
    const secure = options.origin().startsWith("https:");
    void answerTo(request)
      .catch((error: unknown) => {
        const place = error instanceof Error ? (error.stack?.split("\n")[1]?.trim() ?? "") : "";
        ports.log.error("page-failed", { place });
        return textAnswer(500, "this failed inside the sidecar");
      })
      .then((answer) => {
        response.writeHead(answer.status, headersOf(answer, secure));
        if (answer.stream === undefined) response.end(answer.body);
        else void pour(pouredOf(answer.stream, ports.log), response);
        // What was not read of a body must not be taken for the next request.
        if (!request.complete) response.once("finish", () => request.destroy());
      });
  };
}

function pouredOf(stream: PageStream, log: PagesPorts["log"]): Poured {
  return {
    pieces: stream.text,
    idle: { text: stream.idle, everyMs: STREAM_IDLE_MS },
    close: () => stream.close(),
    failed: (error) =>
      log.error("page-stream-failed", { reason: error instanceof Error ? error.name : "unknown" }),
  };
}

async function readRequest(
  request: IncomingMessage,
  { origin, peer }: { readonly origin: string; readonly peer: string },
): Promise<PageRequest | PageAnswer> {
  const { method, headers } = request;
  if (method !== "GET" && method !== "POST") return textAnswer(405, "GET and POST only");
  const hosts = request.rawHeaders.filter((text, at) => at % 2 === 0 && /^host$/i.test(text));
  if (hosts.length !== 1 || headers.host?.toLowerCase() !== new URL(origin).host) {
    return textAnswer(421, `these pages are at ${origin}`);
  }
  const site = headers["sec-fetch-site"];
  if (method === "POST" && (headers.origin !== origin || (site ?? "same-origin") !== "same-origin"))
    return textAnswer(403, "this was not sent by a page of this address");
  const body = method === "POST" ? await readBody(request) : "";
  if (body === null) return textAnswer(413, "this is too long");
  return {
    method,
    peer,
    body,
    path: (request.url ?? "/").replace(/\?.*$/s, ""),
    cookie: headers.cookie,
    contentType: (headers["content-type"] ?? "").replace(/;.*$/s, "").trim().toLowerCase(),
    secure: origin.startsWith("https:"),
  };
}

/** Null when it is too long, or ends early. */
async function readBody(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > BODY_BYTES_MAX) return null;
      chunks.push(chunk);
    }
  } catch {
    return null; // the browser has gone
  }
  return Buffer.concat(chunks).toString("utf8");
}

const TOO_MANY: PageAnswer = {
  ...textAnswer(429, "too many requests from your address: wait a minute"),
  headers: { "retry-after": "60" },
};

function running(listener: Server): PagesServer {
  return {
    async listen(address, port) {
      const failed = await new Promise<Error | null>((settle) => {
        listener.once("error", settle);
        listener.listen(port, address, () => settle(null));
      });
      if (failed !== null) {
        return err(fault("CHP_RUNTIME_LISTEN", `${address}:${port}: ${failed.message}`));
      }
      const bound = listener.address();
      return typeof bound === "object" && bound !== null
        ? ok({ address: bound.address, port: bound.port })
        : err(fault("CHP_RUNTIME_LISTEN", `${address}:${port}`));
    },
    close: () =>
      new Promise((closed) => {
        listener.close(() => closed());
        listener.closeAllConnections();
      }),
  };
}
