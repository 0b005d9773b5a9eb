import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { err, ok, type Fault, type Result } from "../kernel/index.js";
import { connectionFault, tlsClientOptions, type TlsTrust } from "./tls-client.js";

/** One server, asked over connections that stay open. Redirects are answers like others. */
export interface HttpClient {
  /** Whatever status: an answer. A fault: there was none. */
  send(request: HttpRequest): Promise<Result<HttpAnswer, Fault>>;
  close(): void;
}

export interface HttpRequest {
  readonly method: "GET" | "POST" | "PUT";
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  readonly signal?: AbortSignal;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** UTF-8, cut off after `answerBytesMax`. */
  readonly body: string;
}

export interface HttpClientOptions {
  readonly tls?: TlsTrust;
  /** From the request to the end of the answer. */
  readonly timeoutMs?: number;
  readonly answerBytesMax?: number;
  readonly connectionsMax?: number;
}

const TIMEOUT_MS = 30_000;
/** Answers about bulks name every item; nobody has more to say. */
const ANSWER_BYTES_MAX = 8 * 1024 * 1024;
const CONNECTIONS_MAX = 4;

/** Fails only when the certificate or key for it can not be used. */
export function createHttpClient(options: HttpClientOptions = {}): Result<HttpClient, Fault> {
  const tls = tlsClientOptions(options.tls ?? {});
  if (!tls.ok) return tls;
  const pool = { keepAlive: true, maxSockets: options.connectionsMax ?? CONNECTIONS_MAX };
  const plain = new HttpAgent(pool);
  const secure = new HttpsAgent({ ...pool, ...tls.value });
  return ok({
    send: (request) =>
      new Promise((settled) => {
        const secured = request.url.protocol === "https:";
        const call = secured ? httpsRequest : httpRequest;
        const body = request.body ?? "";
        const outgoing = call(request.url, {
          method: request.method,
          agent: secured ? secure : plain,
          headers: { ...request.headers, "content-length": Buffer.byteLength(body) },
        });
        const fail = (error: unknown) => {
          settled(err(connectionFault(request.url.host, error)));
          outgoing.destroy();
        };
        const stop = () => fail(new Error("broken off by us"));
        const timer = setTimeout(
          () => fail(new Error("no answer in time")),
          options.timeoutMs ?? TIMEOUT_MS,
        );
        request.signal?.addEventListener("abort", stop, { once: true });
        outgoing.on("close", () => {
          clearTimeout(timer);
          request.signal?.removeEventListener("abort", stop);
        });
        outgoing.on("error", fail);
        outgoing.on("response", (answer) => {
          readAnswer(answer, options.answerBytesMax ?? ANSWER_BYTES_MAX).then(
            (read) => settled(ok(read)),
            fail,
          );
        });
        if (request.signal?.aborted === true) stop();
        else outgoing.end(body);
      }),
    close() {
      plain.destroy();
      secure.destroy();
    },
  });
}

async function readAnswer(answer: IncomingMessage, bytesMax: number): Promise<HttpAnswer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of answer) {
    const part = chunk as Buffer; // no encoding is set
    if (bytes < bytesMax) chunks.push(part);
    bytes += part.length;
  }
  // A half-closed answer must not be taken for a whole one.
  if (!answer.complete) throw new Error("the answer broke off");
  const headers = Object.fromEntries(
    Object.entries(answer.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(", ") : value,
    ]),
  );
  const body = Buffer.concat(chunks).subarray(0, bytesMax).toString("utf8");
  return { status: answer.statusCode ?? 0, headers, body };
}

/** `https://host/path`, without a user in it; a fault says what is wrong. */
export function parseHttpUrl(text: string): Result<URL, string> {
  if (!URL.canParse(text)) return err("is no URL");
  const url = new URL(text);
  if (url.protocol !== "https:" && url.protocol !== "http:") return err("must be http or https");
  if (url.username !== "" || url.password !== "") {
    return err("must not hold a user or password: they have keys of their own");
  }
  return ok(url);
}
