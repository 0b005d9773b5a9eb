import { request as httpRequest, type IncomingMessage, type RequestOptions } from "node:http";
import { request as httpsRequest } from "node:https";
import { rootCertificates } from "node:tls";
import type { ApiAddress } from "./address.js";

/** The control API as the commands call it. */
export interface ApiClient {
  call(call: ApiCall): Promise<ApiAnswer>;
  /** The body as it comes; for recordings and live sessions. */
  stream(path: string): Promise<ApiAnswer | IncomingMessage>;
}

export interface ApiCall {
  readonly method: "GET" | "POST" | "DELETE";
  readonly path: string;
  readonly body?: unknown;
}

export type ApiAnswer =
  | { readonly type: "answer"; readonly body: unknown; readonly text: string }
  /** Said by the sidecar. */
  | { readonly type: "refused"; readonly status: number; readonly message: string }
  /** Nobody answered. */
  | { readonly type: "unreachable"; readonly message: string };

/** Orders are answered in seconds; a rule set of a megabyte is tested in well under this. */
const ANSWER_MS_MAX = 30_000;
/** The longest list has a thousand rows of some hundred bytes. */
const BODY_BYTES_MAX = 64 * 1024 * 1024;

export function createClient(address: ApiAddress): ApiClient {
  function send({ method, path, body }: ApiCall, timeoutMs: number): Promise<IncomingMessage> {
    const payload = body === undefined ? undefined : JSON.stringify(body);
    const url = new URL(path, address.url);
    const options: RequestOptions & { ca?: (string | Buffer)[] } = {
      method,
      timeout: timeoutMs,
      headers: {
        authorization: `Bearer ${address.token}`,
        ...(payload === undefined
          ? {}
          : { "content-type": "application/json", "content-length": Buffer.byteLength(payload) }),
      },
      ...(address.ca === undefined ? {} : { ca: [address.ca, ...rootCertificates] }),
      ...(address.own ? { checkServerIdentity: () => undefined } : {}),
    };
    return new Promise((resolve, reject) => {
      const request =
        url.protocol === "https:" ? httpsRequest(url, options) : httpRequest(url, options);
      request.on("response", resolve);
      request.on("error", reject);
      request.on("timeout", () => request.destroy(new Error("no answer in time")));
      request.end(payload);
    });
  }

  async function answerOf(response: IncomingMessage): Promise<ApiAnswer> {
    const text = await readText(response);
    const body = parse(text);
    const status = response.statusCode ?? 0;
    if (status >= 200 && status < 300) return { type: "answer", body, text };
    return { type: "refused", status, message: problemOf(body) ?? `HTTP ${status}` };
  }

  return {
    async call(call) {
      try {
        return await answerOf(await send(call, ANSWER_MS_MAX));
      } catch (error) {
        return unreachable(address, error);
      }
    },
    async stream(path) {
      try {
        const response = await send({ method: "GET", path }, 0);
        return response.statusCode === 200 ? response : await answerOf(response);
      } catch (error) {
        return unreachable(address, error);
      }
    },
  };
}

function unreachable(address: ApiAddress, error: unknown): ApiAnswer {
  const why = error instanceof Error ? error.message || error.name : String(error);
  return { type: "unreachable", message: `${address.url.href}: ${why}` };
}

async function readText(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > BODY_BYTES_MAX) throw new Error("the answer is too long");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null; // metrics are no JSON
  }
}

/** `CODE message`, and on the next line how to mend it. */
function problemOf(body: unknown): string | undefined {
  const error = field(body, "error");
  const [code, message, remedy] = ["code", "message", "remedy"].map((one) => field(error, one));
  if (typeof code !== "string" || typeof message !== "string") return undefined;
  return `${code} ${message}${typeof remedy === "string" ? `\n  mend: ${remedy}` : ""}`;
}

/** A field of something that came from outside. */
export function field(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Readonly<Record<string, unknown>>)[name]; // an object that has it
}
