import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { expect } from "vitest";
import { z } from "zod";
import { err, fault, ok, Secret, type Fault, type Result } from "../kernel/index.js";
import type { TlsTrust } from "../net/index.js";
import type { CourierClock, CourierLog, EventChunk, EventSource } from "./courier/index.js";
import { eventLine, SAMPLES, sampleEvent } from "./event-samples.testing.js";
import { render, storyOf, type FormatName } from "./format/index.js";
import type {
  SecretEntry,
  SinkContext,
  SinkPlugin,
  SinkTools,
  SinkWords,
  TlsEntry,
} from "./plugin.js";
import type { Parcel, Sink } from "./sink.js";

/** Far more than anything takes on a busy machine. */
export const eventually = <T>(read: () => T) =>
  expect.poll(read, { timeout: 20_000, interval: 10 });

export const realClock: CourierClock = {
  nowMs: () => performance.now(),
  wallMs: () => Date.now(),
  sleep: (ms, signal) =>
    new Promise((settled) => {
      const timer = setTimeout(settled, ms);
      signal.addEventListener("abort", () => {
        clearTimeout(timer);
        settled();
      });
    }),
};

export const quietLog: CourierLog = {
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/** The outbox in memory. */
export class MemorySource implements EventSource {
  #bytes = Buffer.alloc(0);
  readonly #waiting = new Set<() => void>();
  /** Bytes of one read; small ones cut between any two lines. */
  readonly chunkBytes: number;

  constructor(chunkBytes = 64 * 1024) {
    this.chunkBytes = chunkBytes;
  }

  get start(): number {
    return 0;
  }
  get end(): number {
    return this.#bytes.length;
  }
  append(line: string): void {
    this.#bytes = Buffer.concat([this.#bytes, Buffer.from(line)]);
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }
  read(from: number): Promise<Result<EventChunk, Fault>> {
    const rest = this.#bytes.subarray(from);
    const enough = rest.indexOf(10, this.chunkBytes) + 1;
    const lines = enough > 0 ? rest.subarray(0, enough) : rest;
    return Promise.resolve(ok({ from, lines, next: from + lines.length }));
  }
  more(from: number, signal: AbortSignal): Promise<void> {
    if (this.end > from || signal.aborted) return Promise.resolve();
    return new Promise((settled) => {
      this.#waiting.add(settled);
      signal.addEventListener("abort", () => settled(), { once: true });
    });
  }
}

/** A line of a session, told by its sequence. */
export function commandLine(subject: string, sequence: number, text = `echo ${sequence}`): string {
  const data = { ...SAMPLES["command.entered"], text };
  return eventLine({ type: "command.entered", data }, subject, sequence);
}

/** A parcel as couriers hand it to a sink. */
export function parcel(sequence: number, format: FormatName, text = `echo ${sequence}`): Parcel {
  const data = { ...SAMPLES["command.entered"], text };
  const told = sampleEvent("command.entered", data);
  const event = { ...told, sequence, id: `s-${sequence}` };
  const story = storyOf(event);
  return {
    id: event.id,
    event,
    story,
    format,
    text: render(format, event, story, { version: "1" }),
  };
}

export function parcels(from: number, to: number, format: FormatName): readonly Parcel[] {
  return Array.from({ length: to - from + 1 }, (_, index) => parcel(from + index, format));
}

/** The words and tools of the configuration, for tests of a kind of sink alone. */
const words: SinkWords = {
  z,
  path: z.string(),
  secret: z.looseObject({}),
  tls: z.looseObject({}),
  time: z.string(),
  size: z.string(),
  count: (most) => z.int().min(1).max(most),
  endpoint: z.string(),
  url: z.string(),
};

const tools = (trust: () => TlsTrust): SinkTools => ({
  path: (text) => text,
  ms: (text) => Number.parseInt(text, 10),
  bytes: (text) => Number.parseInt(text, 10),
  secret: (entry: SecretEntry) => () =>
    entry.value === undefined
      ? err(fault("CHP_CONFIG_SECRET", "none"))
      : ok(new Secret(Uint8Array.from(Buffer.from(entry.value)))),
  complain(message) {
    throw new Error(message);
  },
  tls: (entry: TlsEntry | undefined) => () => ok(entry === undefined ? {} : trust()),
});

const context: SinkContext = {
  name: "lab",
  format: "cloudevents",
  node: "node-1",
  version: "0.1.0",
  wallMs: () => Date.now(),
  uuid: () => "0192f0c1-0000-4000-8000-00000000000a",
};

/** A sink of this kind, as the configuration would make it of `entry`. What is trusted is read anew each time. */
export function makeSink(
  plugin: SinkPlugin,
  entry: object,
  trust: () => TlsTrust = () => ({}),
): Sink {
  const read = z.strictObject(plugin.shape(words)).parse(entry);
  const made = plugin.prepare(read, tools(trust))(context);
  if (!made.ok) throw new Error(made.error.message);
  return made.value;
}

export const never = new AbortController().signal;

export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** What the double does with the next request. */
export type Behaviour =
  | {
      readonly kind: "answer";
      readonly status: number;
      readonly body?: string;
      readonly headers?: Record<string, string>;
    }
  /** Takes it, as a crash may have it, and says nothing. */
  | { readonly kind: "take-and-drop" }
  | { readonly kind: "drop" }
  /** Ends its side in the middle of the answer. */
  | { readonly kind: "half-close" }
  | { readonly kind: "delay"; readonly ms: number };

export interface HttpDouble {
  readonly url: string;
  readonly seen: SeenRequest[];
  /** For the next requests, in order; then the usual answer. */
  readonly next: Behaviour[];
  close(): Promise<void>;
}

/** A strict HTTP receiver in this process. `usual` answers, and keeps what it takes. */
export async function httpDouble(
  usual: (request: SeenRequest) => { readonly status: number; readonly body?: string },
  port = 0,
): Promise<HttpDouble> {
  const seen: SeenRequest[] = [];
  const next: Behaviour[] = [];
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body = Buffer.concat(chunks).toString("utf8");
      const { method = "", url = "", headers } = request;
      const told = { method, path: url, headers, body };
      const behaviour = next.shift();
      const answerAsUsual = () => {
        seen.push(told);
        const { status, body: said = "" } = usual(told);
        response.writeHead(status, { "content-type": "application/json" }).end(said);
      };
      switch (behaviour?.kind) {
        case undefined:
          answerAsUsual();
          break;
        case "answer":
          response.writeHead(behaviour.status, behaviour.headers).end(behaviour.body ?? "");
          break;
        case "take-and-drop":
          seen.push(told);
          usual(told);
          request.socket.destroy();
          break;
        case "drop":
          request.socket.destroy();
          break;
        case "half-close":
          response.writeHead(200, { "content-length": "100" });
          response.write("{");
          request.socket.end();
          break;
        case "delay":
          setTimeout(answerAsUsual, behaviour.ms);
      }
    });
  });
  await new Promise<void>((listening) => server.listen(port, "127.0.0.1", listening));
  const address = server.address() as AddressInfo; // bound to a port
  return {
    url: `http://127.0.0.1:${address.port}`,
    seen,
    next,
    close: () =>
      new Promise((closed) => {
        server.closeAllConnections();
        server.close(() => closed());
      }),
  };
}
