import type { Readable } from "node:stream";
import type { Pool } from "undici";
import { describeError } from "../kernel/index.js";
import type { TlsClientOptions } from "./tls-client.js";

/** Connections to one server over which whatever is asked passes as it comes, in both directions. */
export interface HttpPool {
  send(request: PoolRequest, answer: PoolAnswer): void;
  /** Breaks off what is under way. */
  close(): void;
}

export interface PoolRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  /** Names and values in turn. A body that is a stream is sent by its `content-length`, else in chunks. */
  readonly headers: readonly string[];
  readonly body: Readable | Uint8Array | null;
}

/** Called in this order; after `failed` nothing more comes. */
export interface PoolAnswer {
  /** The request has a connection; `control` stops and goes on with what comes back. */
  begins(control: PoolControl): void;
  head(status: number, headers: readonly (readonly [string, string])[]): void;
  data(bytes: Uint8Array): void;
  end(): void;
  failed(error: Error): void;
}

export interface PoolControl {
  pause(): void;
  resume(): void;
  abort(): void;
}

export interface HttpPoolOptions {
  readonly origin: string;
  readonly connectionsMax: number;
  readonly connectTimeoutMs: number;
  /** From the request to the head of its answer. */
  readonly headMs: number;
  readonly headBytesMax: number;
  readonly tls?: TlsClientOptions;
}

/** Never follows a redirect, never retries, never unpacks: what the server says is the answer. */
export function createHttpPool(options: HttpPoolOptions): HttpPool {
  let pool: Pool | null = null;
  // Loaded here: who has no web target does not need it. What is sent meanwhile goes in its order.
  const loading = import("undici").then((library) => (pool ??= openPool(library.Pool, options)));
  loading.catch(() => undefined); // whoever sends is told
  return {
    send(request, answer) {
      if (pool !== null) dispatch(pool, request, answer);
      else {
        loading
          .then((opened) => dispatch(opened, request, answer))
          .catch((error: unknown) => answer.failed(new Error(describeError(error))));
      }
    },
    close: () =>
      void loading.then(
        (opened) => opened.destroy(),
        () => undefined,
      ),
  };
}

function openPool(Library: typeof Pool, options: HttpPoolOptions): Pool {
  const { servername, ...tls } = options.tls ?? {};
  return new Library(options.origin, {
    connections: options.connectionsMax,
    pipelining: 1,
    headersTimeout: options.headMs,
    bodyTimeout: 0, // events of a server come when they come
    maxHeaderSize: options.headBytesMax,
    connect: {
      timeout: options.connectTimeoutMs,
      ...tls,
      ...(servername === undefined ? {} : { servername }),
    },
  });
}

function dispatch(
  pool: Pool,
  { method, path, headers, body }: PoolRequest,
  answer: PoolAnswer,
): void {
  pool.dispatch(
    { method, path, headers: [...headers], body },
    {
      onRequestStart: (controller) =>
        answer.begins({
          pause: () => controller.pause(),
          resume: () => controller.resume(),
          abort: () => controller.abort(new Error("broken off by us")),
        }),
      onResponseStart(controller, status, fields) {
        if (status < 200) return; // interim answers (RFC 9110 section 15.2) end here
        answer.head(status, pairsOf(controller.rawHeaders, fields));
      },
      onResponseData: (_controller, chunk) => answer.data(chunk),
      onResponseEnd: () => answer.end(),
      onResponseError: (_controller, error) => answer.failed(error),
    },
  );
}

/** As they came where undici tells; else as it has joined them. */
function pairsOf(
  raw: unknown,
  fields: Readonly<Record<string, string | string[] | undefined>>,
): readonly (readonly [string, string])[] {
  if (Array.isArray(raw)) {
    const texts = raw as readonly (Buffer | string)[];
    const pairs: (readonly [string, string])[] = [];
    for (let at = 0; at + 1 < texts.length; at += 2) {
      const [name, value] = [texts[at]?.toString("latin1"), texts[at + 1]?.toString("latin1")];
      pairs.push([(name ?? "").toLowerCase(), value ?? ""]);
    }
    return pairs;
  }
  return Object.entries(fields).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value ?? ""]).map((one) => [name, one] as const),
  );
}
