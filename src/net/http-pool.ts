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

function dispatch(pool: Pool, request: PoolRequest, answer: PoolAnswer): void {
  const { method, path, body } = request;
  const headers = request.headers as string[]; // which undici reads only; its types do not say so
  pool.dispatch({ method, path, headers, body }, new Passage(answer));
}

/**
 * An answer as undici's parser hands it over. Its newer handlers make an object of all fields first, which nobody
 * here wants and which costs more than all the rest of it; these ones go with 7.x, which is pinned.
 */
class Passage implements PoolControl {
  readonly #answer: PoolAnswer;
  #abort: ((error: Error) => void) | null = null;
  #goOn: (() => void) | null = null;
  #paused = false;
  /** An answer without a body, whatever length it names (RFC 9110 section 8.6): its head is all of it. */
  #whole = false;
  /** It was broken off while nobody wanted to hear more. */
  #over = false;

  constructor(answer: PoolAnswer) {
    this.#answer = answer;
  }

  onConnect(abort: (error?: Error) => void): void {
    this.#abort = abort;
    this.#answer.begins(this);
  }

  onHeaders(status: number, fields: readonly Buffer[], goOn: () => void): boolean {
    this.#goOn = goOn;
    // Interim answers (RFC 9110 section 15.2) end here.
    this.#whole = status === 204 || status === 304;
    if (status >= 200) this.#answer.head(status, pairsOf(fields));
    return !this.#paused;
  }

  onData(chunk: Buffer): boolean {
    this.#answer.data(chunk);
    return !this.#paused;
  }

  onComplete(): void {
    this.#answer.end();
  }

  onError(error: Error): void {
    // The library takes the length for one that was not kept, and closes the connection.
    if (!this.#whole) this.#answer.failed(error);
    else if (this.#paused) this.#over = true;
    else this.#answer.end();
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    if (this.#over) this.#answer.end();
    else this.#goOn?.();
  }

  abort(): void {
    const abort = this.#abort;
    this.#abort = null;
    this.#whole = false;
    abort?.(new Error("broken off by us"));
  }
}

function pairsOf(fields: readonly Buffer[]): readonly (readonly [string, string])[] {
  const pairs: (readonly [string, string])[] = [];
  let name = "";
  let isName = true;
  for (const bytes of fields) {
    const text = bytes.toString("latin1");
    if (isName) name = text.toLowerCase();
    else pairs.push([name, text]);
    isName = !isName;
  }
  return pairs;
}
