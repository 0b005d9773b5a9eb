import { ServerResponse, type OutgoingHttpHeaders } from "node:http";
import type { HeaderField } from "../head/request-head.js";
import type { Page } from "../pages/html.js";

/** What answers a request, by HTTP/1.1 or HTTP/2. */
export interface Reply {
  readonly headersSent: boolean;
  readonly writableEnded: boolean;
  readonly destroyed: boolean;
  writeHead(status: number, headers: OutgoingHttpHeaders): unknown;
  write(bytes: Uint8Array): boolean;
  end(bytes?: string | Uint8Array): unknown;
  destroy(error?: Error): unknown;
  once(event: "close" | "drain", listener: () => void): unknown;
}

/** A page of ours as the whole answer. HEAD gets its head alone (Node sees to that). */
export function sendPage(reply: Reply, page: Page, cookies: readonly string[] = []): void {
  if (reply.headersSent || reply.destroyed) {
    reply.destroy();
    return;
  }
  reply.writeHead(page.status, {
    ...page.headers,
    "content-length": Buffer.byteLength(page.body),
    ...(cookies.length === 0 ? {} : { "set-cookie": [...cookies] }),
  });
  reply.end(page.body);
}

export function redirect(reply: Reply, location: string, cookies: readonly string[] = []): void {
  const headers = { location, "cache-control": "no-store", "referrer-policy": "same-origin" };
  sendPage(reply, { status: 303, headers, body: "" }, cookies);
}

/** The head of an answer, its fields as they are. */
export function sendHead(reply: Reply, status: number, fields: readonly HeaderField[]): void {
  // By HTTP/1.1 a list of pairs is written as it is; only an object is known to all of them.
  if (reply instanceof ServerResponse) {
    reply.writeHead(status, fields as unknown as string[][]); // which Node only reads
  } else reply.writeHead(status, headersOf(fields));
}

/** Several fields of one name become a list, in their order. */
function headersOf(fields: readonly HeaderField[]): OutgoingHttpHeaders {
  const headers: Record<string, string | string[]> = {};
  for (const [name, value] of fields) {
    const known = headers[name];
    if (known === undefined) headers[name] = value;
    else headers[name] = Array.isArray(known) ? [...known, value] : [known, value];
  }
  return headers;
}

/** The reply of a request that was held carries one more cookie: the one that takes its mark away. */
export function withCookie(reply: Reply, cookie: string): Reply {
  return {
    get headersSent() {
      return reply.headersSent;
    },
    get writableEnded() {
      return reply.writableEnded;
    },
    get destroyed() {
      return reply.destroyed;
    },
    writeHead(status, headers) {
      const known = headers["set-cookie"];
      const list = known === undefined ? [] : Array.isArray(known) ? known : [known];
      return reply.writeHead(status, { ...headers, "set-cookie": [...list, cookie] });
    },
    write: (bytes) => reply.write(bytes),
    end: (bytes) => reply.end(bytes),
    destroy: (error) => reply.destroy(error),
    once: (event, listener) => reply.once(event, listener),
  };
}
